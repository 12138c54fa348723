"""The program `sirolimus`: its commands, its exit codes, and what happens to errors.

Exit codes: 0 done; 1 a fault of the program, or records that are not whole; 2 the input cannot be
read or is not valid; 3 a stop prevented a proposal. Results go to standard output in UTF-8,
messages to standard error.
"""

import importlib
import re
import shlex
import sys
import traceback
from collections.abc import Sequence

from dosing import VERSION, UserError, clean
from monitoring.store.faults import NotFoundError, RecordsError
from tui.app_command import has_terminal, is_for_the_app, open_app
from tui.exit_codes import ExitCode
from tui.parser import Parser

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

# each command: the module that knows it, and what --help says of it
COMMANDS = {
    "dose": ("tui.dose_command", "a starting dose, nothing stored"),
    "patient": ("tui.patient_command", "add, change, list and show patients"),
    "measure": ("tui.measure_command", "log weight and height"),
    "prescribe": ("tui.prescribe_command", "log a prescribed dose"),
    "prescription": ("tui.prescription_command", "list, end or void prescriptions"),
    "missed": ("tui.missed_command", "log doses missed or held"),
    "level": ("tui.level_command", "log trough levels"),
    "advise": ("tui.advise_command", "what the last level suggests, with reasons"),
    "forecast": (
        "tui.forecast_command",
        "the levels to come, and which dose reaches the target",
    ),
    "event": ("tui.event_command", "log side-effects"),
    "lab": ("tui.lab_command", "log laboratory values"),
    "drug": ("tui.drug_command", "log drugs given beside sirolimus"),
    "response": ("tui.response_command", "log whether the treatment helps"),
    "note": ("tui.note_command", "log anything else"),
    "due": ("tui.due_command", "what is due, for one patient or for all"),
    "report": ("tui.report_command", "a patient's record on paper, as PDF"),
    "cohort": ("tui.cohort_command", "the clinic's figures beside the review's"),
    "kinetics": ("tui.kinetics_command", "fit a population model to a table, for research"),
    "history": ("tui.history_command", "every change of a patient's record, in plain words"),
    "export": ("tui.export_command", "write everything as JSON and CSV"),
    "import": ("tui.import_command", "take in a laboratory's file, or an export"),
    "backup": ("tui.backup_command", "copy the records to a file"),
    "restore": ("tui.restore_command", "replace the records by a backup"),
    "demo": ("tui.demo_command", "a synthetic clinic to try the program on"),
    "verify": ("tui.verify_command", "check every entry against the audit trail"),
}


def build_parser(only: str | None = None) -> Parser:
    """Return the parser of the whole program, or with the options of one command only.

    A command's module is imported for its options, so that one command does not pay for others. An
    unknown name gets the summaries of all.
    """
    parser = Parser(prog="sirolimus", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"sirolimus-assistant {VERSION}")
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, prog="sirolimus", metavar="COMMAND"
    )
    for name, (module, summary) in COMMANDS.items():
        if only in {None, name}:
            importlib.import_module(module).add_to(commands, summary)
        elif only not in COMMANDS:
            commands.add_parser(name, help=summary)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    _write_utf8()
    typed = _with_signs(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in typed if not word.startswith("-")), "none")
    try:
        code = _run_app(typed) if is_for_the_app(typed) else _run(typed, command)
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


def _run(typed: Sequence[str], command: str) -> ExitCode:
    options = build_parser(command).parse_args(typed)
    code: ExitCode = options.run(options)
    return code


def _run_app(typed: Sequence[str]) -> ExitCode:
    """Open the app; without a terminal tell what there is instead."""
    if has_terminal():
        return open_app(typed)
    build_parser("none").print_help(sys.stderr)
    return ExitCode.INVALID_INPUT


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
