"""The posterior of the random effects: draws with weights that make them follow it exactly.

The Laplace approximation (a normal distribution around the MAP estimate), made somewhat wider,
proposes the draws; importance weights then correct it. A large difference between the two is shown:
it warns of a posterior that is not like a normal distribution.
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
"""The number of draws, for one or two random effects and for more: the probabilities are then
within a percentage point of those of 100,000 draws."""
_WIDER = 1.2
"""The width of the proposal, as a multiple of the Laplace approximation: it covers the tails."""
BAND = (0.05, 0.95)
"""The ends of a 90 % band."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """The random effects given the levels, as weighted draws.

    `eta` is (draws, effects), `weights` (draws) with the sum 1, `residual` (draws) a standard
    normal draw for the residual error of a measured level.
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
        objective = Objective.of(fit.model, [(history, fit.levels)]).value(eta.T[:, :, None])[:, 0]
        logarithm = (z * z).sum(axis=1) / 2 - (objective - fit.objective) / 2
        weights = np.exp(logarithm - logarithm.max())
        return cls(fit, history, eta, weights / weights.sum(), spread[:, effects])

    @property
    def effective_share(self) -> float:
        """The effective share of the draws: 1 if all have the same weight."""
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
        """Return measured levels: with the residual error, never below zero."""
        spread = residual_sd(self.fit, concentrations)
        return np.maximum(concentrations + spread * self.residual[:, None], 0)

    def probability_below(self, concentrations: Array, level_ng_ml: float) -> Array:
        """Return the probability of a measured level below the given one, (times)."""
        spread = residual_sd(self.fit, concentrations)
        return np.asarray(self.weights @ cdf((level_ng_ml - concentrations) / spread))


def population(fit: Fit, history: DosingHistory, times_h: Sequence[float]) -> Array:
    """Return the concentrations of the population on this patient's doses, (draws, times)."""
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
