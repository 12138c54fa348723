"""`sirolimus export`: all records as JSON and CSV, for use without this program."""

import argparse
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("export", help=summary)
    parser.add_argument("folder", metavar="FOLDER", help="a new folder")
    parser.add_argument(
        "--plain", action="store_true", help="export encrypted records, too: the files are plain"
    )
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Write all records."""
    from monitoring.exchange.export import export  # noqa: PLC0415 - the database is heavy
    from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - as above

    engine = open_chosen(options).store.engine
    if is_encrypted(engine) and not options.plain:
        raise UserError(
            "These records are encrypted and an export is not. Give --plain, or back up instead."
        )
    written = export(engine, path_of(options.folder).absolute())
    print(f"Exported {count_of(written, 'change')} to {escaped(options.folder)}.")
    return ExitCode.DONE
