"""The hold or the stop that an adverse event led to: recorded with it, or its command printed."""

import argparse
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.times import Moment
from tui.cli.typed_times import typed_moment

if TYPE_CHECKING:
    from monitoring.record.enter import EntryResult
    from monitoring.record.entries import Record
    from monitoring.record.entry import Entry
    from monitoring.store.store import Store


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option `--at`."""
    parser.add_argument(
        "--at",
        metavar="TIME",
        help="with --action held or stopped: record the hold, or the end of the dose, from then on",
    )


def check(record: "Record", entry: "Entry", options: argparse.Namespace) -> None:
    """Refuse `--at` before anything is stored, where it cannot be carried out."""
    if options.at is None or not isinstance(entry, AdverseEvent):
        return
    from monitoring.event_action import PAUSING, change_after  # noqa: PLC0415 - with --at only

    if entry.action not in PAUSING:
        raise UserError("--at is the time of --action held or stopped. Add one of them.")
    at = typed_moment(options.at, "No dose from")
    change_after(record, entry, at, Moment.now())
    options.at = str(at)  # the shorthand of this minute, for what follows


def carried_out(
    result: "EntryResult", store: "Store", options: argparse.Namespace
) -> Iterator[str]:
    """Yield what was recorded; without `--at` the command that is missing, if the dose goes on."""
    event, record = result.recorded.entry, result.record
    if options.at is None:
        yield from _missing(record, event)
        return
    from monitoring.event_action import change_after, store_change  # noqa: PLC0415 - as above

    change = change_after(record, event, Moment.read(options.at), Moment.now())
    yield f"Recorded: {store_change(store, record, change)}"


def _missing(record: "Record", event: AdverseEvent) -> Iterator[str]:
    """Yield the command that records a hold or a stop, if the record shows doses going on."""
    if event.action not in {ActionTaken.HELD, ActionTaken.STOPPED}:
        return
    from dosing.knowledge.alert_catalogue import TREATMENT_CONFLICT  # noqa: PLC0415 - rarely
    from monitoring.event_action import first_dose_of  # noqa: PLC0415 - as above
    from monitoring.state import state_at  # noqa: PLC0415 - as above

    state = state_at(record, Moment.now())
    period, conflict = state.period, state.conflict
    if period is None or conflict is None or conflict.code != TREATMENT_CONFLICT.code:
        return
    at = f"{first_dose_of(event.since, period).local:%Y-%m-%dT%H:%M}"
    number = record.patient.entry.record_number
    if event.action is ActionTaken.HELD:
        words = ["sirolimus", "missed", "add", number, "--kind", "held", "--at", at]
    else:
        of = str(period.prescription.number)
        words = ["sirolimus", "prescription", "end", number, of, "--at", at]
    yield f"The record shows doses going on. To record it, with its time: {shlex.join(words)}"
