"""Superposition: the sums of doses, each decayed by its age, in a linear model.

For a rate λ the decayed sum of doses is L(λ) = Σ dose · exp(−λ · age). A drug that passes
through first-order steps with the rates λ1, λ2 … follows the divided differences of L at those
rates; with the signs that make them positive,

    E(a) = L(a),   E(a, b) = (E(a) − E(b)) / (b − a),
    E(a, b, c) = (E(a, b) − E(b, c)) / (c − a), and so on,

and the slope of E by one of its rates is −E with that rate repeated. Equal doses at equal intervals
are summed as a geometric series: a year of them, or all of a steady state, is as quick as a week.

Rates that are equal or nearly so would lose digits in the difference. For them the divided
difference is Cauchy's integral on a circle around them, by the trapezoidal rule, which is exact to
the last digits for so smooth a function.

Each figure depends on its own draw and time alone, to the last digit: sums over the doses of a time
are taken in one order, however many other times are calculated with it.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.dual import Array, Dual, Places

_NEAR = 0.01
"""Rates are near if their difference is below this part of the larger; beyond it the difference
loses two digits of sixteen for each order."""
_CIRCLE = 0.05
"""The radius of the circle, as a part of the rate: the rates are then well inside."""
_POINTS = 32
_Series: TypeAlias = tuple[NDArray[Any], NDArray[Any]]
"""exp(−x · length) − 1 and exp(−x · interval) − 1; their quotient is the sum of the series."""
_TURN = np.exp(2j * np.pi * (np.arange(_POINTS) + 0.5) / _POINTS)


@dataclass(frozen=True)
class AgedDoses:
    """The doses before each time: one entry for each time and each record of doses before it.

    `age_h` is that of the last dose of the record, `length_h` the number of its doses times
    `interval_h`. A time without doses has an entry of 0 mg: each time has at least one.
    """

    time: Places
    """The number of the time of each entry, in ascending order."""
    age_h: Array
    length_h: Array
    interval_h: Array
    amount_mg: Array

    @cached_property
    def first(self) -> Places:
        """The first entry of each time."""
        return np.flatnonzero(np.diff(self.time, prepend=-1))

    @cached_property
    def _is_single(self) -> bool:
        """True if each time has one entry."""
        return len(self.first) == len(self.time)

    @cached_property
    def _several(self) -> Places:
        """The entries of several doses; those of one dose need no series."""
        return np.flatnonzero(self.length_h > self.interval_h)

    def sums(self, rate: NDArray[Any]) -> NDArray[Any]:
        """Return L at rates (…, times); a rate may be complex."""
        return self._each_time(self._decayed(self._at_entries(rate))[0])

    def sums_by_age(self, rate: Array) -> tuple[Array, Array]:
        """Return L and −dL/dλ, in which each dose is weighted by its age."""
        each, later = self._decayed(self._at_entries(rate))
        age = np.empty_like(each)
        age[:] = self.age_h
        if later is not None:
            all_of_it, one = later
            length, interval = self.length_h[self._several], self.interval_h[self._several]
            earlier = length * (1 + 1 / all_of_it) - interval * (1 + 1 / one)
            if len(self._several) == len(self.time):
                age += earlier
            else:
                age[..., self._several] += earlier
        return self._each_time(each), self._each_time(each * age)

    def of_times(self, times: Places) -> "AgedDoses":
        """Return the entries of some times, which may be there several times."""
        count = np.diff(self.first, append=len(self.time))[times]
        end = count.cumsum()
        entries = np.arange(count.sum()) + np.repeat(self.first[times] - (end - count), count)
        return AgedDoses(
            time=np.repeat(np.arange(len(times)), count),
            age_h=self.age_h[entries],
            length_h=self.length_h[entries],
            interval_h=self.interval_h[entries],
            amount_mg=self.amount_mg[entries],
        )

    def _at_entries(self, rate: NDArray[Any]) -> NDArray[Any]:
        return rate if self._is_single else rate.take(self.time, -1)

    def _decayed(self, x: NDArray[Any]) -> tuple[NDArray[Any], _Series | None]:
        """Return the decayed sum of each record, and the two terms of its series."""
        each = self.amount_mg * np.exp(-x * self.age_h)
        several = self._several
        if not len(several):
            return each, None
        if len(several) == len(self.time):
            all_of_it, one = np.expm1(-x * self.length_h), np.expm1(-x * self.interval_h)
            return each * (all_of_it / one), (all_of_it, one)
        x = x.take(several, -1)
        all_of_it = np.expm1(-x * self.length_h[several])
        one = np.expm1(-x * self.interval_h[several])
        each[..., several] *= all_of_it / one
        return each, (all_of_it, one)

    def _each_time(self, each: NDArray[Any]) -> NDArray[Any]:
        """Return the sum of the entries of each time."""
        if self._is_single:
            return each
        return np.asarray(np.add.reduceat(each, self.first, axis=-1))


def unit_dose(age_h: Array) -> AgedDoses:
    """Return one dose of 1 mg of the given age at each time."""
    ones = np.ones_like(age_h)
    return AgedDoses(np.arange(len(age_h)), age_h, ones, ones, ones)


class Superposition:
    """The divided differences E of some doses at the rates of a model.

    `rates` are (draws, times) each, all above zero; the results are (draws, times).
    """

    def __init__(self, doses: AgedDoses, rates: tuple[Dual, ...]) -> None:
        """Sum the doses at every rate."""
        self._doses = doses
        self._rates = rates
        self._known: dict[tuple[int, ...], Array] = {}
        self._known_near: dict[tuple[int, int], NDArray[np.bool_] | None] = {}
        self._varies = [bool(each.slopes.any()) for each in rates]  # a fixed ka does not
        for number, rate in enumerate(rates):
            if self._varies[number]:
                sums, by_age = doses.sums_by_age(rate.value)
                self._known[number, number] = by_age
            else:
                sums = doses.sums(rate.value)
            self._known[number,] = sums

    def __call__(self, *nodes: int) -> Dual:
        """Return E at the rates with these numbers."""
        value = self._value(tuple(sorted(nodes)))
        slopes: Array = np.zeros((1, 1, 1))
        for number in nodes:
            if self._varies[number]:
                repeated = self._value(tuple(sorted((*nodes, number))))
                slopes = slopes - repeated * self._rates[number].slopes
        return Dual(value, slopes)

    def _value(self, nodes: tuple[int, ...]) -> Array:
        known = self._known.get(nodes)
        if known is None:
            known = self._known[nodes] = self._divided(nodes)
        return known

    def _divided(self, nodes: tuple[int, ...]) -> Array:
        """Return E of nodes of at least two numbers.

        Each draw and time uses the difference of two rates that are not near; the circle is only
        for those without such a pair.
        """
        pairs = list(combinations(dict.fromkeys(nodes), 2))
        if self._near(*pairs[-1]) is None:
            return self._difference(nodes, *pairs[-1])
        shape = np.broadcast_shapes(*(self._rates[each].value.shape for each in nodes))
        found, is_open = np.empty(shape), np.ones(shape, dtype=bool)
        for one, other in reversed(pairs):
            near = self._near(one, other)
            apart = is_open if near is None else is_open & ~near
            if apart.any():
                found = np.where(apart, self._difference(nodes, one, other), found)
                is_open = is_open & ~apart
        if is_open.any():
            found[is_open] = self._on_circle(nodes, is_open)
        return found

    def _difference(self, nodes: tuple[int, ...], one: int, other: int) -> Array:
        gap, near = self._rates[other].value - self._rates[one].value, self._near(one, other)
        if near is not None:
            gap = np.where(near, 1.0, gap)  # near rates are not used
        return (self._value(_without(nodes, other)) - self._value(_without(nodes, one))) / gap

    def _near(self, one: int, other: int) -> NDArray[np.bool_] | None:
        """Return where two rates are near; None if they are so nowhere."""
        if (one, other) not in self._known_near:
            a, b = self._rates[one].value, self._rates[other].value
            near = np.abs(a - b) < _NEAR * np.maximum(a, b)
            self._known_near[one, other] = near if near.any() else None
        return self._known_near[one, other]

    def _on_circle(self, nodes: tuple[int, ...], where: NDArray[np.bool_]) -> Array:
        """Return E by Cauchy's integral, for the draws and times whose rates are near."""
        rates = (np.broadcast_to(self._rates[each].value, where.shape) for each in nodes)
        x = np.array([each[where] for each in rates])
        centre = x.mean(axis=0)
        from_centre = _CIRCLE * centre * _TURN[:, None]
        z = centre + from_centre
        weight = from_centre / np.prod([z - each for each in x], axis=0)
        doses = self._doses.of_times(where.nonzero()[1])
        turned = np.ascontiguousarray((doses.sums(z) * weight).T)
        return np.asarray((-1) ** (len(nodes) - 1) * turned.mean(axis=1).real)


def _without(nodes: tuple[int, ...], number: int) -> tuple[int, ...]:
    place = nodes.index(number)
    return nodes[:place] + nodes[place + 1 :]
