"""The course: the response compared with Nadal 2016, weight and height, and notes."""

from dosing import Quantity
from dosing.knowledge.nadal2016 import MEDIAN_WEEKS_TO_RESPONSE, WEEKS_TO_RESPONSE_95_PERCENT
from dosing.knowledge.nadal2016 import SOURCE as NADAL_2016
from dosing.quantities.formatting import count_of, short_date
from monitoring.record.entries import StoredEntry
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.response import Response
from monitoring.summary import PatientSummary
from reports.patient_summary.wording import about_void, labelled, newest_first
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import TableColumn

_RESPONSES = (
    TableColumn("Day", 0.14),
    TableColumn("Assessed by", 0.16),
    TableColumn("Improved", 0.16, strong=True),
    TableColumn("Remark", 0.48),
)
_NOTES = (TableColumn("Day", 0.15), TableColumn("Note", 0.85))


def response(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """Show the time to response compared with Nadal 2016, and list the assessments."""
    found = newest_first(summary.record.of(Response), lambda each: each.on)
    rows = [
        PrintedRow(
            (
                short_date(each.entry.on),
                each.entry.criterion.value,
                "improved" if each.entry.improved else "not improved",
                each.entry.text,
            ),
            about_void(each, summary),
            struck=not each.is_active,
        )
        for each in found
    ]
    sheet.table("Response", _RESPONSES, rows, _compared(summary, sheet) if rows else "")


def _compared(summary: PatientSummary, sheet: ReportBuilder) -> str:
    low, high = WEEKS_TO_RESPONSE_95_PERCENT
    return (
        f"{_words(summary)} Median time to response in Nadal 2016: "
        f"{MEDIAN_WEEKS_TO_RESPONSE} weeks (95 % CI {low}-{high}) {sheet.cited(NADAL_2016)}."
    )


def _words(summary: PatientSummary) -> str:
    found = summary.response
    if found is None:
        return "No response was assessed during treatment."
    days = f"{count_of(found.days, 'day')} after the first dose"
    if found.responded:
        return f"First improvement {days} ({found.days / 7:.1f} weeks)."
    return f"No improvement up to the last assessment, {days}."


def measurements(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List weight and height, and mark those used for the current dose."""
    found = newest_first(summary.record.of(Measurement), lambda each: each.on)
    current = summary.current
    used = (current.weight, current.height) if current else (None, None)
    weights = [_measured(each, each.entry.weight, used[0]) for each in found]
    heights = [_measured(each, each.entry.height, used[1]) for each in found]
    facts = [
        (name, "; ".join(filter(None, texts)))
        for name, texts in (("Weight", weights), ("Height", heights))
        if any(texts)
    ]
    reasons = [
        (f"On {short_date(each.entry.on)}: {text}",)
        for each in found
        for text in (*labelled(Reason=each.entry.reason), *about_void(each, summary))
    ]
    if facts:
        sheet.facts("Weight and height", [*facts, *reasons])
    else:
        sheet.empty.append("Weight and height")


def _measured(
    recorded: StoredEntry[Measurement],
    value: Quantity | None,
    used: StoredEntry[Measurement] | None,
) -> str:
    if value is None:
        return ""
    is_used = used is not None and used.number == recorded.number
    remark = " (used for the current dose)" if is_used else ""
    voided = "voided: " if not recorded.is_active else ""
    return f"{voided}{value} on {short_date(recorded.entry.on)}{remark}"


def notes(summary: PatientSummary, sheet: ReportBuilder) -> None:
    """List the notes, if any."""
    found = newest_first(summary.record.of(Note), lambda each: each.on)
    rows = [
        PrintedRow(
            (short_date(each.entry.on), each.entry.text),
            about_void(each, summary),
            not each.is_active,
        )
        for each in found
    ]
    if rows:
        sheet.table("Notes", _NOTES, rows)
