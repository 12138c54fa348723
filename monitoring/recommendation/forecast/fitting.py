"""A model fitted to the record of one patient."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from dosing.pharmacokinetics import (
    Censoring,
    Concentrations,
    DosingHistory,
    Fit,
    MeasuredLevel,
    Model,
    fit,
)
from dosing.pharmacokinetics.dosing_history import DoseRecord
from monitoring.recommendation.forecast.covariates import covariate_steps
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Comparator, Level
from monitoring.times import Moment
from monitoring.treatment import Administration, TreatmentHistory

_HOUR = timedelta(hours=1)
_BOUNDS = {
    None: Censoring.VALUE,
    Comparator.BELOW: Censoring.BELOW,
    Comparator.ABOVE: Censoring.ABOVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPatient:
    """A fit, with the doses and covariates behind it and its forecasts."""

    origin: datetime
    """The zero of the hours, in UTC."""
    history: DosingHistory
    fit: Fit

    def hours(self, at: datetime) -> float:
        """Return the hours from the origin to a time."""
        return (at - self.origin) / _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class FitInput:
    """The doses, covariates and levels that a fit needs."""

    origin: datetime
    """The zero of the hours, in UTC."""
    history: DosingHistory
    levels: tuple[MeasuredLevel, ...]


def fitted_patient(
    treatment: TreatmentHistory,
    model: Model,
    levels: Sequence[StoredEntry[Level]],
    doses: Sequence[Administration],
    until: Moment,
) -> FittedPatient:
    """Return the fit to levels on doses, with covariates up to a moment.

    Raises `UserError` if the record lacks a covariate that the model needs.
    """
    found = fit_input(treatment, model, levels, doses, until)
    return FittedPatient(
        origin=found.origin, history=found.history, fit=fit(model, found.history, found.levels)
    )


def fit_input(
    treatment: TreatmentHistory,
    model: Model,
    levels: Sequence[StoredEntry[Level]],
    doses: Sequence[Administration],
    until: Moment,
) -> FitInput:
    """Return what a fit to levels on doses needs, with covariates up to a moment."""
    origin = min([each.at for each in doses], default=until.utc)
    history = DosingHistory(
        as_dose_records(doses, origin),
        covariate_steps(treatment, model, until.local.date(), origin, until.zone),
    )
    measured = tuple(
        MeasuredLevel(
            at_h=(each.entry.sampled.utc - origin) / _HOUR,
            ng_ml=float(each.entry.value.value),
            bound=_BOUNDS[each.entry.comparator],
        )
        for each in levels
    )
    return FitInput(origin=origin, history=history, levels=measured)


def as_dose_records(doses: Iterable[Administration], origin: datetime) -> tuple[DoseRecord, ...]:
    """Return the doses as records of equal doses at equal intervals, in hours from an origin."""
    records: list[DoseRecord] = []
    run: list[Administration] = []
    for dose in doses:
        if run and not _continues(run, dose):
            records.append(_dose_record(run, origin))
            run = []
        run.append(dose)
    if run:
        records.append(_dose_record(run, origin))
    return tuple(records)


def _continues(run: list[Administration], dose: Administration) -> bool:
    if dose.mg != run[-1].mg or dose.at <= run[-1].at:
        return False
    return len(run) == 1 or dose.at - run[-1].at == run[1].at - run[0].at


def _dose_record(run: list[Administration], origin: datetime) -> DoseRecord:
    interval_h = (run[1].at - run[0].at) / _HOUR if len(run) > 1 else 24.0
    return DoseRecord((run[0].at - origin) / _HOUR, float(run[0].mg), interval_h, len(run))


def predicted_level(fitted: FittedPatient, at: datetime) -> float:
    """Return the predicted level at a time, in ng/mL."""
    concentrations = Concentrations(fitted.fit.model, fitted.history, [fitted.hours(at)])
    return float(concentrations.at(np.array([fitted.fit.eta]))[0, 0])
