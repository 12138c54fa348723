"""Model averaging: several models of one patient, each weighted by how well it explains the levels.

A weight is exp(−½ ΔOFV), with equal chances before the first level (Uster, Clin Pharmacol Ther
2021;109:175). OFV is the objective function value of the levels as NONMEM's Laplace method has it,
−2 log of their marginal likelihood: the MAP objective + log |Ω| − log |covariance of η|. The last
two make models with few and with many random effects, and with small and large ones, comparable.
Without a level they cancel: every model then has the same weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf

import numpy as np

from dosing.errors import UserError
from dosing.knowledge.forecast_rules import MODELS_DISAGREE, OCCAMS_WINDOW
from dosing.pharmacokinetics.dosing_history import DosingHistory
from dosing.pharmacokinetics.map_estimate import Fit
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.posterior import Posterior


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedModel:
    """A model's fit, and its weight among the others fitted to the same levels."""

    fit: Fit
    ofv: float
    """−2 log of the marginal likelihood of the levels, apart from a constant of the levels."""
    weight: float
    """From 0 to 1; those of all models have the sum 1."""
    is_in_window: bool
    """True within Occam's window: at most so many times less probable than the best model."""

    @property
    def model(self) -> Model:
        """The model."""
        return self.fit.model


def averaged(fits: Sequence[Fit]) -> tuple[WeightedModel, ...]:
    """Return the models with their weights, in the order of their fits to the same levels.

    A fit that did not converge has the weight 0. Raises `UserError` if none converged, without any
    fit, and for fits to different levels.

    >>> from dosing.pharmacokinetics import CovariateStep, fit, model_named
    >>> child = DosingHistory((), (CovariateStep(0, {"weight": 25, "oxcarbazepine": 0}),))
    >>> fits = [fit(model_named(key), child, []) for key in ("fan2024", "chen2021")]
    >>> [round(each.weight, 6) for each in averaged(fits)]
    [0.5, 0.5]
    """
    if len({each.levels for each in fits}) > 1:
        raise UserError("The models are fitted to different levels. Fit each to the same ones.")
    values = [objective_function_value(each) for each in fits]
    best = min(values, default=inf)
    if best == inf:
        raise UserError(
            "No model can be fitted to the levels. Check the doses, the levels and their times."
        )
    relative = np.exp(-(np.array(values) - best) / 2)
    return tuple(
        WeightedModel(
            fit=each,
            ofv=value,
            weight=float(part / relative.sum()),
            is_in_window=bool(part * OCCAMS_WINDOW.value >= 1),
        )
        for each, value, part in zip(fits, values, relative, strict=True)
    )


def objective_function_value(fit: Fit) -> float:
    """Return −2 log of the marginal likelihood of a fit's levels; infinite without convergence."""
    if not fit.converged:
        return inf
    (_, prior), (_, posterior) = (np.linalg.slogdet(np.array(each)) for each in
                                  (fit.model.omega, fit.covariance))  # fmt: skip
    return float(fit.objective + prior - posterior)


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """The posterior of a patient by all models together."""

    models: tuple[WeightedModel, ...]
    posteriors: tuple[Posterior, ...]
    """Of each model, in the same order, after the same doses."""

    @classmethod
    def of(cls, fits: Sequence[Fit], history: DosingHistory) -> "Average":
        """Return the average of the fits to the levels of a history; see `averaged`."""
        return cls.of_many([(fits, history)])[0]

    @classmethod
    def of_many(
        cls, wanted: Sequence[tuple[Sequence[Fit], DosingHistory]]
    ) -> "tuple[Average, ...]":
        """Return several averages, calculated together."""
        weighted = [tuple(each for each in averaged(fits) if each.weight) for fits, _ in wanted]
        posteriors = iter(
            Posterior.of_many(
                [
                    (each.fit, history)
                    for models, (_, history) in zip(weighted, wanted, strict=True)
                    for each in models
                ]
            )
        )
        return tuple(cls(models, tuple(islice(posteriors, len(models)))) for models in weighted)

    @property
    def history(self) -> DosingHistory:
        """The doses and covariates of the patient."""
        return self.posteriors[0].history

    @property
    def members(self) -> tuple[tuple[float, Posterior], ...]:
        """The posterior of each model, with its weight."""
        weights = (each.weight for each in self.models)
        return tuple(zip(weights, self.posteriors, strict=True))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The lowest and the highest trough that the models expect of one regimen."""

    low: Model
    low_ng_ml: float
    high: Model
    high_ng_ml: float

    @classmethod
    def among(
        cls, models: Sequence[WeightedModel], troughs_ng_ml: Sequence[float]
    ) -> "Disagreement | None":
        """Return that of the models within Occam's window; None of fewer than two."""
        found = [
            (trough, place)
            for place, (each, trough) in enumerate(zip(models, troughs_ng_ml, strict=True))
            if each.is_in_window
        ]
        if len(found) < 2:
            return None
        (low, lowest), (high, highest) = min(found), max(found)
        return cls(models[lowest].model, low, models[highest].model, high)

    @property
    def percent(self) -> float:
        """By how much the higher trough exceeds the lower."""
        return (self.high_ng_ml / self.low_ng_ml - 1) * 100

    @property
    def is_too_large(self) -> bool:
        """Return whether the models differ too much for a dose."""
        return self.percent > MODELS_DISAGREE.value

    @property
    def words(self) -> str:
        """The two models and their difference."""
        return f"{self.low.name} and {self.high.name} differ by {self.percent:.0f} %"
