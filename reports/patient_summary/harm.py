"""Adverse events compared with Nadal 2016, laboratory values by dates and those out of range."""

from dosing.knowledge.alert_catalogue import NO_DOSE_RULE
from dosing.knowledge.laboratory_grades import SOURCE as CTCAE
from dosing.knowledge.nadal2016 import SOURCE as NADAL_2016
from dosing.quantities.formatting import count_of
from monitoring.adverse_events import EventAssessment
from monitoring.laboratory import LaboratoryAssessment, flowsheet_of
from monitoring.laboratory.flowsheet import RULE, Flowsheet, limits_words
from monitoring.record.level import comparator_sign
from monitoring.summary import PatientSummary
from monitoring.times import short
from reports.patient_summary.wording import about_void, labelled
from reports.presentation.times import span
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import Align, TableColumn

_EVENTS = (
    TableColumn("Adverse event", 0.2, strong=True),
    TableColumn("Grade", 0.26),
    TableColumn("When", 0.2),
    TableColumn("Action", 0.09),
    TableColumn("In Nadal 2016", 0.25),
)
_NO_DOSE_RULE = NO_DOSE_RULE.alert(done=None).message
_TITLE = "Laboratory values out of range"
_VALUES = (
    TableColumn("Test", 0.16, strong=True),
    TableColumn("Sampled", 0.205),
    TableColumn("Value", 0.11, Align.DECIMAL, strong=True),
    TableColumn("Unit", 0.1),
    TableColumn("Normal", 0.12),
    TableColumn("Assessment", 0.305),
)


_FLOWSHEET = "Laboratory values by dates"
_DATES_IN_A_ROW, _FEWEST_COLUMNS = 6, 3
_MOST_DATES = 2 * _DATES_IN_A_ROW
_TEST_SHARE, _LIMITS_SHARE = 0.19, 0.11
_RULE = f"▲ high, ▼ low: beyond the laboratory's limits; grades by CTCAE. {RULE}."


def adverse_events(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List every adverse event with its grade, and its frequency in Nadal 2016."""
    rows = [_event(each, summary, sheet) for each in reversed(summary.events)]
    rule = _NO_DOSE_RULE if any(each.is_open for each in summary.events) else ""
    sheet.table("Adverse events", _EVENTS, rows, rule)


def _event(assessed: EventAssessment, summary: PatientSummary, sheet: ReportBuilder) -> PrintedRow:
    recorded, event = assessed.event, assessed.event.entry
    grade = "not graded" if event.grade is None else f"{event.grade} ({event.scale})"
    if assessed.wording:
        grade += f": {assessed.wording} {sheet.cited(CTCAE)}"
    until = recorded.ending.entry.on if recorded.ending else None
    compared = "not in the table of terms: not compared"
    if assessed.review_words:
        compared = f"{assessed.review_words} {sheet.cited(NADAL_2016)}"
    ended = recorded.ending.entry.reason if recorded.ending else ""
    details = (*labelled(Remark=event.text, Ended=ended), *about_void(recorded, summary))
    cells = (event.term, grade, span(event.since, until), event.action.value, compared)
    return PrintedRow(cells, details, struck=not recorded.is_active)


def laboratory(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the values out of range and the voided ones, and count the active ones."""
    shown = [
        each for each in summary.laboratory if each.is_out_of_range or not each.value.is_active
    ]
    active = [each for each in summary.laboratory if each.value.is_active]
    without = sum(1 for each in active if _cannot_be_assessed(each))
    remark = f", {without} of them without a limit of normal or a grade" if without else ""
    recorded = f"{count_of(len(active), 'laboratory value')}{remark}"
    if shown:
        rows = [_value(each, summary, sheet) for each in reversed(shown)]
        sheet.table(_TITLE, _VALUES, rows, f"The record holds {recorded}.")
    else:
        sheet.empty.append(f"{_TITLE} (of {recorded})" if active else _TITLE)


def laboratory_flowsheet(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """Show the values by tests and dates, the newest dates first."""
    found = flowsheet_of(summary.laboratory)
    shown = min(len(found.columns), _MOST_DATES)
    for first in range(0, shown, _DATES_IN_A_ROW):
        _dates(found, range(first, min(first + _DATES_IN_A_ROW, shown)), shown, sheet)


def _dates(found: Flowsheet, places: range, shown: int, sheet: ReportBuilder) -> None:
    """Set the table of some dates; a test without a value on them is left out."""
    in_a_row = min(max(shown, _FEWEST_COLUMNS), _DATES_IN_A_ROW)
    share = (1 - _TEST_SHARE - _LIMITS_SHARE) / in_a_row
    columns = (
        TableColumn("Test", _TEST_SHARE, strong=True),
        TableColumn("Normal", _LIMITS_SHARE),
        *(TableColumn(found.columns[place].heading, share) for place in places),
        *(TableColumn("", share) for _ in range(in_a_row - len(places))),
    )
    rows = []
    for row in found.rows:
        cells = [row.cells[place] for place in places]
        if any(cells):
            words = [cell.words if cell else "" for cell in cells]
            words += [""] * (in_a_row - len(places))
            name = " ".join(filter(None, (row.test, row.unit)))
            rows.append(PrintedRow((name, row.limits, *words)))
    is_last = places.stop == shown
    left_out = len(found.columns) - shown
    earlier = f" {count_of(left_out, 'earlier date')} in the record." if left_out else ""
    title = _FLOWSHEET if not places.start else f"{_FLOWSHEET}, earlier"
    sheet.table(title, columns, rows, f"{_RULE}{earlier}" if is_last else "")


def _cannot_be_assessed(assessed: LaboratoryAssessment) -> bool:
    value = assessed.value.entry
    return assessed.grade is None and value.lower_limit is None and value.upper_limit is None


def _value(
    assessed: LaboratoryAssessment, summary: PatientSummary, sheet: ReportBuilder
) -> PrintedRow:
    value = assessed.value.entry
    comparator = comparator_sign(value.comparator)
    meaning = assessed.not_graded_because or ""
    if assessed.beyond:
        meaning = f"{assessed.beyond} the limit; {meaning}"
    if not assessed.value.is_active:
        meaning = "voided"
    elif assessed.grade:
        was = "was " if assessed.later else ""
        meaning = f"{was}grade {assessed.grade}: {assessed.working} {sheet.cited(assessed.source)}"
    if assessed.multiples and assessed.value.is_active:
        meaning += f"; {assessed.multiples}"
    if assessed.later and assessed.value.is_active:
        newer = assessed.later.entry
        number = f"{comparator_sign(newer.comparator)}{newer.value}"
        meaning += f"; newer: {number} on {short(newer.at, summary.made.zone)}"
    cells = (
        value.test,
        short(value.at, summary.made.zone),
        f"{comparator}{value.value.number:f}",
        value.value.unit,
        limits_words(value) or "not given",
        meaning,
    )
    details = (*labelled(Laboratory=value.laboratory), *about_void(assessed.value, summary))
    return PrintedRow(cells, details, struck=not assessed.value.is_active)
