"""Dual numbers: values with their slopes, for formulas with an exact gradient.

The slopes are those by the random effects: their first axis is the effect, the others are the axes
of the value. Sums, products, quotients and roots follow the rules of calculus, without
approximation. Arrays broadcast as in numpy: what does not vary is stored once. Without slopes that
first axis is empty.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]


class Dual:
    """A value and its slopes.

    >>> x = Dual(np.array([3.0]), np.array([[1.0]]))
    >>> (x * x / 2).slopes
    array([[3.]])
    """

    __slots__ = ("slopes", "value")

    def __init__(self, value: Array, slopes: Array) -> None:
        """Store both."""
        self.value = value
        self.slopes = slopes

    def __add__(self, other: "Dual | float") -> "Dual":
        """Return the sum."""
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.slopes + other.slopes)
        return Dual(self.value + other, self.slopes)

    __radd__ = __add__

    def __neg__(self) -> "Dual":
        """Return the opposite."""
        return Dual(-self.value, -self.slopes)

    def __sub__(self, other: "Dual | float") -> "Dual":
        """Return the difference."""
        return self + (-other)

    def __rsub__(self, other: float) -> "Dual":
        """Return the difference."""
        return -self + other

    def __mul__(self, other: "Dual | float") -> "Dual":
        """Return the product."""
        if isinstance(other, Dual):
            slopes = self.slopes * other.value + self.value * other.slopes
            return Dual(self.value * other.value, slopes)
        return Dual(self.value * other, self.slopes * other)

    __rmul__ = __mul__

    def __truediv__(self, other: "Dual | float") -> "Dual":
        """Return the quotient."""
        if isinstance(other, Dual):
            quotient = self.value / other.value
            return Dual(quotient, (self.slopes - quotient * other.slopes) / other.value)
        return Dual(self.value / other, self.slopes / other)

    def at(self, places: Places) -> "Dual":
        """Return the entries at some places of the last axis."""
        is_constant = self.slopes.shape[-1] < self.value.shape[-1]
        slopes = self.slopes if is_constant else self.slopes.take(places, -1)
        return Dual(self.value.take(places, -1), slopes)

    def root(self) -> "Dual":
        """Return the square root."""
        value = np.sqrt(self.value)
        return Dual(value, self.slopes / (2 * value))


def constant(value: Array) -> Dual:
    """Return a value without slopes."""
    return Dual(value, np.zeros((1,) * (value.ndim + 1)))
