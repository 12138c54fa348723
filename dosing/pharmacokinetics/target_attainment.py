"""Target attainment: the trough of each dose at steady state, and its probability of the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from dosing.dosage import Dosage
from dosing.knowledge.protocols import TargetTrough
from dosing.pharmacokinetics.concentration import predict_many
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.dual import Array
from dosing.pharmacokinetics.posterior import Posterior


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAttainment:
    """The target attainment of a dose at steady state.

    `low` and `high` are the 90 % band of the true trough. The probabilities are those of a measured
    level, with the residual error. A level at an end of the target is within it.
    """

    regimen: Regimen
    trough_ng_ml: float
    """Of the most probable patient."""
    low_ng_ml: float
    high_ng_ml: float
    below: float
    within: float
    above: float


def dose_outcomes(
    posterior: Posterior,
    covariates: Mapping[str, float],
    regimens: Sequence[Regimen],
    target: TargetTrough,
) -> tuple[TargetAttainment, ...]:
    """Return the target attainment of each regimen in a patient with these covariates."""
    if not regimens:
        return ()
    intervals = sorted({each.interval_h for each in regimens})
    units = _unit_troughs(posterior, covariates, intervals)
    # The concentrations of a linear model are proportional to the dose.
    mg = np.array([float(each.dose_mg) for each in regimens])
    own, low, high, draws = (
        mg * each[..., [intervals.index(regimen.interval_h) for regimen in regimens]]
        for each in (units[0], *posterior.band(units[1:]), units[1:])
    )
    below = np.zeros(len(regimens))
    if target.low_ng_ml is not None:
        below = posterior.probability_below(draws, float(target.low_ng_ml))
    up_to = posterior.probability_below(draws, float(target.high_ng_ml))
    figures = np.array([own, low, high, below, up_to - below, 1 - up_to]).T.tolist()
    return tuple(
        TargetAttainment(
            regimen=regimen,
            trough_ng_ml=trough,
            low_ng_ml=least,
            high_ng_ml=most,
            below=below_target,
            within=within,
            above=above,
        )
        for regimen, (trough, least, most, below_target, within, above) in zip(
            regimens, figures, strict=True
        )
    )


def _unit_troughs(
    posterior: Posterior, covariates: Mapping[str, float], intervals_h: Sequence[int]
) -> Array:
    """Return the troughs of 1 mg a dose, (1 + draws, intervals); those of the fit come first."""
    steps = (CovariateStep(0, covariates),)
    doses = [DoseRecord(0, 1, interval_h, steady_state=True) for interval_h in intervals_h]
    eta = np.concatenate([[posterior.fit.eta], posterior.eta])
    wanted = [(DosingHistory((dose,), steps), [0.0], eta) for dose in doses]
    return np.concatenate(predict_many(posterior.fit.model, wanted), axis=1)
