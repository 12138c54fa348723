"""The times that a form may assume from the schedule, where nothing speaks against them."""

from datetime import date

from monitoring.record.level import Level
from monitoring.times import Moment
from monitoring.treatment.administrations import first_due_after
from monitoring.treatment.treatment_history import TreatmentHistory


def todays_trough(history: TreatmentHistory, now: Moment) -> Moment | None:
    """Return the time of today's trough: that of the one dose due today until now.

    The day is that of the zone of `now`. None where a trough cannot be assumed: without a dose, on
    hold, before the first dose, with no dose or several due today, with a dose of today that was
    missed, after a loading dose since the last dose, and where a level of today is on record.
    """
    due = history.scheduled_dose_before(now)
    if due is None or history.period_at(now) is None or history.hold_at(now) is not None:
        return None
    before = history.scheduled_dose_before(due)
    today = now.local.date()
    if before is None or _day(before, now) == today or _day(due, now) != today:
        return None
    if any(_day(each.at, now) == today and each.at <= now for each in history.not_given):
        return None
    if any(before <= each.entry.since <= now for each in history.loading_doses):
        return None
    levels = history.record.active(Level)
    return None if any(_day(each.entry.sampled, now) == today for each in levels) else due


def next_dose(history: TreatmentHistory, now: Moment) -> Moment | None:
    """Return the time of the next dose; None without a dose at `now`, and on hold."""
    if history.period_at(now) is None or history.hold_at(now) is not None:
        return None
    return history.scheduled_dose_after(now)


def next_dose_after_hold(history: TreatmentHistory, now: Moment) -> Moment | None:
    """Return the time at which the next dose would be due if doses were not held; None without one.

    The hold is ended there by a restart.
    """
    return first_due_after(history.periods, (), now)


def _day(moment: Moment, now: Moment) -> date:
    """Return the day of a moment by the clock of `now`."""
    return Moment(moment.utc, now.zone).local.date()
