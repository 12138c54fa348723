"""The first page: what a colleague needs in half a minute, before the rest of the record."""

from collections.abc import Iterator

from dosing import AlertKind
from dosing.quantities.formatting import count_of
from monitoring.adverse_events import EventAssessment
from monitoring.due import Check
from monitoring.laboratory import LaboratoryAssessment
from monitoring.record.co_medication import CoMedication
from monitoring.record.level import comparator_sign
from monitoring.summary import PatientSummary
from reports.patient_summary.levels import FRONT_LEVELS
from reports.patient_summary.standing import open_alerts
from reports.presentation.times import span
from reports.printed_text import isolated
from reports.sheet import ReportBuilder

_AWAITED = {Check.LEVEL, Check.LABORATORY}
"""The checks whose answer is a laboratory's result."""
_MOST_NAMED = 12


def beside(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """Show other drugs with their doses, results awaited, and open adverse events and values."""
    facts = []
    has_urgent = any(each.kind >= AlertKind.URGENT for each in summary.alerts)
    if not has_urgent and not open_alerts(summary):
        facts.append(("Open alerts", "none but those above." if summary.alerts else "none."))
    facts += [
        ("Other drugs", _drugs(summary) or "none recorded."),
        ("Results awaited", _awaited(summary)),
    ]
    events = [_event(each) for each in reversed(summary.open_events)]
    values = [_value(each) for each in _newest_values(summary) if each.is_out_of_range]
    facts += [("Open adverse events", f"{'; '.join(events)}.")] if events else []
    facts += [("Out of range", f"{_some(values)}.")] if values else []
    sheet.facts("Also to know", facts, share_lines=True)


def _drugs(summary: PatientSummary) -> str:
    named = [each.drug.entry for each in summary.drugs]
    return "; ".join(map(_drug, named)) + "." if named else ""


def _drug(drug: CoMedication) -> str:
    remark = isolated(drug.text) if drug.text else "dose not recorded"
    return f"{isolated(drug.drug)}, {remark} ({span(drug.since, None)})"


def _awaited(summary: PatientSummary) -> str:
    """Return the results that are due and not recorded: the record keeps no orders."""
    due = [each for each in summary.open_checks if each.check in _AWAITED]
    if not due:
        return "no test is due; the record keeps no orders."
    return "see the due tests; the record keeps no orders."


def _event(assessed: EventAssessment) -> str:
    event = assessed.event.entry
    grade = "not graded" if event.grade is None else f"grade {event.grade}"
    return f"{isolated(event.term)}, {grade} ({span(event.since, None)})"


def _newest_values(summary: PatientSummary) -> Iterator[LaboratoryAssessment]:
    for each in reversed(summary.laboratory):
        if each.value.is_active and each.later is None:
            yield each


def _value(assessed: LaboratoryAssessment) -> str:
    value = assessed.value.entry
    beyond = f", {assessed.beyond} the limit" if assessed.beyond else ""
    grade = f", grade {assessed.grade}" if assessed.grade else ""
    number = f"{comparator_sign(value.comparator)}{value.value.number:f} {value.value.unit}"
    return f"{isolated(value.test)} {number}{beyond}{grade}"


def _some(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    more = f"; {rest} more in the full summary" if rest > 0 else ""
    return "; ".join(names[:_MOST_NAMED]) + more


def not_here(summary: PatientSummary) -> str:
    """Return what the record has and only the full summary shows."""
    record = summary.record
    counts = [
        count_of(max(len(summary.levels) - FRONT_LEVELS, 0), "earlier level"),
        count_of(len(summary.doses), "prescription"),
        count_of(len(summary.events), "adverse event"),
        count_of(len(summary.laboratory), "laboratory value"),
        count_of(len(record.entries) - 1, "entry", "entries") + " in all",
    ]
    parts = [each for each in counts if not each.startswith("0 ")]
    return f"Full summary (sirolimus report --full): {', '.join(parts)}; the forecast."
