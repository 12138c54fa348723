"""The forecast of a patient's levels, and the dose that best reaches the target."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from dosing import PROTOCOLS, REVIEW, VERSION
from dosing.dosage import per_dose
from dosing.knowledge.alert_catalogue import NO_DOSE_NOW, ONLY_BESIDE
from dosing.knowledge.products import STANDARD_MARKS, SyringeMarks
from dosing.pharmacokinetics import (
    MODEL_KEYS,
    DoseQuestion,
    Model,
    Posterior,
    Recommendation,
    Regimen,
    check_levels,
    disposition,
    dose_outcomes,
    forecast,
    model_named,
    recommend,
)
from monitoring.levels import Status, assess_levels
from monitoring.recommendation.forecast.covariates import covariates_on
from monitoring.recommendation.forecast.fitting import FittedPatient, fitted_patient
from monitoring.recommendation.forecast.forecast_alerts import (
    answer_alerts,
    fit_alerts,
)
from monitoring.recommendation.forecast.observed import last_observed
from monitoring.recommendation.forecast.patient_forecast import (
    DEFAULT_MODEL,
    FORECAST_DAYS,
    CheckedLevel,
    FittedForecast,
    ForecastRequest,
    PatientForecast,
    SecondOpinion,
    TroughForecast,
)
from monitoring.recommendation.forecast.preconditions import levels_used, preconditions
from monitoring.recommendation.label_advice import AdviceOptions, label_advice, newest_level
from monitoring.record.entries import Record
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory


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
    model = request.model or model_named(DEFAULT_MODEL)
    history = TreatmentHistory.of(record)
    found = preconditions(history, model, now, nothing_given_in_gaps=request.nothing_given_in_gaps)
    if model.only_beside:
        found += [ONLY_BESIDE.alert(source=model.source, model=model.name)]
    result = PatientForecast(
        model=model,
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
    fitted = _fitted(history, model, now)
    found += fit_alerts(model, fitted.fit)
    if found.stopped:
        return replace(result, alerts=found.strongest_first())
    answer = _answer(history, fitted, now, request, marks)
    found += answer_alerts(model, answer)
    return replace(result, alerts=found.strongest_first(), answer=answer)


def _fitted(history: TreatmentHistory, model: Model, now: Moment) -> FittedPatient:
    """Return the fit to the levels used, with the doses due in the coming days."""
    until = Moment(now.utc + timedelta(days=FORECAST_DAYS + 1), now.zone)
    doses = history.administrations(until)
    return fitted_patient(history, model, levels_used(history, now), doses, now)


def _answer(
    history: TreatmentHistory,
    fitted: FittedPatient,
    now: Moment,
    request: ForecastRequest,
    marks: SyringeMarks,
) -> FittedForecast:
    posterior = Posterior.of(fitted.fit, fitted.history)
    covariates = covariates_on(history, fitted.fit.model, now.local.date())
    period = history.period_at(now)
    target = period.prescription.entry.target if period else REVIEW.target
    recommendation = None
    if period:
        question = _dose_question(history, period.prescription.entry, now, marks)
        recommendation = recommend(posterior, covariates, question)
    return FittedForecast(
        origin=fitted.origin,
        posterior=posterior,
        target=target,
        disposition=disposition(posterior, fitted.hours(now.utc)),
        levels=tuple(
            CheckedLevel(level, check)
            for level, check in zip(
                levels_used(history, now), check_levels(fitted.fit, fitted.history), strict=True
            )
        ),
        troughs=_troughs(history, fitted, posterior, now),
        requested=dose_outcomes(posterior, covariates, request.regimens, target),
        recommendation=recommendation,
        second=_second_opinion(history, fitted.fit.model, now, recommendation),
        observed=last_observed(history, fitted.fit.model, now),
    )


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


def _troughs(
    history: TreatmentHistory, fitted: FittedPatient, posterior: Posterior, now: Moment
) -> tuple[TroughForecast, ...]:
    """Return the trough before the next dose, and then one a day."""
    period = history.period_at(now)
    if period is None:
        return ()
    until = Moment(now.utc + timedelta(days=FORECAST_DAYS), now.zone)
    due = [each.at for each in history.administrations(until) if each.at > now.utc]
    zone = period.since.zone
    daily: dict[date, datetime] = {}
    for at in due:
        daily.setdefault(Moment(at, zone).local.date(), at)
    times = list(daily.values())
    found = forecast(posterior, fitted.history, [fitted.hours(at) for at in times])
    return tuple(
        TroughForecast(Moment(at, zone), each) for at, each in zip(times, found, strict=True)
    )


def _second_opinion(
    history: TreatmentHistory, model: Model, now: Moment, recommendation: Recommendation | None
) -> SecondOpinion | None:
    """Return the opinion of the first other model that covers the patient."""
    if recommendation is None:
        return None
    for key in MODEL_KEYS:
        other = model_named(key)
        if (
            other.key == model.key
            or other.only_beside
            or (preconditions(history, other, now, nothing_given_in_gaps=True).stopped)
        ):
            continue
        fitted = _fitted(history, other, now)
        if not fitted.fit.converged or fitted.fit.is_far:
            continue
        covariates = covariates_on(history, other, now.local.date())
        posterior = Posterior.of(fitted.fit, fitted.history)
        regimen, ours = recommendation.current.regimen, recommendation.current.trough_ng_ml
        outcome = dose_outcomes(posterior, covariates, [regimen], REVIEW.target)[0]
        low, high = sorted([ours, outcome.trough_ng_ml])
        return SecondOpinion(other, fitted.fit, outcome.trough_ng_ml, (high / low - 1) * 100)
    return None
