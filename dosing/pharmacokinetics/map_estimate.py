"""The MAP estimate of a patient: the most probable random effects, and their covariance.

The search starts from the typical patient and, with several random effects, from points around.
Each start descends by the expected curvature; the best continues by Newton's method until it no
longer moves. Then gradient and curvature are checked: only a minimum counts as converged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dosing.errors import UserError
from dosing.knowledge.forecast_rules import FARTHEST
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import MeasuredLevel, Objective

_LONGEST_STEP = 1.0
"""The longest step, in η: e-fold in a parameter."""
_ROUGH_STEPS, _FINE_STEPS = 20, 12
_CLOSE = 1e-3
"""A start is close where another step would lower its objective by less."""
_SETTLED = 1e-6
"""The last step of Newton's method, in η: the error left is of the order of its square."""
_ROUNDING = 1e-12
"""The part of an objective by which rounding may raise it."""
_FLAT = 1e-5
"""The largest gradient at a minimum, in standard deviations of the prior."""
_CURVATURE_STEP = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The most probable random effects of a patient.

    `covariance` is that of the Laplace approximation: twice the inverse of the objective's
    curvature at its minimum.
    """

    model: Model
    eta: tuple[float, ...]
    objective: float
    covariance: tuple[tuple[float, ...], ...]
    converged: bool
    """True if the search ended at a minimum."""
    levels: tuple[MeasuredLevel, ...]

    @property
    def farthest_sd(self) -> float:
        """The largest distance of a random effect from the population, in standard deviations."""
        spread = np.sqrt(np.diag(self.model.omega))
        return float(np.max(np.abs(self.eta) / spread, initial=0.0))

    @property
    def is_far(self) -> bool:
        """Return whether the patient is too far from the population for a dose."""
        return self.farthest_sd > FARTHEST.value


def fit(model: Model, history: DosingHistory, levels: Sequence[MeasuredLevel]) -> Fit:
    """Return the MAP estimate; without levels it is that of the population.

    Raises `UserError` for a covariate that the model needs and the history lacks.
    """
    objective = Objective(model, history, levels)
    end = _settle(objective, _descend(objective, _starts(model)))
    spread = np.sqrt(np.diag(model.omega))
    is_flat = bool((np.abs(end.gradient * spread) < _FLAT).all())
    covariance = 2 * np.linalg.pinv(end.curvature, hermitian=True)
    return Fit(
        model=model,
        eta=tuple(map(float, end.eta)),
        objective=end.value,
        covariance=tuple(tuple(map(float, row)) for row in covariance),
        converged=is_flat and end.is_convex,
        levels=tuple(levels),
    )


def fit_many(
    model: Model, patients: Iterable[tuple[DosingHistory, Sequence[MeasuredLevel]]]
) -> list[Fit]:
    """Return the MAP estimate of each patient, from histories and levels.

    Raises `UserError` for a covariate that the model needs and a history lacks.
    """
    return [fit(model, history, levels) for history, levels in patients]


def fits_or_errors(
    model: Model, patients: Iterable[tuple[DosingHistory, Sequence[MeasuredLevel]]]
) -> list[Fit | UserError]:
    """Return the MAP estimate of each patient, or the error by which there is none."""
    found: list[Fit | UserError] = []
    for history, levels in patients:
        try:
            found.append(fit(model, history, levels))
        except UserError as error:
            found.append(error)
    return found


def _starts(model: Model) -> Array:
    """Return the typical patient and, with several effects, two points along each effect."""
    spread = np.sqrt(np.diag(model.omega))
    effects = len(spread)
    if effects < 2:
        return np.zeros((1, effects))
    along = np.diag(1.5 * spread)
    return np.concatenate([np.zeros((1, effects)), along, -along])


def _descend(objective: Objective, eta: Array) -> Array:
    """Return the lowest point after all starts have descended together."""
    now = objective.evaluate(eta)
    share = np.ones(len(eta))
    for _ in range(_ROUGH_STEPS):
        step = -np.linalg.solve(now.curvature, now.gradient[:, :, None])[:, :, 0]
        gain = -(step * now.gradient).sum(axis=1)
        if (gain < _CLOSE).all():
            break
        step = share[:, None] * _shortened(step)
        tried = objective.evaluate(eta + step)
        better = tried.value < now.value
        eta = np.where(better[:, None], eta + step, eta)
        now.value[better] = tried.value[better]
        now.gradient[better] = tried.gradient[better]
        now.curvature[better] = tried.curvature[better]
        share = np.where(better, np.minimum(1, 2 * share), share / 4)
    return np.asarray(eta[np.argmin(now.value)])


@dataclass(frozen=True)
class _Point:
    """The objective at one point."""

    eta: Array
    value: float
    gradient: Array
    curvature: Array
    """By differences of exact gradients."""
    expected_curvature: Array

    @property
    def is_convex(self) -> bool:
        """Return whether the curvature is positive in every direction."""
        return bool((np.linalg.eigvalsh(self.curvature) > 0).all())


def _settle(objective: Objective, eta: Array) -> _Point:
    """Return the end of Newton's method from a point: the minimum, or its last point."""
    share = 1.0
    now = _point_at(objective, eta)
    for _ in range(_FINE_STEPS):
        curvature = now.curvature if now.is_convex else now.expected_curvature
        step = share * _shortened(-np.linalg.solve(curvature, now.gradient))
        tried = _point_at(objective, now.eta + step)
        if tried.value > now.value + _ROUNDING * max(1, abs(now.value)):
            share /= 4
            continue
        now, share = tried, min(1.0, 2 * share)
        if np.abs(step).max(initial=0.0) < _SETTLED:
            break
    return now


def _shortened(step: NDArray[np.floating[Any]]) -> Array:
    """Return each step, shortened to the longest one allowed."""
    longest = np.abs(step).max(axis=-1, initial=_LONGEST_STEP, keepdims=True)
    return np.asarray(step * (_LONGEST_STEP / longest), dtype=float)


def _point_at(objective: Objective, eta: Array) -> _Point:
    effects = len(eta)
    steps = _CURVATURE_STEP * np.eye(effects)
    found = objective.evaluate(np.concatenate([eta[None, :], eta + steps, eta - steps]))
    ahead, behind = found.gradient[1 : effects + 1], found.gradient[effects + 1 :]
    curvature = (ahead - behind) / (2 * _CURVATURE_STEP)
    return _Point(
        eta=eta,
        value=float(found.value[0]),
        gradient=found.gradient[0],
        curvature=(curvature + curvature.T) / 2,
        expected_curvature=found.curvature[0],
    )
