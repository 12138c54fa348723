"""The posterior of the random effects: draws with weights that make them follow it exactly.

The Laplace approximation (a normal distribution around the MAP estimate), made somewhat wider,
proposes the draws; importance weights then correct it. A large difference between the two is shown:
it warns of a posterior that is not like a normal distribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dosing.pharmacokinetics.concentration import by_structure
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.map_estimate import Fit
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.normal import spread_draws
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
        return cls.of_many([(fit, history)], draws)[0]

    @classmethod
    def of_many(
        cls, wanted: Sequence[tuple[Fit, DosingHistory]], draws: int | None = None
    ) -> "tuple[Posterior, ...]":
        """Return the posteriors of several fits, in their order, calculated together."""
        found: dict[int, Posterior] = {}
        for places in by_structure([each.model for each, _ in wanted]):
            some, histories = zip(*(wanted[each] for each in places), strict=True)
            effects = len(some[0].eta)
            spread = spread_draws(draws or _enough(effects), effects + 1)
            z = spread[:, :effects]
            eta = np.array([_proposed(each, z) for each in some])
            objective = Objective.of(
                [each.model for each in some],
                [(history, each.levels) for each, history in zip(some, histories, strict=True)],
            ).value(eta.transpose(2, 1, 0).copy())
            lowest = np.array([each.objective for each in some])
            logarithm = (z * z).sum(axis=1)[:, None] / 2 - (objective - lowest) / 2
            weights = np.exp(logarithm - logarithm.max(axis=0))
            weights /= weights.sum(axis=0)
            for number, place in enumerate(places):
                found[place] = cls(
                    some[number],
                    histories[number],
                    eta[number],
                    weights[:, number],
                    spread[:, effects],
                )
        return tuple(found[place] for place in range(len(wanted)))

    @property
    def members(self) -> "tuple[tuple[float, Posterior], ...]":
        """Itself with the whole weight: an average of several models has more members."""
        return ((1.0, self),)

    @property
    def effective_share(self) -> float:
        """The effective share of the draws: 1 if all have the same weight."""
        return float(1 / (self.weights**2).sum() / len(self.weights))

    @property
    def laplace_weights(self) -> Array:
        """The weights by which the same draws follow the Laplace approximation."""
        off = self.eta - np.array(self.fit.eta)
        precision = np.linalg.inv(np.array(self.fit.covariance))
        distance = np.einsum("di,ij,dj->d", off, precision, off)
        weights = np.exp(-distance / 2 * (1 - 1 / _WIDER**2))
        return np.asarray(weights / weights.sum())


def _proposed(fit: Fit, z: Array) -> Array:
    """Return draws from the widened Laplace approximation, (draws, effects)."""
    root = np.linalg.cholesky(np.array(fit.covariance))
    return np.asarray(np.array(fit.eta) + _WIDER * z @ root.T)


def population(model: Model) -> Array:
    """Return random effects of the population, (draws, effects), evenly spread."""
    effects = len(model.effects)
    root = np.linalg.cholesky(np.array(model.omega))
    return np.asarray(spread_draws(_enough(effects), effects) @ root.T)


def _enough(effects: int) -> int:
    return _DRAWS if effects <= 2 else _DRAWS_OF_MANY


def residual_sd(model: Model, concentrations: Array) -> Array:
    """Return the standard deviation of the residual error at concentrations."""
    return np.asarray(np.sqrt(model.additive_ng_ml**2 + (model.proportional * concentrations) ** 2))


def quantiles(values: Array, weights: Array, shares: Sequence[float]) -> Array:
    """Return weighted quantiles of each column, (shares, columns)."""
    columns = np.ascontiguousarray(values.T)
    order = columns.argsort(axis=1)
    ordered = np.take_along_axis(columns, order, axis=1)
    sorted_weights = weights[order]
    middle = np.cumsum(sorted_weights, axis=1) - sorted_weights / 2
    found = [np.interp(shares, *each) for each in zip(middle, ordered, strict=True)]
    return np.array(found).T
