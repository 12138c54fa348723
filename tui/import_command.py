"""`sirolimus import`: an export taken over into empty records."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui.exit_codes import ExitCode
from tui.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("import", help=summary)
    parser.add_argument("folder", metavar="FOLDER", help="an export")
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Take an export over, all or nothing."""
    from monitoring.exchange.export import import_export  # noqa: PLC0415 - the database is heavy

    taken = import_export(open_chosen(options).store.engine, Path(options.folder).absolute())
    print(f"Imported {taken.changes} changes; verified. Head {taken.head}.")
    return ExitCode.DONE
