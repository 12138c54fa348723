"""The hold or the stop that an adverse event led to: recorded with it, or its command printed."""

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.entries import StopRecord
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.times import Moment, short, zone_of

if TYPE_CHECKING:
    from monitoring.record.enter import EntryResult
    from monitoring.record.entries import Record
    from monitoring.record.entry import Entry
    from monitoring.store.store import Store
    from monitoring.treatment import DosingPeriod


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option `--at`."""
    parser.add_argument(
        "--at",
        metavar="TIME",
        help="with --action held or stopped: record the hold, or the end of the dose, from then on",
    )


def check(record: "Record", entry: "Entry", options: argparse.Namespace) -> None:
    """Refuse `--at` before anything is stored, where it cannot be carried out."""
    if options.at is not None and isinstance(entry, AdverseEvent):
        _change(record, entry, Moment.read(options.at))


def carried_out(
    result: "EntryResult", store: "Store", options: argparse.Namespace
) -> Iterator[str]:
    """Yield what was recorded; without `--at` the command that is missing, if the dose goes on."""
    event, record = result.recorded.entry, result.record
    if options.at is None:
        yield from _missing(record, event)
        return
    at = Moment.read(options.at)
    change = _change(record, event, at)
    if isinstance(change, StopRecord):
        store.end(change.of, change, revision=record.revision)
        yield f"Recorded: prescription {change.of} ended {short(at)}."
    else:
        kept = store.add(record.number, change, revision=record.revision)
        yield f"Recorded: doses held from {short(at)}, until restarted (number {kept.number})."


def _change(record: "Record", event: AdverseEvent, at: Moment) -> MissedDose | StopRecord:
    """Return the open hold, or the end of the dose. Raises `UserError` where it cannot be one."""
    from monitoring.record.entry_checks import check_times  # noqa: PLC0415 - with --at only
    from monitoring.treatment import TreatmentHistory  # noqa: PLC0415 - as above

    if event.action not in {ActionTaken.HELD, ActionTaken.STOPPED}:
        raise UserError("--at is the time of --action held or stopped. Add one of them.")
    history = TreatmentHistory.of(record)
    period, hold = history.period_at(at), history.hold_at(at)
    if period is None:
        raise UserError(f"No dose is recorded at {short(at)}. Check the time, or leave out --at.")
    change: MissedDose | StopRecord
    if event.action is ActionTaken.STOPPED:
        change = _end(period, at, event)
    elif hold is not None:
        raise UserError(f"Doses are held since {short(hold.at)} already. Leave out --at.")
    else:
        change = MissedDose(at=at, kind=NotGiven.HELD, is_open=True, reason=event.term)
    check_times(change, record.patient.entry.born, Moment.now())
    return change


def _end(period: "DosingPeriod", at: Moment, event: AdverseEvent) -> StopRecord:
    number, ending = period.prescription.number, period.prescription.ending
    if ending is not None:
        raise UserError(f"The end of prescription {number} is recorded already. Leave out --at.")
    return StopRecord(of=number, at=at, reason=event.term)


def _missing(record: "Record", event: AdverseEvent) -> Iterator[str]:
    """Yield the command that records a hold or a stop, if the record shows doses going on."""
    if event.action not in {ActionTaken.HELD, ActionTaken.STOPPED}:
        return
    from dosing.knowledge.alert_catalogue import TREATMENT_CONFLICT  # noqa: PLC0415 - rarely
    from monitoring.state import state_at  # noqa: PLC0415 - as above

    state = state_at(record, Moment.now())
    period, conflict = state.period, state.conflict
    if period is None or conflict is None or conflict.code != TREATMENT_CONFLICT.code:
        return
    at = f"{_first_dose_of(event, period).local:%Y-%m-%dT%H:%M}"
    number = record.patient.entry.record_number
    if event.action is ActionTaken.HELD:
        words = ["sirolimus", "missed", "add", number, "--kind", "held", "--at", at]
    else:
        of = str(period.prescription.number)
        words = ["sirolimus", "prescription", "end", number, of, "--at", at]
    yield f"The record shows doses going on. To record it, with its time: {shlex.join(words)}"


def _first_dose_of(event: AdverseEvent, period: "DosingPeriod") -> Moment:
    """Return the first time of a dose on the day of the event, or the start of the dose."""
    clock, zone = period.since.local.time(), period.since.zone
    local = datetime.combine(event.since, clock, tzinfo=zone_of(zone))
    return max(period.since, replace(period.since, utc=local.astimezone(UTC)))
