"""The figures of the publications, reproduced.

Fan 2024 (Front Pharmacol 15:1457614) as clinical.md section 9 works it out: each figure to the
digits given there, so the tolerance is half of the last one. Of the others each row or figure is
named; their models are those of course.md section 10. Values of a plot are as the coded
transcription nlmixr2lib read them off, so they agree within the thickness of a line.
"""

from math import log, sqrt

import numpy as np
import pytest

from dosing.pharmacokinetics import model_named
from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.map_estimate import fit
from dosing.pharmacokinetics.objective import MeasuredLevel
from tests.dosing.pharmacokinetics.models import FAN

CHENG, CHEN, MAO = map(model_named, ("cheng2020", "chen2020", "mao2024"))
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


# --- Chen 2020, J Int Med Res 48(8), doi:10.1177/0300060520947627

FIGURE_3_CURVE_A = {5: 0.208, 10: 0.175, 20: 0.147, 30: 0.133, 40: 0.123, 50: 0.116, 60: 0.111}
"""Figure 3, curve A: the clearance of CYP3A5*3/*3 in L/h/kg, by the weight in kg."""

FIGURE_4 = {
    (0.1, 5): (4.95, 6.10, 6.80), (0.1, 60): (6.00, 6.75, 7.15),
    (0.2, 5): (9.95, 12.25, 13.65), (0.2, 60): (12.05, 13.50, 14.35),
    (0.3, 5): (14.90, 18.40, 20.50), (0.3, 60): (18.05, 20.30, 21.50),
}  # fmt: skip
"""Figure 4, CYP3A5*3/*3: the trough at 48 h and its 95 % band, by mg/kg/day and by kg."""


@pytest.mark.parametrize(("kg", "per_kg"), FIGURE_3_CURVE_A.items())
def test_figure_3_of_chen_2020(kg: float, per_kg: float) -> None:
    clearance = CHEN.typical({"weight": kg, "cyp3a5": 0})[0]
    assert clearance / kg == pytest.approx(per_kg, rel=0.02)


def test_the_ratio_of_the_genotypes_in_the_results_of_chen_2020() -> None:
    """Results, "Simulation": clearance in CYP3A5*3/*3 and CYP3A5*1 is 1:1.999."""
    without, carrier = (CHEN.typical({"weight": 9, "cyp3a5": each})[0] for each in (0, 1))
    assert carrier / without == pytest.approx(1.999)


@pytest.mark.parametrize(("dose", "published"), FIGURE_4.items())
def test_figure_4_of_chen_2020(
    dose: tuple[float, float], published: tuple[float, float, float]
) -> None:
    """Four doses, one every 12 h; at 1.96 · ω of clearance, ω being 0.348 (table 3)."""
    per_kg, kg = dose
    patient = DosingHistory(
        (DoseRecord(0, per_kg * kg / 2, 12, 4),), (CovariateStep(0, {"weight": kg, "cyp3a5": 0}),)
    )
    spread = 1.96 * sqrt(CHEN.omega[0][0])
    found = Concentrations(CHEN, patient, [48]).at(np.array([[spread], [0], [-spread]]))
    assert found[:, 0] == pytest.approx(published, rel=0.02)


# --- Cheng 2020, Int J Immunopathol Pharmacol 34, doi:10.1177/2058738420934936


def test_table_3_of_cheng_2020() -> None:
    """Rows CL and V, of 28.5 kg and a bilirubin of 11.29 µmol/L; ka of the methods."""
    assert CHENG.typical({"weight": 28.5, "bilirubin": 11.29}) == (5.63, 144.16, 0.7521)


@pytest.mark.parametrize(
    ("kg", "bilirubin", "clearance"),
    [
        (7, 11.29, 2.790),  # the lightest child: 5.63 · √(7 / 28.5) = 5.63 · 0.49560
        (43, 11.29, 6.915),  # the heaviest: 5.63 · √(43 / 28.5) = 5.63 · 1.22832
        (28.5, 20.50, 4.652),  # where table 4 divides: 5.63 · exp(−0.32 · ln 1.81577) = · 0.82623
        (28.5, 22.58, 4.510),  # twice the median bilirubin: 5.63 · 2^−0.32 = 5.63 · 0.80107
    ],
)
def test_the_equation_of_clearance_of_cheng_2020(
    kg: float, bilirubin: float, clearance: float
) -> None:
    """Results, "PK model building", by hand."""
    found = CHENG.typical({"weight": kg, "bilirubin": bilirubin})[0]
    assert found == pytest.approx(clearance, abs=5e-4)


def test_the_variability_in_the_abstract_of_cheng_2020() -> None:
    """Printed 3.53 % and 7.27 %, read as variances; residual 22.45 %."""
    assert np.array_equal(CHENG.omega, [[0.0353, 0], [0, 0.0727]])
    assert (CHENG.proportional, CHENG.additive_ng_ml) == (0.2245, 0)


# --- Mao 2024, Drug Des Devel Ther 18:6379, doi:10.2147/DDDT.S503463


@pytest.mark.parametrize(("haematocrit", "clearance"), [(28, 9.336), (38, 7.090), (46, 5.969)])
def test_equation_8_of_mao_2024(haematocrit: float, clearance: float) -> None:
    """At the 10th, 50th and 90th centile of haematocrit, as the coded transcription lists them."""
    own_clearance, *others = MAO.typical({"haematocrit": haematocrit})
    assert own_clearance == pytest.approx(clearance, abs=5e-4)
    assert others == [496, 0.75]


@pytest.mark.parametrize(
    ("haematocrit", "mg", "every_h", "trough"),
    [
        (28, 1, 24, 3.622), (38, 1, 24, 5.022), (46, 1, 24, 6.119),
        (28, 2, 48, 2.817), (38, 2, 48, 4.169), (46, 2, 48, 5.242),
    ],
)  # fmt: skip
def test_troughs_by_haematocrit_of_mao_2024(
    haematocrit: float, mg: float, every_h: float, trough: float
) -> None:
    """Typical steady-state troughs behind figure 4, as the coded transcription lists them."""
    patient = DosingHistory(
        (DoseRecord(0, mg, every_h, 2000),), (CovariateStep(0, {"haematocrit": haematocrit}),)
    )
    found = Concentrations(MAO, patient, [2000 * every_h]).at(np.zeros((1, 2)))
    assert found == pytest.approx(trough, abs=5e-4)


def test_the_median_trough_in_table_1_of_mao_2024() -> None:
    """5.26 ng/mL at the median dose of 1 mg a day and haematocrit of 38 %: within 5 %."""
    patient = DosingHistory((DoseRecord(0, 1, 24, 2000),), (CovariateStep(0, {"haematocrit": 38}),))
    found = Concentrations(MAO, patient, [48_000]).at(np.zeros((1, 2)))
    assert found == pytest.approx(5.26, rel=0.05)


def test_the_variability_in_table_2_of_mao_2024() -> None:
    """ω of CL/F 32.4 % and of V/F 42.7 %, as in course.md to three digits; covariance 0.0665."""
    assert np.array(MAO.omega) == pytest.approx(
        np.array([[0.324**2, 0.0665], [0.0665, 0.427**2]]), rel=0.003
    )
