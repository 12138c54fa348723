"""`sirolimus export`: all records as JSON and CSV, for use without this program."""

import argparse
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from tui.cli.output import ExitCode
from tui.cli.records import (
    add_plain_option,
    add_records_options,
    open_chosen,
    require_plain,
)

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("export", help=summary)
    parser.add_argument("folder", metavar="FOLDER", help="a new folder")
    add_plain_option(parser)
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Write all records."""
    from monitoring.exchange.export import export  # noqa: PLC0415 - the database is heavy

    store = open_chosen(options).store
    require_plain(store, options, "an export", "back up instead")
    written = export(store.engine, path_of(options.folder).absolute())
    print(f"Exported {count_of(written, 'change')} to {escaped(options.folder)}.")
    return ExitCode.DONE
