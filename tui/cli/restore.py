"""`sirolimus restore`: the records replaced with a backup, which is verified first."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from tui.cli.output import ExitCode
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from tui.cli.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("restore", help=summary)
    parser.add_argument("file", metavar="FILE", help="a backup")
    add_records_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Replace the records; a backup of the earlier ones is kept."""
    from monitoring.store.backup import restore  # noqa: PLC0415 - the database is heavy

    records = open_chosen(options, create=True)
    restored, kept = restore(records.store.engine, records.place, Path(options.file).absolute())
    changes = count_of(restored.changes, "change")
    print(f"Restored {changes}; verified. Head {restored.head}.")
    if kept:
        print(f"The earlier records are kept in {kept}.")
    return ExitCode.DONE
