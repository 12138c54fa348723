"""The predictive distribution of concentrations: weighted draws of one model, or of several.

The draws of all models together, each with the weight of its model, follow their mixture; the
most probable concentration is the weighted mean of the models' own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from dosing.pharmacokinetics.averaging import Average
from dosing.pharmacokinetics.concentration import predict_models
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.normal import cdf
from dosing.pharmacokinetics.posterior import BAND, Posterior, quantiles

AnyPosterior: TypeAlias = Posterior | Average
"""What a patient's levels leave open: by one model, or by an average of several."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictive:
    """The concentrations at some times, ng/mL."""

    by_model: Array
    """Of the most probable patient of each model, (models, times)."""
    most_probable: Array
    """Their weighted mean, (times)."""
    draws: Array
    """(draws, times)"""
    weights: Array
    """(draws), with the sum 1."""
    error: tuple[Array, Array, Array]
    """Of each draw (draws, 1): additive and proportional error, and a standard normal draw."""

    @classmethod
    def of(
        cls, posterior: AnyPosterior, history: DosingHistory, times_h: Sequence[float]
    ) -> "Predictive":
        """Return the concentrations after a history."""
        found = predict_models(
            [
                (each.fit.model, history, times_h, np.concatenate([[each.fit.eta], each.eta]))
                for _, each in posterior.members
            ]
        )
        by_model = np.array([each[0] for each in found])
        return cls(
            by_model=by_model,
            most_probable=np.array([weight for weight, _ in posterior.members]) @ by_model,
            draws=np.concatenate([each[1:] for each in found]),
            weights=weights_of(posterior),
            error=_error(posterior),
        )

    def times(self, factor: float) -> "Predictive":
        """Return the concentrations of doses larger by a factor: the models are linear."""
        return replace(
            self,
            by_model=factor * self.by_model,
            most_probable=factor * self.most_probable,
            draws=factor * self.draws,
        )

    @property
    def band(self) -> tuple[Array, Array]:
        """The ends of the 90 % band, each (times)."""
        return band(self.draws, self.weights)

    @property
    def measured_band(self) -> tuple[Array, Array]:
        """The same of a measured level: with the residual error, never below zero."""
        *_, residual = self.error
        return band(np.maximum(self.draws + self.residual_sd * residual, 0), self.weights)

    @property
    def residual_sd(self) -> Array:
        """The standard deviation of the residual error, (draws, times)."""
        additive, proportional, _ = self.error
        return np.asarray(np.sqrt(additive**2 + (proportional * self.draws) ** 2))

    def probability_below(self, ng_ml: float) -> Array:
        """Return the probability of a measured level below the given one, (times)."""
        return np.asarray(self.weights @ cdf((ng_ml - self.draws) / self.residual_sd))


def weights_of(posterior: AnyPosterior) -> Array:
    """Return the weights of the draws of all models, with the sum 1."""
    return np.concatenate([weight * each.weights for weight, each in posterior.members])


def band(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return the ends of the 90 % band of (draws, times), each (times)."""
    low, high = quantiles(values, weights, BAND)
    return low, high


def _error(posterior: AnyPosterior) -> tuple[Array, Array, Array]:
    members = [each for _, each in posterior.members]
    counts = [len(each.eta) for each in members]
    additive, proportional = (
        np.repeat([getattr(each.fit.model, name) for each in members], counts)[:, None]
        for name in ("additive_ng_ml", "proportional")
    )
    residual = np.concatenate([each.residual for each in members])[:, None]
    return additive, proportional, residual
