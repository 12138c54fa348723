"""The forecast of a patient's levels, and the dose that best reaches the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from dosing import PROTOCOLS, REVIEW, VERSION
from dosing.dosage import per_dose
from dosing.knowledge.alert_catalogue import NO_DOSE_NOW
from dosing.knowledge.forecast_rules import NEXT_SAMPLE_WITHIN
from dosing.knowledge.products import STANDARD_MARKS, SyringeMarks
from dosing.pharmacokinetics import (
    Average,
    DoseQuestion,
    Fit,
    Model,
    Predictive,
    Recommendation,
    Regimen,
    TargetAttainment,
    check_levels,
    disposition,
    dose_outcomes,
    expected_narrowing,
    forecasts_of,
    levels_vary_more,
    most_probable_trough,
    recommend,
)
from monitoring.levels import Status, assess_levels
from monitoring.recommendation.forecast.applicable_models import (
    ApplicableModels,
    LeftOutModel,
    ModelBeside,
    applicable_models,
)
from monitoring.recommendation.forecast.fitting import PatientData, patient_data, trusted
from monitoring.recommendation.forecast.forecast_alerts import answer_alerts, fit_alert
from monitoring.recommendation.forecast.haematocrit import haematocrit_near, haematocrits
from monitoring.recommendation.forecast.observed import last_observed
from monitoring.recommendation.forecast.patient_forecast import (
    FORECAST_DAYS,
    CheckedLevel,
    FittedForecast,
    ForecastRequest,
    ModelShare,
    ModelsUsed,
    NextSample,
    PatientForecast,
    TroughForecast,
)
from monitoring.recommendation.forecast.preconditions import (
    Levels,
    about_models,
    levels_used,
    preconditions_of_record,
)
from monitoring.recommendation.label_advice import AdviceOptions, label_advice, newest_level
from monitoring.record.entries import Record
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

_AS_GOOD = 0.01
"""Proposed: of samples within a percentage point of the best one, the earliest is shown."""


def model_forecast(
    record: Record,
    now: Moment,
    request: ForecastRequest | None = None,
    marks: SyringeMarks = STANDARD_MARKS,
) -> PatientForecast:
    """Return the forecast by the model alone, or the reasons against one.

    `monitoring.recommendation.advice.forecast_for` shows it under the recommendation. The forecast
    without options is made once for a record and a moment. Raises `UserError` for an unreadable
    regimen or model file; never for the record.
    """
    if request is not None:
        return _model_forecast(record, now, request, marks)
    known, key = record.once(_forecasts), (now, marks)
    if key not in known:
        known[key] = _model_forecast(record, now, ForecastRequest(), marks)
    return known[key]


def _forecasts(_record: Record) -> dict[tuple[Moment, SyringeMarks], PatientForecast]:
    return {}


def _model_forecast(
    record: Record, now: Moment, request: ForecastRequest, marks: SyringeMarks
) -> PatientForecast:
    history = TreatmentHistory.of(record)
    levels = levels_used(history, now)
    found = preconditions_of_record(
        history, levels, now, nothing_given_in_gaps=request.nothing_given_in_gaps
    )
    models = applicable_models(history, levels, now, request.model)
    found += models.stops
    found += about_models(history, models.averaged, levels, now)
    result = PatientForecast(
        model=ModelsUsed(models.averaged or ((request.model,) if request.model else ())),
        alerts=found.strongest_first(),
        version=VERSION,
        answer=None,
        label=label_advice(history, newest_level(assess_levels(record)), now, AdviceOptions()),
    )
    if found.stopped:
        return result
    if history.period_at(now) is None and not request.regimens:
        found += [NO_DOSE_NOW.alert()]
        return replace(result, alerts=found.strongest_first())
    data = _data(history, models, levels, now)
    fits = [data.fitted(each) for each in models.averaged]
    if not trusted(fits):
        found += [alert for alert in map(fit_alert, fits) if alert]
        return replace(result, alerts=found.strongest_first())
    answer = _Answer(history, levels, models, data, fits, now, marks).to(request)
    found += answer_alerts(answer)
    return replace(
        result,
        model=ModelsUsed(answer.averaged),
        alerts=found.strongest_first(),
        answer=answer,
    )


def _data(
    history: TreatmentHistory, models: ApplicableModels, levels: Levels, now: Moment
) -> PatientData:
    """Return what the models are fitted to, with the doses due in the coming days."""
    until = Moment(now.utc + timedelta(days=FORECAST_DAYS + 1), now.zone)
    doses = history.administrations(until)
    used = [*models.averaged, *(each.model for each in models.beside)]
    return patient_data(history, used, levels, doses, now)


@dataclass(frozen=True)
class _Answer:
    """The answer by the models that are fitted to the levels of a patient."""

    history: TreatmentHistory
    used: Levels
    models: ApplicableModels
    data: PatientData
    fits: Sequence[Fit]
    """Of the models to average; one at least is trusted."""
    now: Moment
    marks: SyringeMarks

    def to(self, request: ForecastRequest) -> FittedForecast:
        """Return the answer to a request."""
        posterior, period = self.posterior, self.history.period_at(self.now)
        prescription = period.prescription.entry if period else None
        target = prescription.target if prescription else REVIEW.target
        recommendation = None
        if prescription:
            question = _dose_question(self.history, prescription, self.now, self.marks)
            recommendation = recommend(posterior, self.covariates, question)
        patient = disposition(posterior, self.data.hours(self.now.utc))
        troughs, next_sample = self._troughs()
        return FittedForecast(
            origin=self.data.origin,
            posterior=posterior,
            models=self._shares(recommendation),
            left_out=self._left_out(),
            target=target,
            disposition=patient,
            auc24=patient.auc24(float(prescription.daily_mg)) if prescription else None,
            levels=self._levels(),
            troughs=troughs,
            requested=dose_outcomes(posterior, self.covariates, request.regimens, target),
            recommendation=recommendation,
            next_sample=next_sample,
            varies_more=levels_vary_more(posterior),
            observed=last_observed(self.history, self.averaged, self.used),
        )

    @cached_property
    def posterior(self) -> Average:
        """The average of the models whose fit is trusted."""
        return Average.of(trusted(self.fits), self.data.history)

    @property
    def averaged(self) -> list[Model]:
        """The models that are averaged, for doses of any product."""
        pairs = zip(self.models.averaged, self.fits, strict=True)
        return [model for model, fitted in pairs if trusted([fitted])]

    @cached_property
    def covariates(self) -> Mapping[str, float]:
        """The covariates of all models now."""
        return self.data.history.covariates[-1].values

    def _shares(self, recommendation: Recommendation | None) -> tuple[ModelShare, ...]:
        """Return the models with their weights, and those beside, with their troughs."""
        current = recommendation.current if recommendation else None
        troughs = current.by_model_ng_ml if current else [None] * len(self.averaged)
        weighted = [
            ModelShare(fit=each.fit, weight=each.weight, trough_ng_ml=trough)
            for each, trough in zip(self.posterior.models, troughs, strict=True)
        ]
        beside = (self._beside(each, current) for each in self.models.beside)
        return (*weighted, *(each for each in beside if trusted([each.fit])))

    def _beside(self, beside: ModelBeside, current: TargetAttainment | None) -> ModelShare:
        """Return the share of a model without a weight."""
        data = self.data.supposing(beside.supposed)
        fitted, trough = data.fitted(beside.model), None
        if current:
            covariates = data.history.covariates[-1].values
            trough = most_probable_trough(fitted, covariates, current.regimen)
        return ModelShare(fit=fitted, weight=None, supposed=beside.label, trough_ng_ml=trough)

    def _left_out(self) -> tuple[LeftOutModel, ...]:
        untrusted = (
            LeftOutModel(each.model, alert) for each in self.fits if (alert := fit_alert(each))
        )
        return (*self.models.left_out, *untrusted)

    def _levels(self) -> tuple[CheckedLevel, ...]:
        known = haematocrits(self.history.record)
        return tuple(
            CheckedLevel(level, check, haematocrit_near(known, level.entry))
            for level, check in zip(self.used, check_levels(self.posterior), strict=True)
        )

    def _troughs(self) -> tuple[tuple[TroughForecast, ...], NextSample | None]:
        """Return the trough before the next dose, then one a day; and the one worth a sample."""
        period, now = self.history.period_at(self.now), self.now
        if period is None:
            return (), None
        until = Moment(now.utc + timedelta(days=FORECAST_DAYS), now.zone)
        due = [each.at for each in self.history.administrations(until) if each.at > now.utc]
        daily: dict[date, Moment] = {}
        for at in (Moment(each, period.since.zone) for each in due):
            daily.setdefault(at.local.date(), at)
        times = list(daily.values())
        if not times:
            return (), None
        hours = [self.data.hours(each.utc) for each in times]
        found = Predictive.of(self.posterior, self.data.history, hours)
        troughs = map(TroughForecast, times, forecasts_of(found, hours))
        last_day = now.utc + timedelta(days=NEXT_SAMPLE_WITHIN.value)
        gains = expected_narrowing(found, of=len(times) - 1)
        samples = [
            NextSample(at, float(gain))
            for at, gain in zip(times, gains, strict=True)
            if at.utc <= last_day
        ]
        most = max((each.narrowing for each in samples), default=0.0)
        best = (each for each in samples if each.narrowing >= most - _AS_GOOD)
        return tuple(troughs), next(best, None)


def _regimen(prescription: Prescription) -> Regimen:
    """Return the current regimen; two different doses of a day are taken as their mean."""
    mg = per_dose(prescription.daily_mg, prescription.interval_hours)
    return Regimen(mg, prescription.times_a_day, prescription.every_hours)


def _dose_question(
    history: TreatmentHistory, prescription: Prescription, now: Moment, marks: SyringeMarks
) -> DoseQuestion:
    body = history.body_on(now.local.date())
    return DoseQuestion(
        current=_regimen(prescription),
        product=prescription.product,
        protocol=PROTOCOLS[prescription.protocol],
        target=prescription.target,
        age=body.age,
        weight=body.weight,
        height=body.height,
        measured_days_ago=body.measured_days_ago,
        is_above=_is_above(history.record),
        marks=marks,
    )


def _is_above(record: Record) -> bool:
    newest = newest_level(assess_levels(record))
    return newest is not None and newest.status is Status.ABOVE
