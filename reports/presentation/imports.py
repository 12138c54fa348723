"""Additions and refusals of an import, in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of
from monitoring.exchange.laboratory_file.importing import Addition, Plan
from monitoring.exchange.laboratory_file.row_parsing import Refusal, reported, sampled
from monitoring.record.level import Level
from reports.presentation.patients import patient_line
from reports.presentation.times import clock_anywhere

if TYPE_CHECKING:
    from monitoring.exchange.export import Preview


def preview_lines(preview: "Preview", most_patients: int | None = None) -> Iterator[str]:
    """Yield the patients and changes that the import of an export would add, a line each."""
    found, patients = preview.verification, preview.patients
    who, what = count_of(len(patients), "patient"), count_of(found.changes, "change")
    yield f"+ to add: {who} with {what}; the export is whole."
    yield f"Authors: {', '.join(preview.authors) or 'none'}. Head {found.head}."
    for each in patients[:most_patients]:
        yield f"  {patient_line(each)}"
    if most_patients is not None and len(patients) > most_patients:
        yield f"  and {len(patients) - most_patients} more"


def count_rows(plan: Plan) -> list[tuple[str, str]]:
    """Return the number of rows of each kind, with their names."""
    levels = sum(isinstance(each.entry, Level) for each in plan.additions)
    voided = f", {plan.voided_there} of them voided" if plan.voided_there else ""
    return [
        ("  rows", str(plan.rows)),
        ("  new levels", str(levels)),
        ("  new laboratory values", str(len(plan.additions) - levels)),
        ("  already recorded", f"{plan.already_there}{voided}"),
        *((f"  skipped, {why.value}", str(count)) for why, count in plan.skipped.items()),
        ("  refused", str(len(plan.refused))),
    ]


def addition_words(addition: Addition) -> str:
    """Return the patient and the value that is added."""
    patient, entry = addition.patient.entry, addition.entry
    test = "sirolimus" if isinstance(entry, Level) else entry.test
    at = clock_anywhere(sampled(entry))
    return f"{patient.record_number} {patient.name}: {test} {reported(entry)}, sampled {at}"


def refusal_words(refusal: Refusal) -> str:
    """Return the reason why a row is refused, and its column."""
    return f"column {refusal.column}: {refusal.reason}" if refusal.column else refusal.reason


def written_words(plan: Plan) -> str:
    """Return the number of entries imported, and of rows left out."""
    left = ""
    if plan.refused:
        refused = count_of(len(plan.refused), "refused row was", "refused rows were")
        left = f" {refused} left out."
    return f"Imported: {count_of(len(plan.additions), 'entry', 'entries')}.{left}"
