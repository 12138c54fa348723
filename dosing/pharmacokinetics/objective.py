"""The MAP objective: −2 log posterior of the random effects, which a fit minimises.

The objective is Σ [log v + (y − f)² / v] + ηᵀ Ω⁻¹ η: y a level, f its prediction, v = additive² +
(proportional · f)² its variance, Ω the covariance of the random effects. It is −2 log of the
posterior density, apart from a constant. A censored level adds −2 log of the probability of a value
beyond its bound (Beal's M3 method, J Pharmacokinet Pharmacodyn
2001;28:481).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from dosing.errors import UserError
from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.normal import log_cdf, tail_slope

_LEAST_ADDITIVE_NG_ML = 1e-3
"""For a model with proportional error only: a level before any dose would otherwise have infinite
weight. It is below the resolution of any assay."""


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
class Evaluation:
    """The objective of each draw, its gradient, and its expected curvature.

    (draws), (draws, effects), (draws, effects, effects). The curvature omits the terms that
    are zero on average over the levels, and so is never negative.
    """

    value: Array
    gradient: Array
    curvature: Array


class Objective:
    """The objective of one patient."""

    def __init__(
        self, model: Model, history: DosingHistory, levels: Sequence[MeasuredLevel]
    ) -> None:
        """Find the doses before each level."""
        self._concentrations = Concentrations(model, history, [each.at_h for each in levels])
        self._level = np.array([each.ng_ml for each in levels])
        self._sign = np.array([each.bound.value for each in levels], dtype=float)
        self._measured = self._sign == 0
        self._is_bounded = bool((~self._measured).any())
        self._precision = np.linalg.inv(np.array(model.omega))
        self._additive_variance = max(model.additive_ng_ml, _LEAST_ADDITIVE_NG_ML) ** 2
        self._proportional_variance = model.proportional**2

    def predicted(self, eta: Array) -> Array:
        """Return the prediction of each level, (draws, levels)."""
        return self._concentrations.at(eta)

    def value(self, eta: Array) -> Array:
        """Return the objective of each draw, (draws); `eta` is (draws, effects)."""
        f = self._concentrations.at(eta)
        variance = self._variance(f)
        each = np.log(variance) + (self._level - f) ** 2 / variance
        if self._is_bounded:
            z = self._sign * (f - self._level) / np.sqrt(variance)
            each[:, ~self._measured] = -2 * log_cdf(z[:, ~self._measured])
        return np.asarray(each.sum(axis=1) + self._prior(eta))

    def evaluate(self, eta: Array) -> Evaluation:
        """Return the objective of each draw with gradient and expected curvature."""
        f, slopes = self._concentrations.at_with_slopes(eta)
        variance, residual = self._variance(f), self._level - f
        variance_by_f = 2 * self._proportional_variance * f
        each = np.log(variance) + residual**2 / variance
        by_f = -2 * residual / variance
        by_variance = (1 - residual**2 / variance) / variance
        weight_f, weight_variance = 2 / variance, 1 / variance**2
        if self._is_bounded:
            beyond = ~self._measured
            spread = np.sqrt(variance)
            z = self._sign * (f - self._level) / spread
            steep = np.zeros_like(z)
            steep[:, beyond] = tail_slope(z[:, beyond])
            each[:, beyond] = -2 * log_cdf(z[:, beyond])
            by_f = np.where(beyond, -2 * steep * self._sign / spread, by_f)
            by_variance = np.where(beyond, steep * z / variance, by_variance)
            weight_f = np.where(beyond, 2 * steep * (steep + z) / variance, weight_f)
            weight_variance = np.where(beyond, 0.0, weight_variance)
        gradient = ((by_f + by_variance * variance_by_f) * slopes).sum(axis=2).T
        weight = weight_f + weight_variance * variance_by_f**2
        curvature = np.einsum("idt,jdt->dij", weight * slopes, slopes)
        return Evaluation(
            value=each.sum(axis=1) + self._prior(eta),
            gradient=gradient + 2 * eta @ self._precision,
            curvature=curvature + 2 * self._precision,
        )

    def _variance(self, f: Array) -> Array:
        return np.asarray(self._additive_variance + self._proportional_variance * f * f)

    def _prior(self, eta: Array) -> Array:
        return np.asarray(np.einsum("di,ij,dj->d", eta, self._precision, eta))
