"""`sirolimus drug`: drugs given beside sirolimus."""

import argparse
from typing import TYPE_CHECKING

from dosing import read_date
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Recorded
from tui.exit_codes import ExitCode
from tui.records import (
    add_end,
    add_list_and_void,
    add_records_options,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("drug", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("drug", metavar="DRUG")
    add.add_argument("--from", dest="since", required=True, metavar="DATE", help="year-month-day")
    add.add_argument("--to", dest="until", metavar="DATE", help="its last day, if it is over")
    add.add_argument("--text", default="", help="anything else, such as the dose")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(actions, CoMedication, describe, "drug")
    add_end(actions, CoMedication, "drug", day=True)


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down."""
    entry = CoMedication(drug=options.drug, since=read_date(options.since), text=options.text)
    ended = read_date(options.until) if options.until else None
    return write_down(options, entry, "Drug", f"{entry.drug} from {entry.since}", ended_on=ended)


def describe(entry: Recorded[CoMedication]) -> dict[str, object]:
    """Return the columns of one."""
    drug = entry.entry
    return {
        "drug": drug.drug,
        "from": str(drug.since),
        "to": str(entry.ending.entry.on) if entry.ending else None,
        "text": drug.text or None,
    }
