"""Parsing of options: none abbreviated, none given twice, errors for people; and overrides."""

import argparse
import re
from typing import TYPE_CHECKING, NoReturn

from rich_argparse import RawDescriptionRichHelpFormatter

from dosing import UserError

if TYPE_CHECKING:
    from dosing import Override


class Once(argparse.Action):
    """An option that may be given once: a second value is never dropped in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Store the value; a second one is an error."""
        given = namespace.__dict__.setdefault("given_once", set())
        if self.dest in given:
            parser.error(f"{option_string} is given twice")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


_MINUS_AND_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]*)?d?")
"""A value that begins like an option: -3d is the day three days ago."""


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviated options and raises `UserError` instead of exiting."""

    def __init__(self, **options: object) -> None:
        """Take the options of `argparse.ArgumentParser`."""
        options.setdefault("formatter_class", RawDescriptionRichHelpFormatter)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]
        self._negative_number_matcher = _MINUS_AND_NUMBER  # argparse's own has no -3d
        self.register("action", None, Once)

    def error(self, message: str) -> NoReturn:
        """Raise `UserError` with argparse's message and the command that shows the options."""
        raise UserError(f"{message}. See {self.prog} --help.")


def add_place_option(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the option that chooses the records, and return its group."""
    group = parser.add_argument_group("records")
    group.add_argument(
        "--records",
        metavar="PLACE",
        help="a file, or a PostgreSQL URL (default: SIROLIMUS_RECORDS, else the data folder)",
    )
    return group


def add_override_options(parser: argparse._ActionsContainer) -> None:
    """Add the options --override and --by."""
    parser.add_argument(
        "--override",
        metavar="REASON",
        help="pass the alerts that a documented reason can pass; needs --by",
    )
    parser.add_argument("--by", metavar="NAME", help="who overrides")


def override_of(options: argparse.Namespace) -> "Override | None":
    """Return the override that was given, or None. Raises `UserError` for half of one."""
    from dosing import Override  # noqa: PLC0415 - the help needs no dose

    if options.override is None and options.by is None:
        return None
    if options.override is None or options.by is None:
        raise UserError("An override needs both --override REASON and --by NAME.")
    return Override(options.override, options.by)
