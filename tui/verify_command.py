"""`sirolimus verify`: every entry checked against the audit trail."""

import argparse
from typing import TYPE_CHECKING

from tui.exit_codes import ExitCode
from tui.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("verify", help=summary)
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Walk the trail; exit with 1 where something is wrong."""
    from monitoring.store.verify import verify  # noqa: PLC0415 - the database is heavy

    found = verify(open_chosen(options).store.engine)
    for finding in found.findings:
        print(f"{finding.where}: {finding.what}")
    if found.is_whole:
        print(f"All {found.changes} changes are whole. Head {found.head}.")
    return ExitCode.DONE if found.is_whole else ExitCode.FAULT
