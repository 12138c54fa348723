"""The fitted clearance of simulated patients against the one they have.

The bias is the field's mean prediction error (Sheiner & Beal, J Pharmacokinet Biopharm 1981;9:503):
the mean of fitted over true clearance, less one. The geometric mean of the same is lower, because
fast clearances, whose levels are low, are drawn back to the typical one more than slow ones; it is
held to 3 %.
Patients come in mirrored pairs, random effects and errors of the one the opposite of the other's,
so that what is left of chance in the mean is small beside the bound.
"""

import numpy as np
import pytest

from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.map_estimate import fit
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import MeasuredLevel
from tests.campaign import cases
from tests.dosing.pharmacokinetics.models import CORRELATED, FAN, FOUR_EFFECTS, random_effects

TIMES = [84.0, 168.0, 336.0, 720.0, 1440.0]
"""Troughs of the first days, of two weeks, and of one and two months."""


def mirrored_pair(chance: np.random.Generator, model: Model) -> list[float]:
    """The logarithms of fitted over true clearance of two patients."""
    kg = float(chance.uniform(5, 60))
    dose_mg = model.typical({"weight": kg})[0] * 10 * 12 / 1000  # about 10 ng/mL on average
    history = DosingHistory((DoseRecord(0, dose_mg, 12, 180),), (CovariateStep(0, {"weight": kg}),))
    eta, error = random_effects(chance, model, 1), chance.standard_normal(len(TIMES))
    found = []
    for sign in (1, -1):
        true = Concentrations(model, history, TIMES).at(sign * eta)[0]
        spread = np.sqrt(model.additive_ng_ml**2 + (model.proportional * true) ** 2)
        measured = np.maximum(true + sign * error * spread, 0.1)
        levels = [MeasuredLevel(*each) for each in zip(TIMES, measured.tolist(), strict=True)]
        fitted = fit(model, history, levels)
        assert fitted.converged
        clearance = model.effects.index("CL")
        found.append(fitted.eta[clearance] - sign * eta[0, clearance])
    return found


@pytest.mark.parametrize(
    "model", [FAN, CORRELATED, FOUR_EFFECTS], ids=["fan2024", "correlated", "four effects"]
)
def test_the_bias_is_below_two_per_cent(model: Model) -> None:
    chance = np.random.default_rng(84)
    found = np.array([mirrored_pair(chance, model) for _ in range(cases(60, 250))])
    arithmetic, geometric = np.exp(found).mean() - 1, np.exp(found.mean()) - 1
    print(f"{len(model.effects)} effects: bias {arithmetic:+.2%}, geometric {geometric:+.2%};")
    print(f"  chance leaves {found.mean(axis=1).std() / len(found) ** 0.5:.2%};", end=" ")
    print(f"a single clearance errs by {found.std():.0%}")
    assert abs(arithmetic) < 0.02
    assert abs(geometric) < 0.03
