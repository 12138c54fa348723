"""The amounts in one or two compartments after doses, in closed form.

The parts are the depot (where the drug is absorbed from), the central compartment (whose amount
over its volume is the concentration) and the peripheral one. The formulas are the inverse Laplace
transforms of the rate equations, written in divided differences (see `superposition.py`).
Each function takes the superposed doses E and returns the amounts, mg, in the order of the parts.
"""

from dataclasses import dataclass
from typing import TypeAlias

from dosing.pharmacokinetics.dual import Dual, Places
from dosing.pharmacokinetics.superposition import Superposition

Amounts: TypeAlias = tuple[Dual, ...]
_KA, _ALPHA, _BETA = 0, 1, 2  # the numbers of the rates


@dataclass(frozen=True)
class OneCompartment:
    """First-order absorption and elimination; each parameter is (draws, periods)."""

    volume: Dual
    rates: tuple[Dual, ...]
    """ka and k = CL/V, 1/h."""

    @classmethod
    def of(cls, parameters: tuple[Dual, ...]) -> "OneCompartment":
        """Return the structure for CL, V and ka."""
        clearance, volume, ka = parameters
        return cls(volume, (ka, clearance / volume))

    def at(self, periods: Places) -> "OneCompartment":
        """Return the structure of some periods, which may be there several times."""
        return OneCompartment(
            self.volume.at(periods), tuple(each.at(periods) for each in self.rates)
        )

    def central(self, e: Superposition) -> Dual:
        """Return the amount in the central compartment from doses into the depot."""
        return self.rates[_KA] * e(_KA, _ALPHA)

    def from_depot(self, e: Superposition) -> Amounts:
        """Return the amounts from doses into the depot."""
        return e(_KA), self.central(e)

    def from_rest(self, e: Superposition) -> tuple[Amounts, ...]:
        """Return the amounts from one unit in each part but the depot."""
        return ((0.0 * e(_ALPHA), e(_ALPHA)),)


@dataclass(frozen=True)
class TwoCompartments:
    """First-order absorption, elimination and exchange; each parameter is (draws, periods)."""

    volume: Dual
    rates: tuple[Dual, ...]
    """ka and the two rates α > β of the decline, 1/h."""
    k12: Dual
    k21: Dual
    k21_less_beta: Dual

    @classmethod
    def of(cls, parameters: tuple[Dual, ...]) -> "TwoCompartments":
        """Return the structure for CL, V, Q, Vp and ka."""
        clearance, volume, exchange, peripheral, ka = parameters
        k10, k12, k21 = clearance / volume, exchange / volume, exchange / peripheral
        difference = k10 - k21
        spread = (difference * difference + k12 * (k12 + 2.0 * (k10 + k21))).root()
        alpha = (k10 + k12 + k21 + spread) / 2.0
        beta = k10 * k21 / alpha
        return cls(volume, (ka, alpha, beta), k12, k21, k21 - beta)

    def at(self, periods: Places) -> "TwoCompartments":
        """Return the structure of some periods, which may be there several times."""
        rates = tuple(each.at(periods) for each in self.rates)
        others = (self.k12, self.k21, self.k21_less_beta)
        return TwoCompartments(
            self.volume.at(periods), rates, *(each.at(periods) for each in others)
        )

    def central(self, e: Superposition) -> Dual:
        """Return the amount in the central compartment from doses into the depot."""
        both = e(_KA, _ALPHA, _BETA)
        return self.rates[_KA] * (e(_KA, _ALPHA) + self.k21_less_beta * both)

    def from_depot(self, e: Superposition) -> Amounts:
        """Return the amounts from doses into the depot."""
        peripheral = self.rates[_KA] * self.k12 * e(_KA, _ALPHA, _BETA)
        return e(_KA), self.central(e), peripheral

    def from_rest(self, e: Superposition) -> tuple[Amounts, ...]:
        """Return the amounts from one unit in each part but the depot."""
        first, both = e(_ALPHA), e(_ALPHA, _BETA)
        alpha_less_k21 = self.rates[_ALPHA] - self.k21
        return (
            (0.0 * first, first + self.k21_less_beta * both, self.k12 * both),
            (0.0 * first, self.k21 * both, first + alpha_less_k21 * both),
        )


def structure_of(
    compartments: int, parameters: tuple[Dual, ...]
) -> OneCompartment | TwoCompartments:
    """Return the structure with these parameters, in the order of `PARAMETERS_OF`."""
    return (OneCompartment if compartments == 1 else TwoCompartments).of(parameters)
