"""The MAP estimate of a patient: the most probable random effects, and their covariance.

The search starts from the typical patient and from points around, and for a patient far from
typical from points around the best of them once more. Each start descends by the expected
curvature; the best continues by Newton's method until it no longer moves. Then gradient and
curvature are checked: only a minimum counts as converged.

Many patients are fitted together, and each as if it were alone: a patient who is done leaves the
batch, and the figures are the same in every digit whoever is beside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosing.errors import UserError
from dosing.pharmacokinetics.chunks import in_chunks
from dosing.pharmacokinetics.concentration import by_structure
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.elimination import inverse, solved
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import (
    MeasuredLevel,
    Objective,
    Patient,
    PatientArrays,
    check_levels_follow_doses,
)

_STARTS_SD = (1.5, 3.0)
"""Along each random effect, to both sides."""
_AGAIN_SD = 2.0
"""A patient this far from typical is searched for again."""
_LONGEST_STEP = 1.0
"""The longest step, in η: e-fold in a parameter."""
_ROUGH_STEPS, _FINE_STEPS = 40, 60
_CLOSE = 1e-5
"""A start is close where another step would lower its objective by less."""
_SETTLED = 1e-6
"""The last step of Newton's method, in η: the error left is of the order of its square."""
_ROUNDING = 1e-12
"""The part of an objective by which rounding may raise it."""
_FLAT = 1e-5
"""The largest gradient at a minimum, in standard deviations of the prior."""
_CURVATURE_STEP = 1e-5
_DAMPING = (1 / 16, 1 / 4, 1.0)
"""The parts of the expected curvature by which one is replaced that is not convex, until it is."""
_ENOUGH_DONE = 0.25
"""A batch is made smaller when this part of its patients is done."""


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
        from dosing.knowledge.forecast_rules import FARTHEST  # noqa: PLC0415 - with all alerts

        return self.farthest_sd > FARTHEST.value


def fit(model: Model, history: DosingHistory, levels: Sequence[MeasuredLevel]) -> Fit:
    """Return the MAP estimate; without levels it is that of the population.

    Raises `UserError` for a covariate that the model needs and the history lacks, for a level
    before any dose is absorbed that is not below a bound, and for figures too extreme to calculate
    with.
    """
    return fit_many(model, [(history, levels)])[0]


def fit_many(model: Model, patients: Iterable[Patient]) -> list[Fit]:
    """Return the MAP estimate of each patient, from histories and levels.

    Raises the `UserError` of the first patient who has one, as `fit` does.
    """
    found = []
    for each in fits_or_errors(model, patients):
        if isinstance(each, UserError):
            raise each
        found.append(each)
    return found


def fits_or_errors(model: Model, patients: Iterable[Patient]) -> list[Fit | UserError]:
    """Return the MAP estimate of each patient, or the error by which there is none."""
    found: list[Fit | UserError] = []
    for chunk in in_chunks(patients, _work):
        errors = [_error_of(model, each) for each in chunk]
        right = [each for each, error in zip(chunk, errors, strict=True) if error is None]
        fits = iter(_fits([model] * len(right), right))
        found += [next(fits) if error is None else error for error in errors]
    return found


def _work(patient: Patient) -> int:
    history, levels = patient
    return len(levels) * len(history.doses)


def _error_of(model: Model, patient: Patient) -> UserError | None:
    """Return the error by which a patient cannot be fitted."""
    history, levels = patient
    try:
        for step in history.covariates:
            model.typical(step.values)
        check_levels_follow_doses(model, history, levels)
    except UserError as error:
        return error
    return None


def fits_or_errors_of_models(wanted: Sequence[tuple[Model, Patient]]) -> list[Fit | UserError]:
    """Return the same by a model for each patient; models of one structure go together."""
    found: dict[int, Fit | UserError] = {}
    for place, (model, patient) in enumerate(wanted):
        error = _error_of(model, patient)
        if error is not None:
            found[place] = error
    for same in by_structure([model for model, _ in wanted]):
        places = [each for each in same if each not in found]
        fits = _fits([wanted[each][0] for each in places], [wanted[each][1] for each in places])
        found.update(zip(places, fits, strict=True))
    return [found[place] for place in range(len(wanted))]


def _fits(models: Sequence[Model], patients: Sequence[Patient]) -> list[Fit | UserError]:
    """Return the fits of patients that can be calculated together, each with a model."""
    if not patients:
        return []
    objective = Objective.of(models, patients)
    spread = np.array([np.sqrt(np.diag(each.omega)) for each in models]).T
    with np.errstate(all="ignore"):  # figures too extreme are seen at the end
        end = _settle(objective, _lowest(objective, spread))
        is_minimum = end.is_convex & (np.abs(end.gradient * spread) < _FLAT).all(axis=0)
        curvature = np.where(end.is_convex, end.curvature, end.expected_curvature)
        covariance = 2 * inverse(curvature)
    is_finite = np.isfinite(np.concatenate([end.value[None], *covariance])).all(axis=0)
    return [
        Fit(
            model=models[place],
            eta=tuple(end.eta[:, place].tolist()),
            objective=float(end.value[place]),
            covariance=tuple(map(tuple, covariance[:, :, place].tolist())),
            converged=converged,
            levels=tuple(levels),
        )
        if is_calculable
        else UserError("The figures are too extreme to calculate with. Check the doses and levels.")
        for place, ((_, levels), converged, is_calculable) in enumerate(
            zip(patients, is_minimum.tolist(), is_finite.tolist(), strict=True)
        )
    ]


def _lowest(objective: Objective, spread: Array) -> Array:
    """Return the lowest point found for each patient, (effects, patients).

    `spread` is the standard deviation of each effect, (effects, patients). Where the lowest point
    is far from typical, the search starts once more around it.
    """
    unit = np.eye(len(spread))[:, :, None] * spread
    along = [sign * sd * unit for sd in _STARTS_SD for sign in (1, -1)]
    around = np.concatenate([np.zeros_like(spread)[:, None], *along], axis=1)
    lowest = _descend(objective, around)
    is_far = np.asarray((np.abs(lowest) > _AGAIN_SD * spread).any(axis=0))
    if is_far.any():
        far = around.compress(is_far, -1) + lowest.compress(is_far, -1)[:, None]
        lowest[:, is_far] = _descend(objective.kept(is_far), far)
    return lowest


def _descend(objective: Objective, eta: Array) -> Array:
    """Return the lowest point of each patient after all its starts have descended together."""
    lowest = np.empty((len(eta), eta.shape[2]))
    patient, is_done = np.arange(eta.shape[2]), np.zeros(eta.shape[2], dtype=bool)
    now, share = objective.evaluate(eta), np.ones(eta.shape[1:])
    for number in range(_ROUGH_STEPS + 1):
        step = solved(now.curvature, -now.gradient[:, None])[0][:, 0]
        gain = -(step * now.gradient).sum(axis=0)
        is_close = ~(gain >= _CLOSE).any(axis=0) | (number == _ROUGH_STEPS)
        new = np.flatnonzero(is_close & ~is_done)
        lowest[:, patient[new]] = eta[:, now.value[:, new].argmin(axis=0), new]
        is_done |= is_close
        if is_done.all():
            break
        if is_done.mean() >= _ENOUGH_DONE:
            is_open = ~is_done
            objective, now = objective.kept(is_open), now.kept(is_open)
            eta, step, share, patient, is_done = (
                each.compress(is_open, -1) for each in (eta, step, share, patient, is_done)
            )
        step = share * _shortened(step)
        tried = objective.evaluate(eta + step)
        is_better = tried.value < now.value
        eta, now = np.where(is_better, eta + step, eta), now.where(is_better, tried)
        share = np.where(is_better, np.minimum(1, 2 * share), share / 4)
    return lowest


@dataclass(frozen=True)
class _Points(PatientArrays):
    """The objective of each patient at a point."""

    eta: Array
    value: Array
    gradient: Array
    curvature: Array
    """By differences of exact gradients."""
    expected_curvature: Array
    is_convex: NDArray[np.bool_]
    """True where the curvature is positive in every direction."""
    step: Array
    """Newton's step; where the curvature is not convex, by a damped one."""

    @classmethod
    def at(cls, objective: Objective, eta: Array) -> "_Points":
        """Return the objective at the points `eta`, (effects, patients)."""
        effects = len(eta)
        steps = _CURVATURE_STEP * np.eye(effects)
        around = np.concatenate([np.zeros((effects, 1)), steps, -steps], axis=1)
        found = objective.evaluate(eta[:, None] + around[:, :, None])
        ahead, behind = found.gradient[:, 1 : effects + 1], found.gradient[:, effects + 1 :]
        curvature = (ahead - behind) / (2 * _CURVATURE_STEP)
        curvature = (curvature + curvature.swapaxes(0, 1)) / 2
        expected, gradient = found.curvature[:, :, 0], found.gradient[:, 0]
        step, is_convex = solved(curvature, -gradient[:, None])
        is_solved = is_convex
        for share in _DAMPING:
            if is_solved.all():
                break
            damped = curvature + share * (expected - curvature)
            other, is_positive = solved(damped, -gradient[:, None])
            step = np.where(is_solved, step, other)
            is_solved = is_solved | is_positive
        return cls(eta, found.value[0], gradient, curvature, expected, is_convex, step[:, 0])


def _settle(objective: Objective, eta: Array) -> _Points:
    """Return the end of Newton's method from each point: the minimum, or its last point."""
    now = _Points.at(objective, eta)
    end = now.copy()
    share = np.ones(eta.shape[1])
    patient, is_done = np.arange(eta.shape[1]), np.zeros(eta.shape[1], dtype=bool)
    for _ in range(_FINE_STEPS):
        step = share * _shortened(now.step)
        tried = _Points.at(objective, now.eta + step)
        is_taken = tried.value <= now.value + _ROUNDING * np.maximum(1, np.abs(now.value))
        now = now.where(is_taken & ~is_done, tried)
        share = np.where(is_taken, np.minimum(1, 2 * share), share / 4)
        is_done |= is_taken & (np.abs(step).max(axis=0) < _SETTLED)
        if is_done.mean() < _ENOUGH_DONE:
            continue
        end.put(patient[is_done], now.kept(is_done))
        if is_done.all():
            return end
        is_open = ~is_done
        objective, now = objective.kept(is_open), now.kept(is_open)
        share, patient, is_done = (each.compress(is_open, -1) for each in (share, patient, is_done))
    end.put(patient, now)
    return end


def _shortened(step: Array) -> Array:
    """Return each step, (effects, …), shortened to the longest one allowed."""
    longest = np.abs(step).max(axis=0, initial=_LONGEST_STEP)
    return np.asarray(step * (_LONGEST_STEP / longest))
