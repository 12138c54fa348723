"""`sirolimus demo`: a synthetic clinic to try the program on, in the app or in new records."""

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
Twelve made-up patients that show every state of a record, dated back from
today, in the terminal app; they are removed when it is left. With --seed-into
they are written into new records, never beside real patients."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("demo", help=summary, description=_DESCRIPTION)
    parser.add_argument(
        "--seed-into", metavar="PLACE", help="write them into new records: a file, or a URL"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the app on the synthetic clinic, or write it down and say what to type next."""
    if options.seed_into is None:
        if options.open_app is None:
            raise UserError("The app needs a terminal; --seed-into writes the patients to a file.")
        with TemporaryDirectory(prefix="sirolimus-demo-") as folder:
            code: int = options.open_app(partial(_demo_records, Path(folder)), is_demo=True)
        return code
    from monitoring.demo.clinic import write_demo  # noqa: PLC0415 - the database is heavy
    from monitoring.store.opening import open_records  # noqa: PLC0415 - as above

    place = options.seed_into
    patients = write_demo(open_records(place).store.engine, today(), local_zone())
    print(f"{patients} synthetic patients are written into {place}. Look at them by")
    for command in ("patient list", "level list DEMO-01", "history DEMO-11"):
        print(f"  sirolimus {command} --records {quote(place)}")
    return ExitCode.DONE


def _demo_records(folder: Path) -> "Records":
    from monitoring.demo.clinic import demo_records  # noqa: PLC0415 - the database is heavy

    return demo_records(folder)
