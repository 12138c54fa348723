"""Reasons to consider prophylaxis against Pneumocystis, and how strong each is.

Strong, by the rules of the course of treatment (section 8): steroids in infancy, as in both
published cases (`kalbfell`), and lymphopenia (`jop2023`). Soft: infancy alone, steroids in an older
patient, and a high target; prophylaxis made no difference to serious infection (`ojrd2023`). The
figures of infancy and of a high target are proposed.
"""

from dataclasses import dataclass
from decimal import Decimal

from dosing.knowledge.limits import INFANT_BELOW_MONTHS
from dosing.knowledge.protocols import TargetTrough
from dosing.knowledge.references import PROPOSED

INFANCY_BELOW_MONTHS = INFANT_BELOW_MONTHS
HIGH_TARGET_FROM_NG_ML = Decimal(10)
HIGH_TARGET_ABOVE_NG_ML = Decimal(15)


@dataclass(frozen=True, slots=True)
class ProphylaxisReason:
    """A reason to consider prophylaxis: strong ones ask for a decision, soft ones do not."""

    words: str
    strong: bool
    source: str

    @property
    def strength(self) -> str:
        """The strength in a word."""
        return "strong" if self.strong else "soft"


INFANT_ON_STEROIDS = ProphylaxisReason("steroids in infancy", strong=True, source="kalbfell")
LYMPHOPENIA = ProphylaxisReason("lymphopenia", strong=True, source="jop2023")
INFANCY = ProphylaxisReason(
    f"under {INFANCY_BELOW_MONTHS} months of age", strong=False, source=PROPOSED
)
STEROIDS = ProphylaxisReason("steroids", strong=False, source=PROPOSED)
HIGH_TARGET = ProphylaxisReason(
    f"a target from {HIGH_TARGET_FROM_NG_ML} ng/mL on or above {HIGH_TARGET_ABOVE_NG_ML}",
    strong=False,
    source=PROPOSED,
)
PROPHYLAXIS_REASONS = (INFANT_ON_STEROIDS, LYMPHOPENIA, INFANCY, STEROIDS, HIGH_TARGET)
"""The reasons, the strong ones first."""


def is_high_target(target: TargetTrough) -> bool:
    """Return whether a target begins at 10 ng/mL or more, or reaches above 15.

    >>> is_high_target(TargetTrough(Decimal(10), Decimal(15)))
    True
    >>> is_high_target(TargetTrough(Decimal(5), Decimal(15)))
    False
    """
    begins_high = (target.low_ng_ml or 0) >= HIGH_TARGET_FROM_NG_ML
    return begins_high or target.high_ng_ml > HIGH_TARGET_ABOVE_NG_ML


def is_infant(months: Decimal) -> bool:
    """Return whether steroids at this age are a strong reason.

    >>> is_infant(Decimal("23.9")), is_infant(Decimal(24))
    (True, False)
    """
    return months < INFANCY_BELOW_MONTHS
