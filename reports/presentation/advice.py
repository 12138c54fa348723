"""The recommendation and its evidence in rows of a label and a text, for screen, page and paper."""

from collections.abc import Callable, Iterator

from dosing import Adjustment, AlertKind, Alerts
from dosing.knowledge.alert_catalogue import MODEL_NOT_USED
from dosing.quantities.formatting import (
    count_of,
    how_to_measure,
    measured_dose,
    plain,
    product_name,
    regimen_words,
)
from monitoring.levels import LevelAssessment, Status
from monitoring.levels.wording import assumed_mark, in_ng_per_ml
from monitoring.recommendation.advice import Advice
from monitoring.recommendation.dose_recommendation import DoseAction, DoseRecommendation
from monitoring.recommendation.label_advice import LabelAdvice
from monitoring.state import StateKind
from monitoring.times import Moment
from reports.presentation.alerts import LOOKS, alert_text
from reports.presentation.doses import dose_rows
from reports.presentation.due import days
from reports.presentation.times import clock_anywhere


def recommendation_rows(
    recommendation: DoseRecommendation, label: LabelAdvice, now: Moment
) -> Iterator[tuple[str, str]]:
    """Yield the recommendation, and under it the label's line, the model's and their data."""
    yield "Recommendation", f"{recommendation.words}."
    yield from why_rows(recommendation)
    yield from evidence_rows(recommendation, label)
    if based := based_on(label, now):
        yield "Based on", based


def evidence_rows(
    recommendation: DoseRecommendation, label: LabelAdvice
) -> Iterator[tuple[str, str]]:
    """Yield the label's line and the model's: never a dose that is not recommended."""
    yield "Label", _label_line(recommendation, label)
    edge = recommendation.lower_edge
    if edge is not None and recommendation.dose and edge.dosage != recommendation.dose.dosage:
        yield "Lower edge", f"{edge.words} aims at the target's lower edge"
    if recommendation.model:
        yield "Model", _model_line(recommendation)


def _label_line(recommendation: DoseRecommendation, label: LabelAdvice) -> str:
    if recommendation.label is None:
        is_kept = recommendation.action is DoseAction.KEEP and label.adjusted and not label.stopped
        return "no change" if is_kept else "gives no dose"
    if recommendation.dose is None:
        adjusted = label.adjusted or label.lowered
        times = (
            f"{plain(adjusted.factor, 2)} × the dose" if adjusted and adjusted.factor else "a dose"
        )
        return f"{times} by arithmetic alone, not recommended"
    if recommendation.dose == recommendation.label:
        return f"{recommendation.label.words}, used"
    return f"{recommendation.label.words}, not used: the model has more of the record"


def _model_line(recommendation: DoseRecommendation) -> str:
    model = recommendation.model
    if model is None:
        return ""
    if model.why_not is not None:
        return f"{model.name}, not used: {model.why_not}"
    expected = ""
    if model.trough_ng_ml is not None:
        expected = f"; expected trough on the current dose {model.trough_ng_ml:.1f} ng/mL"
    dose = f"{model.dose.words}, used" if model.dose else "used"
    return f"{model.name}: {dose}{expected}"


def based_on(label: LabelAdvice, now: Moment) -> str:
    """Return the age of the level and of the weight that an answer is computed from."""
    parts = []
    if label.assessment is not None:
        parts.append(f"level {_age(label.assessment, now)} ({_against_target(label.assessment)})")
    request = label.request
    if request is not None:
        days = request.measured_days_ago
        parts.append("no weight recorded" if days is None else f"weight {days_ago(int(days))}")
    return ", ".join(parts)


def _age(assessment: LevelAssessment, now: Moment) -> str:
    return days_ago((now.local.date() - assessment.level.entry.sampled.local.date()).days)


def _against_target(assessment: LevelAssessment) -> str:
    level = in_ng_per_ml(assessment.level.entry)
    if assessment.status is Status.NOT_ASSESSED or assessment.target is None:
        return f"{level}, not assessed against a target"
    return f"{level}, {assessment.status.value} {assessment.target}"


def days_ago(days: int) -> str:
    """Return the age of an entry.

    >>> days_ago(0), days_ago(1), days_ago(9)
    ('today', 'yesterday', '9 days ago')
    """
    return {0: "today", 1: "yesterday"}.get(days, f"{count_of(days, 'day')} ago")


def why_rows(
    recommendation: DoseRecommendation, cited: Callable[[str], str] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the reasons, without that against the model: its own line says it.

    A stop of the arithmetic forbids nothing, and has no sign. `cited` returns the number of a
    source on paper.
    """
    reasons = recommendation.reasons.without({MODEL_NOT_USED.code})
    for place, reason in enumerate(reasons):
        is_quiet = reason.kind is AlertKind.NOTE or (
            reason.kind is AlertKind.STOP and not recommendation.is_forbidden
        )
        text = alert_text(reason, cited(reason.source) if cited else None)
        yield "" if place else "Why", text if is_quiet else f"{LOOKS[reason.kind]} {text}"


def beyond_reasons(alerts: Alerts, recommendation: DoseRecommendation) -> Alerts:
    """Return the alerts that the recommendation does not tell as its reasons, in whatever force."""
    told = {each.message for each in recommendation.reasons}
    return Alerts(each for each in alerts if each.message not in told)


def steps_are_shown(advice: Advice) -> bool:
    """Return whether the arithmetic ends in no dose that is not recommended."""
    return advice.dose is not None or advice.recommendation.label is None


def advice_rows(advice: Advice) -> Iterator[tuple[str, str]]:
    """Yield the recommendation with its evidence, and the days of the next level."""
    yield from recommendation_rows(advice.recommendation, advice.label, advice.state.now)
    level = advice.next_level
    if level is not None:
        if_changed = ", if the dose changes today" if advice.dose else ""
        yield "Next level", f"{days(level)}{if_changed}. {level.why}"


def title_of_dose(advice: Advice) -> str:
    """Return the title of the dose at the level: a held dose is not the current one."""
    return "Dose before the hold" if advice.state.kind is StateKind.ON_HOLD else "Current dose"


def level_rows(assessment: LevelAssessment) -> Iterator[tuple[str, str]]:
    """Yield the level, its time and the last dose before it."""
    level = assessment.level.entry
    assay = level.assay.value if level.assay else "assay not recorded"
    yield "Level", f"{level} by {assay}" if level.assay else f"{level}, {assay}"
    yield "Sampled", clock_anywhere(level.sampled)
    if level.last_dose:
        yield "Last dose", f"{clock_anywhere(level.last_dose)}{assumed_mark(level)}"


def now_given_rows(request: Adjustment) -> Iterator[tuple[str, str]]:
    """Yield the dose at the level, its target and the weight and height."""
    regimen = regimen_words(request.dose_mg, request.times_a_day)
    per_day = f"{regimen} a day = {plain(request.daily_mg)} mg per day"
    yield "Dose", f"{per_day}, {product_name(request.product)}"
    protocol = request.protocol
    yield "Target", f"trough {request.target} [{protocol.target_source}]"
    yield "Body", _body(request)


def _body(request: Adjustment) -> str:
    weight, height = request.weight, request.height
    if weight is None:
        return "no weight recorded"
    ago = count_of(int(request.measured_days_ago or 0), "day")
    parts = [f"{plain(weight.kg, 3)} kg, weighed {ago} ago"]
    parts += [f"{plain(height.cm, 2)} cm"] if height else ["no height recorded"]
    return "; ".join(parts)


def advised_dose_rows(advice: Advice) -> Iterator[tuple[str, str]]:
    """Yield the suggested dose, if any."""
    if advice.adjusted is None or advice.dose is None:
        return
    if advice.adjusted.loading_dose:
        loading = advice.adjusted.loading_dose.measured
        yield "First, once", f"{measured_dose(loading)} by mouth. {how_to_measure(loading)}"
    yield from dose_rows(advice.dose)
    if advice.adjusted.override:
        override = advice.adjusted.override
        yield "Override", f"{override.reason} (by {override.by})"
