"""Text for the clipboard: cleaned, on one line, and no formula where it is pasted.

It goes through the terminal (OSC 52), also over a remote connection, where the terminal allows it.
Of a locked app nothing can be copied: no patient is on the screen. Encrypted records ask first.
"""

from dosing import clean
from dosing.quantities.formatting import short_date
from monitoring.summary import PatientSummary
from reports.presentation.ages import age_words
from tui.app.entry_lists import RecordList, RecordRow

COPY_FROM_ENCRYPTED = (
    "The records are encrypted and the clipboard is not: every program can read it. "
    "Copy it nevertheless?"
)


def line_to_copy(shown: RecordList, row: RecordRow) -> str:
    """Return the selected line of a list: the headings with their cells, and a void as such."""
    cells = zip(shown.headings, row.cells, strict=True)
    parts = [f"{heading}: {cell}" for heading, cell in cells if cell]
    return _one_line(", ".join(parts))


def summary_to_copy(summary: PatientSummary) -> str:
    """Return the state of a patient in words: record number, age, dose, last level, what is due."""
    patient = summary.record.patient.entry
    due = ", ".join(each.what for each in summary.open_checks)
    parts = [
        f"№ {patient.record_number}, {patient.name}, {age_words(summary.age)}, {patient.sex.value}",
        f"Sirolimus on {short_date(summary.made.local)}: {summary.where_things_stand}",
        *(each.message for each in summary.alerts.pressing),
        *([f"Due: {due}"] if due else []),
    ]
    return _one_line(". ".join(part.rstrip(".") for part in parts) + ".")


def _one_line(text: str) -> str:
    """Return a text without line breaks and control characters: no pasted line runs by itself."""
    return " ".join(clean(text).split())
