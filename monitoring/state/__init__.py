"""The state of treatment at a moment, and what it forbids."""

from monitoring.state.contraindications import allergies_of
from monitoring.state.dose_safety import (
    DoseStep,
    as_listed,
    card_safety,
    dose_safety,
    prescription_safety,
    restart_safety,
    starting_dose_safety,
    step_to,
)
from monitoring.state.severe_findings import SevereFinding
from monitoring.state.treatment_state import TreatmentState, state_at
from monitoring.terms import StateKind

__all__ = [
    "DoseStep",
    "SevereFinding",
    "StateKind",
    "TreatmentState",
    "allergies_of",
    "as_listed",
    "card_safety",
    "dose_safety",
    "prescription_safety",
    "restart_safety",
    "starting_dose_safety",
    "state_at",
    "step_to",
]
