"""Adverse events that say "held" or "stopped" while nothing else in the record answers them."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment.dosing_period import DosingPeriod
from monitoring.treatment.omitted_doses import OmittedDoses

UnansweredEvents = tuple[StoredEntry[AdverseEvent], ...]


def unanswered_events(
    record: Record,
    periods: Sequence[DosingPeriod],
    holds: Sequence[OmittedDoses],
    moment: Moment,
) -> UnansweredEvents:
    """Return the events up to a moment whose hold or stop the doses do not show, the newest first.

    An event before the first dose or after the last one asks nothing.
    """
    events = sorted(record.active(AdverseEvent), key=lambda each: each.entry.since, reverse=True)
    return tuple(
        each
        for each in events
        if says_held_or_stopped(each)
        and each.entry.since <= _day(moment)
        and any(_covers(period, each.entry.since) for period in periods)
        and not any(_answers(record, periods, holds, each, moment))
    )


def says_held_or_stopped(recorded: StoredEntry[AdverseEvent]) -> bool:
    """Return whether an event says that sirolimus was stopped, or is held as long as it lasts."""
    action = recorded.entry.action
    is_held = action is ActionTaken.HELD and recorded.ending is None
    return is_held or action is ActionTaken.STOPPED


def _covers(period: DosingPeriod, day: date) -> bool:
    return _day(period.since) <= day and (period.until is None or day <= _day(period.until))


def _answers(
    record: Record,
    periods: Sequence[DosingPeriod],
    holds: Sequence[OmittedDoses],
    recorded: StoredEntry[AdverseEvent],
    moment: Moment,
) -> Iterator[bool]:
    """Yield whether a hold, a stop or a later dose answers what the event says was done.

    A stop of the day before still answers it: people date them differently. A hold of before must
    go on beyond its day. A dose of the same day answers it if it was recorded later, as does a step
    of a plan to stop.
    """
    event = recorded.entry
    earliest = event.since - timedelta(days=1)
    yield any(
        _day(each.at) >= event.since or each.until is None or _day(each.until) > event.since
        for each in holds
    )
    yield any(
        each.until is not None and each.is_ended and _day(each.until) >= earliest
        for each in periods
    )
    yield any(
        each.entry.since <= moment
        and (
            recorded.number < each.number
            or (_day(each.entry.since) > event.since and not each.entry.is_taper_step)
        )
        for each in record.active(Prescription)
        if not each.entry.loading and event.since <= _day(each.entry.since)
    )


def _day(moment: Moment) -> date:
    return moment.local.date()
