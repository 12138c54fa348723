"""The figures of Fan 2024 (Front Pharmacol 15:1457614) as clinical.md section 9 works them out.

Each to the digits given there, so the tolerance is half of the last one.
"""

from math import log

import numpy as np
import pytest

from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.map_estimate import fit
from dosing.pharmacokinetics.objective import MeasuredLevel
from tests.dosing.pharmacokinetics.models import FAN

TYPICAL = np.zeros((1, 1))
LONG_AGO = -12.0 * 1000


def of_weight(kg: float, *doses: DoseRecord) -> DosingHistory:
    return DosingHistory(doses, (CovariateStep(0, {"weight": kg}),))


STEADY = of_weight(25, DoseRecord(LONG_AGO, 0.875, 12, 2000))
"""25 kg, 0.875 mg every 12 h, at steady state since long."""


def test_clearance_volume_and_half_life_of_25_kg() -> None:
    clearance, volume, ka = FAN.typical({"weight": 25})
    assert clearance == pytest.approx(7.0295, abs=5e-5)
    assert volume == pytest.approx(319.39, abs=5e-3)
    assert ka == 0.485
    assert log(2) * volume / clearance == pytest.approx(31.49, abs=5e-3)


def test_steady_state_trough_of_25_kg() -> None:
    assert Concentrations(FAN, STEADY, [0]).at(TYPICAL) == pytest.approx(9.486, abs=5e-4)


def test_steady_state_average_of_25_kg() -> None:
    """The mean over an interval, by Simpson's rule on so many points that it is exact here."""
    times = np.linspace(0, 12, 2001)
    weights = np.ones(2001)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    course = Concentrations(FAN, STEADY, list(times)).at(TYPICAL)[0]
    assert weights @ course / weights.sum() == pytest.approx(10.373, abs=5e-4)


def test_accumulation_of_16_kg_from_the_first_dose() -> None:
    patient = of_weight(16, DoseRecord(0, 0.48, 12, 100))
    levels = Concentrations(FAN, patient, [12, 24, 48, 96, 168, 336]).at(TYPICAL)[0]
    given = [2.3809, 4.1267, 6.3328, 8.1367, 8.7450, 8.8524]
    assert levels == pytest.approx(given, abs=5e-5)


def test_fit_of_one_steady_state_trough_of_14() -> None:
    found = fit(FAN, STEADY, [MeasuredLevel(0, 14)])
    assert found.converged
    assert not found.is_far
    assert found.eta == pytest.approx((-0.1785,), abs=5e-5)
    clearance, _, _ = FAN.typical({"weight": 25})
    assert clearance * np.exp(found.eta[0]) == pytest.approx(5.8805, abs=5e-5)
    predicted = Concentrations(FAN, STEADY, [0]).at(np.array([found.eta]))
    assert predicted == pytest.approx(11.509, abs=5e-4)
