"""The exact interval of a proportion (Clopper and Pearson), 95 %.

The ends are quantiles of the beta distribution. Its distribution function is the regularised
incomplete beta function, worked out by its continued fraction (DLMF 8.17.22) and inverted by
halving; scipy has both, but would be a large import for this alone.
"""

import math
from functools import cache

_TAIL = 0.025
_SMALLEST = 1e-300
_HALVINGS = 200
_MOST_TERMS = 10_000


@cache
def exact_interval(count: int, of: int) -> tuple[float, float] | None:
    """Return the 95 % interval of `count` of `of` as shares from 0 to 1; None if `of` is 0.

    >>> low, high = exact_interval(40, 60)
    >>> f"{low:.3f} {high:.3f}"
    '0.533 0.783'
    """
    if of == 0:
        return None
    low = 0.0 if count == 0 else _quantile(_TAIL, count, of - count + 1)
    high = 1.0 if count == of else _quantile(1 - _TAIL, count + 1, of - count)
    return low, high


def _quantile(share: float, a: int, b: int) -> float:
    """Return the point at which the distribution function of beta(a, b) reaches `share`."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if _beta_distribution(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_distribution(x: float, a: int, b: int) -> float:
    """Return the regularised incomplete beta function; the fraction converges on the left side."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_distribution(1 - x, b, a)
    if x == 0:
        return 0.0
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return math.exp(log_front) / a / _continued_fraction(x, a, b)


def _continued_fraction(x: float, a: int, b: int) -> float:
    """Return 1 + d1 x / (1 + d2 x / (1 + …)) by Lentz's method."""
    value, numerator, denominator = 1.0, 1.0, 0.0
    for term in range(1, _MOST_TERMS):
        m, is_odd = divmod(term, 2)
        if is_odd:
            factor = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            factor = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        denominator = 1 / _not_zero(1 + factor * denominator)
        numerator = _not_zero(1 + factor / numerator)
        step = numerator * denominator
        value *= step
        if abs(step - 1) < 1e-16:
            break
    return value


def _not_zero(number: float) -> float:
    return number if abs(number) > _SMALLEST else _SMALLEST
