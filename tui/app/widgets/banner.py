"""The banner that identifies the patient on every screen about one."""

from textual.content import Content
from textual.widgets import Static

from dosing.gestational_age import is_corrected
from dosing.quantities.formatting import short_date
from monitoring.record.prescription import Prescription
from monitoring.state import allergies_of
from monitoring.summary import PatientSummary
from reports.presentation.ages import age_words
from tui.app.text import words

_NO_ALLERGIES = frozenset({
    "none", "none known", "no", "no allergies", "no known allergies", "no known drug allergies",
    "nil", "nil known", "nka", "nkda", "keine", "keine bekannt", "keine bekannten allergien",
})  # fmt: skip
"""The usual texts for no allergy, without anything else."""


class PatientBanner(Static):
    """Name, record number, birth with age, sex; allergies, holds and overrides flagged."""

    DEFAULT_CSS = """
    PatientBanner { height: auto; padding: 0 1; background: $primary-muted; dock: top; }
    """

    def __init__(self, summary: PatientSummary, *, with_state: bool = True) -> None:
        """Show the patient of a summary."""
        super().__init__(banner_of(summary, with_state=with_state))


def banner_of(summary: PatientSummary, *, with_state: bool = True) -> Content:
    """Return the banner's text; without a state that the screen tells beside it."""
    patient = summary.record.patient.entry
    after = f" after {patient.gestation}" if is_corrected(summary.age, patient.gestation) else ""
    age = f"{age_words(summary.age)}, {patient.sex.value}"
    born = f"born {short_date(patient.born)}{after} ({age})"
    parts = [
        words(patient.name).stylize("bold"),
        words(f"№ {patient.record_number}  {born}"),
    ]
    allergies = allergies_of(summary.record, summary.made.local.date())
    if _means_none(allergies):
        parts.append(words(f"allergies: {allergies}"))
    elif allergies:
        parts.append(words(f"! allergies: {allergies}").stylize("bold $text-warning"))
    if with_state and state_warns(summary):
        parts.append(words(f"▲ {summary.state.words}").stylize("bold $text-warning"))
    dose = summary.current.prescription if summary.current else None
    if dose is not None and dose.override_by:
        parts.append(words(_override(dose)).stylize("bold $text-warning"))
    return Content("  ").join(parts)


def state_warns(summary: PatientSummary) -> bool:
    """Return whether the state of a treatment is a warning: a hold, or a dose in question."""
    return summary.state.kind.is_treated and not summary.state.is_given


def _means_none(allergies: str) -> bool:
    return " ".join(allergies.split()).rstrip(".").casefold() in _NO_ALLERGIES


def _override(dose: Prescription) -> str:
    return f"▲ override by {dose.override_by}: {dose.override_reason}"
