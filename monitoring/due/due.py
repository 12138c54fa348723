"""What is due for a patient: each check of the schedule held against the record.

Only while a dose is in force. Days are those of the calendar, by the clocks of the zone in which
each entry was written down. Entries of after the moment that is asked about are left aside, and so
are voided ones.
"""

from monitoring.due.check import Due
from monitoring.due.counting import counting_levels
from monitoring.due.history import History
from monitoring.due.laboratory import laboratory_checks
from monitoring.due.levels import level_check
from monitoring.due.prophylaxis import prophylaxis_review
from monitoring.due.visits import response_check, weight_check
from monitoring.record.entries import Record
from monitoring.times import Moment


def due(record: Record, now: Moment) -> tuple[Due, ...]:
    """Return the next of each check, the most overdue first; nothing where no dose is in force."""
    history = History.of(record, now, counting_levels(record))
    if history is None:
        return ()
    found = (
        level_check(history),
        *laboratory_checks(history),
        weight_check(history),
        response_check(history),
        *prophylaxis_review(history),
    )
    return tuple(sorted(found, key=lambda each: (-each.overdue_days, each.since)))
