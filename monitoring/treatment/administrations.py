"""Doses due and doses given, by the schedule and the recorded corrections.

By the schedule a dose is given at the times of the day at which the prescription began. Doses
recorded as missed or held are left out. A level with the time of its last dose corrects the
schedule: that dose is moved to the recorded time. Of the doses due between it and the sample, one
that was due less than half an interval before the sample waited for it; earlier ones were not
given. A last dose that was assumed from the schedule corrects nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from dosing import Product
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.times import Moment, zone_of
from monitoring.treatment.dosing_period import DosingPeriod
from monitoring.treatment.omitted_doses import OmittedDoses, stated_last_doses

_HALF_A_DAY = timedelta(hours=12)
_LOOKED_AHEAD = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Administration:
    """A dose and the time it was given."""

    at: datetime
    """In UTC."""
    mg: Decimal
    product: Product = Product.SOLUTION


@dataclass(frozen=True, slots=True)
class ScheduledDose:
    """A dose that was due, and the time it was given."""

    at: datetime
    """In UTC."""
    mg: Decimal
    half: timedelta
    """Half the interval: an event nearer than this concerns this dose."""
    given: datetime | None
    """None if a level shows that it was not."""
    product: Product


@dataclass(frozen=True, slots=True)
class Gap:
    """A time between two prescriptions without a recorded dose."""

    since: Moment
    until: Moment


def gaps_between(periods: Sequence[DosingPeriod]) -> tuple[Gap, ...]:
    """Return the times between prescriptions with a dose due and none recorded."""
    return tuple(
        Gap(one.until, following.since)
        for one, following in pairwise(periods)
        if one.until is not None and following.since.utc - one.until.utc > one.interval
    )


def scheduled_doses(
    record: Record,
    periods: Sequence[DosingPeriod],
    loading_doses: Sequence[StoredEntry[Prescription]],
    omitted: Sequence[OmittedDoses],
    until: Moment,
) -> tuple[ScheduledDose, ...]:
    """Return the doses due before a moment, without those missed or held, in order of time."""
    due: list[ScheduledDose] = []
    for period in periods:
        zone, dose = zone_of(period.since.zone), period.prescription.entry
        end = until if period.until is None else min(until, period.until)
        half = period.interval / 2
        due += [
            ScheduledDose(at, dose.mg_at(at.astimezone(zone)), half, at, dose.product)
            for at in _due_times(period, end.utc)
        ]
    due = _without_omitted(record, omitted, due)
    for loading in loading_doses:
        since, dose = loading.entry.since, loading.entry
        if since < until:
            due.append(ScheduledDose(since.utc, dose.dose_mg, _HALF_A_DAY, since.utc, dose.product))
    return tuple(_corrected(record, sorted(due, key=lambda each: each.at)))


def _due_times(period: DosingPeriod, end: datetime) -> Iterator[datetime]:
    """Yield the times of the doses due before an end, by the clock of the prescription's zone."""
    zone = zone_of(period.since.zone)
    local = period.since.local.replace(tzinfo=None)
    due = period.since.utc
    while due < end:
        yield due
        local += period.interval
        due = local.replace(tzinfo=zone).astimezone(UTC)


def _without_omitted(
    record: Record, omitted: Sequence[OmittedDoses], due: list[ScheduledDose]
) -> list[ScheduledDose]:
    """Return the doses without those held, and without the one nearest to each missed one.

    A dose due at the recorded end of a hold is left out too, unless a level shows that it was
    given; a dose at a restart was given.
    """
    given = {last.utc for _, last in stated_last_doses(record)}
    left_out = set()
    for each in omitted:
        if each.is_one_dose:
            place = _nearest(due, each.at.utc)
            left_out |= set() if place is None else {place}
            continue
        since, end = each.at.utc, each.until.utc if each.until else datetime.max.replace(tzinfo=UTC)
        ends_given = each.is_restarted or end in given
        left_out |= {
            place
            for place, dose in enumerate(due)
            if since <= dose.at <= end and not (dose.at == end and ends_given)
        }
    return [dose for place, dose in enumerate(due) if place not in left_out]


def _nearest(due: list[ScheduledDose], at: datetime) -> int | None:
    """Return the place of the dose due nearest to a time; of two as near, the earlier one.

    None if no dose is due within half its interval.
    """
    place = bisect_left(due, at, key=lambda each: each.at)
    near = [
        each for each in (place - 1, place)
        if 0 <= each < len(due) and -due[each].half <= due[each].at - at < due[each].half
    ]  # fmt: skip
    return min(near, key=lambda each: abs(due[each].at - at), default=None)


def _corrected(record: Record, due: list[ScheduledDose]) -> list[ScheduledDose]:
    """Return the doses, corrected by the times of the last dose before each level."""
    corrected = list(due)
    for level, last_dose in stated_last_doses(record):
        last, sampled = last_dose.utc, level.sampled.utc
        nearest = _nearest(due, last)
        if nearest is not None:
            corrected[nearest] = replace(corrected[nearest], given=last)
        first = bisect_right(due, last, key=lambda each: each.at)
        for place in range(first, bisect_left(due, sampled, key=lambda each: each.at)):
            if place != nearest:
                waited = sampled - due[place].at < due[place].half
                corrected[place] = replace(due[place], given=sampled if waited else None)
    return corrected


def last_due_before(
    periods: Sequence[DosingPeriod], omitted: Sequence[OmittedDoses], moment: Moment
) -> Moment | None:
    """Return the scheduled time of the last dose before a moment; None without a dose.

    The times of the day are those of the start of the dose. A dose at the moment itself comes after
    it: a trough is sampled before the dose. Doses missed or held are left out.
    """
    for period in reversed(periods):
        for due in _times_back(period, moment):
            if not any(each.omits(due) for each in omitted):
                return due
    return None


def _times_back(period: DosingPeriod, moment: Moment) -> Iterator[Moment]:
    """Yield the times of a period before a moment, the latest first."""
    begun = period.since.local.replace(tzinfo=None)
    last = moment if period.until is None else min(moment, period.until, key=lambda each: each.utc)
    shown = last.utc.astimezone(zone_of(period.since.zone)).replace(tzinfo=None)
    number = (shown - begun) // period.interval + 1
    while number >= 0:
        due = _at_clock(begun + number * period.interval, period.since.zone)
        if due < last:
            yield due
        number -= 1


def first_due_after(
    periods: Sequence[DosingPeriod], omitted: Sequence[OmittedDoses], moment: Moment
) -> Moment | None:
    """Return the scheduled time of the first dose after a moment, within `_LOOKED_AHEAD` days.

    Doses that are on hold by then are left out; None without a dose.
    """
    latest = moment.utc + _LOOKED_AHEAD
    for period in periods:
        for due in _due_times(period, latest):
            is_over = period.until is not None and due >= period.until.utc
            if is_over:
                break
            at = Moment(due, period.since.zone)
            if due > moment.utc and not any(each.omits(at) for each in omitted):
                return at
    return None


@dataclass(frozen=True, slots=True)
class DueDose:
    """A dose that is due in the future by the schedule."""

    at: Moment
    """In the zone of its prescription."""
    period: DosingPeriod
    is_held: bool
    """True in a hold that is recorded already: it is not to be given."""

    @property
    def mg(self) -> Decimal:
        """The dose at this time of the day."""
        return self.period.prescription.entry.mg_at(self.at.local)


def due_doses(
    periods: Sequence[DosingPeriod], omitted: Sequence[OmittedDoses], since: Moment, until: Moment
) -> tuple[DueDose, ...]:
    """Return the doses due from a moment on and before another, in order of time."""
    found = []
    for period in periods:
        end = until.utc if period.until is None else min(until.utc, period.until.utc)
        for due in _due_times(period, end):
            if due >= since.utc:
                at = Moment(due, period.since.zone)
                found.append(DueDose(at, period, any(each.omits(at) for each in omitted)))
    return tuple(sorted(found, key=lambda each: each.at.utc))


def _at_clock(local: datetime, zone: str) -> Moment:
    """Return the moment of a clock time; the first one if the clocks show it twice."""
    return Moment(local.replace(tzinfo=zone_of(zone)).astimezone(UTC), zone)
