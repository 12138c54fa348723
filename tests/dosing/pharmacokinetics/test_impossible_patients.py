"""Patients that cannot be: the fit says so, or gives finite numbers; never nan, never a warning.

Warnings are errors here as everywhere in the tests, so that an overflow would fail them.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing.errors import UserError
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.map_estimate import Fit, fit, fit_many, fits_or_errors
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


LAGGED = replace(FAN, lag_h=0.5)
LATER = DosingHistory((DoseRecord(10, 0.48), DoseRecord(60, 0.48, 12, 3)), WEIGHT, (34.0, 80.0))
STEADY = DosingHistory((DoseRecord(10, 0.48, 12, 5, steady_state=True),), WEIGHT)


@pytest.mark.parametrize(
    ("history", "at_h", "is_refused"),
    [
        (DosingHistory((), WEIGHT), 5.0, True),
        (LATER, 9.0, True),
        (LATER, 10.0, True),
        (LATER, 10.5, True),  # the end of the lag
        (LATER, 10.6, False),
        (LATER, 34.0, False),  # a level at the time of a reset is before it
        (LATER, 34.1, True),
        (LATER, 60.5, True),
        (LATER, 60.6, False),
        (LATER, 80.1, True),  # the dose at 84 h comes after the reset
        (LATER, 84.6, False),
        (STEADY, 9.9, True),
        (STEADY, 10.0, False),
    ],
)
@pytest.mark.parametrize("bound", Censoring)
def test_a_level_before_any_dose_is_absorbed_is_refused(
    history: DosingHistory, at_h: float, bound: Censoring, *, is_refused: bool
) -> None:
    """Unless the assay found it below its bound, as it must be."""
    level = MeasuredLevel(at_h, 8, bound)
    later = MeasuredLevel(84.7, 8, bound)
    if is_refused and bound is not Censoring.BELOW:
        with pytest.raises(UserError, match=f"No dose is absorbed before the level at {at_h:g} h."):
            fit(LAGGED, history, [level])
        found = fits_or_errors(LAGGED, [(STEADY, [later]), (history, [level]), (STEADY, [later])])
        assert isinstance(found[1], UserError)
        assert found[0] == found[2] == fit(LAGGED, STEADY, [later])
        with pytest.raises(UserError, match="No dose is absorbed"):
            fit_many(LAGGED, [(STEADY, [later]), (history, [level])])
    else:
        check_is_honest(fit(LAGGED, history, [level]))


@pytest.mark.parametrize("model", [FAN, CORRELATED, FOUR_EFFECTS, PROPORTIONAL])
def test_levels_below_a_bound_before_any_dose_say_nothing(model: Model) -> None:
    found = fit(model, TREATED, [MeasuredLevel(-5, 2, Censoring.BELOW)])
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
    found = fits_or_errors(model, [(DosingHistory(tuple(stretches), steps), levels)])[0]
    if isinstance(found, Fit):
        check_is_honest(found)
    else:
        assert "No dose is absorbed before the level" in str(found)
