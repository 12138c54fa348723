"""Restarting: the end of holds, by the restart or by the end of one of them.

A last dose that a level reports while doses are held asks whether it was the restart.
"""

from dataclasses import dataclass

from dosing import Alerts, UserError
from monitoring.record.entries import Record, StopRecord, StoredEntry
from monitoring.record.entry_checks import check_times
from monitoring.record.kinds import check_ending
from monitoring.record.level import Level
from monitoring.record.prescription import MissedDose
from monitoring.state import restart_safety, state_at
from monitoring.times import Moment, short
from monitoring.treatment import OmittedDoses, TreatmentHistory
from monitoring.treatment.usual_times import next_dose_after_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRestart:
    """The ends of holds at a moment, checked against the record."""

    at: Moment
    holds: tuple[StoredEntry[MissedDose], ...]
    endings: tuple[StopRecord, ...]
    """The end of each hold, in the same order."""
    alerts: Alerts
    dose: str
    """The dose that is given again and the next to come; empty where none is prescribed then."""

    @property
    def stopped(self) -> bool:
        """Return whether something forbids the restart: only a prescription may override it."""
        return bool(self.alerts.blocking_codes)


def check_restart(record: Record, at: Moment, now: Moment, reason: str = "") -> CheckedRestart:
    """Return the end of every hold at a moment. Raises `UserError` where nothing is held then."""
    history = TreatmentHistory.of(record)
    held = tuple(each.recorded for each in history.holds if each.holds_at(at))
    if not held:
        raise UserError(_not_held(history, at))
    return _checked(record, held, at, now, reason)


def check_end_of_hold(
    record: Record, hold: StoredEntry[MissedDose], at: Moment, now: Moment, reason: str = ""
) -> CheckedRestart:
    """Return the end of one hold at a moment. Raises `UserError` for one before its beginning."""
    return _checked(record, (hold,), at, now, reason)


def hold_at_last_dose(record: Record, level: Level) -> OmittedDoses | None:
    """Return the hold during which somebody says that the last dose before a level was given.

    None for a last dose that is assumed, or not known.
    """
    last = level.last_dose
    if last is None or level.last_dose_assumed:
        return None
    return TreatmentHistory.of(record).hold_at(last)


def _checked(
    record: Record,
    held: tuple[StoredEntry[MissedDose], ...],
    at: Moment,
    now: Moment,
    reason: str,
) -> CheckedRestart:
    next_dose = next_dose_after_hold(TreatmentHistory.of(record), now)
    endings = tuple(StopRecord(of=each.number, at=at, reason=reason) for each in held)
    for hold, ending in zip(held, endings, strict=True):
        check_ending(hold.entry, ending)
        check_times(ending, record.patient.entry.born, now, planned_until=next_dose)
    state = state_at(record, at)
    dose = state.prescription
    return CheckedRestart(
        at=at,
        holds=held,
        endings=endings,
        alerts=restart_safety(record, at),
        dose=", ".join(filter(None, (str(dose), state.coming))) if dose else "",
    )


def _not_held(history: TreatmentHistory, at: Moment) -> str:
    """Return that nothing is held, and what to do."""
    words = f"No doses are held at {short(at)}."
    later = [each for each in history.holds if at < each.at]
    if later:
        return f"{words} They are held from {short(later[0].at)}. Check the time."
    if history.holds:
        last = history.holds[-1]
        end = f" until {short(last.until)}" if last.until else ""
        return f"{words} The last hold was from {short(last.at)}{end}. Check the time."
    return f"{words} Record the hold first."
