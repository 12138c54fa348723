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
    AlertKind,
    TargetTrough,
    cite,
    strongest_first,
)
from dosing.alerts import blocking_codes, has_stop
from dosing.forecast_rules import (
    APPROXIMATION_ROUGH,
    FARTHEST,
    MODELS_DISAGREE,
    UNUSUAL,
)
from dosing.kinetics import (
    MODEL_KEYS,
    Curve,
    Disposition,
    DoseOutcome,
    DoseQuestion,
    Fit,
    Forecast,
    LevelCheck,
    Model,
    Posterior,
    Recommendation,
    Regimen,
    check_levels,
    curve,
    disposition,
    dose_outcomes,
    forecast,
    model_named,
    recommend,
)
from dosing.notebook import Result
from dosing.sources import PROPOSED
from monitoring.advice import Advice, advise
from monitoring.forecast.covariates import covariates_on
from monitoring.forecast.doses_given import doses_given
from monitoring.forecast.fitting import FittedPatient, fitted_patient
from monitoring.forecast.refusals import levels_used, refusals
from monitoring.record.entries import Record, Recorded
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.recording import body_on
from monitoring.times import Moment
from monitoring.treatment import course_at

DEFAULT_MODEL = "fan2024"
"""Of patients with vascular anomalies: clinical reference, section 9."""
FORECAST_DAYS = 14
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
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

    level: Recorded[Level]
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
class Answer:
    """The fitted patient: everything that has a number."""

    origin: datetime
    """From which the hours of history and curve count, in UTC."""
    posterior: Posterior
    disposition: Disposition
    levels: tuple[CheckedLevel, ...]
    troughs: tuple[TroughForecast, ...]
    """One a day over the days to come, on the doses in force."""
    target: TargetTrough
    asked: tuple[DoseOutcome, ...]
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

    def curve(self, since: Moment, until: Moment, every_h: float = 2.0) -> Curve:
        """Return the course between two moments; its hours count from `origin`."""
        start, end = ((each.utc - self.origin) / _HOUR for each in (since, until))
        count = max(2, int((end - start) / every_h) + 1)
        times = [start + place * (end - start) / (count - 1) for place in range(count)]
        return curve(self.posterior, self.posterior.history, times)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientForecast(Result):
    """The answer, or the alerts that say why there is none."""

    model: Model
    alerts: tuple[Alert, ...]
    """The strongest first."""
    version: str
    answer: Answer | None
    label: Advice
    """What the label's arithmetic says, which stands beside."""

    def __repr__(self) -> str:
        """Return the next trough, or the codes of the alerts that prevented an answer."""
        return f"<{type(self).__name__} by {self.model.key}, {self._words}>"

    @property
    def _words(self) -> str:
        if self.answer is None:
            return f"no answer: {', '.join(blocking_codes(self.alerts))}"
        levels = len(self.answer.levels)
        basis = f"from {levels} {'level' if levels == 1 else 'levels'}"
        if not self.answer.troughs:
            return basis
        following = self.answer.troughs[0]
        return f"{basis}: trough {following.forecast.ng_ml:.3g} ng/mL at {following.at}"

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus forecast --json` prints."""
        from monitoring.forecast.document import forecast_as_json  # noqa: PLC0415 - needs this file

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
        return {**used, **cite(alert.source for alert in self.alerts)}


def forecast_for(record: Record, now: Moment, question: Question | None = None) -> PatientForecast:
    """Return the forecast of a patient, or why there is none.

    Raises `UserError` for a regimen or a model file that cannot be read; never for the record.
    """
    question = question or Question()
    model = question.model or model_named(DEFAULT_MODEL)
    found = refusals(record, model, now, nothing_given_in_gaps=question.nothing_given_in_gaps)
    result = PatientForecast(
        model=model,
        alerts=strongest_first(found),
        version=VERSION,
        answer=None,
        label=advise(record, now),
    )
    if has_stop(found):
        return result
    if course_at(record, now) is None and not question.regimens:
        message = "No dose is in force, and none is asked about: there is nothing to forecast."
        stop = Alert("no-dose-now", AlertKind.STOP, message, PROPOSED)
        return replace(result, alerts=strongest_first([*found, stop]))
    fitted = _fitted(record, model, now)
    found += tuple(_about_fit(model, fitted.fit))
    if has_stop(found):
        return replace(result, alerts=strongest_first(found))
    answer = _answer(record, fitted, now, question)
    found += tuple(_about_answer(model, answer))
    found += tuple(_beside_label(result.label, answer.recommendation))
    return replace(result, alerts=strongest_first(found), answer=answer)


def _fitted(record: Record, model: Model, now: Moment) -> FittedPatient:
    """Return the fit to the levels in use, with the doses due in the days to come."""
    until = Moment(now.utc + timedelta(days=FORECAST_DAYS + 1), now.zone)
    doses = doses_given(record, until)
    return fitted_patient(record, model, levels_used(record, now), doses, now)


def _answer(record: Record, fitted: FittedPatient, now: Moment, question: Question) -> Answer:
    posterior = Posterior.of(fitted.fit, fitted.history)
    covariates = covariates_on(record, fitted.fit.model, now.local.date())
    course = course_at(record, now)
    target = course.prescription.entry.target if course else REVIEW.target
    recommendation = None
    if course:
        asked = _dose_question(record, course.prescription.entry, now)
        recommendation = recommend(posterior, covariates, asked)
    return Answer(
        origin=fitted.origin,
        posterior=posterior,
        target=target,
        disposition=disposition(posterior, fitted.hours(now.utc)),
        levels=tuple(
            CheckedLevel(level, check)
            for level, check in zip(
                levels_used(record, now), check_levels(fitted.fit, fitted.history), strict=True
            )
        ),
        troughs=_troughs(record, fitted, posterior, now),
        asked=dose_outcomes(posterior, covariates, question.regimens, target),
        recommendation=recommendation,
        second=_second_opinion(record, fitted.fit.model, now, recommendation),
    )


def _dose_question(record: Record, prescription: Prescription, now: Moment) -> DoseQuestion:
    body = body_on(record, now.local.date())
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
    record: Record, fitted: FittedPatient, posterior: Posterior, now: Moment
) -> tuple[TroughForecast, ...]:
    """Return the trough before the next dose, and then one a day."""
    course = course_at(record, now)
    if course is None:
        return ()
    until = Moment(now.utc + timedelta(days=FORECAST_DAYS), now.zone)
    due = [each.at for each in doses_given(record, until) if each.at > now.utc]
    zone = course.since.zone
    daily: dict[date, datetime] = {}
    for at in due:
        daily.setdefault(Moment(at, zone).local.date(), at)
    times = list(daily.values())
    found = forecast(posterior, fitted.history, [fitted.hours(at) for at in times])
    return tuple(
        TroughForecast(Moment(at, zone), each) for at, each in zip(times, found, strict=True)
    )


def _second_opinion(
    record: Record, model: Model, now: Moment, recommendation: Recommendation | None
) -> SecondOpinion | None:
    """Return the first other model that covers the patient, fitted to the same levels."""
    if recommendation is None:
        return None
    for key in MODEL_KEYS:
        other = model_named(key)
        if other.key == model.key or has_stop(
            refusals(record, other, now, nothing_given_in_gaps=True)
        ):
            continue
        fitted = _fitted(record, other, now)
        if not fitted.fit.converged or fitted.fit.is_far:
            continue
        covariates = covariates_on(record, other, now.local.date())
        posterior = Posterior.of(fitted.fit, fitted.history)
        regimen, ours = recommendation.current.regimen, recommendation.current.trough_ng_ml
        outcome = dose_outcomes(posterior, covariates, [regimen], REVIEW.target)[0]
        low, high = sorted([ours, outcome.trough_ng_ml])
        return SecondOpinion(other, fitted.fit, outcome.trough_ng_ml, (high / low - 1) * 100)
    return None


def _about_fit(model: Model, fitted: Fit) -> Iterator[Alert]:
    """Yield why the fit itself cannot be believed."""
    if not fitted.converged:
        message = (
            f"{model.name} could not be fitted to the levels: the search found no minimum. Check "
            "the doses, the levels and their times."
        )
        yield Alert("fit-not-converged", AlertKind.STOP, message, PROPOSED)
    elif fitted.is_far:
        message = (
            f"To explain the levels {model.name} must be bent by {fitted.farthest_sd:.1f} standard "
            f"deviations (more than {FARTHEST.value}): the doses, the levels or their times are "
            "more likely wrong. Check them; missed doses and another person's sample, too."
        )
        yield Alert("far-from-population", AlertKind.STOP, message, PROPOSED)


def _about_answer(model: Model, answer: Answer) -> Iterator[Alert]:
    """Yield what to know before the answer is believed."""
    source = model.source
    yield Alert("model", AlertKind.NOTE, f"{model.name}: {model.population}.", source)
    if answer.is_population_only:
        message = (
            "Population only: no level that can be used has told anything of this patient yet. It "
            "is what a typical patient of this size would have, and weak."
        )
        yield Alert("population-only", AlertKind.CAUTION, message, source)
    elif len(answer.levels) == 1:
        message = "One level moves the fit little: its errors are as large as what it tells."
        yield Alert("one-level", AlertKind.NOTE, message, source)
    for each in answer.levels:
        yield from _about_level(each)
    yield from _about_posterior(answer)
    if answer.second and answer.second.difference_percent > MODELS_DISAGREE.value:
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
    message = (
        f"By the label's arithmetic the last level ({level}) asks for "
        f"{'the opposite' if theirs else 'no change'}. The model pulls it towards the population "
        "and towards the middle of the target: take another level before you change the dose."
    )
    yield Alert("label-differs", AlertKind.CAUTION, message, PROPOSED)


def _about_level(checked: CheckedLevel) -> Iterator[Alert]:
    percentile = checked.check.percentile
    if UNUSUAL.value <= percentile <= 100 - UNUSUAL.value:
        return
    level = checked.level.entry
    rarely = "above" if percentile > 50 else "below"
    message = (
        f"{level} of {level.sampled} is unusual: in the population fewer than 1 level in 100 lies "
        f"{rarely} it on these doses. Check the sample, its time and the doses."
    )
    yield Alert("level-unusual", AlertKind.CAUTION, message, PROPOSED)


def _about_posterior(answer: Answer) -> Iterator[Alert]:
    """Yield where the normal approximation and the weighted draws differ."""
    clearance, approximate = answer.disposition.clearance_l_h, answer.disposition.laplace
    pairs = ((clearance.low, approximate.low), (clearance.high, approximate.high))
    off = max(abs(one / other - 1) * 100 for one, other in pairs)
    if off > APPROXIMATION_ROUGH.value:
        message = (
            f"The normal approximation of the fit is {off:.0f} % off at an end of the clearance's "
            "interval: the interval shown is that of the weighted draws, and rough."
        )
        yield Alert("approximation-rough", AlertKind.NOTE, message, PROPOSED)


def _models_disagree(model: Model, answer: Answer, second: SecondOpinion) -> Alert:
    ours = answer.recommendation.current.trough_ng_ml if answer.recommendation else 0.0
    message = (
        f"The models disagree by {second.difference_percent:.0f} %: on the current dose "
        f"{model.name} expects a trough of {ours:.1f} ng/mL and {second.model.name} "
        f"{second.trough_ng_ml:.1f} ng/mL ({second.model.population}). A level decides."
    )
    return Alert(
        "models-disagree", AlertKind.CAUTION, message, PROPOSED,
        f"{second.difference_percent:.0f} %", str(MODELS_DISAGREE),
    )  # fmt: skip
