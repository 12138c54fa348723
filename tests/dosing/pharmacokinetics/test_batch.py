"""Many patients at once: the figures of each are those of the patient alone, in every digit."""

import numpy as np
import pytest

from dosing.pharmacokinetics import (
    Censoring,
    Fit,
    MeasuredLevel,
    Model,
    fit,
    fit_many,
    fits_or_errors,
)
from dosing.pharmacokinetics.objective import Patient
from tests.campaign import cases
from tests.dosing.pharmacokinetics.histories import eventful_history, random_history, random_times
from tests.dosing.pharmacokinetics.models import (
    CORRELATED,
    FAN,
    FOUR_EFFECTS,
    random_model,
)
from tests.dosing.pharmacokinetics.simulated import simulated_patient

MODELS = {
    "1 effect": FAN,
    "2 effects": CORRELATED,
    "4 effects": FOUR_EFFECTS,
    "lag, every parameter": random_model(np.random.default_rng(3), compartments=2, with_lag=True),
}


def patients(model: Model, number: int) -> list[Patient]:
    """Patients of every kind: irregular doses, growth, resets, steady states, bounds."""
    found: list[Patient] = []
    for seed in range(number):
        chance = np.random.default_rng([16, seed])
        if seed % 3 == 0:
            patient = simulated_patient(chance, model, int(chance.integers(0, 8)))
            found.append((patient.history, patient.levels))
            continue
        history = eventful_history(chance) if seed % 3 == 1 else random_history(chance)
        first = min(each.first_h for each in history.doses) + model.lag_h
        times = sorted(each for each in random_times(chance, history, 6) if each > first)
        levels = [
            MeasuredLevel(
                at,
                float(chance.uniform(0.5, 25)),
                list(Censoring)[chance.choice(3, p=[0.7, 0.2, 0.1])],
            )
            for at in times[: int(chance.integers(0, 9))]
        ]
        found.append((history, tuple(levels)))
    return found


def figures(found: list[Fit]) -> list[tuple[object, ...]]:
    """Every figure of the fits, exactly."""
    return [
        (
            [each.hex() for each in one.eta],
            one.objective.hex(),
            [each.hex() for row in one.covariance for each in row],
            one.converged,
        )
        for one in found
    ]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_a_fit_is_the_same_in_every_digit_whoever_is_beside(model: Model) -> None:
    known = patients(model, cases(60, 1200))
    found = fits_or_errors(model, known)
    everyone = [one for one, fitted in zip(known, found, strict=True) if isinstance(fitted, Fit)]
    assert len(everyone) > 0.7 * len(known)
    together = figures(fit_many(model, everyone))
    order = np.random.default_rng(1).permutation(len(everyone))
    shuffled = figures(fit_many(model, [everyone[place] for place in order]))
    assert [shuffled[place] for place in order.argsort()] == together
    some = list(range(0, len(everyone), 7))
    assert figures(fit_many(model, [everyone[place] for place in some])) == [
        together[place] for place in some
    ]
    assert [figures([fit(model, *everyone[place])])[0] for place in some] == [
        together[place] for place in some
    ]
