"""`sirolimus patient`: add, change, list and show patients."""

import argparse
from typing import TYPE_CHECKING

from dosing import Sex, UserError, read_date
from monitoring.namesakes import namesakes, namesakes_words
from monitoring.record.entries import Recorded
from monitoring.record.patient import Anomaly, Patient
from tui.entering import check_patient
from tui.exit_codes import ExitCode
from tui.json_output import print_json
from tui.records import (
    add_records_options,
    add_void,
    open_chosen,
    print_entries,
    today,
    void_entry,
)

if TYPE_CHECKING:
    from tui.parser import Parser


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("patient", help=summary)
    actions = parser.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="write a new patient down")
    _add_patient_options(add, required=True)
    add.set_defaults(run=run_add)
    edit = actions.add_parser("edit", help="write down who a patient is anew; the old stays")
    edit.add_argument("record_number", metavar="M", help="the patient's record number")
    _add_patient_options(edit, required=False)
    edit.set_defaults(run=run_edit)
    listing = actions.add_parser("list", help="list the patients")
    listing.add_argument("search", nargs="?", default="", help="part of a name or record number")
    add_records_options(listing, json_too=True)
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="who a patient is, and how much is written down")
    show.add_argument("record_number", metavar="M", help="the patient's record number")
    add_records_options(show, json_too=True)
    show.set_defaults(run=run_show)
    void = add_void(actions, Patient, "patient or a change of one")
    void.set_defaults(run=run_void)


def _add_patient_options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--mrn", required=required, metavar="M", help="the record number, as text")
    parser.add_argument("--name", required=required, metavar="N")
    parser.add_argument("--born", required=required, metavar="DATE", help="year-month-day")
    parser.add_argument("--sex", required=required, choices=[sex.value for sex in Sex])
    parser.add_argument(
        "--anomaly",
        choices=[anomaly.value for anomaly in Anomaly],
        metavar="GROUP",
        help=f"the review's group: {', '.join(anomaly.value for anomaly in Anomaly)}",
    )
    parser.add_argument("--diagnosis", metavar="D", help="in the clinic's own words")
    parser.add_argument("--allergies", metavar="A")
    add_records_options(parser)


def run_add(options: argparse.Namespace) -> ExitCode:
    """Write a new patient down."""
    patient = _patient(options, None)
    store = open_chosen(options).store
    found = namesakes(store, patient)
    store.add_patient(patient)
    print(f"Patient {patient.name}, record number {patient.record_number}, is written down.")
    if found:
        print(f"caution: {namesakes_words(found)} If it is the same person, void one of the two.")
    return ExitCode.DONE


def run_edit(options: argparse.Namespace) -> ExitCode:
    """Write down who a patient is anew, with what was given and the rest as it was."""
    store = open_chosen(options).store
    record = store.find(options.record_number)
    patient = _patient(options, record.patient.entry)
    store.change_patient(record.number, patient, seen=record.seen)
    print(f"Patient {patient.name}, record number {patient.record_number}, is changed.")
    return ExitCode.DONE


def _patient(options: argparse.Namespace, known: Patient | None) -> Patient:
    """Return the patient that the options state, beside what was known."""

    def given(name: str, otherwise: str) -> str:
        value: str | None = getattr(options, name)
        return otherwise if value is None else value

    born = read_date(options.born) if options.born else (known.born if known else None)
    sex = options.sex or (known.sex.value if known else None)
    if born is None or sex is None:
        raise UserError("A patient needs --born and --sex.")
    patient = Patient(
        record_number=given("mrn", known.record_number if known else ""),
        name=given("name", known.name if known else ""),
        born=born,
        sex=Sex(sex),
        anomaly=Anomaly(given("anomaly", (known.anomaly if known else Anomaly.NOT_RECORDED).value)),
        diagnosis=given("diagnosis", known.diagnosis if known else ""),
        allergies=given("allergies", known.allergies if known else ""),
    )
    check_patient(patient, today())
    return patient


def run_void(options: argparse.Namespace) -> ExitCode:
    """Void a change of a patient, or the patient with everything about them."""
    record = void_entry(options, Patient)
    if options.number == str(record.number):
        print(f"Voided the whole patient {record.patient.entry.name}; nothing is erased.")
    else:
        print(f"Voided change {options.number}; what stood before it holds again.")
    return ExitCode.DONE


def run_list(options: argparse.Namespace) -> ExitCode:
    """List the patients by name."""
    patients = open_chosen(options).store.patients(options.search)
    return print_entries(patients, describe, as_json=options.json)


def run_show(options: argparse.Namespace) -> ExitCode:
    """Print who a patient is and how many entries of each kind there are."""
    record = open_chosen(options).store.find(options.record_number)
    counts: dict[str, int] = {}
    for each in record.entries:
        if each.stands and not isinstance(each.entry, Patient):
            kind = type(each.entry).__name__
            counts[kind] = counts.get(kind, 0) + 1
    shown = {**describe(record.patient), "entries": counts}
    if options.json:
        print_json(shown)
        return ExitCode.DONE
    for name, value in shown.items():
        if value not in (None, ""):
            print(f"{name.replace('_', ' ')}: {value}")
    return ExitCode.DONE


def describe(entry: Recorded[Patient]) -> dict[str, object]:
    """Return a patient's columns."""
    patient = entry.entry
    return {
        "record_number": patient.record_number,
        "name": patient.name,
        "born": str(patient.born),
        "sex": patient.sex.value,
        "anomaly": patient.anomaly.value,
        "diagnosis": patient.diagnosis or None,
        "allergies": patient.allergies or None,
    }
