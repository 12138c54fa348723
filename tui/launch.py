"""`sirolimus` alone and `sirolimus demo`: the terminal app."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.exit_codes import ExitCode
from tui.cli.parser import Parser

if TYPE_CHECKING:
    from monitoring.store.opening import Records

_DESCRIPTION = "The terminal app on the records."


def is_for_the_app(arguments: Sequence[str]) -> bool:
    """Return whether no command is named: nothing, or options of the records alone."""
    names = ("--records", "--author")
    return not arguments or arguments[0].split("=")[0] in names


def open_app(arguments: Sequence[str]) -> ExitCode:
    """Open the app on the records that the options choose."""
    from tui.cli.records import add_records_options, open_chosen  # noqa: PLC0415 - only for the app

    parser = Parser(prog="sirolimus", description=_DESCRIPTION)
    add_records_options(parser)
    options: argparse.Namespace = parser.parse_args(arguments)
    return run_app(lambda: open_chosen(options))


def open_demo() -> ExitCode:
    """Open the app on the synthetic clinic, which is removed at the end."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - used here only

    from tui.demo_records import demo_records  # noqa: PLC0415 - as above

    with TemporaryDirectory(prefix="sirolimus-demo-") as folder:
        return run_app(lambda: demo_records(Path(folder)), is_demo=True)


def has_terminal() -> bool:
    """Return whether somebody sees the screen and can type."""
    return sys.stdout.isatty() and sys.stdin.isatty()


def run_app(open_records: Callable[[], "Records"], *, is_demo: bool = False) -> ExitCode:
    """Run the app until it is left. Raises `UserError` for settings that cannot be read."""
    from tui.app.app import SirolimusApp  # noqa: PLC0415 - Textual is heavy
    from tui.app.settings import read_settings, settings_file  # noqa: PLC0415 - as above
    from tui.cli.records import present  # noqa: PLC0415 - as above

    settings = read_settings(settings_file())
    app = SirolimusApp(open_records, present, settings, is_demo=is_demo)
    app.run()
    return ExitCode(app.return_code or 0)
