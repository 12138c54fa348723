"""`sirolimus response`: whether the treatment helps, and by what it was judged."""

import argparse
from typing import TYPE_CHECKING

from dosing import read_date
from monitoring.record.entries import Recorded
from monitoring.record.response import Criterion, Response
from tui.exit_codes import ExitCode
from tui.records import (
    add_list_and_void,
    add_records_options,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("response", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("--on", required=True, metavar="DATE", help="year-month-day")
    add.add_argument("--criterion", required=True, choices=[each.value for each in Criterion])
    add.add_argument("--improved", required=True, choices=["yes", "no"])
    add.add_argument("--text", default="", help="anything else")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(actions, Response, describe, "response")


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down."""
    entry = Response(
        on=read_date(options.on),
        criterion=Criterion(options.criterion),
        improved=options.improved == "yes",
        text=options.text,
    )
    return write_down(options, entry, "Response", f"{options.improved} on {entry.on}")


def describe(entry: Recorded[Response]) -> dict[str, object]:
    """Return the columns of one."""
    response = entry.entry
    return {
        "on": str(response.on),
        "criterion": response.criterion.value,
        "improved": response.improved,
        "text": response.text or None,
    }
