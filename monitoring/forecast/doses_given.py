"""Which doses were really given, and when, as the record tells it: what kinetics calculates with.

By the schedule a dose is given at the times of the day at which the prescription began. Doses
written down as missed or held are left out. A level that tells when the last dose before it was
given corrects the schedule: that dose is moved to the time told. Of the doses due between it and
the sample one that was due less than half an interval before the sample waited for it, and earlier
ones were not given.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from dosing.kinetics.history import DoseStretch
from monitoring.record.entries import Record
from monitoring.record.level import Level
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.times import Moment, zone_of
from monitoring.treatment import courses, loading_doses

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class GivenDose:
    """A dose and when it was given."""

    at: datetime
    """In UTC."""
    mg: Decimal


@dataclass(frozen=True, slots=True)
class _Due:
    """A dose that was due, and when it was given."""

    at: datetime
    mg: Decimal
    half: timedelta
    """Half the interval: what lies nearer to it concerns this dose."""
    given: datetime | None
    """None where a level tells that it was not."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time between two prescriptions in which no dose is on record."""

    since: Moment
    until: Moment


def doses_given(record: Record, until: Moment) -> tuple[GivenDose, ...]:
    """Return the doses before a moment, in the order of time."""
    given = [
        GivenDose(each.given, each.mg)
        for each in _as_told(record, _due(record, until))
        if each.given is not None and each.given < until.utc
    ]
    return tuple(sorted(given, key=lambda each: each.at))


def doses_left_out(record: Record, until: Moment) -> tuple[datetime, ...]:
    """Return when doses were due that a level tells were not given, in UTC."""
    return tuple(each.at for each in _as_told(record, _due(record, until)) if each.given is None)


def gaps(record: Record) -> tuple[Gap, ...]:
    """Return the times between prescriptions in which a dose was due and none is on record."""
    found = []
    for one, following in pairwise(courses(record)):
        ended = one.until
        if ended is not None and following.since.utc - ended.utc > _interval(
            one.prescription.entry
        ):
            found.append(Gap(ended, following.since))
    return tuple(found)


def as_stretches(doses: Iterable[GivenDose], origin: datetime) -> tuple[DoseStretch, ...]:
    """Return the doses as stretches of equal doses at equal intervals, hours from an origin."""
    stretches: list[DoseStretch] = []
    run: list[GivenDose] = []
    for dose in doses:
        if run and not _continues(run, dose):
            stretches.append(_stretch(run, origin))
            run = []
        run.append(dose)
    if run:
        stretches.append(_stretch(run, origin))
    return tuple(stretches)


def _continues(run: list[GivenDose], dose: GivenDose) -> bool:
    if dose.mg != run[-1].mg or dose.at <= run[-1].at:
        return False
    return len(run) == 1 or dose.at - run[-1].at == run[1].at - run[0].at


def _stretch(run: list[GivenDose], origin: datetime) -> DoseStretch:
    interval_h = (run[1].at - run[0].at) / _HOUR if len(run) > 1 else 24.0
    return DoseStretch((run[0].at - origin) / _HOUR, float(run[0].mg), interval_h, len(run))


def _interval(prescription: Prescription) -> timedelta:
    return timedelta(hours=24 // prescription.times_a_day)


def _due_times(prescription: Prescription, end: datetime) -> Iterator[datetime]:
    """Yield when doses are due, by the clock of the prescription's zone, before an end."""
    zone = zone_of(prescription.since.zone)
    local = prescription.since.local.replace(tzinfo=None)
    interval = _interval(prescription)
    due = prescription.since.utc
    while due < end:
        yield due
        local += interval
        due = local.replace(tzinfo=zone).astimezone(UTC)


def _due(record: Record, until: Moment) -> list[_Due]:
    """Return the doses due before a moment but those missed or held, in the order of time."""
    due: list[_Due] = []
    for course in courses(record):
        prescription = course.prescription.entry
        end = until if course.until is None else min(until, course.until)
        half = _interval(prescription) / 2
        due += [
            _Due(at, prescription.dose_mg, half, at) for at in _due_times(prescription, end.utc)
        ]
    due = _without_missed(record, due)
    for loading in loading_doses(record):
        since = loading.entry.since
        if since < until:
            due.append(_Due(since.utc, loading.entry.dose_mg, timedelta(hours=12), since.utc))
    return sorted(due, key=lambda each: each.at)


def _without_missed(record: Record, due: list[_Due]) -> list[_Due]:
    """Return the doses without those held, and without the one nearest to each missed one.

    A dose due at the very end of a hold is left out, too, unless a level tells that it was given.
    """
    told = {each.entry.last_dose.utc for each in record.standing(Level) if each.entry.last_dose}
    left_out = set()
    for missed in (each.entry for each in record.standing(MissedDose)):
        if missed.until is not None:
            since, end = missed.at.utc, missed.until.utc
            left_out |= {
                place
                for place, dose in enumerate(due)
                if since <= dose.at <= end and not (dose.at == end and end in told)
            }
        elif (place := _nearest(due, missed.at.utc)) is not None:
            left_out.add(place)
    return [dose for place, dose in enumerate(due) if place not in left_out]


def _nearest(due: list[_Due], at: datetime) -> int | None:
    """Return the place of the dose due nearest to a time; of two as near, the earlier one.

    None where none is due within half its interval.
    """
    place = bisect_left(due, at, key=lambda each: each.at)
    near = [
        each for each in (place - 1, place)
        if 0 <= each < len(due) and -due[each].half <= due[each].at - at < due[each].half
    ]  # fmt: skip
    return min(near, key=lambda each: abs(due[each].at - at), default=None)


def _as_told(record: Record, due: list[_Due]) -> list[_Due]:
    """Return the doses with when they were given, corrected by what the levels tell."""
    told = list(due)
    for recorded in record.standing(Level):
        level = recorded.entry
        if level.last_dose is None:
            continue
        last, sampled = level.last_dose.utc, level.sampled.utc
        nearest = _nearest(due, last)
        if nearest is not None:
            told[nearest] = replace(told[nearest], given=last)
        first = bisect_right(due, last, key=lambda each: each.at)
        for place in range(first, bisect_left(due, sampled, key=lambda each: each.at)):
            if place != nearest:
                waited = sampled - due[place].at < due[place].half
                told[place] = replace(due[place], given=sampled if waited else None)
    return told
