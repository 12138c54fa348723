"""Patients that cannot be: the fit says so, or gives finite numbers; never nan, never a warning.

Warnings are errors here as everywhere in the tests, so that an overflow would fail them.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.map_estimate import Fit, fit
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
from tests.campaign import cases
from tests.dosing.pharmacokinetics.models import CORRELATED, FAN, FOUR_EFFECTS

PROPORTIONAL = replace(FAN, additive_ng_ml=0.0, proportional=0.2)
MODELS = [FAN, CORRELATED, FOUR_EFFECTS, PROPORTIONAL]
WEIGHT = (CovariateStep(0, {"weight": 16}),)
TREATED = DosingHistory((DoseRecord(0, 0.48, 12, 180),), WEIGHT)


def check_is_honest(found: Fit) -> None:
    """All numbers finite; a minimum is one, with a covariance that can be one."""
    assert np.isfinite(found.eta).all()
    assert np.isfinite(found.objective)
    assert np.isfinite(found.covariance).all()
    assert np.isfinite(found.farthest_sd)
    if found.converged:
        assert (np.linalg.eigvalsh(np.array(found.covariance)) > 0).all()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("ng_ml", [10_000, 1e6])
def test_a_level_far_too_high(model: Model, ng_ml: float) -> None:
    found = fit(model, TREATED, [MeasuredLevel(700, ng_ml)])
    check_is_honest(found)
    assert not found.converged or found.is_far


@pytest.mark.parametrize("bound", Censoring)
@pytest.mark.parametrize("model", MODELS)
def test_a_level_far_too_low(model: Model, bound: Censoring) -> None:
    found = fit(model, TREATED, [MeasuredLevel(700, 0.001, bound)])
    check_is_honest(found)


@pytest.mark.parametrize("model", [FAN, CORRELATED, FOUR_EFFECTS])
@pytest.mark.parametrize("history", [DosingHistory((), WEIGHT), TREATED])
def test_no_dose_before_the_level(model: Model, history: DosingHistory) -> None:
    """The level says nothing of the patient, and the answer is the typical one."""
    found = fit(model, history, [MeasuredLevel(-5, 8), MeasuredLevel(-4, 2, Censoring.BELOW)])
    check_is_honest(found)
    assert found.eta == pytest.approx([0] * len(model.effects), abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_years_after_the_last_dose(model: Model) -> None:
    """The prediction is too small for a number."""
    found = fit(model, TREATED, [MeasuredLevel(1e5, 8.0)])
    check_is_honest(found)


@pytest.mark.parametrize("model", MODELS)
def test_no_level_at_all_is_the_population(model: Model) -> None:
    found = fit(model, TREATED, [])
    assert found.converged
    assert found.eta == pytest.approx([0] * len(model.effects), abs=1e-12)
    np.testing.assert_allclose(found.covariance, model.omega, rtol=1e-6)


def test_two_levels_at_once_that_contradict_each_other() -> None:
    found = fit(FAN, TREATED, [MeasuredLevel(700, 0.1), MeasuredLevel(700, 60.0)])
    check_is_honest(found)


LEVELS = st.lists(
    st.builds(
        MeasuredLevel,
        at_h=st.floats(-100, 5000),
        ng_ml=st.one_of(st.floats(0.5, 40), st.floats(1e-3, 1e5)),
        bound=st.sampled_from(Censoring),
    ),
    max_size=6,
)
STRETCHES = st.lists(
    st.builds(
        DoseRecord,
        first_h=st.floats(-50, 1000),
        amount_mg=st.one_of(st.floats(0.1, 5), st.floats(1e-3, 1e3)),
        interval_h=st.sampled_from([8.0, 12.0, 24.0, 0.5]),
        count=st.integers(1, 200),
    ),
    max_size=4,
)
KILOGRAMS = st.one_of(st.floats(3, 80), st.floats(0.5, 200))


@settings(max_examples=cases(60, 3000))
@given(st.sampled_from(MODELS), STRETCHES, st.lists(KILOGRAMS, min_size=1, max_size=3), LEVELS)
def test_any_patient(
    model: Model, stretches: list[DoseRecord], kilograms: list[float], levels: list[MeasuredLevel]
) -> None:
    steps = tuple(
        CovariateStep(200.0 * place, {"weight": kg}) for place, kg in enumerate(kilograms)
    )
    check_is_honest(fit(model, DosingHistory(tuple(stretches), steps), levels))
