"""The time from the first dose to the first assessment with an improvement."""

from dataclasses import dataclass
from datetime import date

from monitoring.record.entries import Record
from monitoring.record.response import Response
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory


@dataclass(frozen=True, slots=True)
class TimeToResponse:
    """The days from the first dose to the response, or without one to the end of follow-up."""

    days: int
    responded: bool


def time_to_response(record: Record, now: Moment) -> TimeToResponse | None:
    """Return the time to response; None without treatment, or without an assessment since then.

    Without an improvement the time ends at the last assessment, or at the end of the treatment if
    that came first: a later improvement is not its effect. A treatment begins with the first dose
    ever and ends with the last one, with any pauses between.
    """
    given = TreatmentHistory.of(record).periods_begun_by(now)
    if not given:
        return None
    start, last = given[0].since.local.date(), given[-1].until
    end = now.local.date() if last is None or now < last else last.local.date()
    assessed = sorted(
        (each.entry.on, each.entry.improved)
        for each in record.active(Response)
        if start <= each.entry.on <= now.local.date()
    )
    if not assessed:
        return None
    improved = next((day for day, is_better in assessed if is_better and day <= end), None)
    return _until(start, improved or min(assessed[-1][0], end), responded=improved is not None)


def _until(start: date, day: date, *, responded: bool) -> TimeToResponse:
    return TimeToResponse((day - start).days, responded)
