"""What treatment was in force at a moment: the dose, since when, and the drugs beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest

from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, Recorded
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.times import Moment, zone_of


@dataclass(frozen=True, slots=True)
class Course:
    """A maintenance dose as it was really in force: from its beginning to its end.

    `until` is when the next one began or it was ended, or None where it still holds. `is_change`
    tells whether dose, times a day or product differ from what was in force just before.
    """

    prescription: Recorded[Prescription]
    until: Moment | None
    is_change: bool

    @property
    def since(self) -> Moment:
        """When it began."""
        return self.prescription.entry.since

    def holds_at(self, moment: Moment) -> bool:
        """Return whether it was in force; at its beginning it is, at its end it is not."""
        return self.since <= moment and (self.until is None or moment < self.until)


def courses(record: Record) -> tuple[Course, ...]:
    """Return the maintenance doses that stand, in the order they were in force.

    Of two that begin at the same moment the one written down last holds, the other never did.
    """
    ordered = sorted(
        (each for each in record.standing(Prescription) if not each.entry.loading),
        key=lambda each: (each.entry.since, each.number),
    )
    found: list[Course] = []
    for each, following in zip_longest(ordered, ordered[1:]):
        began = each.entry.since
        ends = [following.entry.since] if following else []
        if each.ending and each.ending.entry.at:
            ends.append(each.ending.entry.at)
        until = min(ends, default=None)
        if until is not None and until <= began:
            continue
        before = found[-1] if found else None
        goes_on = before is not None and before.until is not None and before.until >= began
        is_change = not (before and goes_on and _same_dose(before.prescription.entry, each.entry))
        found.append(Course(each, until, is_change))
    return tuple(found)


def _same_dose(one: Prescription, other: Prescription) -> bool:
    return (one.dose_mg, one.times_a_day, one.product) == (
        other.dose_mg,
        other.times_a_day,
        other.product,
    )


def course_at(record: Record, moment: Moment) -> Course | None:
    """Return the dose in force at a moment, or None."""
    return next((each for each in courses(record) if each.holds_at(moment)), None)


def course_before(record: Record, moment: Moment) -> Course | None:
    """Return the dose that a new one from a moment on would follow, also where it just ended."""
    held = (
        each
        for each in courses(record)
        if each.since <= moment and (each.until is None or moment <= each.until)
    )
    return max(held, key=lambda each: each.since, default=None)


def last_change(record: Record, moment: Moment) -> Moment | None:
    """Return when the dose in force at a moment was last changed or begun; None without one."""
    if course_at(record, moment) is None:
        return None
    return max(each.since for each in courses(record) if each.is_change and each.since <= moment)


def loading_doses(record: Record) -> tuple[Recorded[Prescription], ...]:
    """Return the loading doses that stand, in the order they were given."""
    doses = (each for each in record.standing(Prescription) if each.entry.loading)
    return tuple(sorted(doses, key=lambda each: (each.entry.since, each.number)))


def scheduled_dose_before(record: Record, moment: Moment) -> Moment | None:
    """Return when, by the schedule, the last dose before a moment was due; None without a dose.

    The times of the day are those at which the dose was begun. A dose of the moment itself comes
    after it: a trough is sampled before it. Doses written down as missed or held are left out.
    """
    missed = [each.entry for each in record.standing(MissedDose)]
    for course in reversed(courses(record)):
        for due in _times_back(course, moment):
            if not any(each.at <= due <= (each.until or each.at) for each in missed):
                return due
    return None


def _times_back(course: Course, moment: Moment) -> Iterator[Moment]:
    """Yield the times of a course before a moment, the latest first."""
    begun = course.since.local.replace(tzinfo=None)
    interval = timedelta(hours=24 // course.prescription.entry.times_a_day)
    last = moment if course.until is None else min(moment, course.until, key=lambda each: each.utc)
    shown = last.utc.astimezone(zone_of(course.since.zone)).replace(tzinfo=None)
    number = (shown - begun) // interval + 1
    while number >= 0:
        due = _at_clock(begun + number * interval, course.since.zone)
        if due < last:
            yield due
        number -= 1


def _at_clock(local: datetime, zone: str) -> Moment:
    """Return when the clocks show a time; the first time where they show it twice."""
    return Moment(local.replace(tzinfo=zone_of(zone)).astimezone(UTC), zone)


def drugs_on(record: Record, day: date) -> tuple[Recorded[CoMedication], ...]:
    """Return the drugs given beside sirolimus on a day, by when they were begun."""
    given = (
        each
        for each in record.standing(CoMedication)
        if each.entry.since <= day
        and (each.ending is None or each.ending.entry.on is None or day <= each.ending.entry.on)
    )
    return tuple(sorted(given, key=lambda each: (each.entry.since, each.number)))
