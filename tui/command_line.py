"""The program `sirolimus`: its commands, its exit codes, and what happens to errors.

Exit codes: 0 done; 1 a fault of the program; 2 the input cannot be read or is not valid; 3 a stop
prevented a proposal. Results go to standard output in UTF-8, messages to standard error.
"""

import argparse
import re
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from rich_argparse import RawDescriptionRichHelpFormatter

from dosing import VERSION, UserError, clean
from tui.exit_codes import ExitCode

_DESCRIPTION = """\
Sirolimus in vascular anomalies: from a patient's size to a dose that can be
measured, with every step and source. It proposes; a professional decides.
It is not a certified medical device."""

_EPILOG = """\
Every number is written with its unit: 12.4kg, "12.4 kg", 27lb, 88cm, "2 years".
sirolimus dose --help tells more, with an example."""


class Once(argparse.Action):
    """An option that may be given once: of two values none is dropped in silence."""

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


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviated options and raises `UserError` instead of exiting."""

    def __init__(self, **options: object) -> None:
        """Take the options of `argparse.ArgumentParser`."""
        options.setdefault("formatter_class", RawDescriptionRichHelpFormatter)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]
        self.register("action", None, Once)

    def error(self, message: str) -> NoReturn:
        """Raise `UserError` with argparse's message and where to read more."""
        raise UserError(f"{message}. See {self.prog} --help.")


def build_parser() -> Parser:
    """Return the parser of the whole program."""
    from tui import dose_command  # noqa: PLC0415 - only what a command needs is imported

    parser = Parser(prog="sirolimus", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"sirolimus-assistant {VERSION}")
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, prog="sirolimus"
    )
    dose_command.add_to(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    _write_utf8()
    try:
        options = build_parser().parse_args(_with_signs(arguments or sys.argv[1:]))
        code: ExitCode = options.run(options)
        sys.stdout.flush()
    except UserError as error:
        print(f"sirolimus: {clean(str(error))}", file=sys.stderr)
        return ExitCode.INVALID_INPUT
    except BrokenPipeError:
        # The reader of a pipe has enough; Python would complain once more when it closes the pipe.
        sys.stderr.close()
        return ExitCode.DONE
    except Exception as fault:  # noqa: BLE001 - the last line of defence, told without data
        _tell_fault(fault)
        return ExitCode.FAULT
    return code


def _with_signs(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a signed number joined to its option, for the reader to refuse.

    >>> _with_signs(["--weight", "-5kg"])
    ['--weight=-5kg']
    """
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1].startswith("--") and re.match(r"-[0-9.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _write_utf8() -> None:
    """Write UTF-8 whatever the console's own encoding: a lost ² or ≥ could be misread."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _tell_fault(fault: Exception) -> None:
    """Say that the program failed and where, without the values it was working on."""
    print(
        "sirolimus: the program failed; nothing was proposed. Please report these lines, which "
        f"hold no patient's data ({type(fault).__name__}, version {VERSION}):",
        file=sys.stderr,
    )
    for frame in traceback.extract_tb(fault.__traceback__):
        print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
