"""The one recommendation as a value: an action, its dose, and the evidence under it."""

from dataclasses import dataclass
from enum import Enum

from dosing import Alerts, Dose, json_number
from dosing.knowledge.alert_catalogue import SEVERE_FINDING
from monitoring.recommendation.label_advice import LabelAdvice


class DoseAction(Enum):
    """The recommended action."""

    KEEP = "keep"
    RAISE = "raise"
    LOWER = "lower"
    HOLD = "hold"
    REPEAT_LEVEL = "repeat-level"
    ASK = "ask"

    @property
    def words(self) -> str:
        """The action in words."""
        return _WORDS[self]


_WORDS = {
    DoseAction.KEEP: "Keep the dose",
    DoseAction.RAISE: "Raise the dose",
    DoseAction.LOWER: "Lower the dose",
    DoseAction.HOLD: "Hold the dose",
    DoseAction.REPEAT_LEVEL: "Repeat the level",
    DoseAction.ASK: "Answer the question first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEvidence:
    """The model's line of evidence, and its dose if the recommendation uses it."""

    key: str
    name: str
    dose: Dose | None
    trough_ng_ml: float | None
    """The expected trough on the current dose, at steady state."""
    why_not: str | None
    """Why its dose is not used, in one line; None where it is."""

    @property
    def is_used(self) -> bool:
        """Return whether the recommendation uses its dose."""
        return self.why_not is None

    def to_dict(self) -> dict[str, object]:
        """Return the line as JSON."""
        return {
            "model": self.key,
            "dose": self.dose.to_dict() if self.dose else None,
            "trough_ng_ml": None if self.trough_ng_ml is None else round(self.trough_ng_ml, 6),
            "used": self.is_used,
            "why_not": self.why_not,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRecommendation:
    """The one recommendation; `dose` is set to raise and to lower only."""

    action: DoseAction
    reasons: Alerts
    """The most important first."""
    dose: Dose | None = None
    label: Dose | None = None
    """The dose by the label's arithmetic."""
    lower_edge: Dose | None = None
    """Below the target: the dose for its lower edge."""
    model: ModelEvidence | None = None
    is_forbidden: bool = False
    """True if something in the record forbids the current dose, or any dose."""

    def __repr__(self) -> str:
        """Return the action and the dose."""
        dose = f" to {self.dose.words}" if self.dose else ""
        return f"<{type(self).__name__} {self.action.value}{dose}>"

    @property
    def words(self) -> str:
        """The recommendation in a line; what is open of grade 3 or 4 comes before a kept dose."""
        if self.action is DoseAction.KEEP and self.reasons.of_code(SEVERE_FINDING.code):
            return f"Review the open grade 3 or 4 first; {self.action.words.lower()}"
        return f"{self.action.words} to {self.dose.words}" if self.dose else self.action.words

    def to_dict(self, label: LabelAdvice) -> dict[str, object]:
        """Return the recommendation as a part of the document of `sirolimus advise --json`."""
        factor = label.adjusted.factor if label.adjusted else None
        return {
            "action": self.action.value,
            "words": self.words,
            "dose": self.dose.to_dict() if self.dose else None,
            "reasons": [each.message for each in self.reasons],
            "label": {
                "factor": json_number(factor, 6) if factor is not None else None,
                # the factor says what the level asks for; no dose stands that is not recommended
                "dose": self.label.to_dict() if self.label and self.dose else None,
                "lower_edge_dose": self.lower_edge.to_dict() if self.lower_edge else None,
            },
            "model": self.model.to_dict() if self.model else None,
        }
