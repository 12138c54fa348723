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


# A negation before the word or after it, in the same part of the sentence.
_NEGATED_BEFORE = re.compile(r"\b(no|not|never|denies|without|excludes?)\b[^,;.]*$")
_NEGATED_AFTER = re.compile(r"^[^,;.]*\b(excluded|negative|ruled out|denied)\b")
_WORDS = (
    (ConditionKind.PLANNED_PREGNANCY, re.compile(r"(plan|wish|want|hop|tr(y|ies)).*pregnan")),
    (ConditionKind.PLANNED_PREGNANCY, re.compile(r"pregnan.*(plan|wish)")),
    (ConditionKind.PREGNANCY, re.compile(r"\b(pregnan|gravid|gestation)")),
    (ConditionKind.BREASTFEEDING, re.compile(r"\b(breast-? ?fe|lactat|nursing)")),
    (ConditionKind.ALLERGY, re.compile(r"allerg|hypersens|anaphyla|intoleran")),
    (ConditionKind.SURGERY, re.compile(r"surg(er|ical)|\boperation|\bresection|\btransplant")),
    (
        ConditionKind.INFECTION,
        re.compile(
            r"infect|sepsis|pneumonia|bacter(ae|e)mi|abscess|cellulitis|tubercul|(?<!hay )\bfever"
        ),
    ),
)
_RESPIRATORY = re.compile(
    r"\bcough|\bdyspn(o?e|œ)a|\bbreathless|\bshort(ness)? of breath"
    r"|\b(trouble|difficult\w*|laboured|labored)( in)? breathing"
)
_FEVER = re.compile(r"(?<!hay )\bfever|\bfebrile|\bpyrexia")
_PNEUMONITIS = re.compile(r"\bpneumonitis|\binterstitial (lung|pneumon)")


def condition_kind(name: str) -> ConditionKind:
    """Return the meaning of a condition as it was recorded.

    >>> [condition_kind(name).value for name in ("Pregnancy", "pregnancy planned", "not pregnant")]
    ['pregnancy', 'planned pregnancy', 'other']
    """
    return next((kind for kind, pattern in _WORDS if _names(pattern, name)), ConditionKind.OTHER)


def is_respiratory_symptom(name: str) -> bool:
    """Return whether an adverse event is a cough or breathlessness, by its words.

    >>> [is_respiratory_symptom(name) for name in ("dry cough", "dyspnoea", "no cough")]
    [True, True, False]
    """
    return _names(_RESPIRATORY, name)


def is_fever(name: str) -> bool:
    """Return whether an adverse event is a fever, by its words.

    >>> is_fever("fever, 39.2"), is_fever("hay fever")
    (True, False)
    """
    return _names(_FEVER, name)


def names_pneumonitis(name: str) -> bool:
    """Return whether words name a pneumonitis, suspected ones too.

    >>> names_pneumonitis("suspected pneumonitis"), names_pneumonitis("pneumonitis ruled out")
    (True, False)
    """
    return _names(_PNEUMONITIS, name)


def _names(pattern: re.Pattern[str], text: str) -> bool:
    """Return whether a text has a word of a pattern that is not negated."""
    words = unicodedata.normalize("NFKD", clean(text)).casefold()
    return any(
        not _NEGATED_BEFORE.search(words[: found.start()])
        and not _NEGATED_AFTER.search(words[found.end() :])
        for found in pattern.finditer(words)
    )
