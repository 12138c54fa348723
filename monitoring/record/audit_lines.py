"""The history of one patient: the audit trail in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.record.entries import Kind, Record, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.kinds import NAMES
from monitoring.store.rows import row_of


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One change: its number, time, author and content."""

    number: int
    at: str
    by: str
    what: str


def history(record: Record) -> tuple[AuditLine, ...]:
    """Return every change of the record, in the order it was made."""
    return tuple(sorted(_events(record), key=lambda event: event.number))


def _events(record: Record) -> Iterator[AuditLine]:
    for each in record.entries:
        name = NAMES[type(each.entry)].replace("_", " ")
        first = each.number == record.number
        verb = "added" if first or name != "patient" else "changed"
        yield _event(each, f"{verb} the {name} ({_content(each.entry)})")
        if each.ending:
            end = each.ending.entry
            reason = f": {end.reason}" if end.reason else ""
            yield _event(each.ending, f"ended {name} {each.number} on {end.at or end.on}{reason}")
        if each.void:
            yield _event(each.void, f"voided {name} {each.number}: {each.void.entry.reason}")


def _event(entry: StoredEntry[Kind], what: str) -> AuditLine:
    return AuditLine(entry.number, str(entry.author.at), entry.author.by, what)


def _content(entry: Entry) -> str:
    cells = {name: cell for name, cell in row_of(entry).items() if cell not in (None, "")}
    if "proposal" in cells:
        cells["proposal"] = "accepted"  # a whole document, shown by the prescription's JSON
    return ", ".join(f"{name.replace('_', ' ')} {cell}" for name, cell in cells.items())
