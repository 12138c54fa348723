"""Which doses were really given, and when, as the record tells it: what kinetics calculates with.

By the schedule a dose is given at the times of the day at which the prescription began. Doses
written down as missed or held are left out. A level that tells when the last dose before it was
given corrects the schedule: that dose is moved to the time told, and one that was due between it
and the sample was given after the sample.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
class Gap:
    """A time between two prescriptions in which no dose is on record."""

    since: Moment
    until: Moment


def doses_given(record: Record, until: Moment) -> tuple[GivenDose, ...]:
    """Return the doses up to a moment, in the order of time."""
    found: list[GivenDose] = []
    told = [each.entry for each in record.standing(Level) if each.entry.last_dose and each.stands]
    missed = [each.entry for each in record.standing(MissedDose)]
    for course in courses(record):
        end = until if course.until is None else min(until, course.until)
        prescription = course.prescription.entry
        half = _interval(prescription) / 2
        due = [
            at
            for at in _due_times(prescription, end.utc)
            if not any(_was_missed(each, at, half) for each in missed)
        ]
        due = _as_told(due, told, half)
        found += [GivenDose(at, prescription.dose_mg) for at in due]
    for loading in loading_doses(record):
        if loading.entry.since <= until:
            found.append(GivenDose(loading.entry.since.utc, loading.entry.dose_mg))
    return tuple(sorted(found, key=lambda each: each.at))


def next_doses(record: Record, now: Moment, days: int) -> tuple[GivenDose, ...]:
    """Return the doses of the prescription in force that are due from a moment on."""
    until = Moment(now.utc + timedelta(days=days), now.zone)
    return tuple(each for each in doses_given(record, until) if each.at >= now.utc)


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


def _was_missed(missed: MissedDose, due: datetime, half: timedelta) -> bool:
    """Return whether a dose was held, or is the one nearest to a dose written down as missed."""
    if missed.until is not None:
        return missed.at.utc <= due <= missed.until.utc
    return -half <= due - missed.at.utc < half


def _as_told(due: list[datetime], levels: list[Level], half: timedelta) -> list[datetime]:
    """Return the times, corrected by what the levels tell of the dose before them."""
    given = list(due)
    for level in levels:
        last_dose = level.last_dose
        if last_dose is None or not due:
            continue
        told, sampled = last_dose.utc, level.sampled.utc
        place = bisect_left(due, told)
        near = [each for each in (place - 1, place) if 0 <= each < len(due)]
        nearest = min(near, key=lambda each: abs(due[each] - told))
        if abs(due[nearest] - told) < half:
            given[nearest] = told
            place = nearest + 1
        for later in range(place, len(due)):
            if due[later] >= sampled:
                break
            if due[later] > told:
                given[later] = sampled
    return given
