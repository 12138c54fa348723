"""The normal distribution for arrays: numpy has none, and scipy is too heavy for it."""

from functools import cache
from math import erfc, pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.dual import Array

_FAR = -12.0
"""Below it the tail comes from its asymptotic series, whose terms then fall to 1e-13."""
_TERMS = 10
_TABLE_END, _TABLE_STEP = 8.0, 0.005
_PRIMES = (2, 3, 5, 7, 11, 13)


_erfc = np.frompyfunc(erfc, 1, 1)


def log_cdf(z: Array) -> Array:
    """Return log Φ(z), also where Φ itself underflows."""
    near, far = np.maximum(z, _FAR), np.minimum(z, _FAR)
    tail = -far * far / 2 - np.log(-far * sqrt(2 * pi)) + np.log(_tail_series(far))
    return np.where(z > _FAR, np.log(_erfc_of(near) / 2), tail)


def tail_slope(z: Array) -> Array:
    """Return φ(z)/Φ(z), the slope of log Φ."""
    near, far = np.maximum(z, _FAR), np.minimum(z, _FAR)
    slope = np.exp(-near * near / 2) * sqrt(2 / pi) / _erfc_of(near)
    return np.where(z > _FAR, slope, -far / _tail_series(far))


def _erfc_of(z: Array) -> Array:
    """Return twice Φ(z), the complementary error function of −z/√2."""
    return np.asarray(_erfc(-z / sqrt(2)), dtype=float)


def _tail_series(z: Array) -> Array:
    """Return Φ(z) as a part of φ(z)/−z, for the far tail."""
    term, series = np.ones_like(z), np.ones_like(z)
    for number in range(1, _TERMS):
        term = term * (-(2 * number - 1) / (z * z))
        series = series + term
    return series


def cdf(z: Array) -> Array:
    """Return Φ(z) from a table, within 1e-6, quickly for many."""
    values, steps = _table()
    place = np.clip((z + _TABLE_END) / _TABLE_STEP, 0, len(steps))
    before = np.minimum(place.astype(np.intp), len(steps) - 1)
    return np.asarray(values[before] + (place - before) * steps[before])


@cache
def _table() -> tuple[Array, Array]:
    """Return Φ at equal steps, and by how much it rises in each step."""
    places = np.arange(-_TABLE_END, _TABLE_END + _TABLE_STEP / 2, _TABLE_STEP)
    values = _erfc_of(places) / 2
    return values, np.diff(values)


@cache
def spread_draws(count: int, effects: int) -> Array:
    """Return standard normal draws that fill the space evenly, (count, effects); always the same.

    They are Hammersley's set: the first axis is divided evenly; on the others the digits of the
    number of a draw, in the base of a prime, are reversed. A few hundred even draws are as exact as
    many more random ones.
    """
    numbers = np.arange(1, count + 1)
    others = [_reversed_digits(numbers, prime) for prime in _PRIMES[: effects - 1]]
    evenly = np.column_stack([(numbers - 0.5) / count, *others])
    draws = np.array([[NormalDist().inv_cdf(each) for each in row] for row in evenly])
    draws.setflags(write=False)
    return draws


def _reversed_digits(numbers: NDArray[np.int_], base: int) -> Array:
    """Return the digits of each number as decimals, the last digit first."""
    turned, left, place = np.zeros(len(numbers)), numbers, 1.0
    while left.any():
        place /= base
        turned += place * (left % base)
        left = left // base
    return turned
