"""How often the 90 % band holds the true trough of a simulated patient.

The aim is 85 to 95 of 100. Of fewer patients than 500 chance alone moves the share: the bounds are
widened by three standard deviations of a binomial share of 90 %.
"""

from math import sqrt

import numpy as np
import pytest

from dosing.pharmacokinetics import Concentrations, Model, Posterior, fit, forecast
from tests.campaign import cases
from tests.dosing.pharmacokinetics.models import CORRELATED, FAN, FOUR_EFFECTS
from tests.dosing.pharmacokinetics.simulated import simulated_patient

_ALL = 500


@pytest.mark.parametrize(
    "model", [FAN, CORRELATED, FOUR_EFFECTS], ids=["fan2024", "correlated", "four effects"]
)
def test_the_band_holds_nine_of_ten_true_troughs(model: Model) -> None:
    chance, number = np.random.default_rng(500), cases(100, _ALL)
    held = 0
    for _ in range(number):
        patient = simulated_patient(chance, model, count=int(chance.integers(1, 6)))
        last = patient.history.doses[-1]
        trough = last.first_h + last.count * last.interval_h
        true = Concentrations(model, patient.history, [trough]).at(patient.eta[None, :])[0, 0]
        fitted = fit(model, patient.history, patient.levels)
        found = forecast(Posterior.of(fitted, patient.history), patient.history, [trough])[0]
        held += found.low_ng_ml <= true <= found.high_ng_ml
    share, slack = held / number, 0.0 if number >= _ALL else 3 * sqrt(0.9 * 0.1 / number)
    print(f"{len(model.effects)} effects: {share:.1%} of {number} true troughs in the band")
    assert 0.85 - slack <= share <= 0.95 + slack
