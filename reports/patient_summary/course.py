"""How it went: the response beside the review's, weight and height, and notes."""

from dosing.review import MEDIAN_WEEKS_TO_RESPONSE, WEEKS_TO_RESPONSE_95_PERCENT
from dosing.review import SOURCE as REVIEW
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.response import Response
from monitoring.summary import PatientSummary
from reports.patient_summary.wording import about_void, labelled
from reports.sheet import Row, Sheet
from reports.style import Align, Column

_RESPONSES = (Column("Day", 0.15), Column("Judged by", 0.2), Column("Improved", 0.65, strong=True))
_MEASUREMENTS = (
    Column("Day", 0.15),
    Column("Weight", 0.15, Align.RIGHT),
    Column("Height", 0.15, Align.RIGHT),
    Column("", 0.55),
)
_NOTES = (Column("Day", 0.15), Column("Note", 0.85))


def response(summary: PatientSummary, sheet: Sheet) -> None:
    """Say how long a response took beside the review's, and list the assessments."""
    found = sorted(summary.record.of(Response), key=lambda each: (each.entry.on, each.number))
    rows = [
        Row(
            (
                str(each.entry.on),
                each.entry.criterion.value,
                "improved" if each.entry.improved else "not improved",
            ),
            (*labelled(Remark=each.entry.text), *about_void(each, summary)),
            struck=not each.stands,
        )
        for each in found
    ]
    sheet.table("Response", _RESPONSES, rows)
    low, high = WEEKS_TO_RESPONSE_95_PERCENT
    review = (
        f"In the review the median time to response was {MEDIAN_WEEKS_TO_RESPONSE} weeks (95 % "
        f"interval {low}-{high}) {sheet.cited(REVIEW)}."
    )
    sheet.text(f"{_words(summary)} {review}")


def _words(summary: PatientSummary) -> str:
    found = summary.response
    if found is None:
        return "No response was assessed under treatment."
    days = f"{found.days} {'day' if found.days == 1 else 'days'} after the first dose"
    if found.responded:
        return f"First improvement {days} ({found.days / 7:.1f} weeks)."
    return f"No improvement up to the last assessment counted, {days}."


def measurements(summary: PatientSummary, sheet: Sheet) -> None:
    """List weight and height, and say which of them the current dose is held against."""
    found = sorted(summary.record.of(Measurement), key=lambda each: (each.entry.on, each.number))
    current = summary.current
    rows = []
    for each in found:
        used = [
            name
            for name, of in (
                ("weight", current.weight if current else None),
                ("height", current.height if current else None),
            )
            if of is not None and of.number == each.number
        ]
        measured = each.entry
        cells = (
            str(measured.on),
            str(measured.weight or "—"),
            str(measured.height or "—"),
            f"{' and '.join(used)} used for the current dose" if used else "",
        )
        details = (*labelled(Reason=measured.reason), *about_void(each, summary))
        rows.append(Row(cells, details, struck=not each.stands))
    sheet.table("Weight and height", _MEASUREMENTS, rows)


def notes(summary: PatientSummary, sheet: Sheet) -> None:
    """List the notes, where there are any."""
    found = sorted(summary.record.of(Note), key=lambda each: (each.entry.on, each.number))
    rows = [
        Row((str(each.entry.on), each.entry.text), about_void(each, summary), not each.stands)
        for each in found
    ]
    if rows:
        sheet.table("Notes", _NOTES, rows)
