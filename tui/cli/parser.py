"""Parsing of options: none abbreviated, none given twice, errors for people; and overrides."""

import argparse
import re
from typing import TYPE_CHECKING, NoReturn

from rich_argparse import RawDescriptionRichHelpFormatter

from dosing import UserError
from tui.cli.plain_mode import PLAIN, pages_are_plain

if TYPE_CHECKING:
    from dosing import Override


_ENDLESS = 100_000  # signs: the terminal folds the lines of a plain help, or reads them out


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


class PlainHelp(argparse.RawDescriptionHelpFormatter):
    """Help without colour, columns and folded lines: an option, a colon and what it does."""

    def __init__(self, prog: str) -> None:
        """Take the words of the command."""
        super().__init__(prog, indent_increment=0, width=_ENDLESS)

    def _format_action(self, action: argparse.Action) -> str:
        below = "".join(map(self._format_action, self._iter_indented_subactions(action)))
        if below and not action.help:
            return below  # the commands say themselves what can be typed
        name = self._format_action_invocation(action)
        text = self._expand_help(action) if action.help else ""
        return f"{': '.join(filter(None, (name, text)))}\n{below}"


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviated options and raises `UserError` instead of exiting."""

    def __init__(self, **options: object) -> None:
        """Take the options of `argparse.ArgumentParser`."""
        options.setdefault("formatter_class", RawDescriptionRichHelpFormatter)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]
        self._negative_number_matcher = _MINUS_AND_NUMBER  # argparse's own has no -3d
        self.register("action", None, Once)

    def format_help(self) -> str:
        """Return the help; for a screen reader each option in a line of its own."""
        if pages_are_plain():
            self.formatter_class = PlainHelp
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise `UserError` with argparse's message and the command that shows the options."""
        raise UserError(f"{message}. See {self.prog} --help.")


def add_page_option(parser: argparse.ArgumentParser) -> None:
    """Add the option of plain pages to every command below that has none of this name."""
    below = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001 - argparse has no public list of them
    for each in (child for action in below for child in action.choices.values()):
        add_page_option(each)
    is_command = not below or parser.get_default("run") is not None
    if is_command and PLAIN not in parser._option_string_actions:  # noqa: SLF001 - as above
        parser.add_argument(
            PLAIN,
            action="store_true",
            dest="plain_page",
            help="print for a screen reader: one fact a line, nothing drawn",
        )


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
