"""`sirolimus backup`: a verified copy of the records."""

import argparse
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("backup", help=summary)
    parser.add_argument("file", metavar="FILE", help="a new file")
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Copy the records, and print the number of changes and the head."""
    from monitoring.store.backup import back_up  # noqa: PLC0415 - the database is heavy

    made = back_up(open_chosen(options).store.engine, path_of(options.file).absolute())
    changes = count_of(made.changes, "change")
    print(f"Backed up {changes} to {escaped(options.file)}; verified. Head {made.head}.")
    return ExitCode.DONE
