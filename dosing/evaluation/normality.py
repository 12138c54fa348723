"""The test of normality by Shapiro and Wilk, with Royston's approximation.

Royston, Appl Stat 1995;44:547 (AS R94). Above 5,000 figures it is an extrapolation. scipy has it,
but would be a large import for this alone.
"""

from math import asin, erfc, exp, log, pi, sqrt
from statistics import NormalDist

import numpy as np

from dosing.pharmacokinetics.dual import Array

_WEIGHT_LAST = (0.0, 0.221157, -0.147981, -2.071190, 4.434685, -2.706056)
_WEIGHT_NEXT = (0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633)
"""In 1/√n: they are added to the outermost two scores."""
_SMALL_GAMMA = (-2.273, 0.459)
_SMALL_MEAN = (0.5440, -0.39978, 0.025054, -6.714e-4)
_SMALL_LOG_SD = (1.3822, -0.77857, 0.062767, -0.0020322)
"""From 4 to 11 figures, in n."""
_LARGE_MEAN = (-1.5861, -0.31082, -0.083751, 0.0038915)
_LARGE_LOG_SD = (-0.4803, -0.082676, 0.0030302)
"""From 12 figures on, in log n."""
_SMALL = 11


def shapiro_wilk(figures: Array) -> tuple[float, float]:
    """Return W and the p value of at least three figures; 1 and 1 where all are equal."""
    ordered = np.sort(figures)
    count = len(ordered)
    centred = ordered - ordered.mean()
    square = float(centred @ centred)
    if square == 0:
        return 1.0, 1.0
    w = min(1.0, float(_weights(count) @ centred) ** 2 / square)
    return w, _p_value(w, count)


def _weights(count: int) -> Array:
    """Return the weights of the ordered figures, antisymmetric and of length 1."""
    if count == 3:
        return np.array([-sqrt(0.5), 0.0, sqrt(0.5)])
    scores = np.array(
        [NormalDist().inv_cdf((place - 0.375) / (count + 0.25)) for place in range(1, count + 1)]
    )
    square, root = float(scores @ scores), 1 / sqrt(count)
    last = scores[-1] / sqrt(square) + _polynomial(_WEIGHT_LAST, root)
    weights = scores.copy()
    if count > 5:
        following = scores[-2] / sqrt(square) + _polynomial(_WEIGHT_NEXT, root)
        rest = square - 2 * scores[-1] ** 2 - 2 * scores[-2] ** 2
        weights /= sqrt(rest / (1 - 2 * last**2 - 2 * following**2))
        weights[-2], weights[1] = following, -following
    else:
        weights /= sqrt((square - 2 * scores[-1] ** 2) / (1 - 2 * last**2))
    weights[-1], weights[0] = last, -last
    return weights


def _p_value(w: float, count: int) -> float:
    if count == 3:
        return max(0.0, 6 / pi * (asin(sqrt(w)) - asin(sqrt(0.75))))
    if w >= 1:
        return 1.0
    if count <= _SMALL:
        gamma = _polynomial(_SMALL_GAMMA, count)
        if log(1 - w) >= gamma:
            return 0.0
        figure = -log(gamma - log(1 - w))
        mean, log_sd = _polynomial(_SMALL_MEAN, count), _polynomial(_SMALL_LOG_SD, count)
    else:
        figure = log(1 - w)
        mean = _polynomial(_LARGE_MEAN, log(count))
        log_sd = _polynomial(_LARGE_LOG_SD, log(count))
    return erfc((figure - mean) / exp(log_sd) / sqrt(2)) / 2


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    return float(sum(each * x**power for power, each in enumerate(coefficients)))
