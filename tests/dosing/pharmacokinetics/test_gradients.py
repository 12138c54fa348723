"""Exact gradients against central differences, for random patients."""

import numpy as np
import pytest
from numpy.typing import NDArray

from dosing.pharmacokinetics.objective import MeasuredLevel, Objective
from tests.campaign import cases
from tests.dosing.pharmacokinetics.histories import random_history, random_times
from tests.dosing.pharmacokinetics.models import random_effects, random_model
from tests.dosing.pharmacokinetics.simulated import random_levels

STEP = 1e-4
# A difference over 1e-4 errs by 1e-8 of the third derivative and 1e-12 of the value.
TOLERANCE = 1e-6


def value(objective: Objective, eta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The objective of one patient, of each row of random effects."""
    return objective.value(eta.T[:, :, None])[:, 0]


def predicted(objective: Objective, eta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The predictions of one patient, for each row of random effects."""
    return objective.predicted(eta.T[:, :, None])


@pytest.mark.parametrize("compartments", [1, 2])
def test_random_patients(compartments: int) -> None:
    worst = 0.0
    for seed in range(cases(20, 500)):
        chance = np.random.default_rng([seed, compartments])
        model = random_model(chance, compartments=compartments, with_lag=bool(seed % 2))
        history = random_history(chance)
        levels = random_levels(chance, random_times(chance, history))
        objective = Objective.of([model], [(history, levels)])
        eta = random_effects(chance, model, 3)
        found = objective.evaluate(eta.T[:, :, None])
        np.testing.assert_allclose(found.value[:, 0], value(objective, eta), rtol=1e-14)
        steps = STEP * np.eye(eta.shape[1])
        for place, one in enumerate(eta):
            by_difference = (value(objective, one + steps) - value(objective, one - steps)) / (
                2 * STEP
            )
            scale = np.abs(by_difference).max() + abs(found.value[place, 0])
            worst = max(worst, np.abs(found.gradient[:, place, 0] - by_difference).max() / scale)
        assert (np.linalg.eigvalsh(found.curvature[..., 0].T) > 0).all()
    print(f"{compartments} compartments: {worst:.1e}")
    assert worst < TOLERANCE


def test_expected_curvature_of_additive_errors_is_that_of_least_squares() -> None:
    """Twice JᵀJ/v + twice Ω⁻¹, J by differences of the predictions."""
    chance = np.random.default_rng(5)
    model = random_model(chance, compartments=2, with_lag=True, additive=2.0)
    history = random_history(chance)
    levels = [MeasuredLevel(at, 8.0) for at in random_times(chance, history)]
    objective = Objective.of([model], [(history, levels)])
    eta = random_effects(chance, model, 1)
    steps = STEP * np.eye(eta.shape[1])
    jacobian = (predicted(objective, eta + steps) - predicted(objective, eta - steps)) / (2 * STEP)
    f = predicted(objective, eta)
    variance = 4.0 + (model.proportional * f) ** 2
    by_variance = 2 * model.proportional**2 * f * jacobian
    known = 2 * (jacobian / variance) @ jacobian.T + (by_variance / variance**2) @ by_variance.T
    known += 2 * np.linalg.inv(np.array(model.omega))
    found = objective.evaluate(eta.T[:, :, None]).curvature[:, :, 0, 0]
    np.testing.assert_allclose(found, known, rtol=1e-6)
