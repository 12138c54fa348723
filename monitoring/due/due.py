"""What is due for a patient: each check of the schedule held against the record.

Only while a dose is in force. Days are those of the calendar, by the clocks of the zone in which
each entry was written down. Entries of after the moment that is asked about are left aside, and so
are voided ones.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from monitoring.due.check import Due
from monitoring.due.context import DueContext
from monitoring.due.counting import counting_levels
from monitoring.due.laboratory import laboratory_checks
from monitoring.due.levels import level_check
from monitoring.due.prophylaxis import prophylaxis_review
from monitoring.due.visits import response_check, weight_check
from monitoring.record.entries import Record
from monitoring.times import Moment

_BATCH_RECORDS = 1000


def due(record: Record, now: Moment) -> tuple[Due, ...]:
    """Return the next of each check, the most overdue first; nothing where no dose is in force."""
    return due_with(record, now, counting_levels([record]))


def due_of_all(records: Iterable[Record], now: Moment) -> Iterator[tuple[Record, tuple[Due, ...]]]:
    """Yield each record and what is due for the patient; their levels are assessed in batches."""
    remaining = iter(records)
    while batch := list(islice(remaining, _BATCH_RECORDS)):
        counting = counting_levels(batch)
        for record in batch:
            yield record, due_with(record, now, counting)


def due_with(record: Record, now: Moment, counting: frozenset[int]) -> tuple[Due, ...]:
    """Return what `due` does, where the numbers of the levels that count are known already."""
    history = DueContext.of(record, now, counting)
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
