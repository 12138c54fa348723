"""Who the patient is: in sight on every screen and dialog that concerns one."""

from textual.content import Content
from textual.widgets import Static

from dosing import plain
from monitoring.record.prescription import Prescription
from monitoring.summary import PatientSummary
from tui.app.text import words


class PatientBanner(Static):
    """Name, record number, date of birth with age, sex; allergies and overrides flagged."""

    DEFAULT_CSS = """
    PatientBanner { height: auto; padding: 0 1; background: $primary-muted; dock: top; }
    """

    def __init__(self, summary: PatientSummary) -> None:
        """Show the patient of a summary."""
        super().__init__(banner_of(summary))


def banner_of(summary: PatientSummary) -> Content:
    """Return the banner's text."""
    patient = summary.record.patient.entry
    months = summary.age.months
    age = f"{plain(months, 0)} months" if months < 24 else f"{plain(summary.age.years, 1)} years"
    parts = [
        words(patient.name).stylize("bold"),
        words(f"№ {patient.record_number}  born {patient.born} ({age}, {patient.sex.value})"),
    ]
    if patient.allergies:
        parts.append(words(f"! allergies: {patient.allergies}").stylize("bold $text-warning"))
    dose = summary.current.prescription if summary.current else None
    if dose is not None and dose.override_by:
        parts.append(words(_override(dose)).stylize("bold $text-warning"))
    return Content("  ").join(parts)


def _override(dose: Prescription) -> str:
    return f"▲ override by {dose.override_by}: {dose.override_reason}"
