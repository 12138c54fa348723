"""The search for the most probable random effects, where it is hard: few levels far from typical.

Tables of the kind that public comparisons with NONMEM use are made here: models of one to four
effects, variances of 0.07 to 2, an additive, a proportional or a combined error. The reference has
a plain objective of its own and searches from the lowest points of a wide grid.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from dosing.pharmacokinetics import (
    Concentrations,
    CovariateStep,
    DoseRecord,
    DosingHistory,
    Fit,
    MeasuredLevel,
    Model,
    fit_many,
    predict_many,
)
from dosing.pharmacokinetics.objective import Patient
from tests.campaign import cases
from tests.dosing.pharmacokinetics.models import model, random_effects
from tests.dosing.pharmacokinetics.second_kinetics import SecondObjective

WITHIN = 1e-3
"""In η, as in the published comparisons."""
ROUNDING = 1e-6
ERRORS = {"additive": (1.0, 0.0), "proportional": (0.0, 0.25), "combined": (1.0, 0.25)}
EFFECTS = {1: ("CL",), 2: ("CL", "V"), 3: ("CL", "V", "ka"), 4: ("CL", "V", "Q", "Vp")}
DOSES = DosingHistory((DoseRecord(0, 2.0, 24, 10),), (CovariateStep(0, {"weight": 70}),))


def random_search_model(chance: np.random.Generator, effects: int, error: str) -> Model:
    """A model whose patients vary a little or very much."""
    names = EFFECTS[effects]
    variance = np.exp(chance.uniform(np.log(0.07), np.log(2), effects))
    spread = np.sqrt(variance)
    correlation = float(chance.choice([0.0, 0.5])) if effects > 1 else 0.0
    covariance = correlation * np.outer(spread, spread)
    np.fill_diagonal(covariance, variance)
    parameters = (4.0, 120.0, 0.7) if effects < 4 else (10.0, 100.0, 5.0, 400.0, 1.5)
    additive, proportional = ERRORS[error]
    return model(
        *parameters, omega=dict.fromkeys(names, 1.0),
        covariance=tuple(map(tuple, covariance.tolist())),
        additive=additive, proportional=proportional,
    )  # fmt: skip


def random_patients(chance: np.random.Generator, of: Model, number: int) -> list[Patient]:
    """Patients of a model with one to five levels; each is above zero."""
    eta = random_effects(chance, of, number)
    counts = chance.integers(1, 6, number)
    times = [sorted(chance.uniform(1, 300, count).tolist()) for count in counts]
    true = predict_many(of, [(DOSES, at, one[None, :]) for at, one in zip(times, eta, strict=True)])
    found: list[Patient] = []
    for at, (exact,) in zip(times, true, strict=True):
        spread = np.hypot(of.additive_ng_ml, of.proportional * exact)
        levels = np.maximum(exact + spread * chance.standard_normal(len(at)), 0.01)
        found.append((DOSES, tuple(map(MeasuredLevel, at, levels.tolist()))))
    return found


def reference(of: Model, patient: Patient) -> tuple[NDArray[np.float64], float]:
    """The lowest minimum from the lowest points of a wide grid."""
    plain = SecondObjective(of, *patient)

    def second(eta: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):  # far out on the grid a prediction may be 0
            return np.nan_to_num(plain(eta), nan=np.inf)

    def one(eta: NDArray[np.float64]) -> float:
        return float(second(eta[None, :])[0])

    def slope(eta: NDArray[np.float64]) -> NDArray[np.float64]:
        steps = 1e-5 * np.eye(len(eta))
        ahead, behind = np.split(second(np.concatenate([eta + steps, eta - steps])), 2)
        return (ahead - behind) / 2e-5

    spread = np.linalg.cholesky(np.array(of.omega))
    effects = len(spread)
    if effects == 1:
        wide = np.linspace(-6, 6, 601)[:, None]
    else:
        wide = 2 * np.random.default_rng(effects).standard_normal((1500, effects))
    wide = np.concatenate([np.zeros((1, effects)), wide]) @ spread.T
    starts = wide[np.argsort(second(wide))[:3]]
    ends = [minimize(one, each, jac=slope, method="BFGS").x for each in starts]
    best = ends[int(np.argmin([one(each) for each in ends]))]
    return best, one(best)


@dataclass
class Tally:
    """How many fits agree, are said not to have converged, or are wrong without a word."""

    agree: int = 0
    said: int = 0
    silent: int = 0

    def add(self, found: Fit, of: Model, patient: Patient) -> None:
        """Count one fit against the reference."""
        eta, value = reference(of, patient)
        is_near = np.abs(eta - found.eta).max() < WITHIN
        own = SecondObjective(of, *patient).one(np.array(found.eta))
        if is_near or own <= value + ROUNDING:
            self.agree += 1
        elif found.converged:
            self.silent += 1
        else:
            self.said += 1


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("effects", EFFECTS)
def test_against_a_wide_grid_of_starts(effects: int, error: str) -> None:
    chance = np.random.default_rng([16, effects, list(ERRORS).index(error)])
    tally, of_each_model = Tally(), max(1, cases(8, 4000) // 4)
    for _ in range(4):
        of = random_search_model(chance, effects, error)
        patients = random_patients(chance, of, of_each_model)
        for found, patient in zip(fit_many(of, patients), patients, strict=True):
            tally.add(found, of, patient)
    print(f"{effects} effects, {error}: {tally}")
    assert tally.silent == 0
    assert tally.agree >= 0.999 * 4 * of_each_model


SMALLEST = model(4.0, 70.0, 1.0, omega={"CL": 0.067}, additive=0.0, proportional=0.25)
"""Typical is 10.3 ng/mL before the next dose, at 240 h."""


@pytest.mark.parametrize("ng_ml", [1.0, 0.9, 1.5, 0.5])
def test_a_level_far_below_the_typical_one_with_a_proportional_error_alone(ng_ml: float) -> None:
    """The search gave up at 1, and ended in a higher minimum at 0.5."""
    patient = (DOSES, (MeasuredLevel(240, ng_ml),))
    found = fit_many(SMALLEST, [patient])[0]
    eta, value = reference(SMALLEST, patient)
    assert found.converged
    assert found.eta[0] == pytest.approx(eta[0], abs=1e-6)
    assert found.objective == pytest.approx(value, abs=1e-9)


def test_the_lower_of_two_minima_is_far_from_typical_and_said_to_be() -> None:
    """At 0.3505 there is another minimum, of 15.41."""
    found = fit_many(SMALLEST, [(DOSES, (MeasuredLevel(240, 0.5),))])[0]
    assert found.eta[0] == pytest.approx(1.0542, abs=2e-3)
    assert found.objective == pytest.approx(14.18, abs=0.02)
    assert found.farthest_sd == pytest.approx(4.1, abs=0.05)
    assert found.is_far


@pytest.mark.parametrize("ng_ml", [0.01, 0.1, 10.3])
def test_the_objective_with_a_proportional_error_alone_has_no_other_error(ng_ml: float) -> None:
    """By hand at the fit: log (0.25 f)² + (y − f)² / (0.25 f)² + η² / ω²."""
    found = fit_many(SMALLEST, [(DOSES, (MeasuredLevel(240, ng_ml),))])[0]
    f = Concentrations(SMALLEST, DOSES, [240]).at(np.array([found.eta]))[0, 0]
    known = 2 * np.log(0.25 * f) + ((ng_ml - f) / (0.25 * f)) ** 2 + found.eta[0] ** 2 / 0.067
    assert found.objective == pytest.approx(known, rel=1e-13)


@pytest.mark.parametrize(
    ("covariance", "levels"),
    [
        (
            ((0.409, 0.221, 0.264), (0.221, 0.477, 0.285), (0.264, 0.285, 0.684)),
            ((72.0, 29.21), (171.3, 50.47), (194.0, 46.86), (225.9, 51.5), (227.8, 49.57)),
        ),
        (((0.448, 0, 0), (0, 0.464, 0), (0, 0, 1.315)), ((24.6, 5.14), (196.6, 12.86))),
    ],
)
def test_the_lower_of_two_minima_that_are_both_near_typical(
    covariance: tuple[tuple[float, ...], ...], levels: tuple[tuple[float, float], ...]
) -> None:
    """One start around the typical patient is not enough with several effects."""
    of = model(
        4.0, 120.0, 0.7, omega=dict.fromkeys(EFFECTS[3], 1.0), covariance=covariance, additive=1.0
    )
    patient = (DOSES, tuple(MeasuredLevel(*each) for each in levels))
    found = fit_many(of, [patient])[0]
    eta, value = reference(of, patient)
    assert found.converged
    assert found.objective == pytest.approx(value, abs=1e-6)
    assert found.eta == pytest.approx(tuple(eta), abs=WITHIN)
