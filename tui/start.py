"""The program `sirolimus`: the command line and the app, which do not know each other."""

import gc
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

# Looking for garbage while hundreds of modules are imported costs a tenth of a command's time and
# finds nothing.
gc.disable()

from tui.cli import main as command_line  # noqa: E402 - the line above must come first

gc.freeze()
gc.enable()

if TYPE_CHECKING:
    from monitoring.clinic_choices import ClinicChoices
    from monitoring.store.opening import Records
    from monitoring.times import Moment
    from monitoring.worklist_index.first_rows import FirstRows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, or the app, and return the exit code."""
    has_terminal = sys.stdout.isatty() and sys.stdin.isatty()
    return command_line.main(arguments, open_app=_open_app if has_terminal else None)


def _open_app(
    open_records: "Callable[[], Records]",
    begin_records: "Callable[[], Records] | None" = None,
    *,
    place: str | None = None,
    is_demo: bool,
) -> int:
    """Run the app until it is left. Raises `UserError` for settings that cannot be read."""
    from monitoring.clinic_choices import settings_file  # noqa: PLC0415 - for the app only
    from monitoring.times import Moment  # noqa: PLC0415 - as above
    from tui.app.app import SirolimusApp  # noqa: PLC0415 - as above
    from tui.app.settings import read_settings  # noqa: PLC0415 - as above

    settings = read_settings(settings_file())
    app = SirolimusApp(
        open_records, Moment.now, settings, begin_records=begin_records, is_demo=is_demo
    )
    app.first_rows = None if is_demo else partial(_first_rows, place)
    app.run()
    return app.return_code or 0


def _first_rows(place: str | None, now: "Moment", clinic: "ClinicChoices") -> "FirstRows | None":
    from monitoring.worklist_index.first_rows import first_rows  # noqa: PLC0415 - after the first frame

    return first_rows(place, now, clinic)
