"""`sirolimus demo`: a synthetic clinic to try the program, in the app or in new records."""

import argparse
from functools import partial
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dosing import UserError
from monitoring.times import local_zone, today
from tui.cli.output import ExitCode

if TYPE_CHECKING:
    from monitoring.store.opening import Records
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Seventeen synthetic patients that show every state of a record up to today. The
terminal app opens on them and removes them on exit. --seed-into stores them in
new records instead, never among real patients."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("demo", help=summary, description=_DESCRIPTION)
    parser.add_argument(
        "--seed-into", metavar="PLACE", help="store them in new records: a file, or a URL"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the app on the synthetic clinic, or store it and print the next commands."""
    if options.seed_into is None:
        if options.open_app is None:
            raise UserError(
                "The app needs a terminal. Store the patients in a file with --seed-into."
            )
        with TemporaryDirectory(prefix="sirolimus-demo-") as folder:
            code: int = options.open_app(partial(_demo_records, Path(folder)), is_demo=True)
        return code
    from monitoring.demo.clinic import write_demo  # noqa: PLC0415 - the database is heavy
    from monitoring.store.opening import open_records  # noqa: PLC0415 - as above

    place = options.seed_into
    patients = write_demo(open_records(place, create=True).store.engine, today(), local_zone())
    print(f"{patients} synthetic patients are stored in {place}. To see them:")
    for command in ("patient list", "level list DEMO-01", "history DEMO-11"):
        print(f"  sirolimus {command} --records {quote(place)}")
    return ExitCode.DONE


def _demo_records(folder: Path) -> "Records":
    from monitoring.demo.clinic import demo_records  # noqa: PLC0415 - the database is heavy

    return demo_records(folder)
