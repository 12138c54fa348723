"""The most probable random effects against those of an independent optimiser."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from dosing.errors import UserError
from dosing.pharmacokinetics import Censoring, Model, fit, fits_or_errors
from dosing.pharmacokinetics.objective import Patient
from tests.campaign import cases
from tests.dosing.pharmacokinetics.histories import eventful_history, random_times
from tests.dosing.pharmacokinetics.models import (
    CORRELATED,
    FOUR_EFFECTS,
    random_effects,
    random_model,
)
from tests.dosing.pharmacokinetics.second_kinetics import (
    Carrier,
    SecondObjective,
    by_differential_equations,
    by_matrix_exponential,
    lowest,
    walked,
)
from tests.dosing.pharmacokinetics.simulated import random_levels, simulated_patient

STARTS = 10
LARGEST_DIFFERENCE = 1e-5
"""In η: a hundred-thousandth part of a clearance."""
ROUNDING = 1e-9
"""Two sums of some fifty terms of sixteen digits differ by less."""


@pytest.mark.parametrize("model", [CORRELATED, FOUR_EFFECTS], ids=["one", "two"])
def test_against_an_independent_optimiser(model: Model) -> None:
    differences, excesses = [], []
    for seed in range(cases(12, 1003)):
        chance = np.random.default_rng([7, seed])
        patient = simulated_patient(chance, model, int(chance.integers(1, 6)))
        found = fit(model, patient.history, patient.levels)
        assert found.converged, seed
        second = SecondObjective(model, patient.history, patient.levels)
        starts = 1.5 * random_effects(chance, model, STARTS)
        starts[0] = 0
        eta, value = lowest(second, starts)
        assert found.objective == pytest.approx(second.one(np.array(found.eta)), abs=ROUNDING)
        differences.append(np.abs(eta - found.eta).max())
        excesses.append(found.objective - value)
    print(f"{model.compartments} compartments: η differs by {max(differences):.1e} at most,")
    print(f"  the objective is higher by {max(excesses):.1e} at most")
    assert max(excesses) < ROUNDING
    assert max(differences) < LARGEST_DIFFERENCE


def by_the_rate_equations(
    of: Model, patient: Patient, eta: NDArray[np.float64], carry: Carrier
) -> float:
    """The objective, with predictions from event to event."""
    history, levels = patient
    times = [each.at_h for each in levels]
    predicted = walked(of, history, times, eta.tolist(), carry)
    total = float(eta @ np.linalg.inv(np.array(of.omega)) @ eta)
    for level, f in zip(levels, predicted, strict=True):
        sd = float(np.hypot(of.additive_ng_ml, of.proportional * f))
        z = (level.ng_ml - f) / sd
        match level.bound:
            case Censoring.VALUE:
                total += 2 * np.log(sd) + z**2
            case Censoring.BELOW:
                total -= 2 * norm.logcdf(z)
            case Censoring.ABOVE:
                total -= 2 * norm.logsf(z)
    return total


@pytest.mark.parametrize("compartments", [1, 2])
def test_against_the_rate_equations(compartments: int) -> None:
    """Bounds, lags, growth, resets and steady states: each fit is a minimum there, too."""
    worst, number = 0.0, cases(3, 500)
    for seed in range(number):
        chance = np.random.default_rng([17, compartments, seed])
        of = random_model(chance, compartments=compartments, with_lag=bool(seed % 2))
        history = eventful_history(chance, most_doses=20)
        levels = random_levels(chance, random_times(chance, history, 2))
        patient = (history, tuple(levels[:4]))
        found = fits_or_errors(of, [patient])[0]
        if isinstance(found, UserError):  # a level before any dose, or after a reset
            assert "No dose is absorbed" in str(found)
            continue
        assert found.converged, seed
        eta, sd = np.array(found.eta), np.sqrt(np.diag(of.omega))
        value = by_the_rate_equations(of, patient, eta, by_differential_equations)
        worst = max(worst, abs(value - found.objective) / max(1, abs(value)))
        for place in range(len(eta)):
            for step in (-0.05, 0.05):
                aside = eta + step * sd * (np.arange(len(eta)) == place)
                assert by_the_rate_equations(of, patient, aside, by_matrix_exponential) > value
    print(f"{compartments} compartments: {worst:.1e}")
    assert worst < 1e-7
