"""The clinic on paper: its figures beside the review's, and then the worklist of what is due.

The figures name no patient; the worklist does, and begins on a page of its own. Nothing is counted
here: every figure is the cohort's, which the screen shows too.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dosing import review
from dosing.review import Count
from monitoring.cohort import Cohort, ResponseTimes, Table
from monitoring.cohort import Row as Counted
from monitoring.due import Due
from monitoring.due.wording import days, what, when
from monitoring.due.wording import together as alike
from monitoring.forecast.track_record import TrackRecord
from monitoring.forecast.wording import about_track_record, method_name, percent_with_interval
from monitoring.record.patient import Patient
from monitoring.response import Curve
from reports.cohort_charts import (
    RESPONSE_LEGEND,
    SHARES_LEGEND,
    range_bar,
    response_chart,
    shares_chart,
)
from reports.fonts import register_fonts
from reports.page import Frame, Paper, pdf_of
from reports.printed_text import letters_note
from reports.sheet import Row, Sheet
from reports.style import Align, Column, Text

TITLE = "Sirolimus clinic report"
_DRAWN = "adverse-events"
"""The table that is drawn as well."""

Work = Sequence[tuple[Patient, Due]]

_COUNTS = (
    Column("", 0.40),
    Column("here", 0.10, Align.RIGHT),
    Column("%", 0.10, Align.RIGHT),
    Column("95 % interval", 0.17, Align.RIGHT),
    Column("review", 0.11, Align.RIGHT),
    Column("%", 0.12, Align.RIGHT),
)
_TIMES = (
    Column("", 0.28),
    Column("responded", 0.2, Align.RIGHT),
    Column("median", 0.22, Align.RIGHT),
    Column("95 % interval", 0.3, Align.RIGHT),
)
_FORECASTS = (
    Column("", 0.22),
    Column("bias", 0.1, Align.RIGHT),
    Column("95 % interval", 0.18, Align.RIGHT),
    Column("error", 0.1, Align.RIGHT),
    Column("95 % interval", 0.17, Align.RIGHT),
    Column("within 30 %", 0.13, Align.RIGHT),
    Column("95 % interval", 0.17, Align.RIGHT),
)
_WORK = (
    Column("", 0.15, strong=True),
    Column("patient", 0.27),
    Column("what, and why", 0.58),
)


def clinic_report(cohort: Cohort, work: Work, paper: Paper = Paper.A4) -> bytes:
    """Return the report as PDF; `work` is the worklist, the most overdue first."""
    from reportlab.platypus import PageBreak  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    sheet = Sheet(paper.width_between_margins)
    _opening(sheet, cohort)
    for table in cohort.tables:
        with _on_one_page(sheet):
            _counts(sheet, table)
        if table.key == _DRAWN:
            shares = shares_chart(table.rows, sheet.width)
            sheet.drawing("Adverse events, drawn", shares, SHARES_LEGEND)
    with _on_one_page(sheet):
        _response(sheet, cohort)
    if any(times.curve.patients for times in cohort.response_times):
        curves = response_chart(cohort.response_times, sheet.width)
        sheet.drawing("Time to response, drawn", curves, RESPONSE_LEGEND)
    _time_in_range(sheet, cohort)
    with _on_one_page(sheet):
        _forecasts(sheet, cohort.forecasts)
    if work:
        sheet.content.append(PageBreak())
    _worklist(sheet, work)
    _sources(sheet)
    frame = Frame(
        title=TITLE,
        head="The clinic beside the review",
        identity=f"{cohort.patients} patients, {cohort.treated} of them given sirolimus",
        made=cohort.at,
        paper=paper,
    )
    return pdf_of(frame, sheet.content)


@contextmanager
def _on_one_page(sheet: Sheet) -> Iterator[None]:
    """Keep what is added on one page, where it fits on one."""
    from reportlab.platypus import KeepTogether  # noqa: PLC0415 - ReportLab is heavy

    first = len(sheet.content)
    yield
    sheet.content[first:] = [KeepTogether(sheet.content[first:])]


def _opening(sheet: Sheet, cohort: Cohort) -> None:
    given = "was" if cohort.treated == 1 else "were"
    sheet.text(
        f"{cohort.treated} of {cohort.patients} patients {given} given sirolimus until "
        f"{cohort.at.local:%Y-%m-%d %H:%M}.",
        Text.LEAD,
    )
    sheet.text(
        f"Review: {review.PATIENTS} children {sheet.cited(review.SOURCE)}. Each count says of whom "
        "it is; what is not written down is left out of both. Intervals are 95 %: exact ones of a "
        "share (Clopper and Pearson), Greenwood's of a curve. A clinic is not the review's "
        "children: the figures stand side by side and are not tested against each other."
    )
    sheet.space(4)


# --- counts


def _counts(sheet: Sheet, table: Table) -> None:
    whom = f"Of {table.of} {table.whom}. {table.note}".strip()
    rows = [Row((), (whom,)), *(Row(_cells(row)) for row in table.rows)]
    sheet.table(table.title, _COUNTS, rows)


def _cells(row: Counted) -> tuple[str, ...]:
    interval = row.interval_percent
    name = row.name.strip()
    return (
        f"– {name}" if row.name != name else name,
        f"{row.count}/{row.of}",
        "-" if row.percent is None else f"{row.percent} %",
        f"{interval[0]:.1f}-{interval[1]:.1f} %" if interval else "-",
        *_of_review(row.review),
    )


def _of_review(count: Count | None) -> tuple[str, str]:
    return (f"{count.count}/{count.of}", f"{count.percent} %") if count else ("-", "-")


# --- time to response


def _response(sheet: Sheet, cohort: Cohort) -> None:
    low, high = review.WEEKS_TO_RESPONSE_95_PERCENT
    median = f"{review.MEDIAN_WEEKS_TO_RESPONSE} weeks"
    rows = [
        Row((), ("From the first dose; of the treated patients who were assessed since.",)),
        *(Row(_cells_of_times(times)) for times in cohort.response_times),
        Row(("review", "-", median, f"{low}-{high} weeks"), (_log_rank(cohort),)),
    ]
    sheet.table("Time to response", _TIMES, rows)


def _log_rank(cohort: Cohort) -> str:
    told = "cannot be told" if cohort.log_rank_p is None else f"{cohort.log_rank_p:.3f}"
    in_review = review.RESPONSE_OF_TUMOURS_AGAINST_MALFORMATIONS_P
    return f"Tumours against malformations, log-rank test: p {told}; review p {in_review}."


def _cells_of_times(times: ResponseTimes) -> tuple[str, ...]:
    curve = times.curve
    median = "not reached" if curve.median_days is None else f"{curve.median_days} days"
    return (
        times.group,
        f"{curve.responded}/{curve.patients}",
        median if curve.patients else "-",
        _interval(curve),
    )


def _interval(curve: Curve) -> str:
    low, high = curve.median_interval_days
    if low is None and high is None:
        return "-"
    return f"{'?' if low is None else low}-{'?' if high is None else high} days"


# --- time in range


def _time_in_range(sheet: Sheet, cohort: Cohort) -> None:
    levels = cohort.levels
    if levels.percent_within is None:
        sheet.facts("Time in range", [("No two levels could be joined.",)])
        return
    legend = (
        f"{levels.percent_within:.1f} % of {levels.days_covered:.0f} days within the target in "
        f"force (white: {levels.days_below:.0f} days below, light: {levels.days_within:.0f} "
        f"within, dark: {levels.days_above:.0f} above), of {levels.patients} patients; the largest "
        f"gap bridged is {levels.largest_gap_days:.0f} days."
    )
    sheet.drawing("Time in range", range_bar(levels, sheet.width), legend)


# --- the forecasts' track record


def _forecasts(sheet: Sheet, record: TrackRecord) -> None:
    title = "Forecasts of levels that were then measured"
    told = about_track_record(record)
    if not record.methods:
        sheet.facts(title, [(told,)])
        return
    model = f"{record.model.name} {sheet.cited(record.model.source)}: {record.model.population}."
    rows = [Row((), (f"{told} {model}",))]
    for each in record.methods:
        figures = (each.bias_percent, each.error_percent, each.close_percent)
        cells = [text for figure in figures for text in percent_with_interval(figure)]
        rows.append(Row((method_name(record, each), *cells)))
    sheet.table(title, _FORECASTS, rows)


# --- the worklist


def _worklist(sheet: Sheet, work: Work) -> None:
    title = "Worklist: what is due, the most overdue first (names patients)"
    rows = [
        Row(
            (
                when(group[0]),
                f"{patient.name} ({patient.record_number}), born {patient.born}",
                f"{what(group)}: {days(group[0])}. {group[0].why} {sheet.cited(group[0].source)}",
            )
        )
        for patient, group in _by_patient(work)
    ]
    if not rows:
        sheet.facts(title, [("Nothing is due.",)])
        return
    before = len(sheet.content)
    sheet.table(title, _WORK, rows)
    if sheet.missing_letters:
        note = Sheet(sheet.width)
        note.text(letters_note(sheet.missing_letters), Text.LEAD)
        sheet.content[before:before] = note.content


def _by_patient(work: Work) -> Iterator[tuple[Patient, tuple[Due, ...]]]:
    """Yield each patient's checks of the same days and reason, by how overdue they are."""
    of_patient: dict[str, list[Due]] = {}
    patients = {patient.record_number: patient for patient, _ in work}
    for patient, each in work:
        of_patient.setdefault(patient.record_number, []).append(each)
    groups = [
        (patients[number], group)
        for number, checks in of_patient.items()
        for group in alike(checks)
    ]
    yield from sorted(groups, key=lambda pair: -pair[1][0].overdue_days)


def _sources(sheet: Sheet) -> None:
    sheet.facts("Sources", sheet.sources)
