"""The checks that are due for a patient: the schedule compared with the record.

Checks are due only with a current dose. Days are those of the calendar, by the clocks of the zone
of each entry. Voided entries, and entries after the given moment, are ignored.
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
    """Return the next of each check, the most overdue first; none without a current dose."""
    return due_with(record, now, evaluable_levels([record]))


def due_of_all(records: Iterable[Record], now: Moment) -> Iterator[tuple[Record, tuple[Due, ...]]]:
    """Yield each record and its checks; the levels are assessed in batches."""
    remaining = iter(records)
    while batch := list(islice(remaining, _BATCH_RECORDS)):
        evaluable = evaluable_levels(batch)
        for record in batch:
            yield record, due_with(record, now, evaluable)


def due_with(record: Record, now: Moment, evaluable: frozenset[int]) -> tuple[Due, ...]:
    """Return the checks of `due`, with the numbers of the evaluable levels already known."""
    context = DueContext.of(record, now, evaluable)
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


def evaluable_levels(records: Sequence[Record]) -> frozenset[int]:
    """Return the numbers, in the whole store, of the evaluable levels of these records."""
    levels = LevelColumns.of(records)
    assessed = assess_columns(levels, DoseColumns.of(records))
    numbers = levels.number if assessed.order is None else levels.number[assessed.order]
    return frozenset(numbers[assessed.is_evaluable].tolist())


def worklist(records: Iterable[Record], now: Moment) -> tuple[tuple[Patient, Due], ...]:
    """Return each open check with its patient, the most overdue first, then by name."""
    found = [
        (record.patient.entry, each)
        for record, checks in due_of_all(records, now)
        for each in checks
        if each.is_open
    ]
    found.sort(key=lambda pair: (-pair[1].overdue_days, pair[0].name, pair[0].record_number))
    return tuple(found)
