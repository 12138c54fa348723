"""Levels that vary more than a model expects: a test of the fit's residuals.

The weighted residuals (level − prediction) / standard deviation are independent and standard normal
at the patient's true parameters. Their sum of squares then follows the chi-square distribution with
one degree of freedom a level, and at the most probable parameters it is smaller still. A sum that
so few patients would exceed speaks against the model's residual error for this patient.
"""

from collections.abc import Sequence
from math import erfc, exp, lgamma, log, sqrt

from dosing.knowledge.forecast_rules import LEVELS_TO_VARY, VARIES_MORE
from dosing.pharmacokinetics.averaging import WeightedModel
from dosing.pharmacokinetics.prediction import LevelCheck


def levels_vary_more(models: Sequence[WeightedModel], levels: Sequence[LevelCheck]) -> bool:
    """Return whether levels vary more than every model within Occam's window expects."""
    by_model = zip(*(each.residuals_sd for each in levels), strict=True)
    return bool(levels) and all(
        100 * _chance_of([each for each in residuals if each is not None]) < VARIES_MORE.value
        for model, residuals in zip(models, by_model, strict=True)
        if model.is_in_window
    )


def _chance_of(residuals: Sequence[float]) -> float:
    """Return the chance of residuals at least so large, in a patient of the model."""
    if len(residuals) < LEVELS_TO_VARY.value:
        return 1.0
    return chi_square_tail(sum(each**2 for each in residuals), len(residuals))


def chi_square_tail(x: float, degrees: int) -> float:
    """Return the probability of a chi-square value above x, in closed form.

    >>> round(chi_square_tail(5.991, 2), 4), round(chi_square_tail(3.841, 1), 4)
    (0.05, 0.05)
    """
    if x <= 0:
        return 1.0
    half, first = x / 2, (degrees % 2) / 2
    tail = erfc(sqrt(half)) if first else 0.0
    powers = (first + number for number in range(degrees // 2))
    return tail + sum(exp(power * log(half) - half - lgamma(power + 1)) for power in powers)
