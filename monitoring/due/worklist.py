"""The clinic's worklist: every check whose first day has come, the most overdue first."""

from collections.abc import Iterable

from monitoring.due.check import Due
from monitoring.due.due import due_of_all
from monitoring.record.entries import Record
from monitoring.record.patient import Patient
from monitoring.times import Moment


def worklist(records: Iterable[Record], now: Moment) -> tuple[tuple[Patient, Due], ...]:
    """Return each open check with its patient; of equally overdue ones by the patients' names."""
    found = [
        (record.patient.entry, each)
        for record, checks in due_of_all(records, now)
        for each in checks
        if each.is_open
    ]
    found.sort(key=lambda pair: (-pair[1].overdue_days, pair[0].name, pair[0].record_number))
    return tuple(found)
