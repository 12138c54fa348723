"""`sirolimus recover`: what can be read of a damaged file, saved into new records."""

import argparse
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from dosing.quantities.text import escaped
from monitoring.files import home_path_of
from tui.cli.output import ExitCode

if TYPE_CHECKING:
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Saves every entry that can be read from a damaged file, with its author and
time, into new records, and lists what could not be read. The damaged file is
left unchanged. A whole backup is better: see sirolimus verify."""

_EPILOG = """\
Exit codes: 0 everything was read; 1 something could not be read; 2 nothing
could be read, or the place exists."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("recover", help=summary, description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("damaged", metavar="DAMAGED", help="the damaged file of records")
    parser.add_argument("--into", metavar="PLACE", required=True, help="a new file")
    parser.add_argument(
        "--author", metavar="NAME", help="your name (default: SIROLIMUS_USER, else the login)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Save what can be read, and print what could not; exit with 1 where there is any."""
    from monitoring.store.connection import Place  # noqa: PLC0415 - the database is heavy
    from monitoring.store.opening import author_of  # noqa: PLC0415 - as above
    from monitoring.store.recovery.recover import ranges, recover  # noqa: PLC0415 - as above
    from monitoring.times import Moment  # noqa: PLC0415 - as above

    place = Place.of(options.into)
    damaged = home_path_of(options.damaged).absolute()
    found = recover(damaged, place, author_of(options.author), Moment.now())
    saved, patients = count_of(found.saved, "change"), count_of(found.patients, "patient")
    print(f"Saved {saved} of {patients} into new records at {escaped(str(place))}; verified.")
    for loss in found.losses:
        print(f"{loss.what} {ranges(loss.numbers)}: {loss.why}")
    if not found.losses:
        print("Everything was read.")
        return ExitCode.DONE
    print("Compare these records with the paper before a dose is decided on them.")
    return ExitCode.FAULT
