"""`sirolimus note`: anything else that should be remembered."""

import argparse
from typing import TYPE_CHECKING

from dosing import read_date
from monitoring.record.entries import Recorded
from monitoring.record.note import Note
from tui.exit_codes import ExitCode
from tui.records import (
    add_list_and_void,
    add_records_options,
    today,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("note", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("text", metavar="TEXT")
    add.add_argument("--on", metavar="DATE", help="year-month-day (default: today)")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(actions, Note, describe, "note")


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down."""
    entry = Note(on=read_date(options.on) if options.on else today(), text=options.text)
    return write_down(options, entry, "Note", f"of {entry.on}")


def describe(entry: Recorded[Note]) -> dict[str, object]:
    """Return the columns of one."""
    return {"on": str(entry.entry.on), "text": entry.entry.text}
