"""Advice: one recommendation from the whole record, with its two lines of evidence under it.

The label's arithmetic and the model never contradict each other: the recommendation says which
dose is used, and why the other is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from dosing import (
    VERSION,
    AdjustedDose,
    Adjustment,
    AlertKind,
    Alerts,
    Dose,
    Override,
    cite,
    json_number,
    plain,
)
from dosing.alerts import NO_ALERTS
from dosing.knowledge.alert_catalogue import (
    DOSE_UNCHANGED,
    LAST_DOSE_IN_QUESTION,
    LEVEL_OLD,
    LEVEL_OUTSIDE_MODEL,
    LEVEL_TOO_HIGH_TO_ADJUST,
    MODEL_NOT_USED,
    NO_CHANGE,
    REVIEW_AUTHORS,
    WEIGHT_UNKNOWN,
)
from dosing.knowledge.clinic_limits import ClinicLimits
from dosing.notebook import Result
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.due import Check, Due, due
from monitoring.levels import LevelAssessment, assess_levels
from monitoring.recommendation.decision import Decision
from monitoring.recommendation.dose_recommendation import (
    DoseAction,
    DoseRecommendation,
    ModelEvidence,
)
from monitoring.recommendation.label_advice import (
    AdviceOptions,
    LabelAdvice,
    label_advice,
    newest_level,
)
from monitoring.record.entries import Record
from monitoring.state import DoseStep, TreatmentState, as_listed, dose_safety, state_at
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

if TYPE_CHECKING:
    from monitoring.recommendation.forecast.patient_forecast import (
        ForecastRequest,
        PatientForecast,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Result):
    """The recommendation of a moment, with the level and the evidence behind it."""

    state: TreatmentState
    label: LabelAdvice
    recommendation: DoseRecommendation
    alerts: Alerts
    """The alerts of state, level, arithmetic and dose, the strongest first."""
    version: str
    clinic: ClinicChoices = USUAL_CHOICES

    def __repr__(self) -> str:
        """Return the recommendation in words."""
        return f"<{type(self).__name__} {self.recommendation.words}>"

    @property
    def assessment(self) -> LevelAssessment | None:
        """The newest active level, or None without one."""
        return self.label.assessment

    @property
    def request(self) -> Adjustment | None:
        """The level with the current dose, or None if one of them is unknown."""
        return self.label.request

    @property
    def adjusted(self) -> AdjustedDose | None:
        """The label's arithmetic behind the recommended dose; None if it allows none."""
        return self.label.adjusted or self.label.lowered

    @property
    def dose(self) -> Dose | None:
        """The recommended dose; None for every action but to raise or to lower."""
        return self.recommendation.dose

    @property
    def stopped(self) -> bool:
        """True if something forbids a dose."""
        return self.recommendation.is_forbidden

    @property
    def awaits_override(self) -> bool:
        """True if a documented override would allow a dose."""
        return self.stopped and self.alerts.awaits_override

    @property
    def next_level(self) -> Due | None:
        """The next level as `due` tells it; for another dose, if that dose begins now."""
        record, now, current = self.state.record, self.state.now, self.state.prescription
        if self.dose is not None and current is not None:
            changed = replace(
                current,
                since=now,
                dose_mg=self.dose.measured.mg,
                times_a_day=self.dose.times_a_day or 1,
                every_hours=self.dose.every_hours,
                evening_mg=None,
            )
            record = record.with_entry(changed, now)
        return next(
            (each for each in due(record, now, self.clinic.rhythm) if each.check is Check.LEVEL),
            None,
        )

    @property
    def sources(self) -> dict[str, str]:
        """The citation of every source used, by its key."""
        keys = [self.request.protocol.target_source] if self.request else []
        keys += [step.source for step in self.adjusted.steps] if self.adjusted else []
        return cite([*keys, *self.alerts.sources, *self.recommendation.reasons.sources])

    @property
    def limits(self) -> ClinicLimits:
        """The limits in force in the clinic."""
        return self.state.history.record.limits

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus advise --json` prints; null for a missing figure.

        Its shape is in `docs/commands.md`.
        """
        request, adjusted, next_level = self.request, self.adjusted, self.next_level
        level = self.assessment.level.entry if self.assessment else None
        target = request.target if request else None
        loading = adjusted.loading_dose if adjusted and self.dose else None
        return {
            "level_ng_ml": json_number(level.value.value) if level else None,
            "comparator": level.comparator.value if level and level.comparator else None,
            "sampled_at": str(level.sampled) if level else None,
            "assay": level.assay.value if level and level.assay else None,
            "current_daily_mg": json_number(request.daily_mg) if request else None,
            "target_ng_ml": (
                [json_number(target.low_ng_ml), json_number(target.high_ng_ml)] if target else None
            ),
            "aim_ng_ml": json_number(request.aim_ng_ml) if request else None,
            "factor": json_number(adjusted.factor, 6) if adjusted else None,
            "dose": self.dose.to_dict() if self.dose else None,
            "loading_dose_mg": json_number(loading.measured.mg) if loading else None,
            "loading_dose": loading.to_dict() if loading else None,
            "alerts": [alert.to_dict() for alert in self.alerts],
            "override": adjusted.override.to_dict(adjusted.overridden)
            if adjusted and adjusted.override
            else None,
            "steps": [step.to_dict() for step in adjusted.steps] if adjusted and self.dose else [],
            "sources": self.sources,
            "version": self.version,
            "limits": self.limits.to_dict(),
            "recommendation": self.recommendation.to_dict(self.label),
            "state": self.state.to_dict(),
            "next_level": next_level.to_dict() if next_level else None,
        }


def advise(  # noqa: PLR0913 - the choices of a person and of a clinic
    record: Record,
    now: Moment,
    *,
    aim_ng_ml: Decimal | None = None,
    override: Override | None = None,
    loading: bool = False,
    clinic: ClinicChoices = USUAL_CHOICES,
) -> Advice:
    """Return the recommendation for a record.

    `aim_ng_ml` is the point inside the target to aim at, instead of the usual one; `loading` asks
    for a loading dose if the dose rises; `clinic` are the choices of the clinic.

    Raises `UserError` for an aim outside the target.
    """
    choice = AdviceOptions(aim_ng_ml=aim_ng_ml, override=override, loading=loading, clinic=clinic)
    return advise_on(TreatmentHistory.of(record), assess_levels(record), now, choice)


def advise_on(
    history: TreatmentHistory,
    levels: Sequence[LevelAssessment],
    now: Moment,
    choice: AdviceOptions,
) -> Advice:
    """Return the recommendation for levels that are assessed, oldest first; see `advise`."""
    state = state_at(history.record, now)
    label = label_advice(history, newest_level(levels), now, choice)
    recommendation = Decision(state, label, choice.override, levels).recommendation
    if _is_kept_until_due(label, recommendation):
        recommendation = _repeated_if_due(history.record, now, label, recommendation, choice)
    if recommendation.action in {DoseAction.RAISE, DoseAction.LOWER}:
        recommendation = _with_model(history, now, label, recommendation, choice)
    of_state = _of_the_state(state, recommendation)
    of_label = label.alerts
    if state.conflict is not None:  # it asks about the same dose
        of_label = of_label.without({LAST_DOSE_IN_QUESTION.code})
    if recommendation.action is DoseAction.LOWER:
        of_label = of_label.forbidding_nothing()  # no stop beside a reduction that goes on
    found = of_state + state.questions.beyond(of_state) + of_label
    not_told = _not_told(label, recommendation)
    found = Alerts(each for each in found if each not in not_told)
    found += recommendation.reasons.beyond(found)
    return Advice(
        state=state,
        label=label,
        recommendation=recommendation,
        alerts=found.distinct().strongest_first(),
        version=VERSION,
        clinic=choice.clinic,
    )


def _is_kept_until_due(label: LabelAdvice, found: DoseRecommendation) -> bool:
    """Return whether a dose is kept on a level that is too old for any other answer."""
    return found.action is DoseAction.KEEP and bool(label.alerts.of_code(LEVEL_OLD.code))


def _repeated_if_due(
    record: Record,
    now: Moment,
    label: LabelAdvice,
    found: DoseRecommendation,
    choice: AdviceOptions,
) -> DoseRecommendation:
    """Return the recommendation, or a new level where the rhythm asks for it now."""
    level = next(
        (e for e in due(record, now, choice.clinic.rhythm) if e.check is Check.LEVEL), None
    )
    if level is None or not level.is_now:
        return found
    old = label.alerts.of_code(LEVEL_OLD.code)
    return replace(found, action=DoseAction.REPEAT_LEVEL, reasons=(found.reasons + old).distinct())


def _of_the_state(state: TreatmentState, recommendation: DoseRecommendation) -> Alerts:
    """Return what the state says for the recommended step."""
    if not state.kind.is_treated:
        return as_listed(state)
    steps = {DoseAction.RAISE: DoseStep.RAISE, DoseAction.LOWER: DoseStep.LOWER}
    return dose_safety(state, steps.get(recommendation.action, DoseStep.KEEP))


def _not_told(label: LabelAdvice, recommendation: DoseRecommendation) -> Alerts:
    """Return what the arithmetic says against the recommendation, or of a dose it has not."""
    keeps = label.alerts.of_code(NO_CHANGE.code, DOSE_UNCHANGED.code)
    found = NO_ALERTS if recommendation.action is DoseAction.KEEP else keeps
    if recommendation.dose is None and label.adjusted:
        of_dose = label.adjusted.alerts.without(_OF_THE_RECORD)
        if not any(each in recommendation.reasons for each in of_dose.of_kind(*_BLOCKING)):
            found += of_dose.without({each.code for each in keeps})
            found += label.alerts.of_code(REVIEW_AUTHORS.code)
    return found


_OF_THE_RECORD = {WEIGHT_UNKNOWN.code, LEVEL_TOO_HIGH_TO_ADJUST.code}
"""What the arithmetic tells that is true without a dose, too."""
_BLOCKING = (AlertKind.STOP, AlertKind.OVERRIDE)


# --- the model


def _with_model(
    history: TreatmentHistory,
    now: Moment,
    label: LabelAdvice,
    found: DoseRecommendation,
    choice: AdviceOptions,
) -> DoseRecommendation:
    """Return the recommendation with the model's line under it.

    The model's dose is used where it applies, agrees with the label in direction and with the last
    level, and no other model differs by more than 30 %; else the label's is used, with the reason
    in one line.
    """
    from monitoring.recommendation.forecast.forecasting import (  # noqa: PLC0415 - numpy is heavy
        model_forecast,
    )
    from monitoring.recommendation.forecast.patient_forecast import (  # noqa: PLC0415 - as above
        ForecastRequest,
    )

    request = ForecastRequest(model=choice.model) if choice.model else None
    forecast = model_forecast(history.record, now, request, choice.clinic.marks)
    if found.action is DoseAction.RAISE and _is_outside(forecast, label):
        return _asked_about(forecast, label, found)
    evidence = _evidence(forecast, label, found)
    if evidence.is_used:
        return replace(found, dose=evidence.dose, model=evidence)
    reason = MODEL_NOT_USED.alert(model=evidence.name, why=evidence.why_not)
    return replace(found, model=evidence, reasons=Alerts([*found.reasons, reason]))


def _is_outside(forecast: "PatientForecast", label: LabelAdvice) -> bool:
    """Return whether the newest level does not fit the model's prediction of it."""
    observed = forecast.answer.observed if forecast.answer else None
    newest = label.assessment
    return (
        observed is not None
        and newest is not None
        and observed.level == newest.level
        and observed.is_misfit
    )


def _asked_about(
    forecast: "PatientForecast", label: LabelAdvice, found: DoseRecommendation
) -> DoseRecommendation:
    """Return the question for the cause of such a level; if none was found, a second level."""
    newest = label.assessment
    cause = newest.cause.entry.cause if newest and newest.cause else None
    action = DoseAction.REPEAT_LEVEL if cause else DoseAction.ASK
    if cause and cause.is_real_change:
        action = DoseAction.KEEP
    level = newest.level.entry if newest else ""
    reason = LEVEL_OUTSIDE_MODEL.alert(level=level, model=forecast.model.name)
    return DoseRecommendation(action=action, reasons=Alerts([reason, *found.reasons]))


def _evidence(
    forecast: "PatientForecast", label: LabelAdvice, found: DoseRecommendation
) -> ModelEvidence:
    """Return the model's line, with its dose if that is used."""
    answer = forecast.answer
    recommendation = answer.recommendation if answer else None
    dose = recommendation.dose if recommendation else None
    why_not = _why_not(forecast, dose, label, found)
    return ModelEvidence(
        key=forecast.model.key,
        name=forecast.model.name,
        dose=dose if why_not is None else None,
        trough_ng_ml=recommendation.current.trough_ng_ml if recommendation else None,
        why_not=why_not,
    )


def _why_not(
    forecast: "PatientForecast", dose: Dose | None, label: LabelAdvice, found: DoseRecommendation
) -> str | None:
    answer = forecast.answer
    if answer is None:
        return forecast.why_none
    if answer.is_population_only:
        return "it has no level of this patient"
    if answer.disagreement and answer.disagreement.is_too_large:
        return answer.disagreement.words
    if dose is None:
        return "no other dose reaches the target more often"
    return against_the_label(dose, label, found.action)


def against_the_label(dose: Dose, label: LabelAdvice, action: DoseAction) -> str | None:
    """Return how the model's dose contradicts the recommended action or the last level, or None.

    The model draws a level to its population: a dose that keeps the patient's own level, scaled to
    it, above the target is none, nor is one from a level that does not fit.
    """
    request, newest = label.request, label.assessment
    if request is None or newest is None:
        return None
    direction = DoseAction.RAISE if dose.daily_mg > request.daily_mg else DoseAction.LOWER
    if direction is not action:
        return "it points the other way"
    if newest.misfit is not None:
        return "the last level does not fit"
    scaled = request.level_ng_ml * dose.daily_mg / request.daily_mg
    if scaled > request.target.high_ng_ml:
        return f"the last level scales to {plain(scaled, 1)} ng/mL, above the target"
    low = request.target.low_ng_ml
    if direction is DoseAction.LOWER and low is not None and scaled < low:
        return f"the last level scales to {plain(scaled, 1)} ng/mL, below the target"
    return None


def forecast_under(advice: Advice, forecast: "PatientForecast") -> "PatientForecast":
    """Return a forecast that shows no other dose than the recommendation of the whole record.

    Nothing is shown while something forbids a dose; doses above the current one are left out where
    a raise is barred, and so are the model's words about a dose that is not recommended.
    """
    recommendation = advice.recommendation
    forecast = replace(forecast, recommendation=recommendation)
    answer, alerts = forecast.answer, forecast.alerts
    own = answer.recommendation if answer else None
    if recommendation.is_forbidden:
        blocking = advice.alerts.of_code(*advice.alerts.blocking_codes)
        of_dose = own.alerts if own else NO_ALERTS
        alerts = Alerts(each for each in alerts if each not in of_dose)
        alerts = blocking + alerts.beyond(blocking)
        return replace(forecast, answer=None, alerts=alerts.strongest_first())
    if answer is None or own is None:
        return forecast
    is_used = recommendation.model is not None and recommendation.model.is_used
    if not is_used or own.dose != recommendation.dose:
        keeps = recommendation.action is DoseAction.KEEP
        alerts = Alerts(each for each in alerts if each not in own.alerts)
        # a model that gives no dose lists none: it would contradict the recommended one
        own = replace(
            own,
            dose=None,
            chosen=own.current if keeps else None,
            outcomes=own.outcomes if keeps else (),
            alerts=NO_ALERTS,
        )
    if recommendation.action is not DoseAction.RAISE:
        most = own.current.regimen.dose_mg
        own = replace(
            own, outcomes=tuple(each for each in own.outcomes if each.regimen.dose_mg <= most)
        )
    return replace(forecast, alerts=alerts, answer=replace(answer, recommendation=own))


def forecast_for(
    record: Record,
    now: Moment,
    request: "ForecastRequest | None" = None,
    clinic: ClinicChoices = USUAL_CHOICES,
) -> "PatientForecast":
    """Return the forecast of a patient, or the reasons against one.

    Raises `UserError` for an unreadable regimen or model file; never for the record.
    """
    from monitoring.recommendation.forecast.forecasting import (  # noqa: PLC0415 - numpy is heavy
        model_forecast,
    )

    model = model_forecast(record, now, request, clinic.marks)
    return forecast_under(advise(record, now, clinic=clinic), model)
