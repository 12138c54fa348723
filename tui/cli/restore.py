"""`sirolimus restore`: the records replaced with a backup, which is verified first."""

import argparse
import sys
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import path_of
from tui.cli.output import ExitCode
from tui.cli.passphrase import unlock_with
from tui.cli.records import add_records_options, chosen_place, print_warning

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
    from monitoring.store.connection import engine_of, reading  # noqa: PLC0415 - as above
    from monitoring.store.known_removals import look_for_removed  # noqa: PLC0415 - as above

    unlock_with(options)
    place = chosen_place(options)
    is_new = place.file is not None and not place.file.exists()
    restored, kept = restore(place, path_of(options.file).absolute())
    if is_new:
        print(f"New records were begun at {escaped(str(place))}.", file=sys.stderr)
    changes = count_of(restored.changes, "change")
    print(f"Restored {changes}; verified. Head {restored.head}.")
    with reading(engine_of(place), "look for removed patients") as connection:
        for each in look_for_removed(connection, print_warning):
            print_warning(str(each))
    if kept:
        print(f"The earlier records are kept in {escaped(str(kept))}.")
    return ExitCode.DONE
