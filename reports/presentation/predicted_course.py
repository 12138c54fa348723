"""A predicted course by its troughs and peaks, for the charts of screen and paper.

A curve of two doses a day over weeks is a solid slab on any chart. Drawn are the troughs, which the
target is for, with their 90 % band, and the peaks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from dosing import TargetTrough
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.recommendation.forecast import FittedForecast
    from monitoring.treatment import TreatmentHistory

_EVERY = timedelta(hours=1)
"""The distance of the moments at which a peak is looked for."""
_LONGEST_RISE = timedelta(hours=6)
"""No peak is looked for later after a dose."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """A concentration at a moment, in UTC and ng/mL."""

    at: datetime
    ng_ml: float


@dataclass(frozen=True, slots=True)
class CourseTrough(CoursePoint):
    """The true trough before a dose with its 90 % band; without doses the level once a day."""

    low_ng_ml: float
    high_ng_ml: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedCourse:
    """The predicted troughs and peaks between two moments, in order of time."""

    since: Moment
    until: Moment
    now: Moment
    troughs: tuple[CourseTrough, ...]
    peaks: tuple[CoursePoint, ...]
    target: TargetTrough

    @property
    def highest(self) -> tuple[float, ...]:
        """The levels that a chart of it must hold, in ng/mL."""
        return (
            *(each.high_ng_ml for each in self.troughs),
            *(each.ng_ml for each in self.peaks),
        )


def predicted_course(
    answer: "FittedForecast", history: "TreatmentHistory", now: Moment, since: Moment
) -> PredictedCourse | None:
    """Return the course on the current dose from a moment to the last forecast trough.

    None without a current dose, or where that moment is not before the last trough.
    """
    if not answer.troughs or answer.troughs[-1].at.utc <= since.utc:
        return None
    return course_between(answer, history, now, (since, answer.troughs[-1].at))


def coming_troughs(answer: "FittedForecast", now: Moment) -> PredictedCourse | None:
    """Return the forecast troughs, one a day, as a course without peaks; None without a dose."""
    if not answer.troughs:
        return None
    return PredictedCourse(
        since=now,
        until=answer.troughs[-1].at,
        now=now,
        troughs=tuple(
            CourseTrough(
                each.at.utc, each.forecast.ng_ml, each.forecast.low_ng_ml, each.forecast.high_ng_ml
            )
            for each in answer.troughs
        ),
        peaks=(),
        target=answer.target,
    )


def course_between(
    answer: "FittedForecast",
    history: "TreatmentHistory",
    now: Moment,
    ends: tuple[Moment, Moment],
) -> PredictedCourse:
    """Return the course between two moments; without doses the level once a day is the trough."""
    from dosing.pharmacokinetics import curve  # noqa: PLC0415 - heavy: it needs numpy

    since, until = ends
    given = history.administrations(Moment(until.utc + _DAY, until.zone))
    doses = sorted({each.at for each in given})
    longest = max([_DAY, *(each.interval for each in history.periods)])
    troughs = tuple(trough_times(doses, longest, (since.utc, until.utc)))
    rises = ((dose, _end_of_rise(dose, following)) for dose, following in _with_next(doses))
    near = [
        (dose, end)
        for dose, end in rises
        if since.utc <= dose and end <= until.utc and end - dose >= _EVERY
    ]
    looked_at = {at for begin, end in near for at in _hourly(begin, end)}
    times = sorted({*troughs, *looked_at})
    hours = [(at - answer.origin) / timedelta(hours=1) for at in times]
    found = curve(answer.posterior, answer.posterior.history, hours)
    place = {at: number for number, at in enumerate(times)}
    peaks = [max(_hourly(begin, end), key=lambda at: found.ng_ml[place[at]]) for begin, end in near]
    return PredictedCourse(
        since=since,
        until=until,
        now=now,
        troughs=tuple(
            CourseTrough(
                at, found.ng_ml[place[at]], found.low_ng_ml[place[at]], found.high_ng_ml[place[at]]
            )
            for at in troughs
        ),
        peaks=tuple(CoursePoint(at, found.ng_ml[place[at]]) for at in peaks),
        target=answer.target,
    )


def trough_times(
    doses: Sequence[datetime], longest: timedelta, ends: tuple[datetime, datetime]
) -> Iterator[datetime]:
    """Yield the times of the doses between two moments, in order and different from each other.

    Where none was given for longer than the `longest` interval, the level of each such time is
    among them: it falls, and each moment is as low as a trough.
    """
    since, until = ends
    for dose, following in _with_next(doses):
        if since <= dose <= until:
            yield dose
        end = until + _EVERY if following is None else min(following, until + _EVERY)
        without = dose + longest
        while without < end:
            if since <= without:
                yield without
            without += longest


def _with_next(
    doses: Sequence[datetime],
) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield each dose with the one after it; the last one with None."""
    yield from zip_longest(doses, doses[1:])


def _end_of_rise(dose: datetime, following: datetime | None) -> datetime:
    latest = dose + _LONGEST_RISE
    return latest if following is None else min(latest, following)


def _hourly(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the hours after a dose, to the end of its rise."""
    at = begin + _EVERY
    while at <= end:
        yield at
        at += _EVERY
