"""The command line of `sirolimus`: its commands, exit codes and error messages.

Exit codes: 0 done; 1 a fault of the program, or records that are not whole; 2 input that cannot be
read or is not valid; 3 a stop prevented a proposal. Results go to standard output in UTF-8,
messages to standard error.
"""

import os
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
from monitoring.store.errors import (
    DamagedError,
    NotFoundError,
    RecordsError,
    without_password,
)
from tui.cli.output import ExitCode, print_json
from tui.cli.parser import Parser, add_page_option
from tui.cli.plain_mode import PLAIN, is_typed, page_choice

if TYPE_CHECKING:
    from monitoring.store.opening import Records

_DESCRIPTION = """\
Sirolimus in vascular anomalies: a starting dose that can be measured, and the
record of the treatment, with every step and source. The program proposes; a
professional decides. It is not a certified medical device."""

_VERSION = "--version"
_EPILOG = """\
Without a command the terminal app opens on the records (--records PLACE chooses
them); `sirolimus demo` opens it on synthetic patients.

Write every number with its unit: 12.4kg, "12.4 kg", 27lb, 88cm, "2 years".
sirolimus COMMAND --help shows the options of a command, with an example."""


@dataclass(frozen=True, slots=True)
class Command:
    """The summary of a command in `--help`, and the function that adds its parser."""

    summary: str
    add_to: Callable[[Any, str], None]


# each command that is not made from an entry kind: its module, and its summary in --help
_OTHERS = {
    "dose": ("tui.cli.dose", "calculate a starting dose; nothing is stored"),
    "patient": ("tui.cli.patient", "add, change, list and show patients"),
    "prescribe": ("tui.cli.prescribe", "record a prescription"),
    "prescribe check": ("tui.cli.prescribe_check", "confirm a dose as a second person"),
    "restart": ("tui.cli.restart", "record that held doses are given again"),
    "advise": ("tui.cli.advise", "suggest a dose after the last level, with reasons"),
    "forecast": (
        "tui.cli.forecast",
        "forecast levels and the dose that reaches the target",
    ),
    "taper": ("tui.cli.taper", "plan the steps that stop the treatment"),
    "due": ("tui.cli.due", "list what is due, for one patient or for all"),
    "due settle": ("tui.cli.settle", "settle a check that is not needed or cannot be done"),
    "report": ("tui.cli.report", "print a patient's record, the dose card or the clinic as PDF"),
    "cohort": ("tui.cli.cohort", "compare the clinic with Nadal 2016"),
    "kinetics": ("tui.cli.kinetics", "fit a population model to a table, for research"),
    "history": ("tui.cli.history", "list every change of a patient's record"),
    "export": ("tui.cli.export", "export all records, or what other systems and people read"),
    "import": ("tui.cli.import_command", "import lab results, or an export of this program"),
    "backup": ("tui.cli.backup", "back up the records to a file"),
    "restore": ("tui.cli.restore", "replace the records with a backup"),
    "recover": ("tui.cli.recover", "save what can be read from damaged records"),
    "encrypt": ("tui.cli.encrypt", "encrypt the records under a passphrase"),
    "decrypt": ("tui.cli.decrypt", "write encrypted records plain"),
    "key": ("tui.cli.key", "change passphrases, the recovery code and the holders"),
    "clinic": ("tui.cli.clinic", "set up a clinic on a server, and who may do what"),
    "clinic limits": ("tui.cli.clinic_limits", "list, change and sign the clinic's limits"),
    "demo": ("tui.cli.demo", "open a synthetic clinic to try the program"),
    "verify": ("tui.cli.verify", "check every entry against the audit trail"),
    "recall": ("tui.cli.recall", "list what a faulty version made, and what is said now"),
}

# the place of the others in the list of commands: before the entry kind that follows them
_BEFORE = {
    "patient": ("dose",),
    "prescription": ("prescribe",),
    "level": ("restart",),
    "event": ("advise", "forecast"),
}


@cache
def commands() -> dict[str, Command]:
    """Return all commands by their names, in the order of `--help`."""
    from monitoring.record.kinds import ENTRY_KINDS  # noqa: PLC0415 - no dose needs the record
    from tui.cli.entries import add_entry_to  # noqa: PLC0415 - as above

    listed: dict[str, Command] = {}
    for kind in ENTRY_KINDS:
        listed |= {name: _other(name) for name in _BEFORE.get(kind.command, ())}
        is_other = kind.command in _OTHERS
        listed[kind.command] = (
            _other(kind.command) if is_other else Command(kind.summary, partial(add_entry_to, kind))
        )
    return listed | {name: _other(name) for name in _OTHERS if name not in listed}


def _other(name: str) -> Command:
    module, summary = _OTHERS[name]
    return Command(summary, lambda *about: import_module(module).add_to(*about))


def build_parser(only: str | None = None) -> Parser:
    """Return the parser of the whole program, or with the options of one command only.

    Only the module of that command is imported: one command does not pay for others. An unknown
    name gets the summaries of all.
    """
    parser = Parser(prog="sirolimus", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument(
        _VERSION,
        action="store_true",
        help="print the version, the commit and the hash of the clinical tables; --json too",
    )
    below = parser.add_subparsers(
        title="commands", dest="command", required=True, prog="sirolimus", metavar="COMMAND"
    )
    known = {only: _other(only)} if only in _OTHERS else commands()
    for name, command in known.items():
        if only in {None, name}:
            command.add_to(below, command.summary)
        elif only not in known:
            below.add_parser(name, help=command.summary)
    for command_parser in below.choices.values():
        add_page_option(command_parser)
    return parser


class OpenApp(Protocol):
    """The function that opens the app on records until it is left, and returns the exit code."""

    def __call__(
        self,
        open_records: "Callable[[], Records]",
        begin_records: "Callable[[], Records] | None" = None,
        *,
        place: str | None = None,
        is_demo: bool,
    ) -> int:
        """Open the app; where there are no records it asks before `begin_records`.

        `place` is that of the records as it was typed, None for the usual one.
        Raises `UserError` for settings that cannot be read.
        """


def main(arguments: Sequence[str] | None = None, open_app: OpenApp | None = None) -> int:
    """Run one command and return the exit code; without `open_app` only commands run.

    Without `arguments` they are those of the process, which is the command's own.
    """
    _write_utf8()
    typed = _with_signs(sys.argv[1:] if arguments is None else arguments)
    try:
        own = Namespace(open_app=open_app, is_own_process=arguments is None)
        with page_choice(is_typed=is_typed(typed)):
            code = _run_typed(typed, own)
        sys.stdout.flush()
    except UserError as error:
        print(f"sirolimus: {clean(_without_passwords(str(error), typed))}", file=sys.stderr)
        if isinstance(error, RecordsError) and not isinstance(error, NotFoundError):
            _print_typed(typed)
        return ExitCode.INVALID_INPUT
    except BrokenPipeError:
        # The reader of the pipe has left; Python would report it again on closing the pipe.
        sys.stderr.close()
        return ExitCode.DONE
    except Exception as fault:  # noqa: BLE001 - the last line of defence, shown without data
        _print_fault(fault)
        return ExitCode.FAULT
    return code


def _run_typed(typed: Sequence[str], own: Namespace) -> int:
    """Run what was typed: a command, or the app. Plain pages can be chosen before the command."""
    if typed[:1] == [PLAIN]:
        typed = typed[1:]
        if not typed:
            build_parser("none").print_help()
            return ExitCode.DONE
    if _VERSION in typed[:2] and set(typed[:2]) <= {_VERSION, "--json"}:
        return _print_version(as_json="--json" in typed)
    if _is_for_the_app(typed):
        return _run_app(typed, own.open_app)
    command = next((word for word in typed if not word.startswith("-")), "none")
    return _run(typed, command, own)


def _run(typed: Sequence[str], command: str, own: Namespace) -> int:
    two_words = " ".join(typed[:2])
    if two_words in _OTHERS:
        typed, command = (two_words, *typed[2:]), two_words
    options = build_parser(command).parse_args(typed, own)
    try:
        code: int = options.run(options)
    finally:
        if "left_out" in options:
            from tui.cli.records import print_left_out  # noqa: PLC0415 - it is imported by now

            print_left_out(options)
    return code


def _print_version(*, as_json: bool) -> ExitCode:
    """Print the build that is running."""
    from dosing.build import this_build  # noqa: PLC0415 - where it is asked for

    if as_json:
        print_json(this_build().to_dict())
    else:
        print(this_build().words)
    return ExitCode.DONE


def _is_for_the_app(typed: Sequence[str]) -> bool:
    """Return whether no command is named: nothing, or options of the records alone."""
    return not typed or typed[0].split("=")[0] in {"--records", "--author"}


def _run_app(typed: Sequence[str], open_app: OpenApp | None) -> int:
    """Open the app on the chosen records; without an app print the help."""
    if open_app is None:
        build_parser("none").print_help(sys.stderr)
        return ExitCode.INVALID_INPUT
    from tui.cli.records import add_records_options  # noqa: PLC0415 - for the app only

    parser = Parser(prog="sirolimus", description="The terminal app on the records.")
    add_records_options(parser)
    options = parser.parse_args(typed)

    def opened(*, create: bool) -> "Records":
        """Open the records for the app, which shows their warnings itself."""
        from monitoring.store.opening import open_records  # noqa: PLC0415 - once the app is painted
        from tui.cli.passphrase import unlock_with  # noqa: PLC0415 - as above

        unlock_with(options, can_ask=False)  # the app asks on its own screen
        try:
            return open_records(
                options.records, options.author, create=create, tell=lambda _text: None
            )
        except DamagedError as error:
            from monitoring.store.recovery.nearby_backups import nearby_backups  # noqa: PLC0415 - as above
            from reports.presentation.verification import remedy_lines  # noqa: PLC0415 - as above
            from tui.cli.records import chosen_place  # noqa: PLC0415 - as above

            place = chosen_place(options)
            lines = [str(error), *remedy_lines(place, nearby_backups(place))]
            raise DamagedError("\n".join(lines)) from None

    is_default = not (options.records or os.environ.get("SIROLIMUS_RECORDS"))
    return open_app(
        partial(opened, create=is_default),
        partial(opened, create=True),
        place=options.records,
        is_demo=False,
    )


def _print_typed(typed: Sequence[str]) -> None:
    """Print what was typed: it is not lost where the records failed."""
    words = (without_password(clean(word)) for word in typed)
    print(f"Your command:\n  sirolimus {shlex.join(words)}", file=sys.stderr)


def _without_passwords(message: str, typed: Sequence[str]) -> str:
    """Return a message in which no typed word shows the password of a server."""
    for word in typed:
        if (safe := without_password(word)) != word:
            message = message.replace(word, safe).replace(repr(word)[1:-1], safe)
    return message


def _with_signs(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a signed number joined to its option, which then refuses it.

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


def _print_fault(fault: Exception) -> None:
    """Print that the program failed and where, without the values it was working on."""
    print(
        "sirolimus: the program failed and did nothing. Please report these lines; they hold no "
        f"patient data ({type(fault).__name__}, version {VERSION}):",
        file=sys.stderr,
    )
    for frame in traceback.extract_tb(fault.__traceback__):
        print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
