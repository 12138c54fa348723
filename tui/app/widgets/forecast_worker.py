"""The calculation of a forecast: in a worker, which alone imports numpy."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from dosing import Dose, Product
from monitoring.evaluation.track_record import TrackRecord
from monitoring.summary import PatientSummary
from monitoring.times import Moment, short
from reports.level_chart import dose_marks
from reports.presentation.advice import based_on
from reports.presentation.predicted_course import predicted_course
from tui.app.widgets.chart_drawing import active_levels
from tui.app.widgets.forecast_chart_layout import Predicted

if TYPE_CHECKING:
    from monitoring.recommendation.forecast import FittedForecast, PatientForecast
    from tui.app.widgets.forecast_text import ForecastText

_PAST = timedelta(days=14)
_LONGEST_PAST = timedelta(days=42)
"""Back to the last level, but not farther."""
_BEFORE_LEVEL = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastOptions:
    """The options of a forecast; nothing of them is stored."""

    model: str = ""
    """The key of a model; empty for the usual one."""
    dose_mg: Decimal | None = None
    times_a_day: int = 1
    nothing_given_in_gaps: bool = False


@dataclass(frozen=True, slots=True)
class ProposedDose:
    """A dose to fill in where one is adjusted. It is checked there, and stored only on request."""

    dose: Dose
    product: Product
    reason: str
    """The basis of the dose, in words."""


@dataclass
class ForecastReady(Message):
    """A forecast, or the reason for none: in words, and as a predicted course if it has one."""

    turn: int
    """The number of the request that it answers."""
    text: "ForecastText"
    text_with_sources: "ForecastText"
    predicted: Predicted | None
    best: ProposedDose | None
    """The recommended dose, if another than the current one is."""
    gap_question: str
    """The question to ask about a gap that stopped the forecast; empty without one."""
    models: tuple[tuple[str, str], ...]
    """The models to choose from: name and key."""


def work_out(
    summary: PatientSummary, options: ForecastOptions, turn: int, known: TrackRecord | None = None
) -> ForecastReady:
    """Return the forecast of a patient as of the moment of the summary.

    `known` is the track record of the clinic's forecasts.
    """
    from dosing.pharmacokinetics import (  # noqa: PLC0415 - heavy: it needs numpy
        MODEL_KEYS,
        Regimen,
        model_named,
    )
    from monitoring.recommendation.advice import forecast_for  # noqa: PLC0415 - heavy, as above
    from monitoring.recommendation.forecast import ForecastRequest  # noqa: PLC0415 - heavy, as above
    from tui.app.widgets.forecast_text import forecast_text  # noqa: PLC0415 - heavy, as above

    question = ForecastRequest(
        model=model_named(options.model) if options.model else None,
        regimens=(Regimen(options.dose_mg, options.times_a_day),) if options.dose_mg else (),
        nothing_given_in_gaps=options.nothing_given_in_gaps,
    )
    found = forecast_for(summary.record, summary.made, question, summary.clinic)
    found = replace(found, track_record=known)
    in_words = partial(
        forecast_text,
        found,
        summary.made,
        nothing_given_in_gaps=options.nothing_given_in_gaps,
    )
    return ForecastReady(
        turn=turn,
        text=in_words(with_sources=False),
        text_with_sources=in_words(with_sources=True),
        predicted=_predicted(summary, found.answer) if found.answer else None,
        best=_best(summary, found),
        gap_question="" if options.nothing_given_in_gaps else _gap_question(summary, found),
        models=tuple(
            (each.name, each.key) for each in map(model_named, MODEL_KEYS) if not each.only_beside
        ),
    )


def _predicted(summary: PatientSummary, answer: "FittedForecast") -> Predicted | None:
    """Return the course around now on the current dose; None without a current dose."""
    if not answer.troughs:
        return None
    now, levels = summary.made, active_levels(summary)
    begin = now.utc - _PAST
    if levels:
        last = levels[-1].level.entry.sampled.utc - _BEFORE_LEVEL
        begin = min(begin, max(last, now.utc - _LONGEST_PAST))
    begin = max(begin, min(each.since.utc for each in summary.history.periods))
    course = predicted_course(answer, summary.history, now, Moment(begin, now.zone))
    if course is None:
        return None

    def is_drawn(at: Moment) -> bool:
        return course.since.utc <= at.utc <= course.until.utc

    return Predicted(
        course=course,
        levels=tuple(each for each in levels if is_drawn(each.level.entry.sampled)),
        doses=tuple(each for each in dose_marks(summary.history.periods) if is_drawn(each[0])),
    )


def _gap_question(summary: PatientSummary, found: "PatientForecast") -> str:
    if not any(alert.code == "dose-record-gap" for alert in found.alerts):
        return ""
    when = [f"between {short(each.since)} and {short(each.until)}" for each in summary.history.gaps]
    if not when:
        return ""
    return (
        f"Did the patient get no dose {', and '.join(when)}? The forecast will assume this. "
        "Nothing is stored."
    )


def _best(summary: PatientSummary, found: "PatientForecast") -> ProposedDose | None:
    """Return the recommended dose: it is the recommendation's, whatever the options."""
    current, recommendation = summary.current, found.recommendation
    if current is None or recommendation is None or recommendation.dose is None:
        return None
    is_models = recommendation.model is not None and recommendation.model.is_used
    by = found.model.name if is_models else "the label's arithmetic"
    level = based_on(found.label, summary.made)
    dose = recommendation.dose
    reason = f"{dose.dosage.in_short} is recommended by {by}, after a {level}"
    return ProposedDose(dose, current.prescription.product, reason)
