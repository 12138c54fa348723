"""Superposition: the sums of doses, each decayed by its age, in a linear model.

For a rate λ the decayed sum of doses is L(λ) = Σ dose · exp(−λ · age). A drug that passes
through first-order steps with the rates λ1, λ2 … follows the divided differences of L at those
rates; with the signs that make them positive,

    E(a) = L(a),   E(a, b) = (E(a) − E(b)) / (b − a),
    E(a, b, c) = (E(a, b) − E(b, c)) / (c − a), and so on,

and the slope of E by one of its rates is −E with that rate repeated. Equal doses at equal intervals
are summed as a geometric series: a year of them is as quick as a week.

Rates that are equal or nearly so would lose digits in the difference. For them the divided
difference is Cauchy's integral on a circle around them, by the trapezoidal rule, which is exact to
the last digits for so smooth a function.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.dual import Array, Dual

_NEAR = 0.01
"""Rates are near if their difference is below this part of the larger; beyond it the difference
loses two digits of sixteen for each order."""
_CIRCLE = 0.05
"""The radius of the circle, as a part of the rate: the rates are then well inside."""
_POINTS = 32
_TURN = np.exp(2j * np.pi * (np.arange(_POINTS) + 0.5) / _POINTS)


@dataclass(frozen=True)
class AgedDoses:
    """The doses before each time: `age_h` since the last of each record, and their number.

    `age_h` and `count` are (times, records); `interval_h` and `amount_mg` are (records).
    """

    age_h: Array
    count: Array
    interval_h: Array
    amount_mg: Array

    @cached_property
    def _given(self) -> tuple[Array, Array]:
        """The amounts (zero for a record without a dose before) and the length of each record."""
        amount = np.where(self.count > 0, self.amount_mg, 0.0)
        return amount, np.maximum(self.count, 1) * self.interval_h

    def sums(self, rate: NDArray[Any]) -> NDArray[Any]:
        """Return L at the rates (…), as (…, times); a rate may be complex."""
        amount, length = self._given
        x = rate[..., None, None]
        series = np.expm1(-x * length) / np.expm1(-x * self.interval_h)
        return np.asarray((amount * np.exp(-x * self.age_h) * series).sum(axis=-1))

    def sums_by_age(self, rate: Array) -> tuple[Array, Array]:
        """Return L and −dL/dλ, in which each dose is weighted by its age."""
        amount, length = self._given
        x = rate[..., None, None]
        all_of_it, one = np.expm1(-x * length), np.expm1(-x * self.interval_h)
        each = amount * np.exp(-x * self.age_h) * (all_of_it / one)
        age = self.age_h + length * (1 + 1 / all_of_it) - self.interval_h * (1 + 1 / one)
        return each.sum(axis=-1), (each * age).sum(axis=-1)


def unit_dose(age_h: Array) -> AgedDoses:
    """Return one dose of 1 mg of the given age at each time."""
    shape = (len(age_h), 1)
    return AgedDoses(age_h[:, None], np.ones(shape), np.ones(1), np.ones(1))


class Superposition:
    """The divided differences E of some doses at the rates of a model.

    `rates` are (draws, 1) each, all above zero; the results are (draws, times).
    """

    def __init__(self, doses: AgedDoses, rates: tuple[Dual, ...]) -> None:
        """Sum the doses at every rate."""
        self._doses = doses
        self._rates = rates
        self._x = np.stack([each.value[:, 0] for each in rates])
        self._known: dict[tuple[int, ...], Array] = {}
        self._near: dict[tuple[int, int], NDArray[np.bool_]] = {}
        self._varies = [bool(each.slopes.any()) for each in rates]  # a fixed ka does not
        if any(self._varies):
            sums, by_age = doses.sums_by_age(self._x)
            self._known |= {(number, number): each for number, each in enumerate(by_age)}
        else:
            sums = doses.sums(self._x)
        self._known |= {(number,): each for number, each in enumerate(sums)}

    def __call__(self, *nodes: int) -> Dual:
        """Return E at the rates with these numbers."""
        value = self._value(tuple(sorted(nodes)))
        slopes = np.zeros((len(self._rates[0].slopes), *value.shape))
        for number in nodes:
            if self._varies[number]:
                repeated = self._value(tuple(sorted((*nodes, number))))
                slopes -= repeated * self._rates[number].slopes
        return Dual(value, slopes)

    def _value(self, nodes: tuple[int, ...]) -> Array:
        known = self._known.get(nodes)
        if known is None:
            known = self._known[nodes] = self._divided(nodes)
        return known

    def _divided(self, nodes: tuple[int, ...]) -> Array:
        """Return E of nodes of at least two different rates.

        Each draw uses the difference of two rates that are not near; the circle is only for a draw
        without such a pair.
        """
        open_draws = np.ones(self._x.shape[1], dtype=bool)
        found = np.empty((self._x.shape[1], self._doses.age_h.shape[0]))
        for one, other in reversed(list(combinations(dict.fromkeys(nodes), 2))):
            apart = open_draws & ~self._are_near(one, other)
            if apart.all():
                return self._difference(nodes, one, other)
            if apart.any():
                found[apart] = self._difference(nodes, one, other)[apart]
                open_draws &= ~apart
        if open_draws.any():
            found[open_draws] = self._on_circle(nodes, open_draws)
        return found

    def _difference(self, nodes: tuple[int, ...], one: int, other: int) -> Array:
        gap = self._x[other] - self._x[one]
        gap = np.where(self._are_near(one, other), 1.0, gap)[:, None]  # near rates are not used
        return (self._value(_without(nodes, other)) - self._value(_without(nodes, one))) / gap

    def _are_near(self, one: int, other: int) -> NDArray[np.bool_]:
        near = self._near.get((one, other))
        if near is None:
            a, b = self._x[one], self._x[other]
            near = self._near[one, other] = np.abs(a - b) < _NEAR * np.maximum(a, b)
        return near

    def _on_circle(self, nodes: tuple[int, ...], draws: NDArray[np.bool_]) -> Array:
        """Return E by Cauchy's integral, for the draws whose rates are near."""
        x = self._x[list(nodes)][:, draws]
        centre = x.mean(axis=0)
        from_centre = (_CIRCLE * centre)[:, None] * _TURN
        z = centre[:, None] + from_centre
        weight = from_centre / np.prod(z - x[:, :, None], axis=0)
        turned = self._doses.sums(z) * weight[..., None]
        return np.asarray((-1) ** (len(nodes) - 1) * turned.mean(axis=1).real)


def _without(nodes: tuple[int, ...], number: int) -> tuple[int, ...]:
    place = nodes.index(number)
    return nodes[:place] + nodes[place + 1 :]
