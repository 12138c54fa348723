"""The statement of a build about a patient, as named facts to compare with another build's.

The facts are figures and codes: a sentence that is worded anew makes no difference.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from dosing import Alerts, UserError
from dosing.quantities.formatting import measured_dose
from dosing.quantities.text import clean
from monitoring.summary import PatientSummary

NONE = "none"


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """A fact that two builds state differently."""

    name: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Facts by their names, each a text."""

    facts: tuple[tuple[str, str], ...]

    @classmethod
    def of_json(cls, text: str) -> "Statement":
        """Return the statement of `to_json`. Raises `UserError` for another text."""
        try:
            facts = json.loads(text)
            return cls(tuple((clean(str(name)), clean(str(fact))) for name, fact in facts.items()))
        except (ValueError, AttributeError, RecursionError):
            raise UserError("What the page said cannot be read.") from None

    def to_json(self) -> str:
        """Return the facts as one line of JSON."""
        return json.dumps(dict(self.facts), separators=(",", ":"))

    def changes(self, now: "Statement") -> tuple[ChangedFact, ...]:
        """Return the facts of this statement that are others now, in their order."""
        facts = dict(now.facts)
        return tuple(
            ChangedFact(name, then, facts.get(name, NONE))
            for name, then in self.facts
            if facts.get(name, NONE) != then
        )


def code_words(alerts: Alerts) -> str:
    """Return the codes of alerts in the order of the alphabet, each once."""
    return codes_in_words(each.code for each in alerts)


def codes_in_words(codes: Iterable[str]) -> str:
    """Return codes in the order of the alphabet, each once; "none" without one."""
    return ", ".join(sorted(set(codes))) or NONE


def statement_of(summary: PatientSummary) -> Statement:
    """Return what every page about a patient rests on: state, dose, recommendation and alerts."""
    current, advised = summary.current, summary.advice.recommendation
    doses = [current.measured, current.evening] if current else []
    measured = ", ".join(measured_dose(each) for each in doses if each is not None)
    return Statement(
        (
            ("state", summary.state.kind.value),
            ("dose", str(current.prescription) if current else NONE),
            ("measured as", measured or NONE),
            ("target", str(summary.target) if summary.target else NONE),
            ("recommendation", advised.action.value),
            ("recommended dose", advised.dose.words if advised.dose else NONE),
            ("alerts", code_words(summary.alerts + summary.advice.alerts)),
        )
    )
