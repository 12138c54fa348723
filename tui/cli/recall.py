"""`sirolimus recall`: what a faulty version or table made, beside what this version says."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dosing.build import this_build
from dosing.quantities.formatting import count_of
from monitoring.clinic_choices import clinic_choices
from monitoring.times import short
from tui.cli.output import ExitCode, print_json
from tui.cli.plain_mode import pages_are_plain
from tui.cli.records import add_records_options, open_chosen

if TYPE_CHECKING:
    from monitoring.recall.recall import Recall, Recalled
    from tui.cli.parser import Parser

_DESCRIPTION = """\
Everything in the records that a version of the program made, by patient: accepted
proposals, other recorded doses and printed pages. Each is calculated again from
the same inputs, and what this version says differently is shown. Nothing is
changed. docs/releases.md describes how a recall is run."""

_EPILOG = """\
The version, commit and tables of a page are in its foot; those of this program
are printed by sirolimus --version. At least 7 digits of a hash are needed.

Example:
  sirolimus recall --made-by 0.1.0
  sirolimus recall --made-by 195a16ceb079 --json

Exit codes: 0 done, also where nothing was made by it; 2 an input cannot be read
or is not valid, or the digits mean several builds; 1 a fault of the program."""


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("recall", help=summary, description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument(
        "--made-by",
        metavar="VERSION|HASH",
        required=True,
        help="a version, or the first digits of a commit or of a hash of the clinical tables",
    )
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitCode:
    """Print the recall."""
    from monitoring.recall.recall import WantedBuild, recall_of  # noqa: PLC0415 - used here only

    wanted = WantedBuild(options.made_by.strip())
    found = recall_of(open_chosen(options).store, wanted, clinic_choices())
    if options.json:
        print_json(found.to_dict())
        return ExitCode.DONE
    _print(found)
    return ExitCode.DONE


def _print(found: "Recall") -> None:
    from monitoring.recall.recall import count_of_changed  # noqa: PLC0415 - as above

    changed = count_of_changed(found.every)
    print(
        f"Made by {found.wanted.typed}: {count_of(len(found.every), 'item')} of "
        f"{count_of(len(found.patients), 'patient')}, {changed} with a difference. "
        f"Compared with {this_build().label}."
    )
    print(found.limits.words)
    for patient in found.patients:
        entry = patient.record.patient.entry
        print(f"\nPatient {entry.record_number}, {entry.name}")
        for each in patient.recalled:
            _print_recalled(each)
    if found.of_clinic:
        print("\nPages of the clinic")
        for each in found.of_clinic:
            _print_recalled(each)
    print()
    for line in _remarks(found):
        print(line)


def _print_recalled(recalled: "Recalled") -> None:
    indent = "" if pages_are_plain() else "  "
    voided = "" if recalled.is_active else ", voided"
    print(
        f"{indent}{recalled.kind.value.capitalize()} {recalled.number}, {recalled.what}; "
        f"{short(recalled.at)} by {recalled.by}, build {recalled.build.label}{voided}"
    )
    for line in _differences(recalled):
        print(f"{indent * 2}{line}")


def _differences(recalled: "Recalled") -> Iterator[str]:
    """Yield what is said differently now, or why that is not known."""
    for each in recalled.changes:
        yield f"{each.name}: {each.then}; now {each.now}"
    if recalled.why_not:
        yield f"Not calculated again: {recalled.why_not}"
    elif recalled.then is None:
        yield "Not calculated again: print the page anew and compare."
    elif not recalled.changes:
        yield "No difference."


def _remarks(found: "Recall") -> Iterator[str]:
    if found.removed:
        removed = count_of(found.removed, "patient was", "patients were")
        yield f"{removed} removed and cannot be recalled here. Look for the exports made then."
    if found.copies:
        last = found.copies[-1]
        count = count_of(len(found.copies), "copy", "copies")
        yield f"These records come from {count} that it made, the last at {last.at_utc}."
    if found.unmarked:
        versions = ", ".join(found.unmarked)
        yield f"Some doses do not name their tables. Recall these versions too: {versions}."
    if found.logged_since is None:
        yield "No page is in the print log. Earlier prints are unknown."
    else:
        yield f"The print log begins at {short(found.logged_since)}. Earlier prints are unknown."
