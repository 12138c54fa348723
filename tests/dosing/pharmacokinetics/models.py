"""Models for the tests: published ones, harder ones beside them, and ones drawn at random."""

import numpy as np
from numpy.typing import NDArray

from dosing.pharmacokinetics.covariates import Covariate, CovariateEffect, CovariateForm
from dosing.pharmacokinetics.model import PARAMETERS_OF, UNIT_OF, Model, Parameter
from dosing.pharmacokinetics.model_file import model_named

WEIGHT = Covariate(name="weight", column="WT", unit="kg", lowest=2, highest=150)


def by_weight(reference: float, exponent: float) -> tuple[CovariateEffect, ...]:
    """A power of the weight."""
    return (
        CovariateEffect(
            covariate="weight", kind=CovariateForm.POWER, reference=reference, exponent=exponent
        ),
    )


def model(  # noqa: PLR0913 - as many as a model has, by name
    *parameters: float,
    exponents: tuple[float, ...] | None = None,
    reference_kg: float = 70.0,
    lag_h: float = 0.0,
    omega: dict[str, float] | None = None,
    covariance: tuple[tuple[float, ...], ...] | None = None,
    additive: float = 1.0,
    proportional: float = 0.0,
) -> Model:
    """A model of one compartment (CL, V, ka) or of two (CL, V, Q, Vp, ka)."""
    compartments = {3: 1, 5: 2}[len(parameters)]
    names = PARAMETERS_OF[compartments]
    powers = exponents or (0.0,) * len(names)
    omega = omega or {"CL": 0.09}
    return Model(
        key="test", name="Test", source="test", citation="none", population="synthetic",
        assay="lc-ms/ms", compartments=compartments, lag_h=lag_h,
        parameters=tuple(
            Parameter(
                name=name, value=value, unit=UNIT_OF[name], source="test",
                relations=by_weight(reference_kg, power) if power else (),
            )
            for name, value, power in zip(names, parameters, powers, strict=True)
        ),
        covariates=(WEIGHT,),
        effects=tuple(omega),
        omega=covariance or tuple(
            tuple(row) for row in np.diag(list(omega.values())).tolist()
        ),
        additive_ng_ml=additive,
        proportional=proportional,
    )  # fmt: skip


FAN = model_named("fan2024")

CORRELATED = model(
    4.06, 155, 0.485, exponents=(1.23, 1.62, 0), reference_kg=16,
    omega={"CL": 0.06729, "V": 0.09}, covariance=((0.06729, 0.035), (0.035, 0.09)),
    additive=1.0, proportional=0.15,
)  # fmt: skip
"""Fan's typical patient with a second, correlated effect and a smaller error: a harder search."""

FOUR_EFFECTS = model(
    12.2, 118, 5.07, 609, 2.19,
    omega={"CL": 0.0547, "V": 0.306, "Vp": 0.0657, "Q": 0.103},
    additive=1.93, proportional=0.249,
)  # fmt: skip
"""Golubovic 2019, J Med Biochem 38:323, at its reference patient, ka without variability."""


def random_model(
    chance: np.random.Generator, *, compartments: int, with_lag: bool, additive: float = 1.0
) -> Model:
    """A model from the wide surroundings of the published ones, every parameter varying."""

    def between(low: float, high: float) -> float:
        return float(np.exp(chance.uniform(np.log(low), np.log(high))))

    absorption = between(0.2, 4)
    parameters: tuple[float, ...]
    exponents: tuple[float, ...]
    if compartments == 1:
        parameters = (between(1, 30), between(20, 400), absorption)
        exponents = (0.75, 1.0, 0)
    else:
        parameters = (
            between(1, 30), between(20, 300), between(0.5, 40), between(50, 900), absorption,
        )  # fmt: skip
        exponents = (0.75, 1.0, 0.75, 1.0, 0)
    return model(
        *parameters, exponents=exponents, lag_h=between(0.1, 1.5) if with_lag else 0.0,
        omega=dict.fromkeys(PARAMETERS_OF[compartments], 0.09),
        additive=additive, proportional=float(chance.choice([0.0, 0.1, 0.3])),
    )  # fmt: skip


def random_effects(chance: np.random.Generator, of: Model, draws: int) -> NDArray[np.float64]:
    """Random effects as the model has them, (draws, effects)."""
    return chance.multivariate_normal(np.zeros(len(of.effects)), np.array(of.omega), draws)
