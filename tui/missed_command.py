"""`sirolimus missed`: doses that were missed or held."""

import argparse
from typing import TYPE_CHECKING

from monitoring.record.entries import Recorded
from monitoring.record.prescription import MissedDose, NotGiven
from tui.exit_codes import ExitCode
from tui.records import (
    add_list_and_void,
    add_records_options,
    moment,
    write_down,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("missed", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write one down")
    add.add_argument("record_number", metavar="M", help="the patient's record number")
    add.add_argument("--at", required=True, metavar="TIME", help="when it was due")
    add.add_argument("--kind", choices=[kind.value for kind in NotGiven], default="missed")
    add.add_argument("--until", metavar="TIME", help="until when doses were held")
    add.add_argument("--reason", default="")
    add_records_options(add)
    add.set_defaults(run=run_add)
    add_list_and_void(
        actions, MissedDose, describe, "missed dose", order=lambda each: each.entry.at
    )


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write it down."""
    entry = MissedDose(
        at=moment(options.at),
        kind=NotGiven(options.kind),
        until=moment(options.until) if options.until else None,
        reason=options.reason,
    )
    return write_down(options, entry, "Missed dose", entry.at)


def describe(entry: Recorded[MissedDose]) -> dict[str, object]:
    """Return the columns of one."""
    missed = entry.entry
    return {
        "at": str(missed.at),
        "kind": missed.kind.value,
        "until": str(missed.until) if missed.until else None,
        "reason": missed.reason or None,
    }
