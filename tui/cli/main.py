"""The program `sirolimus`: its commands, its exit codes, and what happens to errors.

Exit codes: 0 done; 1 a fault of the program, or records that are not whole; 2 the input cannot be
read or is not valid; 3 a stop prevented a proposal. Results go to standard output in UTF-8,
messages to standard error.
"""

import re
import shlex
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from dosing import VERSION, UserError, clean
from monitoring.store.errors import NotFoundError, RecordsError
from tui.cli.output import ExitCode
from tui.cli.parser import Parser

if TYPE_CHECKING:
    from monitoring.store.opening import Records

_DESCRIPTION = """\
Sirolimus in vascular anomalies: from a patient's size to a dose that can be
measured, and a record of what happens then; with every step and source. It
proposes; a professional decides. It is not a certified medical device."""

_EPILOG = """\
Without a command the terminal app opens on the records (--records PLACE chooses
them); `sirolimus demo` opens it on made-up patients.

Every number is written with its unit: 12.4kg, "12.4 kg", 27lb, 88cm, "2 years".
sirolimus COMMAND --help tells more, with an example."""

# the password in the address of records on a server
_PASSWORD = re.compile(r"(?<=://)[^@]*(?=@)|(?<=password=)[^&]*")


@dataclass(frozen=True, slots=True)
class Command:
    """What `--help` says of a command, and how its parser is added to the others."""

    summary: str
    add_to: Callable[[Any, str], None]


# each command but those of the entry kinds: the module that knows it, and what --help says of it
_OTHERS = {
    "dose": ("tui.cli.dose", "a starting dose, nothing stored"),
    "patient": ("tui.cli.patient", "add, change, list and show patients"),
    "prescribe": ("tui.cli.prescribe", "log a prescribed dose"),
    "advise": ("tui.cli.advise", "what the last level suggests, with reasons"),
    "forecast": (
        "tui.cli.forecast",
        "the levels to come, and which dose reaches the target",
    ),
    "due": ("tui.cli.due", "what is due, for one patient or for all"),
    "report": ("tui.cli.report", "a patient's record on paper, as PDF"),
    "cohort": ("tui.cli.cohort", "the clinic's figures beside the review's"),
    "kinetics": ("tui.cli.kinetics", "fit a population model to a table, for research"),
    "history": ("tui.cli.history", "every change of a patient's record, in plain words"),
    "export": ("tui.cli.export", "write everything as JSON and CSV"),
    "import": ("tui.cli.import_command", "take in a laboratory's file, or an export"),
    "backup": ("tui.cli.backup", "copy the records to a file"),
    "restore": ("tui.cli.restore", "replace the records by a backup"),
    "demo": ("tui.cli.demo", "a synthetic clinic to try the program on"),
    "verify": ("tui.cli.verify", "check every entry against the audit trail"),
}

# where the others stand in the list of commands, before the kind of entry that follows them
_BEFORE = {
    "patient": ("dose",),
    "prescription": ("prescribe",),
    "event": ("advise", "forecast"),
}


@cache
def commands() -> dict[str, Command]:
    """Return how each command is added to a parser, in the order of the list."""
    from monitoring.record.kinds import ENTRY_KINDS  # noqa: PLC0415 - no dose needs the record
    from tui.cli.entries import add_entry_to  # noqa: PLC0415 - as above

    found: dict[str, Command] = {}
    for kind in ENTRY_KINDS:
        found |= {name: _other(name) for name in _BEFORE.get(kind.command, ())}
        is_other = kind.command in _OTHERS
        found[kind.command] = (
            _other(kind.command) if is_other else Command(kind.summary, partial(add_entry_to, kind))
        )
    return found | {name: _other(name) for name in _OTHERS if name not in found}


def _other(name: str) -> Command:
    module, summary = _OTHERS[name]
    return Command(summary, lambda *about: import_module(module).add_to(*about))


def build_parser(only: str | None = None) -> Parser:
    """Return the parser of the whole program, or with the options of one command only.

    A command's module is imported for its options, so that one command does not pay for others. An
    unknown name gets the summaries of all.
    """
    parser = Parser(prog="sirolimus", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"sirolimus-assistant {VERSION}")
    below = parser.add_subparsers(
        title="commands", dest="command", required=True, prog="sirolimus", metavar="COMMAND"
    )
    known = {only: _other(only)} if only in _OTHERS else commands()
    for name, command in known.items():
        if only in {None, name}:
            command.add_to(below, command.summary)
        elif only not in known:
            below.add_parser(name, help=command.summary)
    return parser


class OpenApp(Protocol):
    """The function that opens the app on records until it is left, and returns the exit code."""

    def __call__(self, open_records: "Callable[[], Records]", *, is_demo: bool) -> int:
        """Open the app. Raises `UserError` for settings that cannot be read."""


def main(arguments: Sequence[str] | None = None, open_app: OpenApp | None = None) -> int:
    """Run one command and return the exit code; without `open_app` there is no app to open."""
    _write_utf8()
    typed = _with_signs(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in typed if not word.startswith("-")), "none")
    try:
        if _is_for_the_app(typed):
            code = _run_app(typed, open_app)
        else:
            code = _run(typed, command, open_app)
        sys.stdout.flush()
    except UserError as error:
        print(f"sirolimus: {clean(str(error))}", file=sys.stderr)
        if isinstance(error, RecordsError) and not isinstance(error, NotFoundError):
            _repeat(typed)
        return ExitCode.INVALID_INPUT
    except BrokenPipeError:
        # The reader of a pipe has enough; Python would complain once more when it closes the pipe.
        sys.stderr.close()
        return ExitCode.DONE
    except Exception as fault:  # noqa: BLE001 - the last line of defence, told without data
        _tell_fault(fault)
        return ExitCode.FAULT
    return code


def _run(typed: Sequence[str], command: str, open_app: OpenApp | None) -> int:
    options = build_parser(command).parse_args(typed, Namespace(open_app=open_app))
    code: int = options.run(options)
    return code


def _is_for_the_app(typed: Sequence[str]) -> bool:
    """Return whether no command is named: nothing, or options of the records alone."""
    return not typed or typed[0].split("=")[0] in {"--records", "--author"}


def _run_app(typed: Sequence[str], open_app: OpenApp | None) -> int:
    """Open the app on the chosen records; where there is none print the help."""
    if open_app is None:
        build_parser("none").print_help(sys.stderr)
        return ExitCode.INVALID_INPUT
    from tui.cli.records import add_records_options, open_chosen  # noqa: PLC0415 - for the app only

    parser = Parser(prog="sirolimus", description="The terminal app on the records.")
    add_records_options(parser)
    options = parser.parse_args(typed)
    return open_app(lambda: open_chosen(options), is_demo=False)


def _repeat(typed: Sequence[str]) -> None:
    """Repeat what was typed, so that it is not lost where the records failed."""
    words = (_PASSWORD.sub("…", clean(word)) for word in typed)
    print(f"What was typed:\n  sirolimus {shlex.join(words)}", file=sys.stderr)


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
        "sirolimus: the program failed and did nothing. Please report these lines, which hold no "
        f"patient's data ({type(fault).__name__}, version {VERSION}):",
        file=sys.stderr,
    )
    for frame in traceback.extract_tb(fault.__traceback__):
        print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
