"""Conditions that forbid sirolimus or ask for care, by the words in which they are recorded.

A name that is not known here has no meaning for the dose. The windows are proposed.
"""

import re
import unicodedata
from enum import Enum

from dosing.quantities.text import clean

# Proposed: the days around an operation in which wound healing matters.
SURGERY_PLANNED_WITHIN_DAYS = 28
SURGERY_RECENT_WITHIN_DAYS = 28
# The label asks for contraception until 12 weeks after the last dose.
PREGNANCY_PLANNED_WITHIN_DAYS = 12 * 7


class ConditionKind(Enum):
    """The meaning of a condition for the dose."""

    PREGNANCY = "pregnancy"
    PLANNED_PREGNANCY = "planned pregnancy"
    BREASTFEEDING = "breastfeeding"
    ALLERGY = "allergy"
    SURGERY = "surgery"
    INFECTION = "infection"
    OTHER = "other"


_NEGATED = re.compile(r"\b(no|not|never|denies|without|excluded|negative)\b")
_WORDS = (
    (ConditionKind.PLANNED_PREGNANCY, re.compile(r"(plan|wish|want|hop|tr(y|ies)).*pregnan")),
    (ConditionKind.PLANNED_PREGNANCY, re.compile(r"pregnan.*(plan|wish)")),
    (ConditionKind.PREGNANCY, re.compile(r"\b(pregnan|gravid|gestation)")),
    (ConditionKind.BREASTFEEDING, re.compile(r"\b(breast-? ?fe|lactat|nursing)")),
    (ConditionKind.ALLERGY, re.compile(r"allerg|hypersens|anaphyla|intoleran")),
    (ConditionKind.SURGERY, re.compile(r"surg(er|ical)|\boperation|\bresection|\btransplant")),
    (
        ConditionKind.INFECTION,
        re.compile(r"infect|sepsis|pneumonia|bacter(ae|e)mi|abscess|cellulitis|tubercul|\bfever"),
    ),
)


def condition_kind(name: str) -> ConditionKind:
    """Return the meaning of a condition as it was recorded.

    >>> [condition_kind(name).value for name in ("Pregnancy", "pregnancy planned", "not pregnant")]
    ['pregnancy', 'planned pregnancy', 'other']
    """
    words = unicodedata.normalize("NFKD", clean(name)).casefold()
    if _NEGATED.search(words):
        return ConditionKind.OTHER
    return next((kind for kind, pattern in _WORDS if pattern.search(words)), ConditionKind.OTHER)
