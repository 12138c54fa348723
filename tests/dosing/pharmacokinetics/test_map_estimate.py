"""The most probable random effects against those of an independent optimiser."""

import numpy as np
import pytest

from dosing.pharmacokinetics.map_estimate import fit
from dosing.pharmacokinetics.model import Model
from tests.campaign import cases
from tests.dosing.pharmacokinetics.models import CORRELATED, FOUR_EFFECTS, random_effects
from tests.dosing.pharmacokinetics.second_kinetics import SecondObjective, lowest
from tests.dosing.pharmacokinetics.simulated import simulated_patient

STARTS = 10
LARGEST_DIFFERENCE = 1e-5
"""In η: a hundred-thousandth part of a clearance."""
ROUNDING = 1e-9
"""Two sums of some fifty terms of sixteen digits differ by less."""


@pytest.mark.parametrize("model", [CORRELATED, FOUR_EFFECTS], ids=["one", "two"])
def test_against_an_independent_optimiser(model: Model) -> None:
    differences, excesses = [], []
    for seed in range(cases(12, 1000)):
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
