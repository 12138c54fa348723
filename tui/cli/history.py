"""`sirolimus history`: every change of a patient's record."""

import argparse
from typing import TYPE_CHECKING

from tui.cli.output import ExitCode, print_json
from tui.cli.plain_mode import pages_are_plain
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("history", help=summary)
    parser.add_argument("record_number", metavar="M", help="the patient's record number")
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the audit trail of one patient."""
    from monitoring.record.audit_lines import history  # noqa: PLC0415 - used here only

    record = open_chosen(options).store.find(options.record_number)
    lines = history(record)
    if options.json:
        print_json([{"number": e.number, "at": e.at, "by": e.by, "what": e.what} for e in lines])
        return ExitCode.DONE
    from tui.cli.page import print_facts  # noqa: PLC0415 - JSON needs no page

    for line in lines:
        if pages_are_plain():
            facts = (("what", line.what), ("by", line.by), ("at", line.at))
            print_facts(f"Change {line.number}", facts)
        else:
            print(f"{line.number}. {line.at} {line.by}: {line.what}")
    return ExitCode.DONE
