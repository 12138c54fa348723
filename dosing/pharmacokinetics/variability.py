"""Levels that vary more than a model expects: a test of the fit's residuals.

The weighted residuals (level − prediction) / standard deviation are independent and standard normal
at the patient's true parameters. Their sum of squares then follows the chi-square distribution with
one degree of freedom a level, and at the most probable parameters it is smaller still. A sum that
so few patients would exceed speaks against the model's residual error for this patient.
"""

from math import erfc, exp, lgamma, log, sqrt

import numpy as np

from dosing.knowledge.forecast_rules import LEVELS_TO_VARY, VARIES_MORE
from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.objective import Censoring
from dosing.pharmacokinetics.posterior import Posterior, residual_sd
from dosing.pharmacokinetics.predictive import AnyPosterior, models_in_window


def levels_vary_more(posterior: AnyPosterior) -> bool:
    """Return whether the levels vary more than every model within Occam's window expects."""
    chances = [_chance_of_variation(each) for each in models_in_window(posterior)]
    return all(100 * each < VARIES_MORE.value for each in chances)


def _chance_of_variation(posterior: Posterior) -> float:
    """Return the chance of residuals at least so large, in a patient of the model."""
    fit = posterior.fit
    levels = [each for each in fit.levels if each.bound is Censoring.VALUE]
    if len(levels) < LEVELS_TO_VARY.value:
        return 1.0
    concentrations = Concentrations(fit.model, posterior.history, [each.at_h for each in levels])
    predicted = concentrations.at(np.array([fit.eta]))[0]
    residuals = np.array([each.ng_ml for each in levels]) - predicted
    squares = (residuals / residual_sd(fit, predicted)) ** 2
    return chi_square_tail(float(squares.sum()), len(levels))


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
