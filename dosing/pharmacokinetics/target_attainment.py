"""Target attainment: the trough of each dose at steady state, and its probability of the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from dosing.dosage import Dosage
from dosing.knowledge.protocols import TargetTrough
from dosing.pharmacokinetics.concentration import Concentrations
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.map_estimate import Fit
from dosing.pharmacokinetics.predictive import AnyPosterior, Predictive

_DOSES_TO_STEADY_STATE = 10_000
"""The last of so many equals the one before in every digit."""


@dataclass(frozen=True, slots=True)
class Regimen:
    """A dose per administration, and its times a day, or its interval above a day.

    Raises `UserError` for a dose at or below zero, for other than 1 to 4 doses a day, and for an
    interval that fits neither a day nor whole days.
    """

    dose_mg: Decimal
    times_a_day: int
    every_hours: int | None = None
    """The hours between doses; None for `times_a_day` doses spread over the day."""

    def __post_init__(self) -> None:
        """Check the figures."""
        Dosage.of(self.dose_mg, self.times_a_day, self.every_hours)

    @property
    def interval_h(self) -> int:
        """Hours from one dose to the next."""
        return self.dosage.every_hours

    @property
    def dosage(self) -> Dosage:
        """The same as a dosage."""
        return Dosage.of(self.dose_mg, self.times_a_day, self.every_hours)

    def __str__(self) -> str:
        """Return the dose with the times a day, or its interval."""
        return self.dosage.in_short

    def to_steady_state(self) -> tuple[DoseRecord, float]:
        """Return a long record of doses, and the time of the trough after the last."""
        record = DoseRecord(0, float(self.dose_mg), self.interval_h, _DOSES_TO_STEADY_STATE)
        return record, float(_DOSES_TO_STEADY_STATE * self.interval_h)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAttainment:
    """The target attainment of a dose at steady state.

    `low` and `high` are the 90 % band of the true trough. The probabilities are those of a measured
    level, with the residual error. A level at an end of the target is within it.
    """

    regimen: Regimen
    trough_ng_ml: float
    """Of the most probable patient; of an average, the weighted mean of the models."""
    low_ng_ml: float
    high_ng_ml: float
    below: float
    within: float
    above: float
    by_model_ng_ml: tuple[float, ...]
    """The trough of the most probable patient by each model of an average."""


def dose_outcomes(
    posterior: AnyPosterior,
    covariates: Mapping[str, float],
    regimens: Sequence[Regimen],
    target: TargetTrough,
) -> tuple[TargetAttainment, ...]:
    """Return the target attainment of each regimen in a patient with these covariates."""
    units = {
        interval_h: _unit_trough(posterior, covariates, interval_h)
        for interval_h in {each.interval_h for each in regimens}
    }
    return tuple(_outcome(each, units[each.interval_h], target) for each in regimens)


def most_probable_trough(fit: Fit, covariates: Mapping[str, float], regimen: Regimen) -> float:
    """Return the trough of the most probable patient of one model at steady state, ng/mL."""
    record, trough_h = regimen.to_steady_state()
    history = DosingHistory((record,), (CovariateStep(0, covariates),))
    found = Concentrations(fit.model, history, [trough_h]).at(np.array([fit.eta]))
    return float(found[0, 0])


def _unit_trough(
    posterior: AnyPosterior, covariates: Mapping[str, float], interval_h: int
) -> tuple[Predictive, tuple[Array, Array]]:
    """Return the trough of 1 mg a dose, and its band."""
    times_a_day = max(1, 24 // interval_h)
    record, trough_h = Regimen(Decimal(1), times_a_day, interval_h).to_steady_state()
    history = DosingHistory((record,), (CovariateStep(0, covariates),))
    found = Predictive.of(posterior, history, [trough_h])
    return found, found.band


def _outcome(
    regimen: Regimen, unit: tuple[Predictive, tuple[Array, Array]], target: TargetTrough
) -> TargetAttainment:
    """Return the outcome of a dose: concentrations of a linear model are proportional to it."""
    mg, (of_1_mg, (low, high)) = float(regimen.dose_mg), unit
    found = of_1_mg.times(mg)
    ends = float(target.low_ng_ml or 0), float(target.high_ng_ml)
    below, up_to = (float(found.probability_below(end)[0]) for end in ends)
    if target.low_ng_ml is None:
        below = 0.0
    return TargetAttainment(
        regimen=regimen,
        trough_ng_ml=float(found.most_probable[0]),
        low_ng_ml=mg * float(low[0]),
        high_ng_ml=mg * float(high[0]),
        below=below,
        within=up_to - below,
        above=1 - up_to,
        by_model_ng_ml=tuple(map(float, found.by_model[:, 0])),
    )
