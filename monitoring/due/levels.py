"""When the next trough level is due."""

from datetime import date

from dosing.knowledge.monitoring_schedule import Window
from dosing.knowledge.tdm_rules import LOADED_WITH_CHANGE
from dosing.quantities.formatting import short_date
from monitoring.due.check import Check, Due
from monitoring.due.context import DueContext, day_of
from monitoring.record.level import Level
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory


def level_check(history: DueContext) -> Due:
    """Return the next level: after a change or a load, or else by the rhythm.

    A level that was taken too early, or is not certainly a trough, settles nothing.
    """
    changed, rhythm = history.changed, history.schedule.level
    loads = [
        each.entry.since
        for each in TreatmentHistory.of(history.record).loading_doses
        if each.entry.since <= history.now
        and each.entry.since.hours_since(changed.since) >= -LOADED_WITH_CHANGE.value
    ]
    asked_since = max([changed.since, *loads])
    taken = [
        each
        for each in history.record.active(Level)
        if asked_since <= each.entry.sampled <= history.now
    ]
    settled = [day_of(each.entry.sampled) for each in taken if each.number in history.counting]
    not_counting = [
        day_of(each.entry.sampled) for each in taken if each.number not in history.counting
    ]
    if settled:
        last = max(settled)
        days, source = rhythm.next_after(last, history.start), rhythm.source
        why = f"{rhythm}; the last that counts was on {short_date(last)}"
        not_counting = [each for each in not_counting if each > last]
    else:
        days, why, source = _after_change(history, loads)
    if not_counting:
        day = short_date(max(not_counting))
        why += f"; the one on {day} does not count (too early, or no certain trough)"
    return history.due(Check.LEVEL, "trough level", days, why, source)


def _after_change(history: DueContext, loads: list[Moment]) -> tuple[tuple[date, date], str, str]:
    """Return when the level after the last change or load is taken, why, and the source.

    A load that was given with the change makes its level an earlier one; of several the last holds.
    """
    changed, schedule = history.changed, history.schedule
    is_loaded = any(
        abs(load.hours_since(changed.since)) <= LOADED_WITH_CHANGE.value for load in loads
    )
    asking: list[tuple[Window, date, str]] = [
        (schedule.level_after_load, day_of(load), "loading dose") for load in loads
    ]
    if not is_loaded:
        is_start = changed is history.treatment[0]
        asking.append(
            (schedule.first_level, history.start, "first dose")
            if is_start
            else (schedule.level_after_change, day_of(changed.since), "change of the dose")
        )
    window, day, what = max(asking, key=lambda each: each[0].after(each[1]))
    return window.after(day), f"{window} after the {what} on {short_date(day)}", window.source
