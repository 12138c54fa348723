"""What a fit leaves open, held against quadrature and against 100,000 draws from the prior.

The second implementation has the one-compartment model at steady state as a formula of its own:
C = 1000 · D · ka / (V · (ka − k)) · [e^(−kτ) / (1 − e^(−kτ)) − e^(−ka·τ) / (1 − e^(−ka·τ))].
Models and figures: clinical reference, section 9.
"""

from dataclasses import replace
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import norm

from dosing.knowledge.protocols import TargetTrough
from dosing.pharmacokinetics import (
    Concentrations,
    CovariateStep,
    DoseRecord,
    DosingHistory,
    MeasuredLevel,
    Posterior,
    Regimen,
    curve,
    disposition,
    dose_outcomes,
    fit,
    forecast,
    model_named,
)
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.posterior import residual_sd

FAN = model_named("fan2024")
TWO_EFFECTS = replace(FAN, effects=("CL", "V"), omega=((0.06729, 0.02), (0.02, 0.09)))
TARGET = TargetTrough(Decimal(5), Decimal(15))
WEIGHT = 25.0
COVARIATES = {"weight": WEIGHT, "age": 8.0}
LONG = 12_000.0  # hours: steady state
ONE_POINT = 0.01  # the issue's own: probabilities agree to one point


def history(dose_mg: float, interval_h: float = 12) -> DosingHistory:
    doses = DoseRecord(0, dose_mg, interval_h, int(LONG / interval_h))
    return DosingHistory((doses,), (CovariateStep(0, COVARIATES),))


def steady_trough(cl: Array, v: Array, dose_mg: float, interval_h: float = 12) -> Array:
    ka, k = 0.485, cl / v
    slow = np.exp(-k * interval_h) / (1 - np.exp(-k * interval_h))
    quick = np.exp(-ka * interval_h) / (1 - np.exp(-ka * interval_h))
    return np.asarray(1000 * dose_mg * ka / (v * (ka - k)) * (slow - quick))


def typical() -> tuple[float, float]:
    return 4.06 * (WEIGHT / 16) ** 1.23, 155 * (WEIGHT / 16) ** 1.62


def by_quadrature(levels: tuple[float, ...], given_mg: float, asked_mg: float) -> dict[str, float]:
    """Return the chances and the band of one random effect on a fine grid."""
    cl, v = typical()
    eta = np.linspace(-2.5, 2.5, 40_001)
    density = norm.pdf(eta, 0, 0.06729**0.5)
    f = steady_trough(cl * np.exp(eta), np.full_like(eta, v), given_mg)
    for level in levels:
        density = density * norm.pdf(level, f, 3.41)
    density = density / density.sum()
    troughs = steady_trough(cl * np.exp(eta), np.full_like(eta, v), asked_mg)
    falling = np.cumsum(density[::-1])  # a trough falls as the clearance rises
    low, high = np.interp([0.05, 0.95], falling, troughs[::-1])
    below = float(density @ norm.cdf((5 - troughs) / 3.41))
    above = float(density @ norm.sf((15 - troughs) / 3.41))
    return {"low": low, "high": high, "below": below, "above": above}


@pytest.mark.parametrize("levels", [(), (14.0,), (3.0, 4.5), (12.0, 9.0, 11.0, 10.0, 13.0)])
@pytest.mark.parametrize("asked_mg", [0.5, 0.88, 1.5])
def test_chances_and_bands_of_one_effect_are_those_of_quadrature(
    levels: tuple[float, ...], asked_mg: float
) -> None:
    given = history(0.875)
    fitted = fit(FAN, given, [MeasuredLevel(LONG - 12 * 20 * i, y) for i, y in enumerate(levels)])
    posterior = Posterior.of(fitted, given)
    regimen = Regimen(Decimal(str(asked_mg)), 2)
    outcome = dose_outcomes(posterior, COVARIATES, [regimen], TARGET)[0]
    expected = by_quadrature(levels, 0.875, asked_mg)

    assert outcome.below == pytest.approx(expected["below"], abs=ONE_POINT)
    assert outcome.above == pytest.approx(expected["above"], abs=ONE_POINT)
    assert outcome.below + outcome.within + outcome.above == pytest.approx(1)
    # The ends of a band rest on the few draws in its tails: two percent of the trough.
    assert outcome.low_ng_ml == pytest.approx(expected["low"], rel=0.02)
    assert outcome.high_ng_ml == pytest.approx(expected["high"], rel=0.02)
    assert posterior.effective_share > 0.8


@pytest.mark.parametrize("levels", [(), (14.0,), (4.0, 20.0, 6.0)])
def test_chances_of_two_effects_are_those_of_100_000_draws_from_the_prior(
    levels: tuple[float, ...],
) -> None:
    given = history(0.875)
    fitted = fit(
        TWO_EFFECTS, given, [MeasuredLevel(LONG - 240 * i, y) for i, y in enumerate(levels)]
    )
    outcome = dose_outcomes(
        Posterior.of(fitted, given), COVARIATES, [Regimen(Decimal("1.2"), 2)], TARGET
    )[0]

    rng = np.random.default_rng(7)
    eta = rng.multivariate_normal(np.zeros(2), np.array(TWO_EFFECTS.omega), size=100_000)
    cl, v = (value * np.exp(eta[:, place]) for place, value in enumerate(typical()))
    at_levels = steady_trough(cl, v, 0.875)
    weights = np.ones(len(eta))
    for level in levels:
        weights *= norm.pdf(level, at_levels, 3.41)
    troughs = steady_trough(cl, v, 1.2)
    expected = np.average(norm.cdf((5 - troughs) / 3.41), weights=weights)
    expected_above = np.average(norm.sf((15 - troughs) / 3.41), weights=weights)
    assert outcome.below == pytest.approx(expected, abs=ONE_POINT)
    assert outcome.above == pytest.approx(expected_above, abs=ONE_POINT)


@pytest.mark.parametrize(
    ("kg", "mg_per_kg_day", "below", "within", "above"),
    [(8, 0.05, 13.8, 76.3, 10.0), (15, 0.06, 12.6, 77.3, 10.1)],
)
def test_fans_table_4_is_met_within_ten_points(
    kg: float, mg_per_kg_day: float, below: float, within: float, above: float
) -> None:
    """Fan 2024, Table 4, with residual error, every 12 h (clinical reference, section 9).

    Within 10 points: the table's patients are a spread of weights and ours has one, and how the
    authors simulated is not given to the last detail.
    """
    covariates = {"weight": float(kg), "age": 2.0}
    nothing = DosingHistory((), (CovariateStep(0, covariates),))
    posterior = Posterior.of(fit(FAN, nothing, []), nothing)
    regimen = Regimen(Decimal(str(kg * mg_per_kg_day / 2)), 2)
    outcome = dose_outcomes(posterior, covariates, [regimen], TARGET)[0]
    assert 100 * outcome.below == pytest.approx(below, abs=10)
    assert 100 * outcome.within == pytest.approx(within, abs=10)
    assert 100 * outcome.above == pytest.approx(above, abs=10)


def test_without_levels_the_patient_is_the_typical_one_with_the_population_s_spread() -> None:
    given = history(0.875)
    posterior = Posterior.of(fit(FAN, given, []), given)
    patient = disposition(posterior, LONG)
    assert patient.clearance_l_h.value == pytest.approx(7.0295, abs=5e-5)
    assert patient.half_life_h == pytest.approx(31.49, abs=5e-3)
    # exp(±1.645 · √0.06729) by hand; two percent for the tails of the draws
    assert patient.clearance_l_h.low == pytest.approx(7.0295 * 0.6527, rel=0.02)
    assert patient.clearance_l_h.high == pytest.approx(7.0295 * 1.5321, rel=0.02)


def test_the_band_of_a_measured_level_is_wider_and_never_below_zero() -> None:
    given = history(0.3)
    posterior = Posterior.of(fit(FAN, given, [MeasuredLevel(LONG - 240, 2.0)]), given)
    found = forecast(posterior, given, [LONG])[0]
    assert 0 <= found.measured_low_ng_ml < found.low_ng_ml < found.ng_ml
    assert found.ng_ml < found.high_ng_ml < found.measured_high_ng_ml


def test_a_level_narrows_what_is_left_open_and_more_of_them_more() -> None:
    given = history(0.875)
    widths = []
    for count in (0, 1, 5, 20):
        levels = [MeasuredLevel(LONG - 240 * i, 9.5) for i in range(count)]
        patient = disposition(Posterior.of(fit(FAN, given, levels), given), LONG)
        widths.append(patient.clearance_l_h.high - patient.clearance_l_h.low)
    assert widths == sorted(widths, reverse=True)


def test_the_residual_error_is_additive_and_proportional() -> None:
    golubovic = model_named("golubovic2019")
    # √(1.93² + (0.249 · 10)²), Golubovic 2019 (clinical reference, section 9)
    assert residual_sd(golubovic, np.array([10.0]))[0] == pytest.approx(3.1504, abs=5e-5)


def test_the_band_of_a_curve_is_that_of_the_normal_approximation() -> None:
    """By hand: log f moves by its slope towards η, here by differences, times η's deviation."""
    given = history(0.875)
    fitted = fit(FAN, given, [MeasuredLevel(LONG - 240 * i, 9.0 + i) for i in range(5)])
    times = [LONG - 6.0, LONG]
    found = curve(Posterior.of(fitted, given), given, times)
    eta = np.array([fitted.eta]) + np.array([[0.0], [1e-4], [-1e-4]])
    middle, ahead, behind = Concentrations(FAN, given, times).at(eta)
    slope = np.log(ahead / behind) / 2e-4
    off = NormalDist().inv_cdf(0.95) * abs(slope) * fitted.covariance[0][0] ** 0.5
    assert found.ng_ml == pytest.approx(middle)
    assert found.low_ng_ml == pytest.approx(middle * np.exp(-off))
    assert found.high_ng_ml == pytest.approx(middle * np.exp(off))
