"""A model fitted to the record of one patient."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeGuard

from dosing import Product, UserError
from dosing.knowledge.products import relative_bioavailability
from dosing.pharmacokinetics import (
    Censoring,
    DosingHistory,
    Fit,
    MeasuredLevel,
    Model,
    fits_or_errors_of_models,
)
from dosing.pharmacokinetics.dosing_history import DoseRecord
from monitoring.recommendation.forecast.covariates import covariate_steps, supposing
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
class PatientData:
    """The doses, covariates and levels of a patient, for any of some models."""

    origin: datetime
    """The zero of the hours, in UTC."""
    history: DosingHistory
    levels: tuple[MeasuredLevel, ...]
    product: Product
    """The product that is given: doses, clearance and volumes are those on it."""

    def hours(self, at: datetime) -> float:
        """Return the hours from the origin to a time."""
        return (at - self.origin) / _HOUR

    def supposing(self, supposed: Mapping[str, float]) -> "PatientData":
        """Return the same with values of something unknown, such as a genotype."""
        steps = supposing(self.history.covariates, supposed)
        return replace(self, history=replace(self.history, covariates=steps)) if supposed else self


def patient_data(
    treatment: TreatmentHistory,
    models: Sequence[Model],
    levels: Sequence[StoredEntry[Level]],
    doses: Sequence[Administration],
    until: Moment,
) -> PatientData:
    """Return levels and doses, with the covariates of all models up to a moment."""
    origin = min([each.at for each in doses], default=until.utc)
    product = product_at(treatment, until)
    history = DosingHistory(
        as_dose_records(doses, origin, product),
        covariate_steps(treatment, models, until.local.date(), origin, until.zone),
    )
    measured = tuple(
        MeasuredLevel(
            at_h=(each.entry.sampled.utc - origin) / _HOUR,
            ng_ml=float(each.entry.value.value),
            bound=_BOUNDS[each.entry.comparator],
        )
        for each in levels
    )
    return PatientData(origin=origin, history=history, levels=measured, product=product)


def fitted(wanted: Sequence[tuple[Model, PatientData]]) -> list[Fit | None]:
    """Return the fit of each model to its data, all together; None where none is possible.

    There is none without a covariate that the model needs, and for figures too extreme.
    """
    fits = fits_or_errors_of_models(
        [(model.on_product(data.product), (data.history, data.levels)) for model, data in wanted]
    )
    return [None if isinstance(each, UserError) else each for each in fits]


def is_trusted(fit: Fit | None) -> TypeGuard[Fit]:
    """Return whether a fit converged near enough to the population."""
    return fit is not None and fit.converged and not fit.is_far


def product_at(treatment: TreatmentHistory, moment: Moment) -> Product:
    """Return the product that is given at a moment, or the last one before it."""
    begun = [each for each in treatment.periods if each.since <= moment] or treatment.periods[:1]
    return begun[-1].prescription.entry.product if begun else Product.SOLUTION


def as_dose_records(
    doses: Iterable[Administration], origin: datetime, product: Product = Product.SOLUTION
) -> tuple[DoseRecord, ...]:
    """Return the doses as records of equal doses at equal intervals, in hours from an origin.

    A dose of another product counts as the dose of `product` with the same bioavailability.
    """
    records: list[DoseRecord] = []
    run: list[Administration] = []
    for dose in doses:
        if run and not _continues(run, dose):
            records.append(_dose_record(run, origin, product))
            run = []
        run.append(dose)
    if run:
        records.append(_dose_record(run, origin, product))
    return tuple(records)


def _continues(run: list[Administration], dose: Administration) -> bool:
    if (dose.mg, dose.product) != (run[-1].mg, run[-1].product) or dose.at <= run[-1].at:
        return False
    return len(run) == 1 or dose.at - run[-1].at == run[1].at - run[0].at


def _dose_record(run: list[Administration], origin: datetime, product: Product) -> DoseRecord:
    interval_h = (run[1].at - run[0].at) / _HOUR if len(run) > 1 else 24.0
    mg = run[0].mg * relative_bioavailability(run[0].product, product)
    return DoseRecord((run[0].at - origin) / _HOUR, float(mg), interval_h, len(run))
