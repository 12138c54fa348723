"""Equal and nearly equal rate constants, against fifty digits.

The textbook's formulas divide by the differences of the rates. The reference is the matrix
exponential of the rate equations, which divides by none, and its slopes are differences over 1e-20.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import TypeVar

import mpmath as mp
import numpy as np
import pytest

from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.model import PARAMETERS_OF, Model
from dosing.pharmacokinetics.superposition import _NEAR
from tests.campaign import cases
from tests.dosing.pharmacokinetics.histories import each_dose
from tests.dosing.pharmacokinetics.models import model

T = TypeVar("T")

HISTORY = DosingHistory(
    (DoseRecord(0, 1.0), DoseRecord(20, 0.5)), (CovariateStep(0, {"weight": 20}),)
)
TIME = 26.5
RATE = 0.3
GAPS = [0, 1e-14, 1e-11, 1e-8, 1e-6, 1e-4, 2e-3, 0.99 * _NEAR, _NEAR, 1.01 * _NEAR, 0.02]
"""Parts of the larger rate: below, at and above where the engine changes its formula."""
AROUND_THE_SWITCH = (0.99 * _NEAR, _NEAR, 1.01 * _NEAR)
# Sixteen digits; each of up to three differences between rates 1 % apart loses two.
DIGITS = 1e-9


def some(of: Sequence[T], usual: int) -> Sequence[T]:
    """Return so many of them, spread out, of a full campaign all."""
    return of[:: -(-len(of) // cases(usual, len(of)))]


def concentration(parameters: list[mp.mpf]) -> mp.mpf:
    """The concentration at TIME, ng/mL, from the rate equations."""
    if len(parameters) == 3:
        clearance, volume, ka = parameters
        rates = mp.matrix([[-ka, 0], [ka, -clearance / volume]])
    else:
        clearance, volume, exchange, peripheral, ka = parameters
        rates = mp.matrix(
            [
                [-ka, 0, 0],
                [ka, -(clearance + exchange) / volume, exchange / peripheral],
                [0, exchange / volume, -exchange / peripheral],
            ]
        )
    depots = [(mp.mpf(mg), mp.mpf(TIME) - mp.mpf(at)) for at, mg in each_dose(HISTORY)]
    return sum(1000 * mg * mp.expm(rates * age)[1, 0] / volume for mg, age in depots)


def compare(of: Model) -> float:
    """The largest difference of the value and of the slopes, as a part of what is largest."""
    concentrations = Concentrations(of, HISTORY, [TIME])
    value, slopes = concentrations.at_with_slopes(np.zeros((1, len(of.effects))))
    step = mp.mpf(10) ** -20
    with mp.workdps(50):
        own = [mp.mpf(each) for each in of.typical({"weight": 20})]
        known = concentration(own)
        known_slopes = []
        for number in range(len(own)):
            moved = [
                concentration([*own[:number], own[number] * mp.exp(each), *own[number + 1 :]])
                for each in (step, -step)
            ]
            known_slopes.append((moved[0] - moved[1]) / (2 * step))
    differences = [value[0, 0] - known, *(slopes[:, 0, 0] - known_slopes)]
    return float(max(map(abs, differences)) / known)


def one_compartment(rate: float) -> Model:
    """A model with this k, and ka = RATE."""
    return model(rate * 50, 50, RATE, omega=dict.fromkeys(PARAMETERS_OF[1], 0.1))


def two_compartments(ka: float, alpha: float, beta: float, share: float = 0.5) -> Model:
    """A model with these rates; k21 lies at a share of the way from β to α."""
    k21 = beta + share * (alpha - beta)
    k10 = alpha * beta / k21
    k12 = max((alpha - k21) * (k21 - beta) / k21, 1e-25)  # equal rates have no exchange
    volume = 50.0
    return model(
        k10 * volume, volume, k12 * volume, k12 * volume / k21, ka,
        omega=dict.fromkeys(PARAMETERS_OF[2], 0.1),
    )  # fmt: skip


@pytest.mark.parametrize("gap", some(GAPS, 6))
@pytest.mark.parametrize("sign", [-1, 1])
def test_one_compartment(gap: float, sign: int) -> None:
    assert compare(one_compartment(RATE * (1 - gap) ** sign)) < DIGITS


PAIRS: dict[str, Callable[[float], tuple[float, float, float]]] = {
    "ka = α": lambda near: (near, RATE, 0.02),
    "ka = β": lambda near: (near, 1.5, RATE),
    "α = β": lambda near: (2.0, RATE, near),
    "α = β, slow absorption": lambda near: (0.04, RATE, near),
}


@pytest.mark.parametrize("gap", some(GAPS, 6))
@pytest.mark.parametrize("pair", PAIRS)
def test_two_compartments(gap: float, pair: str) -> None:
    assert compare(two_compartments(*PAIRS[pair](RATE * (1 - gap)))) < DIGITS


TRIPLES = list(product((0.0, 1e-9, *AROUND_THE_SWITCH), repeat=2))


@pytest.mark.parametrize("gaps", some(TRIPLES, 7))
def test_three_rates_in_a_row(gaps: tuple[float, float]) -> None:
    """The outer two may lie apart while each lies near the middle one."""
    middle = RATE * (1 - gaps[0])
    assert compare(two_compartments(RATE, middle, middle * (1 - gaps[1]))) < DIGITS
    assert compare(two_compartments(middle, RATE, middle * (1 - gaps[1]))) < DIGITS
    assert compare(two_compartments(middle * (1 - gaps[1]), RATE, middle)) < DIGITS


def test_draws_on_both_sides_of_the_switch_are_worked_out_each_by_its_own_way() -> None:
    """A batch of draws gives what each gives alone."""
    of = two_compartments(RATE, RATE * 0.995, RATE * 0.98)
    concentrations = Concentrations(of, HISTORY, [5, TIME])
    eta = np.linspace(-0.03, 0.03, 25)[:, None] * np.array([1, -1, 0.5, 2, -3])
    together = concentrations.at_with_slopes(eta)
    for place in range(len(eta)):
        alone = concentrations.at_with_slopes(eta[place : place + 1])
        np.testing.assert_array_max_ulp(together[0][place], alone[0][0], 4)
        np.testing.assert_allclose(together[1][:, place], alone[1][:, 0], rtol=1e-12)
