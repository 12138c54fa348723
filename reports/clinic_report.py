"""The clinic on paper: its figures compared with Nadal 2016, and the worklist.

The figures name no patient; the worklist does, and begins on a new page. Nothing is counted here:
every figure is the cohort's, which the screen shows too.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dosing.evaluation.evaluation import NOT_A_VALIDATION
from dosing.knowledge import nadal2016
from dosing.knowledge.later_evidence import LATER_EVIDENCE, LaterEvidence
from dosing.quantities.formatting import count_of, whole_days
from monitoring.cohort import Cohort, CohortRow, CohortTable
from monitoring.due import Due
from monitoring.evaluation.performance import PredictivePerformance
from monitoring.record.patient import Patient
from reports.cohort_charts import (
    RESPONSE_LEGEND,
    SHARES_LEGEND,
    range_bar,
    response_chart,
    shares_chart,
)
from reports.fonts import register_fonts
from reports.page import Frame, Paper, pdf_of
from reports.presentation.cohort import (
    LATER_EVIDENCE_NOTE,
    levels_words,
    log_rank_words,
    range_words,
    review_remarks,
    review_response,
    row_words,
    times_words,
    treated_words,
)
from reports.presentation.due import days, what, when
from reports.presentation.due import together as alike
from reports.presentation.evaluation import (
    ABOUT_FIGURES,
    ACCURACY_HEADINGS,
    about_performance,
    accuracy_row,
    method_name,
    percent_with_interval,
    shown_figures,
)
from reports.presentation.patients import patient_line
from reports.printed_text import letters_note
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import Align, TableColumn, Text

TITLE = "Sirolimus clinic report"
_DRAWN = "adverse-events"
"""The table that is drawn as well."""

Work = Sequence[tuple[Patient, Due]]

_COUNTS = (
    TableColumn("", 0.40),
    TableColumn("clinic", 0.10, Align.RIGHT),
    TableColumn("%", 0.10, Align.RIGHT),
    TableColumn("95 % CI", 0.17, Align.RIGHT),
    TableColumn("Nadal 2016", 0.11, Align.RIGHT),
    TableColumn("%", 0.12, Align.RIGHT),
)
_TIMES = (
    TableColumn("", 0.28),
    TableColumn("responded", 0.2, Align.RIGHT),
    TableColumn("median", 0.22, Align.RIGHT),
    TableColumn("95 % CI", 0.3, Align.RIGHT),
)
_FORECASTS = (
    TableColumn("", 0.22),
    TableColumn("bias", 0.1, Align.RIGHT),
    TableColumn("95 % CI", 0.18, Align.RIGHT),
    TableColumn("error", 0.1, Align.RIGHT),
    TableColumn("95 % CI", 0.17, Align.RIGHT),
    TableColumn("within 30 %", 0.13, Align.RIGHT),
    TableColumn("95 % CI", 0.17, Align.RIGHT),
)
_ACCURACIES = (
    TableColumn("", 0.32),
    *(TableColumn(each, 0.1, Align.RIGHT) for each in ACCURACY_HEADINGS[1:]),
)
_WORK = (
    TableColumn("", 0.15, strong=True),
    TableColumn("patient", 0.27),
    TableColumn("check and reason", 0.58),
)


def clinic_report(
    cohort: Cohort, work: Work, paper: Paper = Paper.A4, *, left_out: Sequence[str] = ()
) -> bytes:
    """Return the report as PDF; `work` is the worklist, urgent first.

    `left_out` names the entries that could not be read.
    """
    from reportlab.platypus import PageBreak  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    sheet = ReportBuilder(paper.width_between_margins)
    _opening(sheet, cohort)
    if left_out:
        count = count_of(len(left_out), "entry", "entries")
        named = "; ".join(left_out[:_NAMED]) + (" …" if len(left_out) > _NAMED else "")
        sheet.text(f"Left out: {count} that cannot be read ({named}). Run sirolimus verify.")
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
        _performance(sheet, cohort.forecasts)
    with _on_one_page(sheet):
        _review_and_later(sheet)
    if work:
        sheet.content.append(PageBreak())
    _worklist(sheet, work)
    _sources(sheet)
    patients = count_of(cohort.patients, "patient")
    frame = Frame(
        title=TITLE,
        head="Clinic and Nadal 2016",
        identity=f"{patients}, {cohort.treated} of them given sirolimus",
        made=cohort.at,
        paper=paper,
    )
    return pdf_of(frame, sheet.content)


@contextmanager
def _on_one_page(sheet: ReportBuilder) -> Iterator[None]:
    """Keep the parts that are added on one page, where they fit."""
    from reportlab.platypus import KeepTogether  # noqa: PLC0415 - ReportLab is heavy

    first = len(sheet.content)
    yield
    sheet.content[first:] = [KeepTogether(sheet.content[first:])]


_NAMED = 10  # entries that are left out


def _opening(sheet: ReportBuilder, cohort: Cohort) -> None:
    sheet.text(treated_words(cohort), Text.LEAD)
    sheet.text(
        f"Nadal 2016: {nadal2016.PATIENTS} children {sheet.cited(nadal2016.SOURCE)}. Each count "
        "states its denominator; missing data are left out of both numbers. Confidence intervals "
        "(CI) are 95 %: exact for a share (Clopper-Pearson), Greenwood's for a curve. The clinic's "
        "patients differ from those of Nadal 2016: the figures are not tested against each other."
    )
    sheet.space(4)


# --- counts


def _counts(sheet: ReportBuilder, table: CohortTable) -> None:
    notes = (f"Of {table.of} {table.whom}.", table.note, table.review_note)
    whom = " ".join(filter(None, notes))
    rows = [PrintedRow((), (whom,)), *(PrintedRow(_cells(row)) for row in table.rows)]
    sheet.table(table.title, _COUNTS, rows)


def _cells(row: CohortRow) -> tuple[str, ...]:
    name, *figures = row_words(row)
    is_part = name != name.strip()
    return (f"– {name.strip()}" if is_part else name, *(each or "-" for each in figures))


# --- time to response


def _response(sheet: ReportBuilder, cohort: Cohort) -> None:
    median, interval = review_response()
    rows = [
        PrintedRow((), ("From the first dose; treated patients with a later assessment.",)),
        *(PrintedRow(times_words(times)) for times in cohort.response_times),
        PrintedRow(("Nadal 2016", "-", median, interval), (range_words(), log_rank_words(cohort))),
    ]
    sheet.table("Time to response", _TIMES, rows)


# --- time in range


def _time_in_range(sheet: ReportBuilder, cohort: Cohort) -> None:
    levels = cohort.levels
    if levels.percent_within is None:
        sheet.facts("Time in range", [(levels_words(levels),)])
        return
    legend = (
        f"{levels_words(levels)} White: {whole_days(levels.days_below)} below; light: "
        f"{whole_days(levels.days_within)} within; dark: {whole_days(levels.days_above)} above."
    )
    sheet.drawing("Time in range", range_bar(levels, sheet.width), legend)


# --- predictive performance


def _performance(sheet: ReportBuilder, performance: PredictivePerformance) -> None:
    title = "Predictive performance: forecasts of levels that were then measured"
    about = about_performance(performance)
    if not performance.methods:
        sheet.facts(title, [(about,)])
        return
    cited = " ".join(
        f"{each.name} {sheet.cited(each.source)}: {each.population}." for each in performance.models
    )
    rows = [PrintedRow((), (about,)), PrintedRow((), (cited,))]
    for each in performance.methods:
        figures = shown_figures(each)
        cells = [text for figure in figures for text in percent_with_interval(figure)]
        rows.append(PrintedRow((method_name(performance, each), *cells)))
    sheet.table(title, _FORECASTS, rows)
    figures_of_each = [
        accuracy_row(method_name(performance, each), each.accuracy) for each in performance.methods
    ]
    sheet.table(
        "The same levels, by the definitions of an evaluation",
        _ACCURACIES,
        [PrintedRow(row.cells, (row.intervals,)) for row in figures_of_each],
        f"{ABOUT_FIGURES} {NOT_A_VALIDATION}",
    )


# --- evidence


def _review_and_later(sheet: ReportBuilder) -> None:
    sheet.facts("More of Nadal 2016", [(each,) for each in review_remarks()])
    later = [(_stated(each, sheet.cited(each.source)),) for each in LATER_EVIDENCE]
    sheet.facts("Later evidence", [(LATER_EVIDENCE_NOTE,), *later])


def _stated(each: LaterEvidence, number: str) -> str:
    year = f" {each.year}" if each.year else ""
    return f"{each.name}{year} {number}: {'; '.join(each.facts)}."


# --- the worklist


def _worklist(sheet: ReportBuilder, work: Work) -> None:
    title = "Worklist: due checks, urgent first, then the most overdue (names patients)"
    rows = [
        PrintedRow(
            (
                when(group[0]),
                patient_line(patient),
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
        note = ReportBuilder(sheet.width)
        note.text(letters_note(sheet.missing_letters), Text.LEAD)
        sheet.content[before:before] = note.content


def _by_patient(work: Work) -> Iterator[tuple[Patient, tuple[Due, ...]]]:
    """Yield each patient's checks of the same days and reason, urgent first."""
    of_patient: dict[str, list[Due]] = {}
    patients = {patient.record_number: patient for patient, _ in work}
    for patient, each in work:
        of_patient.setdefault(patient.record_number, []).append(each)
    groups = [
        (patients[number], group)
        for number, checks in of_patient.items()
        for group in alike(checks)
    ]
    yield from sorted(groups, key=lambda pair: pair[1][0].order)


def _sources(sheet: ReportBuilder) -> None:
    sheet.facts("Sources", sheet.sources)
