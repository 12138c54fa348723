"""What is due for a patient: each check of the schedule held against the record.

Only while a dose is in force. Days are those of the calendar, by the clocks of the zone in which
each entry was written down. Entries of after the moment that is asked about are left aside, and so
are voided ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from monitoring.due.check import Due
from monitoring.due.checks import (
    laboratory_checks,
    level_check,
    prophylaxis_review,
    response_check,
    weight_check,
)
from monitoring.due.context import DueContext
from monitoring.levels.assess_columns import assess_columns
from monitoring.levels.columns import DoseColumns, LevelColumns
from monitoring.record.entries import Record
from monitoring.record.patient import Patient
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
    context = DueContext.of(record, now, counting)
    if context is None:
        return ()
    found = (
        level_check(context),
        *laboratory_checks(context),
        weight_check(context),
        response_check(context),
        *prophylaxis_review(context),
    )
    return tuple(sorted(found, key=lambda each: (-each.overdue_days, each.since)))


def counting_levels(records: Sequence[Record]) -> frozenset[int]:
    """Return the numbers of the levels of these records that count, in the whole store's count."""
    levels = LevelColumns.of(records)
    judged = assess_columns(levels, DoseColumns.of(records))
    numbers = levels.number if judged.order is None else levels.number[judged.order]
    return frozenset(numbers[judged.is_evaluable].tolist())


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
