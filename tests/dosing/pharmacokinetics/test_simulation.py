"""The second way to a trough agrees with the first, and tells where it does not."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing.pharmacokinetics import (
    Concentrations,
    CovariateStep,
    DosingHistory,
    Regimen,
    model_named,
)
from dosing.pharmacokinetics.simulation import AGREES_WITHIN, steady_state_trough

POSITIVE = st.floats(0.3, 3)


@settings(max_examples=100)
@given(
    key=st.sampled_from(["fan2024", "golubovic2019"]),
    factors=st.tuples(*[POSITIVE] * 5),
    times=st.integers(1, 4),
    dose=st.sampled_from(["0.1", "0.44", "2", "6"]),
)
def test_both_ways_agree(key: str, factors: tuple[float, ...], times: int, dose: str) -> None:
    model = model_named(key)
    covariates = {"weight": 16.0, "age": 30.0, "ast": 20.0}
    effects = [
        np.log(factors[place]) if name in model.effects else 0.0
        for place, name in enumerate(("CL", "V", "Q", "Vp", "ka"))
        if name in model.effects
    ]
    by_name = dict(zip(("CL", "V", "Q", "Vp", "ka"), factors, strict=True))
    eta = np.array([[np.log(by_name[name]) for name in model.effects]])
    assert len(effects) == len(model.effects)
    regimen = Regimen(Decimal(dose), times)
    stretch, trough_h = regimen.to_steady_state()
    history = DosingHistory((stretch,), (CovariateStep(0, covariates),))
    first = Concentrations(model, history, [trough_h]).at(eta)[0, 0]
    names = ("CL", "V", "ka") if model.compartments == 1 else ("CL", "V", "Q", "Vp", "ka")
    parameters = tuple(
        value * (by_name[name] if name in model.effects else 1.0)
        for name, value in zip(names, model.typical(covariates), strict=True)
    )
    second = steady_state_trough(model, parameters, float(dose), regimen.interval_h)
    assert second == pytest.approx(first, rel=AGREES_WITHIN)


def test_the_trough_of_the_reference() -> None:
    """25 kg, 0.875 mg every 12 h: 9.486 ng/mL (clinical reference, section 9)."""
    model = model_named("fan2024")
    parameters = model.typical({"weight": 25.0})
    assert steady_state_trough(model, parameters, 0.875, 12) == pytest.approx(9.486, abs=5e-4)
