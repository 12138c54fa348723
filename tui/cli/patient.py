"""`sirolimus patient`: add, change, list and show patients."""

import argparse
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dosing.quantities.formatting import count_of
from monitoring.record.duplicate_patients import (
    duplicate_patients,
    duplicates_text,
    removed_before,
)
from monitoring.record.enter import check_patient
from monitoring.record.kinds import kind_called, kind_of
from monitoring.record.patient import Patient
from monitoring.times import Moment, today
from tui.cli import merge, remove_patient, retention_list
from tui.cli.entries import add_fields, given_values, typed_values
from tui.cli.output import ExitCode, print_json
from tui.cli.plain_mode import pages_are_plain
from tui.cli.records import (
    add_records_options,
    add_void,
    open_chosen,
    print_alerts,
    print_entries,
    void_entry,
)

if TYPE_CHECKING:
    from tui.cli.parser import Parser

_KIND = kind_called("patient")


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("patient", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="add a patient")
    add_fields(add, _KIND)
    add_records_options(add)
    add.set_defaults(run=run_add)
    edit = actions.add_parser("edit", help="change a patient; the earlier entry stays listed")
    edit.add_argument("record_number", metavar="M", help="the patient's record number")
    add_fields(edit, _KIND, required=False)
    add_records_options(edit)
    edit.set_defaults(run=run_edit)
    merge.add_to(actions)
    remove_patient.add_to(actions)
    retention_list.add_to(actions)
    listing = actions.add_parser("list", help="list the patients")
    listing.add_argument("search", nargs="?", default="", help="part of a name or record number")
    add_records_options(listing, json_too=True)
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="show a patient, and how many entries there are")
    show.add_argument("record_number", metavar="M", help="the patient's record number")
    add_records_options(show, json_too=True)
    show.set_defaults(run=run_show)
    void = add_void(actions, _KIND, "patient or a change of one")
    void.set_defaults(run=run_void)


def run_add(options: argparse.Namespace) -> ExitCode:
    """Add a patient."""
    patient = _patient(typed_values(options, _KIND))
    store = open_chosen(options, create=True).store
    found = duplicate_patients(store, patient)
    before = removed_before(store, patient.record_number)
    store.add_patient(patient)
    print(f"Patient {patient.name}, record number {patient.record_number}, is added.")
    if found:
        print(f"caution: {duplicates_text(found)} If they are one person, void one of the two.")
    if before:
        print(f"caution: {before}")
    return ExitCode.DONE


def run_edit(options: argparse.Namespace) -> ExitCode:
    """Change a patient: the given fields; the others stay."""
    store = open_chosen(options).store
    record = store.find(options.record_number)
    patient = _patient(given_values(options, _KIND), record.patient.entry)
    store.change_patient(record.number, patient, revision=record.revision)
    print(f"Patient {patient.name}, record number {patient.record_number}, is changed.")
    return ExitCode.DONE


def _patient(given: dict[str, Any], known: Patient | None = None) -> Patient:
    """Return the patient with the given fields, and the known ones for the others."""
    patient = replace(known, **given) if known else Patient(**given)
    check_patient(patient, today())
    return patient


def run_void(options: argparse.Namespace) -> ExitCode:
    """Void a change of a patient, or the patient with everything about them."""
    record = void_entry(options, _KIND)
    if options.number == str(record.number):
        print(f"Voided the whole patient {record.patient.entry.name}; nothing is erased.")
    else:
        print(f"Voided change {options.number}; the entry before it is active again.")
    return ExitCode.DONE


def run_list(options: argparse.Namespace) -> ExitCode:
    """List the patients by name."""
    patients = open_chosen(options).store.patients(options.search)
    return print_entries(patients, _KIND, as_json=options.json)


def run_show(options: argparse.Namespace) -> ExitCode:
    """Print a patient, the state of treatment, and the number of entries of each kind."""
    from monitoring.state import as_listed, state_at  # noqa: PLC0415 - only one patient is assessed

    record = open_chosen(options).store.find(options.record_number)
    kinds = [
        kind_of(each.entry)
        for each in record.entries
        if each.is_active and not isinstance(each.entry, Patient)
    ]
    described, state = _KIND.described(record.patient), state_at(record, Moment.now())
    if options.json:
        counted = Counter(kind.counted_as for kind in kinds)
        print_json(
            {
                **described,
                "entries": counted,
                "state": state.to_dict(),
                "limits": record.limits.to_dict(),
            }
        )
        return ExitCode.DONE
    described["state"] = state.words
    counts = Counter(kind.what for kind in kinds)
    entries = ", ".join(count_of(number, what) for what, number in counts.items())
    alerts = state.questions + as_listed(state)
    if pages_are_plain():
        print_alerts(alerts)  # read first
    for name, value in {**described, "entries": entries or "none"}.items():
        if value not in (None, ""):
            print(f"{name.replace('_', ' ')}: {value}")
    if not pages_are_plain():
        print_alerts(alerts)
    print(record.limits.words)
    return ExitCode.DONE
