"""What a patient's next levels will be and which dose reaches the target, from the record."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from dosing import (
    PROTOCOLS,
    REVIEW,
    VERSION,
    Alert,
    Alerts,
    TargetTrough,
    cite,
)
from dosing.knowledge.alert_catalogue import (
    APPROXIMATION_ROUGH,
    FAR_FROM_POPULATION,
    FIT_NOT_CONVERGED,
    LABEL_DIFFERS,
    LEVEL_UNUSUAL,
    MODEL,
    MODELS_DISAGREE,
    NO_DOSE_NOW,
    ONE_LEVEL,
    POPULATION_ONLY,
)
from dosing.knowledge.forecast_rules import APPROXIMATION_ROUGH as ROUGH_FROM
from dosing.knowledge.forecast_rules import FARTHEST, UNUSUAL
from dosing.knowledge.forecast_rules import MODELS_DISAGREE as DISAGREE_FROM
from dosing.notebook import Result
from dosing.pharmacokinetics import (
    MODEL_KEYS,
    Disposition,
    DoseQuestion,
    Fit,
    Forecast,
    LevelCheck,
    Model,
    Posterior,
    PredictedCurve,
    Recommendation,
    Regimen,
    TargetAttainment,
    check_levels,
    curve,
    disposition,
    dose_outcomes,
    forecast,
    model_named,
    recommend,
)
from monitoring.recommendation.advice import Advice, advise
from monitoring.recommendation.forecast.covariates import covariates_on
from monitoring.recommendation.forecast.fitting import FittedPatient, fitted_patient
from monitoring.recommendation.forecast.refusals import levels_used, refusals
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

DEFAULT_MODEL = "fan2024"
"""Of patients with vascular anomalies: clinical reference, section 9."""
FORECAST_DAYS = 14
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRequest:
    """What is asked beside the record.

    `model` is the default one where it is None. `regimens` are doses whose outcome is asked for.
    """

    model: Model | None = None
    regimens: tuple[Regimen, ...] = ()
    nothing_given_in_gaps: bool = False
    """Whether somebody says that in the gaps of the dose record really nothing was given."""


@dataclass(frozen=True, slots=True)
class TroughForecast:
    """A trough to come and when."""

    at: Moment
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class CheckedLevel:
    """A level of the record beside what the fit makes of it."""

    level: StoredEntry[Level]
    check: LevelCheck


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Another model's fit to the same levels, and its trough of the dose in force."""

    model: Model
    fit: Fit
    trough_ng_ml: float
    difference_percent: float
    """Of the larger trough beside the smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedForecast:
    """The fitted patient: everything that has a number."""

    origin: datetime
    """From which the hours of history and curve count, in UTC."""
    posterior: Posterior
    disposition: Disposition
    levels: tuple[CheckedLevel, ...]
    troughs: tuple[TroughForecast, ...]
    """One a day over the days to come, on the doses in force."""
    target: TargetTrough
    asked: tuple[TargetAttainment, ...]
    recommendation: Recommendation | None
    """None where no dose is in force."""
    second: SecondOpinion | None

    def __repr__(self) -> str:
        """Return the model that it is fitted by."""
        return f"<{type(self).__name__} by {self.posterior.fit.model.key}>"

    @property
    def is_population_only(self) -> bool:
        """Whether no level has told anything of this patient yet."""
        return not self.levels

    def curve(self, since: Moment, until: Moment, every_h: float = 2.0) -> PredictedCurve:
        """Return the course between two moments; its hours count from `origin`."""
        start, end = ((each.utc - self.origin) / _HOUR for each in (since, until))
        count = max(2, int((end - start) / every_h) + 1)
        times = [start + place * (end - start) / (count - 1) for place in range(count)]
        return curve(self.posterior, self.posterior.history, times)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientForecast(Result):
    """The answer, or the alerts that say why there is none."""

    model: Model
    alerts: Alerts
    """The strongest first."""
    version: str
    answer: FittedForecast | None
    label: Advice
    """What the label's arithmetic says, which stands beside."""

    def __repr__(self) -> str:
        """Return the next trough, or the codes of the alerts that prevented an answer."""
        return f"<{type(self).__name__} by {self.model.key}, {self._words}>"

    @property
    def _words(self) -> str:
        if self.answer is None:
            return f"no answer: {', '.join(self.alerts.blocking_codes)}"
        levels = len(self.answer.levels)
        basis = f"from {levels} {'level' if levels == 1 else 'levels'}"
        if not self.answer.troughs:
            return basis
        following = self.answer.troughs[0]
        return f"{basis}: trough {following.forecast.ng_ml:.3g} ng/mL at {following.at}"

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus forecast --json` prints."""
        from monitoring.recommendation.forecast.document import forecast_as_json  # noqa: PLC0415 - needs this file

        return forecast_as_json(self)

    @property
    def stopped(self) -> bool:
        """Whether something forbids an answer."""
        return self.answer is None

    @property
    def sources(self) -> dict[str, str]:
        """The citation of every source used, by its key."""
        used = {self.model.source: self.model.citation}
        if self.answer and self.answer.second:
            used[self.answer.second.model.source] = self.answer.second.model.citation
        return {**used, **cite(self.alerts.sources)}


def forecast_for(
    record: Record, now: Moment, question: ForecastRequest | None = None
) -> PatientForecast:
    """Return the forecast of a patient, or why there is none.

    Raises `UserError` for a regimen or a model file that cannot be read; never for the record.
    """
    question = question or ForecastRequest()
    model = question.model or model_named(DEFAULT_MODEL)
    history = TreatmentHistory.of(record)
    found = refusals(history, model, now, nothing_given_in_gaps=question.nothing_given_in_gaps)
    result = PatientForecast(
        model=model,
        alerts=found.strongest_first(),
        version=VERSION,
        answer=None,
        label=advise(record, now),
    )
    if found.stopped:
        return result
    if history.period_at(now) is None and not question.regimens:
        found += [NO_DOSE_NOW.alert()]
        return replace(result, alerts=found.strongest_first())
    fitted = _fitted(history, model, now)
    found += _about_fit(model, fitted.fit)
    if found.stopped:
        return replace(result, alerts=found.strongest_first())
    answer = _answer(history, fitted, now, question)
    found += _about_answer(model, answer)
    found += _beside_label(result.label, answer.recommendation)
    return replace(result, alerts=found.strongest_first(), answer=answer)


def _fitted(history: TreatmentHistory, model: Model, now: Moment) -> FittedPatient:
    """Return the fit to the levels in use, with the doses due in the days to come."""
    until = Moment(now.utc + timedelta(days=FORECAST_DAYS + 1), now.zone)
    doses = history.administrations(until)
    return fitted_patient(history, model, levels_used(history, now), doses, now)


def _answer(
    history: TreatmentHistory, fitted: FittedPatient, now: Moment, question: ForecastRequest
) -> FittedForecast:
    posterior = Posterior.of(fitted.fit, fitted.history)
    covariates = covariates_on(history, fitted.fit.model, now.local.date())
    period = history.period_at(now)
    target = period.prescription.entry.target if period else REVIEW.target
    recommendation = None
    if period:
        asked = _dose_question(history, period.prescription.entry, now)
        recommendation = recommend(posterior, covariates, asked)
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
        asked=dose_outcomes(posterior, covariates, question.regimens, target),
        recommendation=recommendation,
        second=_second_opinion(history, fitted.fit.model, now, recommendation),
    )


def _dose_question(
    history: TreatmentHistory, prescription: Prescription, now: Moment
) -> DoseQuestion:
    body = history.body_on(now.local.date())
    return DoseQuestion(
        current=Regimen(prescription.dose_mg, prescription.times_a_day),
        product=prescription.product,
        protocol=PROTOCOLS[prescription.protocol],
        target=prescription.target,
        age=body.age,
        weight=body.weight,
        height=body.height,
        measured_days_ago=body.measured_days_ago,
    )


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
    """Return the first other model that covers the patient, fitted to the same levels."""
    if recommendation is None:
        return None
    for key in MODEL_KEYS:
        other = model_named(key)
        if other.key == model.key or (
            refusals(history, other, now, nothing_given_in_gaps=True).stopped
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


def _about_fit(model: Model, fitted: Fit) -> Iterator[Alert]:
    """Yield why the fit itself cannot be believed."""
    if not fitted.converged:
        yield FIT_NOT_CONVERGED.alert(model=model.name)
    elif fitted.is_far:
        yield FAR_FROM_POPULATION.alert(
            model=model.name, sd=f"{fitted.farthest_sd:.1f}", most=FARTHEST.value
        )


def _about_answer(model: Model, answer: FittedForecast) -> Iterator[Alert]:
    """Yield what to know before the answer is believed."""
    source = model.source
    yield MODEL.alert(source=source, model=model.name, population=model.population)
    if answer.is_population_only:
        yield POPULATION_ONLY.alert(source=source)
    elif len(answer.levels) == 1:
        yield ONE_LEVEL.alert(source=source)
    for each in answer.levels:
        yield from _about_level(each)
    yield from _about_posterior(answer)
    if answer.second and answer.second.difference_percent > DISAGREE_FROM.value:
        yield _models_disagree(model, answer, answer.second)
    if answer.recommendation:
        yield from answer.recommendation.alerts


def _beside_label(label: Advice, recommendation: Recommendation | None) -> Iterator[Alert]:
    """Yield where another dose is recommended and the label's arithmetic goes another way."""
    if label.stopped or recommendation is None or recommendation.dose is None:
        return
    current = recommendation.current.regimen.dose_mg
    ours = recommendation.dose.measured.mg - current
    theirs = label.dose.measured.mg - current if label.dose else Decimal(0)
    if ours * theirs > 0:
        return
    level = label.assessment.level.entry if label.assessment else None
    asks = "the opposite" if theirs else "no change"
    yield LABEL_DIFFERS.alert(level=level, asks=asks)


def _about_level(checked: CheckedLevel) -> Iterator[Alert]:
    percentile = checked.check.percentile
    if UNUSUAL.value <= percentile <= 100 - UNUSUAL.value:
        return
    level = checked.level.entry
    side = "above" if percentile > 50 else "below"
    yield LEVEL_UNUSUAL.alert(level=level, sampled=level.sampled, side=side)


def _about_posterior(answer: FittedForecast) -> Iterator[Alert]:
    """Yield where the normal approximation and the weighted draws differ."""
    clearance, approximate = answer.disposition.clearance_l_h, answer.disposition.laplace
    pairs = ((clearance.low, approximate.low), (clearance.high, approximate.high))
    off = max(abs(one / other - 1) * 100 for one, other in pairs)
    if off > ROUGH_FROM.value:
        yield APPROXIMATION_ROUGH.alert(off=f"{off:.0f}")


def _models_disagree(model: Model, answer: FittedForecast, second: SecondOpinion) -> Alert:
    ours = answer.recommendation.current.trough_ng_ml if answer.recommendation else 0.0
    return MODELS_DISAGREE.alert(
        value=f"{second.difference_percent:.0f} %",
        limit=str(DISAGREE_FROM),
        model=model.name,
        trough=f"{ours:.1f}",
        other=second.model.name,
        other_trough=f"{second.trough_ng_ml:.1f}",
        population=second.model.population,
    )
