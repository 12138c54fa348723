"""`sirolimus restart`: held doses are given again."""

import argparse
import shlex
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.record.entries import StopRecord
from monitoring.record.entry_checks import check_times
from monitoring.state import restart_safety
from monitoring.times import Moment, short
from monitoring.treatment import TreatmentHistory
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, open_chosen, print_alerts

if TYPE_CHECKING:
    from monitoring.record.entries import Record
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("restart", help=summary)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    parser.add_argument("--at", required=True, metavar="TIME", help="time of the first dose again")
    parser.add_argument("--reason", default="", help="why it is restarted")
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """End the holds at a moment: the dose at that time is given."""
    at = Moment.read(options.at)
    store = open_chosen(options).store
    record = store.find(options.record_number)
    history = TreatmentHistory.of(record)
    held = [each for each in history.holds if each.holds_at(at)]
    if not held:
        raise UserError(_not_held(record, history, at))
    alerts = restart_safety(record, at)
    print_alerts(alerts)
    if alerts.blocking_codes:
        print("Nothing was stored. Restart it with sirolimus prescribe, --override and --by.")
        return ExitCode.STOPPED
    for hold in held:
        ending = StopRecord(of=hold.recorded.number, at=at, reason=options.reason)
        check_times(ending, record.patient.entry.born, Moment.now())
        store.end(ending.of, ending)
        print(f"Recorded: doses held from {short(hold.at)} are given again from {short(at)}.")
    period = history.period_at(at)
    if period is None:
        print("No dose is prescribed then. Record it with sirolimus prescribe.")
    else:
        print(f"The dose is {period.prescription.entry}.")
    return ExitCode.DONE


def _not_held(record: "Record", history: TreatmentHistory, at: Moment) -> str:
    """Return that nothing is held, and what to do."""
    words = f"No doses are held at {short(at)}."
    later = [each for each in history.holds if at < each.at]
    if later:
        return f"{words} They are held from {short(later[0].at)}. Check the time."
    if history.holds:
        last = history.holds[-1]
        end = f" until {short(last.until)}" if last.until else ""
        return f"{words} The last hold was from {short(last.at)}{end}. Check the time."
    number = record.patient.entry.record_number
    add = shlex.join(["sirolimus", "missed", "add", number, "--kind", "held", "--at", "TIME"])
    return f"{words} Record the hold first: {add}"
