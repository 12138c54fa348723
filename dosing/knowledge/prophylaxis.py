"""Reasons to consider prophylaxis against Pneumocystis, and how strong each is.

Strong, by the rules of the course of treatment (section 8): steroids in infancy, as in both
published cases (`kalbfell`), and lymphopenia (`jop2023`). Soft: infancy alone, steroids in an older
patient, and a high target; prophylaxis made no difference to serious infection (`ojrd2023`). The
figures of infancy and of a high target are proposed.
"""

from decimal import Decimal

from dosing.knowledge.limits import INFANT_BELOW_MONTHS
from dosing.knowledge.protocols import TargetTrough

INFANCY_BELOW_MONTHS = INFANT_BELOW_MONTHS
HIGH_TARGET_FROM_NG_ML = Decimal(10)
HIGH_TARGET_ABOVE_NG_ML = Decimal(15)


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
