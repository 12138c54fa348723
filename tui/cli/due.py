"""`sirolimus due`: what is due, for one patient or for all."""

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from monitoring.clinic_choices import clinic_choices
from monitoring.times import Moment
from reports.presentation.due import days, together, what, when
from tui.cli.output import ExitCode, print_json
from tui.cli.plain_mode import pages_are_plain
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from monitoring.due import Due
    from monitoring.record.patient import Patient
    from tui.cli.parser import Parser

_DESCRIPTION = """\
What is due by the state of treatment: urgent first, then the most overdue, with
reason and source. For all patients: what is urgent, and checks whose first day
has come. For one patient: later checks too. A level taken too early, or not at
trough, does not settle a check. `sirolimus due settle M WHAT --reason WHY`
settles one that is not needed, or can no longer be done."""

_NO_DOSE = "No current dose: nothing is due."


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("due", help=summary, description=_DESCRIPTION)
    parser.add_argument(
        "record_number", metavar="M", nargs="?", help="one patient's record number (default: all)"
    )
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print what is due."""
    from monitoring.due import due, worklist  # noqa: PLC0415 - levels are assessed by pandas

    store, now, rhythm = open_chosen(options).store, Moment.now(), clinic_choices().rhythm
    limits = store.limits()
    found: Sequence[tuple[Patient, Due]]
    if options.record_number is not None:
        record = store.find(options.record_number)
        found = [(record.patient.entry, each) for each in due(record, now, rhythm)]
    else:
        found = worklist(store.records(), now, rhythm)
    if options.json:
        print_json({**_document(str(now), found), "limits": limits.to_dict()})
        return ExitCode.DONE
    if not found:
        print("Nothing is due." if options.record_number is None else _NO_DOSE)
        return ExitCode.DONE
    _print(found)
    print(limits.words)
    return ExitCode.DONE


def _print(found: "Sequence[tuple[Patient, Due]]") -> None:
    """Print the checks of each patient, in the order of the most urgent of each."""
    from tui.cli.page import print_facts, print_rows  # noqa: PLC0415 - JSON needs no page

    of_patient: dict[Patient, list[Due]] = {}
    for patient, each in found:
        of_patient.setdefault(patient, []).append(each)
    for patient, checks in of_patient.items():
        if pages_are_plain():
            print_facts(f"Patient: {patient.name} ({patient.record_number})", ())
            for group in together(checks):
                print_facts(f"{when(group[0])}: {what(group)}", _facts(group[0]))
        else:
            print(f"{patient.name} ({patient.record_number})")
            print_rows(map(_row, together(checks)))


def _facts(first: "Due") -> Iterator[tuple[str, str]]:
    """Yield what is said about checks of the same days and reason, by the first of them."""
    yield "days", days(first)
    yield "why", first.why
    yield "source", first.source


def _row(group: "tuple[Due, ...]") -> tuple[str, str]:
    """Return checks of the same days and reason as one row."""
    first = group[0]
    return f"  {when(first)}", f"{what(group)}: {days(first)}. {first.why} [{first.source}]"


def _document(at: str, found: "Sequence[tuple[Patient, Due]]") -> dict[str, object]:
    from dosing import VERSION, cite  # noqa: PLC0415 - used here only

    return {
        "at": at,
        "due": [
            {
                "record_number": patient.record_number,
                "name": patient.name,
                **each.to_dict(),
            }
            for patient, each in found
        ],
        "sources": cite(each.source for _, each in found),
        "version": VERSION,
    }
