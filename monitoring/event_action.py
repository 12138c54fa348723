"""The hold or the stop that an adverse event led to, recorded together with it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.entries import Record, StopRecord
from monitoring.record.entry_checks import check_times
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.times import Moment, short, zone_of
from monitoring.treatment import DosingPeriod, TreatmentHistory

if TYPE_CHECKING:
    from monitoring.store.store import Store

PAUSING = frozenset({ActionTaken.HELD, ActionTaken.STOPPED})
"""The actions after which no dose is given."""

DoseChange = MissedDose | StopRecord


def change_after(record: Record, event: AdverseEvent, at: Moment, now: Moment) -> DoseChange:
    """Return the open hold, or the end of the dose. Raises `UserError` where it cannot be one."""
    if event.action not in PAUSING:
        raise UserError("A time needs the action held or stopped. Choose one of them.")
    history = TreatmentHistory.of(record)
    period, hold = history.period_at(at), history.hold_at(at)
    if period is None:
        raise UserError(
            f"No dose is recorded at {short(at)}. Check the time of the action, or leave it out."
        )
    change: DoseChange
    if event.action is ActionTaken.STOPPED:
        change = _end(period, at, event)
    elif hold is not None:
        raise UserError(
            f"Doses are held since {short(hold.at)} already. Leave out the time of the action."
        )
    else:
        change = MissedDose(at=at, kind=NotGiven.HELD, is_open=True, reason=event.term)
    check_times(change, record.patient.entry.born, now)
    return change


def _end(period: DosingPeriod, at: Moment, event: AdverseEvent) -> StopRecord:
    number, ending = period.prescription.number, period.prescription.ending
    if ending is not None:
        raise UserError(
            f"The end of prescription {number} is recorded already. Leave out the time of the "
            "action."
        )
    return StopRecord(of=number, at=at, reason=event.term)


def is_change_missing(record: Record, action: ActionTaken, now: Moment) -> bool:
    """Return whether doses go on in the record, although the action says that they do not."""
    if action not in PAUSING:
        return False
    history = TreatmentHistory.of(record)
    period = history.period_at(now)
    if period is None or period.prescription.ending is not None:
        return False
    return action is ActionTaken.STOPPED or history.hold_at(now) is None


def store_change(store: "Store", record: Record, change: DoseChange) -> str:
    """Store the hold or the end, and return what was recorded.

    Raises `ConflictError` where somebody else changed the record since it was read.
    """
    if isinstance(change, StopRecord):
        store.end(change.of, change, revision=record.revision)
        return f"{change_words(change)}."
    kept = store.add(record.number, change, revision=record.revision)
    return f"{change_words(change)} (number {kept.number})."


def change_words(change: DoseChange) -> str:
    """Return the hold or the end in words."""
    if isinstance(change, StopRecord):
        return f"prescription {change.of} ended {short(change.at)}" if change.at else ""
    return f"doses held from {short(change.at)}, until restarted"


def first_dose_on(record: Record, day: date, now: Moment) -> Moment | None:
    """Return the first time of the present dose on a day; None without a dose."""
    period = TreatmentHistory.of(record).period_at(now)
    return first_dose_of(day, period) if period else None


def first_dose_of(day: date, period: DosingPeriod) -> Moment:
    """Return the first time of a dose on a day, or the start of the dose."""
    clock, zone = period.since.local.time(), period.since.zone
    local = datetime.combine(day, clock, tzinfo=zone_of(zone))
    return max(period.since, replace(period.since, utc=local.astimezone(UTC)))
