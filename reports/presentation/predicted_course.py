"""A predicted course by its troughs and peaks, for the charts of screen and paper.

A curve of two doses a day over weeks is a solid slab on any chart. Drawn are the troughs, which the
target is for, with their 90 % band, and the peaks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from dosing import TargetTrough
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.recommendation.forecast import FittedForecast
    from monitoring.treatment import TreatmentHistory

_EVERY = timedelta(hours=1)
"""The distance of the moments at which a peak is looked for."""
_LONGEST_RISE = timedelta(hours=8)
"""A peak comes no later after a dose."""
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
    return course_between(answer, history, now, since, answer.troughs[-1].at)


def course_between(
    answer: "FittedForecast",
    history: "TreatmentHistory",
    now: Moment,
    since: Moment,
    until: Moment,
) -> PredictedCourse:
    """Return the course between two moments; without doses the level once a day is the trough."""
    from dosing.pharmacokinetics import curve  # noqa: PLC0415 - heavy: it needs numpy

    doses = [each.at for each in history.administrations(Moment(until.utc + _DAY, until.zone))]
    troughs = tuple(_trough_times(doses, since.utc, until.utc))
    rises = [(dose, _end_of_rise(dose, following)) for dose, following in pairwise([*doses, None])
             if dose is not None]  # fmt: skip
    near = [each for each in rises if since.utc <= each[0] and each[1] <= until.utc]
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


def _trough_times(
    doses: Sequence[datetime], since: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield the times of the doses, and those once a day where none was given for longer."""
    for dose, following in pairwise([*doses, None]):
        if dose is None or dose > until:
            return
        if since <= dose:
            yield dose
        end = until + _EVERY if following is None else following
        without = dose + _DAY
        while without < min(end, until + _EVERY):
            if since <= without and end - without > _DAY / 4:
                yield without
            without += _DAY


def _end_of_rise(dose: datetime, following: datetime | None) -> datetime:
    latest = dose + _LONGEST_RISE
    return latest if following is None else min(latest, following)


def _hourly(begin: datetime, end: datetime) -> Iterator[datetime]:
    at = begin
    while at <= end:
        yield at
        at += _EVERY
