"""The choice of plain pages, for screen readers: typed, in the environment or in the settings.

It decides how a page is printed and nothing else: no file is ever written, or left readable,
because of it. The option of the same name of `report`, `export` and `cohort --csv` is read there.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Final

PLAIN: Final = "--plain"
VARIABLE: Final = "SIROLIMUS_PLAIN"
SETTING: Final = "plain"


@dataclass(frozen=True)
class _Choice:
    """The choice for one command; the settings are read only if a page is printed."""

    is_typed: bool

    @cached_property
    def is_plain(self) -> bool:
        given = os.environ.get(VARIABLE, "")
        if self.is_typed or given:
            return self.is_typed or given != "0"
        return _by_settings()


_CHOICE: ContextVar[_Choice | None] = ContextVar("plain_pages", default=None)


@contextmanager
def page_choice(*, is_typed: bool) -> Iterator[None]:
    """Choose for one command: plain if that was typed, else as environment and settings say."""
    token = _CHOICE.set(_Choice(is_typed))
    try:
        yield
    finally:
        _CHOICE.reset(token)


def pages_are_plain() -> bool:
    """Return whether pages are lines for a screen reader; outside a command they are not."""
    choice = _CHOICE.get()
    return choice is not None and choice.is_plain


def draws_bars() -> bool:
    """Return whether a bar of progress is drawn: on a terminal, and not for a screen reader."""
    return sys.stderr.isatty() and not pages_are_plain()


def is_typed(arguments: Sequence[str]) -> bool:
    """Return whether plain pages are among the options; after `--` there are none.

    >>> is_typed(["due", "--plain"]), is_typed(["due", "--", "--plain"])
    (True, False)
    """
    arguments = list(arguments)
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return PLAIN in options


def _by_settings() -> bool:
    """Return the setting. Settings that cannot be read stop no page: the app refuses them."""
    from dosing import UserError  # noqa: PLC0415 - only for a page without the option
    from dosing.quantities.text import escaped  # noqa: PLC0415 - as above
    from monitoring.clinic_choices import read_settings_file, settings_file  # noqa: PLC0415 - as above

    file = settings_file()
    try:
        found = read_settings_file(file).values.get(SETTING, False)
    except UserError:
        return False
    if isinstance(found, bool):
        return found
    print(
        f"sirolimus: warning: {SETTING} in {escaped(str(file))} is true or false. "
        f"Write {SETTING} = true.",
        file=sys.stderr,
    )
    return False
