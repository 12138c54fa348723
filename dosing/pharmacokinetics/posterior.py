"""How sure a fit is: draws from the posterior, weighted so that they follow it exactly.

The Laplace approximation (a normal distribution around the fit) proposes the draws, somewhat wider
than it is; importance weights then put right what it gets wrong. How far the two lie apart is told,
so that a fit whose posterior is not like a normal distribution is not believed too readily.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.map_estimate import Fit
from dosing.pharmacokinetics.normal import cdf, spread_draws
from dosing.pharmacokinetics.objective import Objective

_DRAWS, _DRAWS_OF_MANY = 512, 1024
"""How many draws, with one or two random effects and with more: the chances that are stated then
lie within a point of those of 100,000 draws."""
_WIDER = 1.2
"""By how much the proposal is wider than the Laplace approximation: tails are then not missed."""
BAND = (0.05, 0.95)
"""The ends of a 90 % band."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """The random effects that the levels leave possible.

    `eta` is (draws, effects), `weights` (draws) with the sum 1, `residual` (draws) a standard
    normal draw for the residual error of a level that would be measured.
    """

    fit: Fit
    history: DosingHistory
    eta: Array
    weights: Array
    residual: Array

    @classmethod
    def of(cls, fit: Fit, history: DosingHistory, draws: int | None = None) -> "Posterior":
        """Return the posterior of a fit to the levels of this history."""
        effects = len(fit.eta)
        spread = spread_draws(draws or _enough(effects), effects + 1)
        z = spread[:, :effects]
        root = np.linalg.cholesky(np.array(fit.covariance))
        eta = np.array(fit.eta) + _WIDER * z @ root.T
        objective = Objective(fit.model, history, fit.levels).value(eta)
        logarithm = (z * z).sum(axis=1) / 2 - (objective - fit.objective) / 2
        weights = np.exp(logarithm - logarithm.max())
        return cls(fit, history, eta, weights / weights.sum(), spread[:, effects])

    @property
    def effective_share(self) -> float:
        """What part of the draws carries the weight: 1 if all do alike."""
        return float(1 / (self.weights**2).sum() / len(self.weights))

    @property
    def _laplace_weights(self) -> Array:
        """The weights by which the same draws follow the Laplace approximation."""
        off = self.eta - np.array(self.fit.eta)
        precision = np.linalg.inv(np.array(self.fit.covariance))
        distance = np.einsum("di,ij,dj->d", off, precision, off)
        weights = np.exp(-distance / 2 * (1 - 1 / _WIDER**2))
        return np.asarray(weights / weights.sum())

    def band(self, values: Array) -> tuple[Array, Array]:
        """Return the ends of the 90 % band of (draws, times), each (times)."""
        low, high = (_quantile(values, self.weights, share) for share in BAND)
        return low, high

    def laplace_band(self, values: Array) -> tuple[Array, Array]:
        """Return the same by the Laplace approximation alone."""
        low, high = (_quantile(values, self._laplace_weights, share) for share in BAND)
        return low, high

    def concentrations(self, history: DosingHistory, times_h: Sequence[float]) -> Array:
        """Return the concentrations of every draw after a history, (draws, times)."""
        return Concentrations(self.fit.model, history, times_h).at(self.eta)

    def as_measured(self, concentrations: Array) -> Array:
        """Return the levels that would be measured: with the residual error, never below zero."""
        spread = residual_sd(self.fit, concentrations)
        return np.maximum(concentrations + spread * self.residual[:, None], 0)

    def chance_below(self, concentrations: Array, level_ng_ml: float) -> Array:
        """Return the probability that a measured level lies below one, (times)."""
        spread = residual_sd(self.fit, concentrations)
        return np.asarray(self.weights @ cdf((level_ng_ml - concentrations) / spread))


def population(fit: Fit, history: DosingHistory, times_h: Sequence[float]) -> Array:
    """Return the concentrations of the population on the doses of this patient, (draws, times)."""
    effects = len(fit.eta)
    root = np.linalg.cholesky(np.array(fit.model.omega))
    eta = spread_draws(_enough(effects), effects) @ root.T
    return Concentrations(fit.model, history, times_h).at(eta)


def _enough(effects: int) -> int:
    return _DRAWS if effects <= 2 else _DRAWS_OF_MANY


def residual_sd(fit: Fit, concentrations: Array) -> Array:
    """Return the standard deviation of the residual error at concentrations."""
    model = fit.model
    return np.asarray(np.sqrt(model.additive_ng_ml**2 + (model.proportional * concentrations) ** 2))


def _quantile(values: Array, weights: Array, share: float) -> Array:
    """Return the weighted quantile of each column."""
    order = values.argsort(axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    below = np.cumsum(weights[order], axis=0)
    middle = below - weights[order] / 2
    return np.array(
        [
            np.interp(share, middle[:, column], ordered[:, column])
            for column in range(values.shape[1])
        ]
    )
