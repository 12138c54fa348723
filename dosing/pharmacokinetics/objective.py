"""The MAP objective: −2 log posterior of the random effects, which a fit minimises.

The objective is Σ [log v + (y − f)² / v] + ηᵀ Ω⁻¹ η: y a level, f its prediction, v = additive² +
(proportional · f)² its variance, Ω the covariance of the random effects. It is −2 log of the
posterior density, apart from a constant. A censored level adds −2 log of the probability of a value
beyond its bound (Beal's M3 method, J Pharmacokinet Pharmacodyn
2001;28:481).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, cached_property
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dosing.errors import UserError
from dosing.pharmacokinetics.concentration import BatchConcentrations
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array, Places
from dosing.pharmacokinetics.elimination import inverse
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.normal import log_cdf, tail_slope
from dosing.pharmacokinetics.periods import has_absorbed

_LEAST_VARIANCE = 1e-100
"""In (ng/mL)²: with a proportional error alone it keeps a prediction of 0 from dividing by 0, years
after the last dose. In a prediction above 1e-40 ng/mL it changes no digit."""

Patient: TypeAlias = tuple[DosingHistory, Sequence["MeasuredLevel"]]
"""The history and the levels of a patient."""


class Censoring(Enum):
    """The kind of a level: a value, or a bound."""

    VALUE = 0
    """A value."""
    BELOW = -1
    """The true level is below it."""
    ABOVE = 1
    """The true level is above it."""


@dataclass(frozen=True, slots=True)
class MeasuredLevel:
    """A level, ng/mL, sampled at a time in hours.

    Raises `UserError` for a level that is not above zero, or a time that is not a number.
    """

    at_h: float
    ng_ml: float
    bound: Censoring = Censoring.VALUE

    def __post_init__(self) -> None:
        """Check the figures."""
        if not (np.isfinite(self.ng_ml) and self.ng_ml > 0):
            raise UserError(f"A level is above zero, not {self.ng_ml} ng/mL.")
        if not np.isfinite(self.at_h):
            raise UserError(f"The time of a level is a number of hours, not {self.at_h}.")


@dataclass(frozen=True)
class PatientArrays:
    """Arrays whose last axis is the patient."""

    def kept(self, is_kept: NDArray[np.bool_]) -> Self:
        """Return the arrays of some patients, for whom the flag is true."""
        return type(self)(*(each.compress(is_kept, -1) for each in self._arrays()))

    def where(self, is_other: NDArray[np.bool_], other: Self) -> Self:
        """Return the arrays, with those of another where the flags are true."""
        pairs = zip(other._arrays(), self._arrays(), strict=True)
        return type(self)(*(np.where(is_other, one, two) for one, two in pairs))

    def put(self, patients: Places, others: Self) -> None:
        """Write the arrays of others at the places of some patients."""
        for mine, other in zip(self._arrays(), others._arrays(), strict=True):
            mine[..., patients] = other

    def copy(self) -> Self:
        """Return arrays that can be written to."""
        return type(self)(*(each.copy() for each in self._arrays()))

    def _arrays(self) -> list[NDArray[Any]]:
        return [getattr(self, name) for name in self.__dataclass_fields__]


@dataclass(frozen=True)
class Evaluation(PatientArrays):
    """The objective, its gradient, and its expected curvature.

    (draws, patients), (effects, draws, patients), (effects, effects, draws, patients). The
    curvature omits the terms that are zero on average over the levels, and so is never negative.
    """

    value: Array
    gradient: Array
    curvature: Array


def check_levels_follow_doses(
    model: Model, history: DosingHistory, levels: Sequence[MeasuredLevel]
) -> None:
    """Raise `UserError` for a level before any dose is absorbed, unless it is below a bound.

    Its prediction is 0: it says that the times are wrong, and nothing of the patient.
    """
    measured = [each for each in levels if each.bound is not Censoring.BELOW]
    times = [each.at_h for each in measured]
    for level, is_dosed in zip(measured, has_absorbed(model.lag_h, history, times), strict=True):
        if not is_dosed:
            raise UserError(
                f"No dose is absorbed before the level at {level.at_h:g} h. Check the times of"
                " doses and levels."
            )


@dataclass(frozen=True)
class Objective:
    """The objective of many patients; each figure is that of its patient alone, in every digit."""

    concentrations: BatchConcentrations
    patients: int
    level: Array
    sign: Array
    """0 of a measured level, −1 or 1 of a bound."""
    precision: Array
    """Ω⁻¹ of each patient's model, (effects, effects, patients)."""
    additive_variance: Array
    """Of the model of each level."""
    proportional_variance: Array

    @classmethod
    def of(cls, models: Sequence[Model], patients: Sequence[Patient]) -> "Objective":
        """Find the doses before each level; each patient has a model, all of one structure."""
        wanted = [(history, [each.at_h for each in levels]) for history, levels in patients]
        levels = [each for _, levels in patients for each in levels]
        numbers = [len(levels) for _, levels in patients]
        return cls(
            concentrations=BatchConcentrations.of(models, wanted),
            patients=len(patients),
            level=np.array([each.ng_ml for each in levels]),
            sign=np.array([each.bound.value for each in levels], dtype=float),
            precision=inverse(np.moveaxis(np.array([each.omega for each in models]), 0, -1)),
            additive_variance=np.repeat(
                [max(each.additive_ng_ml**2, _LEAST_VARIANCE) for each in models], numbers
            ),
            proportional_variance=np.repeat([each.proportional**2 for each in models], numbers),
        )

    def kept(self, is_kept: NDArray[np.bool_]) -> "Objective":
        """Return the objective of some patients, for whom the flag is true."""
        levels = is_kept[self.concentrations.patient]
        return replace(
            self,
            concentrations=self.concentrations.kept(is_kept),
            patients=int(is_kept.sum()),
            level=self.level[levels],
            sign=self.sign[levels],
            precision=self.precision.compress(is_kept, -1),
            additive_variance=self.additive_variance[levels],
            proportional_variance=self.proportional_variance[levels],
        )

    def predicted(self, eta: Array) -> Array:
        """Return the prediction of each level, (draws, levels)."""
        return self.concentrations.at(eta)

    def value(self, eta: Array) -> Array:
        """Return the objective, (draws, patients); `eta` is (effects, draws, patients)."""
        f = self.concentrations.at(eta)
        variance = self._variance(f)
        each = np.log(variance) + (self.level - f) ** 2 / variance
        beyond = self._beyond
        if len(beyond):
            z = (self.sign * (f - self.level) / np.sqrt(variance))[:, beyond]
            each[:, beyond] = -2 * log_cdf(z)
        return np.asarray(self._of_patients(each) + (eta * self._by_precision(eta)).sum(axis=0))

    def evaluate(self, eta: Array) -> Evaluation:
        """Return the objective with its gradient and expected curvature."""
        f, slopes = self.concentrations.at_with_slopes(eta)
        variance, residual = self._variance(f), self.level - f
        variance_by_f = 2 * self.proportional_variance * f
        each = np.log(variance) + residual**2 / variance
        by_f = -2 * residual / variance
        by_variance = (1 - residual**2 / variance) / variance
        weight_f, weight_variance = 2 / variance, 1 / variance**2
        beyond = self._beyond
        if len(beyond):
            sign, within = self.sign[beyond], variance[:, beyond]
            spread = np.sqrt(within)
            z = -sign * residual[:, beyond] / spread
            steep = tail_slope(z)
            each[:, beyond] = -2 * log_cdf(z)
            by_f[:, beyond] = -2 * steep * sign / spread
            by_variance[:, beyond] = steep * z / within
            weight_f[:, beyond] = 2 * steep * (steep + z) / within
            weight_variance[:, beyond] = 0.0
        gradient = self._of_patients((by_f + by_variance * variance_by_f) * slopes)
        weighted = (weight_f + weight_variance * variance_by_f**2) * slopes
        one, other = _pairs(len(eta))
        entries = self._of_patients(weighted[one] * slopes[other])
        curvature = np.empty((len(eta), *gradient.shape))
        curvature[one, other] = curvature[other, one] = entries
        by_precision = self._by_precision(eta)
        return Evaluation(
            value=self._of_patients(each) + (eta * by_precision).sum(axis=0),
            gradient=gradient + 2 * by_precision,
            curvature=curvature + 2 * self.precision[:, :, None],
        )

    def _variance(self, f: Array) -> Array:
        return np.asarray(self.additive_variance + self.proportional_variance * f * f)

    @cached_property
    def _beyond(self) -> Places:
        """The levels that are bounds."""
        return np.flatnonzero(self.sign)

    @cached_property
    def _first(self) -> Places:
        """The first level of each patient who has one."""
        return np.flatnonzero(np.diff(self.concentrations.patient, prepend=-1))

    def _of_patients(self, each: Array) -> Array:
        """Return the sum over the levels of each patient, taken in one order whoever is there."""
        first, patient = self._first, self.concentrations.patient
        if len(first) == self.patients:
            is_each_alone = self.patients == len(patient)
            return each if is_each_alone else np.asarray(np.add.reduceat(each, first, axis=-1))
        sums = np.zeros((*each.shape[:-1], self.patients))
        if len(first):
            sums[..., patient[first]] = np.add.reduceat(each, first, axis=-1)
        return sums

    def _by_precision(self, eta: Array) -> Array:
        """Return Ω⁻¹ η."""
        return np.asarray((self.precision[:, :, None] * eta).sum(axis=1))


@cache
def _pairs(effects: int) -> tuple[Places, Places]:
    """Return the rows and the columns of half a symmetric matrix."""
    rows, columns = np.tril_indices(effects)
    return rows, columns
