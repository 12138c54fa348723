"""`sirolimus restart`: held doses are given again."""

import argparse
import shlex
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.restarting import check_restart
from monitoring.times import Moment, short
from monitoring.treatment import TreatmentHistory
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, open_chosen, print_alerts
from tui.cli.typed_times import typed_moment

if TYPE_CHECKING:
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
    at = typed_moment(options.at, "Given from", may_be_ahead=True)
    store = open_chosen(options).store
    record = store.find(options.record_number)
    if not TreatmentHistory.of(record).holds:
        number = record.patient.entry.record_number
        add = shlex.join(["sirolimus", "missed", "add", number, "--kind", "held", "--at", "TIME"])
        raise UserError(f"No doses are held at {short(at)}. Record the hold first: {add}")
    restart = check_restart(record, at, Moment.now(), options.reason)
    print_alerts(restart.alerts)
    if restart.stopped:
        print("Nothing was stored. Restart it with sirolimus prescribe, --override and --by.")
        return ExitCode.STOPPED
    for hold, ending in zip(restart.holds, restart.endings, strict=True):
        store.end(ending.of, ending)
        since = short(hold.entry.at)
        print(f"Recorded: doses held from {since} are given again from {short(at)}.")
    if restart.dose:
        print(f"The dose is {restart.dose}.")
    else:
        print("No dose is prescribed then. Record it with sirolimus prescribe.")
    return ExitCode.DONE
