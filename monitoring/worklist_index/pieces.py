"""A row as pieces of time: in each the basis of the row is the same, and any moment's row follows.

The pieces begin where an answer may change: at a time in the record that is to come, at the end of
what counts for some days, and at an age of the schedule. Each answer is that of the summary itself.
What changes with every day, as the days overdue do, follows from the dates in the basis.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta

from dosing.birth_date import last_day
from dosing.knowledge.conditions import (
    PREGNANCY_PLANNED_WITHIN_DAYS,
    SURGERY_PLANNED_WITHIN_DAYS,
    SURGERY_RECENT_WITHIN_DAYS,
)
from dosing.knowledge.intervals import Every
from dosing.knowledge.laboratory_grades import SERIOUS_FROM_GRADE
from dosing.knowledge.monitoring_schedule import OPEN_EVENT_ASKED_AFTER_DAYS, STANDARD
from dosing.knowledge.tdm_rules import OLDEST_TO_ADJUST, VALUE_COUNTS_FOR
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.condition import Condition
from monitoring.record.entries import Record
from monitoring.record.level import Level
from monitoring.record.supply import Supply
from monitoring.summary import PatientSummary
from monitoring.supply_course import LOOKED_AHEAD
from monitoring.times import Moment, zone_of
from monitoring.worklist_index.line import Piece, RowPieces
from monitoring.worklist_index.row import basis_of

HORIZON_DAYS = 180
"""The days for which a line of the index is made."""
_BY_MONTH_BELOW_YEARS = 3
"""The ages of the schedule are whole months up to it, and whole years above it."""
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


def pieces_of(summary: PatientSummary) -> RowPieces:
    """Return the pieces of a patient's row from the moment of the summary on."""
    made, zone = summary.made, summary.made.zone
    until = made.utc + timedelta(days=HORIZON_DAYS)
    pieces = [Piece(made.utc, basis_of(summary))]
    for begin in sorted(set(_changes(summary, until))):
        moment = Moment(begin, zone)
        basis, day = basis_of(summary.at(moment)), moment.local.date()
        if basis.on(day) != pieces[-1].basis.on(day):
            pieces.append(Piece(begin, basis))
    return RowPieces(zone, tuple(pieces), until)


def _changes(summary: PatientSummary, until: datetime) -> Iterator[datetime]:
    """Yield each moment after the summary at which an answer may change, in UTC."""
    made, zone = summary.made, zone_of(summary.made.zone)
    first, last = made.local.date(), until.astimezone(zone).date()
    for moment in _moments(summary):
        if made.utc - _SECOND <= moment < until:
            yield moment
            yield moment + _SECOND  # what counts up to a moment, and not after it
    days = {each + after for each in _days(summary) for after in (timedelta(), _DAY)}
    for day in days:
        if first < day <= last:
            for fold in (0, 1):  # midnight may come twice
                begin = datetime.combine(day, time(), zone).replace(fold=fold).astimezone(UTC)
                if made.utc < begin < until:
                    yield begin


def _moments(summary: PatientSummary) -> Iterator[datetime]:
    for value in _stated(summary.record):
        if isinstance(value, Moment):
            yield value.utc
    oldest = timedelta(days=summary.record.limits.rule(OLDEST_TO_ADJUST).value)
    for sampled in (each.entry.sampled for each in summary.record.active(Level)):
        yield sampled.utc + oldest
    counts_for = timedelta(days=VALUE_COUNTS_FOR.value)
    for each in summary.laboratory:
        # Without a severe value nothing ends with it, unless an entry cannot be read.
        if (each.grade or 0) >= SERIOUS_FROM_GRADE or summary.record.unreadable:
            yield each.value.entry.at.utc + counts_for


def _days(summary: PatientSummary) -> Iterator[date]:
    record = summary.record
    for value in _stated(record):
        yield value.local.date() if isinstance(value, Moment) else value
    for event in record.active(AdverseEvent):
        yield event.entry.since + timedelta(days=OPEN_EVENT_ASKED_AFTER_DAYS)
    for condition in record.active(Condition):
        since = condition.entry.since
        ended = condition.ending.entry.on if condition.ending else None
        yield since - timedelta(days=PREGNANCY_PLANNED_WITHIN_DAYS)
        yield since - timedelta(days=SURGERY_PLANNED_WITHIN_DAYS)
        yield (ended or since) + timedelta(days=SURGERY_RECENT_WITHIN_DAYS)
    for supply in record.active(Supply):
        yield supply.entry.on + LOOKED_AHEAD
    again = STANDARD.level_after_drug_again
    acts_from = [change.day for drug in summary.history.drugs for change in drug.changes]
    if acts_from:  # a change of before or during a hold acts from the restart on
        acts_from += [each.until.local.date() for each in summary.history.holds if each.until]
    for day in acts_from:
        yield day + timedelta(days=again.from_days)
        yield day + timedelta(days=again.until_days)
    yield from _ages(record.patient.entry.born, summary.made.local.date())


def _ages(born: date, today: date) -> Iterator[date]:
    """Yield the days at which an age of the schedule is reached, within the horizon."""
    for first in {date(born.year, born.month, born.day), last_day(born)}:
        months = (today.year - first.year) * 12 + today.month - first.month
        for age in range(months, months + HORIZON_DAYS // 28 + 2):
            if age > 0 and (age <= _BY_MONTH_BELOW_YEARS * 12 or age % 12 == 0):
                reached = Every(months=age).after(first)
                yield reached
                yield reached + _DAY  # of a day that the month does not have


def _stated(record: Record) -> Iterator[Moment | date]:
    """Yield every time in the entries that count, and in their ends."""
    for each in record.entries:
        if not each.is_active:
            continue
        for entry in (each.entry, each.ending.entry if each.ending else None):
            if entry is not None:
                for field in fields(entry):
                    value = getattr(entry, field.name)
                    if isinstance(value, Moment | date):
                        yield value
