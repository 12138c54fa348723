"""The normal distribution, for arrays: numpy has none, and scipy is too heavy for this alone."""

from functools import cache
from math import erfc, log, pi, sqrt
from statistics import NormalDist

import numpy as np

from dosing.kinetics.tangent import Array

_FAR = -12.0
"""Below it the tail is taken from its asymptotic series, whose terms then fall to 1e-13."""
_TERMS = 10
_TABLE_END, _TABLE_STEP = 8.0, 0.005


def log_cdf(z: Array) -> Array:
    """Return log Φ(z), also far out, where Φ itself is too small for a number."""
    return np.asarray([_log_cdf(float(each)) for each in np.ravel(z)]).reshape(np.shape(z))


def _log_cdf(z: float) -> float:
    if z > _FAR:
        return log(erfc(-z / sqrt(2)) / 2)
    term = series = 1.0
    for number in range(1, _TERMS):
        term *= -(2 * number - 1) / z**2
        series += term
    return -z * z / 2 - log(-z * sqrt(2 * pi)) + log(series)


def tail_slope(z: Array) -> Array:
    """Return φ(z)/Φ(z), the slope of log Φ."""
    return np.asarray(np.exp(-z * z / 2 - log(2 * pi) / 2 - log_cdf(z)))


def cdf(z: Array) -> Array:
    """Return Φ(z) from a table, within 1e-6, quickly for many."""
    places, values = _table()
    return np.interp(z, places, values)


@cache
def _table() -> tuple[Array, Array]:
    places = np.arange(-_TABLE_END, _TABLE_END + _TABLE_STEP / 2, _TABLE_STEP)
    return places, np.array([NormalDist().cdf(each) for each in places])


@cache
def spread_draws(count: int, effects: int) -> Array:
    """Return standard normal draws that fill the space evenly, (count, effects); always the same.

    Half of them are Roberts' additive sequence, in which each axis advances by a power of the
    generalised golden ratio; the other half are their opposites. Being even, a few hundred answer
    what many more random ones would. `count` is even.
    """
    ratio = 2.0
    for _ in range(60):
        ratio = (1 + ratio) ** (1 / (effects + 1))
    steps = ratio ** -np.arange(1, effects + 1)
    evenly = (0.5 + np.arange(1, count // 2 + 1)[:, None] * steps) % 1
    half = np.array([[NormalDist().inv_cdf(each) for each in row] for row in evenly])
    return np.concatenate([half, -half])
