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
from dosing.knowledge.tdm_rules import STEADY_STATE_NOT_BEFORE, is_reached
from dosing.pharmacokinetics import (
    Average,
    DoseQuestion,
    Fit,
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
from monitoring.recommendation.forecast.fitting import (
    PatientData,
    fitted,
    is_trusted,
    patient_data,
)
from monitoring.recommendation.forecast.forecast_alerts import answer_alerts, fit_alert
from monitoring.recommendation.forecast.haematocrit import haematocrit_near, haematocrits
from monitoring.recommendation.forecast.observed import BeforeLast
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
from monitoring.recommendation.label_advice import (
    AdviceOptions,
    LabelAdvice,
    label_advice,
    newest_level,
)
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
    levels, newest = levels_used(history, now), newest_level(assess_levels(record))
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
        limits=record.limits,
        answer=None,
        label=label_advice(history, newest, now, AdviceOptions()),
    )
    if found.stopped:
        return result
    if history.period_at(now) is None and not request.regimens:
        found += [NO_DOSE_NOW.alert()]
        return replace(result, alerts=found.strongest_first())
    data = _data(history, models, levels, now)
    before = BeforeLast.of(history, models.averaged, levels)
    fits = _Fits.of(data, models, before)
    if not any(map(is_trusted, fits.averaged)):
        found += [each.reason for each in fits.left_out(models)]
        return replace(result, alerts=found.strongest_first())
    known = _Answer(history, levels, models, data, before, fits, now, result.label, marks)
    answer = _answer(known, request)
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
    doses = history.administrations(_horizon(now))
    used = [*models.averaged, *(each.model for each in models.beside)]
    return patient_data(history, used, levels, doses, now)


@dataclass(frozen=True)
class _Fits:
    """The fits of all models, made together."""

    averaged: Sequence[Fit | None]
    beside: Sequence[Fit | None]
    earlier: Sequence[Fit | None]
    """To what was known before the last level."""

    @classmethod
    def of(cls, data: PatientData, models: ApplicableModels, before: BeforeLast | None) -> "_Fits":
        """Fit the models to the data, and to what was known before the last level."""
        wanted = [(model, data) for model in models.averaged]
        wanted += [(each.model, data.supposing(each.supposed)) for each in models.beside]
        wanted += [(model, before.data) for model in before.models] if before else []
        found = fitted(wanted)
        own, all_now = len(models.averaged), len(models.averaged) + len(models.beside)
        return cls(
            averaged=found[:own],
            beside=found[own:all_now],
            earlier=found[all_now:],
        )

    def left_out(self, models: ApplicableModels) -> tuple[LeftOutModel, ...]:
        """Return the models whose fits are not trusted."""
        pairs = zip(models.averaged, self.averaged, strict=True)
        return tuple(
            LeftOutModel(model, fit_alert(model, fit))
            for model, fit in pairs
            if not is_trusted(fit)
        )


@dataclass(frozen=True)
class _Answer:
    """The answer by the models that are fitted to the levels of a patient."""

    history: TreatmentHistory
    used: Levels
    models: ApplicableModels
    data: PatientData
    before: BeforeLast | None
    fits: _Fits
    """One at least of the models to average is trusted."""
    now: Moment
    label: LabelAdvice
    marks: SyringeMarks

    @cached_property
    def averages(self) -> tuple[Average, ...]:
        """The average of the models whose fit is trusted, now and before the last level."""
        now, earlier = ([each for each in fits if is_trusted(each)] for fits in
                        (self.fits.averaged, self.fits.earlier))  # fmt: skip
        wanted = [(now, self.data.history)]
        if self.before and earlier:
            wanted.append((earlier, self.before.data.history))
        return Average.of_many(wanted)

    @cached_property
    def covariates(self) -> Mapping[str, float]:
        """The covariates of all models now."""
        return self.data.history.covariates[-1].values

    def dose_question(self, prescription: Prescription) -> DoseQuestion:
        body, newest = self.history.body_on(self.now.local.date()), self.label.assessment
        return DoseQuestion(
            current=_regimen(prescription),
            product=prescription.product,
            protocol=PROTOCOLS[prescription.protocol],
            target=prescription.target,
            age=body.age,
            weight=body.weight,
            height=body.height,
            measured_days_ago=body.measured_days_ago,
            is_above=newest is not None and newest.status is Status.ABOVE,
            marks=self.marks,
            limits=self.history.record.limits,
        )

    def shares(self, recommendation: Recommendation | None) -> tuple[ModelShare, ...]:
        """Return the models with their weights, and those beside, with their troughs."""
        current = recommendation.current if recommendation else None
        troughs = current.by_model_ng_ml if current else [None] * len(self.averages[0].models)
        weighted = [
            ModelShare(fit=each.fit, weight=each.weight, trough_ng_ml=trough)
            for each, trough in zip(self.averages[0].models, troughs, strict=True)
        ]
        pairs = zip(self.models.beside, self.fits.beside, strict=True)
        beside = [self.beside(each, fit, current) for each, fit in pairs if is_trusted(fit)]
        return (*weighted, *beside)

    def beside(self, beside: ModelBeside, fit: Fit, current: TargetAttainment | None) -> ModelShare:
        """Return the share of a model without a weight."""
        trough = None
        if current:
            covariates = {**beside.supposed, **self.covariates}
            trough = most_probable_trough(fit, covariates, current.regimen)
        return ModelShare(fit=fit, weight=None, supposed=beside.label, trough_ng_ml=trough)

    def levels(self) -> tuple[CheckedLevel, ...]:
        known = haematocrits(self.history.record)
        return tuple(
            CheckedLevel(level, check, haematocrit_near(known, level.entry))
            for level, check in zip(self.used, check_levels(self.averages[0]), strict=True)
        )

    def is_too_early(self, at: Moment) -> bool:
        """Return whether a level at a time would come too soon after a change of exposure."""
        change = self.history.last_exposure_change(at)
        days = at.hours_since(change.at) / 24 if change else 0.0
        return not is_reached(days, STEADY_STATE_NOT_BEFORE)

    def troughs(self) -> tuple[tuple[TroughForecast, ...], NextSample | None]:
        """Return the trough before the next dose, then one a day; and the one worth a sample."""
        period, now = self.history.period_at(self.now), self.now
        if period is None:
            return (), None
        last = now.utc + timedelta(days=FORECAST_DAYS)
        daily: dict[date, Moment] = {}
        for each in self.history.administrations(_horizon(now)):
            if now.utc < each.at < last:
                at = Moment(each.at, period.since.zone)
                daily.setdefault(at.local.date(), at)
        times = list(daily.values())
        if not times:
            return (), None
        hours = [self.data.hours(each.utc) for each in times]
        found = Predictive.of(self.averages[0], self.data.history, hours)
        troughs = map(TroughForecast, times, forecasts_of(found, hours))
        last_day = now.utc + timedelta(days=NEXT_SAMPLE_WITHIN.value)
        gains = expected_narrowing(found, of=len(times) - 1)
        samples = [
            NextSample(at, float(gain))
            for at, gain in zip(times, gains, strict=True)
            if at.utc <= last_day and not self.is_too_early(at)
        ]
        most = max((each.narrowing for each in samples), default=0.0)
        best = (each for each in samples if each.narrowing >= most - _AS_GOOD)
        return tuple(troughs), next(best, None)


def _answer(known: _Answer, request: ForecastRequest) -> FittedForecast:
    """Return the answer to a request."""
    posterior, *earlier = known.averages
    period = known.history.period_at(known.now)
    levels = known.levels()
    prescription = period.prescription.entry if period else None
    target = prescription.target if prescription else REVIEW.target
    recommendation = None
    if prescription:
        question = known.dose_question(prescription)
        recommendation = recommend(posterior, known.covariates, question)
    patient = disposition(posterior, known.data.hours(known.now.utc))
    troughs, next_sample = known.troughs()
    return FittedForecast(
        origin=known.data.origin,
        posterior=posterior,
        models=known.shares(recommendation),
        left_out=(*known.models.left_out, *known.fits.left_out(known.models)),
        target=target,
        disposition=patient,
        auc24=patient.auc24(float(prescription.daily_mg)) if prescription else None,
        levels=levels,
        troughs=troughs,
        requested=dose_outcomes(posterior, known.covariates, request.regimens, target),
        recommendation=recommendation,
        next_sample=next_sample,
        varies_more=levels_vary_more(posterior.models, [each.check for each in levels]),
        observed=known.before.observed(earlier[0]) if known.before and earlier else None,
    )


def _horizon(now: Moment) -> Moment:
    """Return the moment up to which doses are due in a forecast."""
    return Moment(now.utc + timedelta(days=FORECAST_DAYS + 1), now.zone)


def _regimen(prescription: Prescription) -> Regimen:
    """Return the current regimen; two different doses of a day are taken as their mean."""
    mg = per_dose(prescription.daily_mg, prescription.interval_hours)
    return Regimen(mg, prescription.times_a_day, prescription.every_hours)
