"""The checks that are due for a patient: the schedule compared with the record.

What is due follows from the state: the baseline before a planned first dose, everything on
treatment, less on hold, and after a stop only what still matters. Days are those of the calendar,
by the clocks of the zone of each entry. Voided entries, and entries after the given moment, are
ignored.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from itertools import islice

from dosing.knowledge.adverse_event_terms import Seriousness
from dosing.knowledge.laboratory_grades import SERIOUS_FROM_GRADE
from dosing.knowledge.monitoring_schedule import PublishedRhythm
from dosing.knowledge.tdm_rules import VALUE_COUNTS_FOR
from monitoring.adverse_events.finder import known_term
from monitoring.due.check import Check, Due
from monitoring.due.checks import (
    LABORATORY_CHECKS,
    fertility_question,
    growth_check,
    laboratory_checks,
    level_check,
    prophylaxis_review,
    response_check,
    supply_check,
    weight_check,
)
from monitoring.due.context import DueBasis, DueContext
from monitoring.due.known_levels import KnownLevels
from monitoring.due.state_items import state_items
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.condition import Condition
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.record.supply import Supply
from monitoring.state import state_at
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

_BATCH_RECORDS = 1000
_PAUSED = {ActionTaken.HELD, ActionTaken.STOPPED}
_RESPIRATORY = {"cough", "dyspnoea"}
_SETTLED = {
    Check.LEVEL,
    Check.LABORATORY,
    Check.WEIGHT,
    Check.PROPHYLAXIS,
    Check.RESPONSE,
    Check.GROWTH,
    Check.FERTILITY,
    Check.QUESTION,
    Check.SUPPLY,
}


def due(record: Record, now: Moment, rhythm: PublishedRhythm | None = None) -> tuple[Due, ...]:
    """Return the next of each check, the urgent ones first, then the most overdue.

    `rhythm` is the clinic's choice for levels and blood tests; without one it is that of the age.
    """
    return due_with(record, now, KnownLevels.of_records([record]), rhythm)


def due_of_all(
    records: Iterable[Record], now: Moment, rhythm: PublishedRhythm | None = None
) -> Iterator[tuple[Record, tuple[Due, ...]]]:
    """Yield each record and its checks; the levels are assessed in batches."""
    remaining = iter(records)
    while batch := list(islice(remaining, _BATCH_RECORDS)):
        levels = KnownLevels.of_records(batch)
        for record in batch:
            yield record, due_with(record, now, levels, rhythm)


def due_with(
    record: Record, now: Moment, levels: KnownLevels, rhythm: PublishedRhythm | None = None
) -> tuple[Due, ...]:
    """Return the checks of `due`, with the levels already assessed."""
    history = TreatmentHistory.of(record)
    found: list[Due] = []
    context = DueContext.of(record, now, levels, rhythm)
    if context is not None:
        found += _of_the_dose(context)
    if record.active(Supply):
        found += supply_check(DueBasis(history=history, now=now))
    if _asks_by_state(history, now):
        basis = DueBasis(history=history, now=now)
        found += state_items(basis, state_at(record, now))
    return tuple(sorted(found, key=lambda each: (*each.order, each.since)))


def _of_the_dose(context: DueContext) -> Iterator[Due]:
    """Yield the checks of a current dose, of one on hold, or of a first one to come."""
    if not context.has_begun:
        yield from laboratory_checks(context)
        return
    levels = tuple(level_check(context))
    laboratory = tuple(laboratory_checks(context))
    yield from levels
    yield from laboratory
    yield weight_check(context)
    if context.hold is not None:
        return
    yield response_check(context)
    yield from growth_check(context)
    yield from prophylaxis_review(context)
    visits = (each.since for each in (*levels, *laboratory))
    yield from fertility_question(context, min(visits, default=None))


def _asks_by_state(history: TreatmentHistory, now: Moment) -> bool:
    """Return whether the state may ask for anything: for most of many records it is not needed."""
    record = history.record
    if history.holds or record.active(Condition) or record.patient.entry.allergies:
        return True
    if any(each.entry.is_taper_step for each in record.active(Prescription)):
        return True
    if any(map(_may_ask, record.active(AdverseEvent))):
        return True
    oldest = now.utc - timedelta(days=VALUE_COUNTS_FOR.value)
    return any(oldest <= each.entry.at.utc for each in record.active(LaboratoryValue))


def _may_ask(recorded: StoredEntry[AdverseEvent]) -> bool:
    """Return whether an event may be severe, in conflict with the doses, or forbid them."""
    event = recorded.entry
    is_severe = (event.grade or 0) >= SERIOUS_FROM_GRADE
    return is_severe or event.action in _PAUSED or not _is_harmless(event.term)


@lru_cache(maxsize=1000)
def _is_harmless(words: str) -> bool:
    """Return whether an event is known not to forbid the treatment by its name alone."""
    term = known_term(words)
    return (
        term is not None
        and term.seriousness is not Seriousness.PNEUMONITIS
        and term.name not in _RESPIRATORY
    )


def check_names(record: Record, now: Moment) -> tuple[str, ...]:
    """Return the names of the checks that can be settled, as `sirolimus due` prints them.

    What is urgent is answered in the record, and is not among them.
    """
    return names_of(due(record, now))


def names_of(checks: Iterable[Due]) -> tuple[str, ...]:
    """Return the names of those of `check_names`, of checks that are known already."""
    names = [each.what for each in checks if each.check in _SETTLED and not each.is_urgent]
    names += [each.what for each in LABORATORY_CHECKS]
    return tuple(dict.fromkeys(names))


def worklist(
    records: Iterable[Record], now: Moment, rhythm: PublishedRhythm | None = None
) -> tuple[tuple[Patient, Due], ...]:
    """Return each urgent, overdue or open check with its patient, in that order, then by name."""
    found = [
        (record.patient.entry, each)
        for record, checks in due_of_all(records, now, rhythm)
        for each in checks
        if each.is_now
    ]
    found.sort(key=lambda pair: (*pair[1].order, pair[0].name, pair[0].record_number))
    return tuple(found)
