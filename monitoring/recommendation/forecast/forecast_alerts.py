"""Alerts of a forecast: limits of the fit, the answer and the recommended dose."""

from collections.abc import Iterator

from dosing import Alert
from dosing.knowledge.alert_catalogue import (
    APPROXIMATION_ROUGH,
    FAR_FROM_POPULATION,
    FIT_NOT_CONVERGED,
    LEVEL_UNUSUAL,
    MODEL,
    MODELS_DISAGREE,
    ONE_LEVEL,
    POPULATION_ONLY,
)
from dosing.knowledge.forecast_rules import APPROXIMATION_ROUGH as ROUGH_FROM
from dosing.knowledge.forecast_rules import FARTHEST, UNUSUAL
from dosing.knowledge.forecast_rules import MODELS_DISAGREE as DISAGREE_FROM
from dosing.pharmacokinetics import Fit, Model
from monitoring.recommendation.forecast.patient_forecast import (
    CheckedLevel,
    FittedForecast,
    SecondOpinion,
)
from monitoring.times import short


def fit_alerts(model: Model, fitted: Fit) -> Iterator[Alert]:
    """Yield the reasons not to trust the fit."""
    if not fitted.converged:
        yield FIT_NOT_CONVERGED.alert(model=model.name)
    elif fitted.is_far:
        yield FAR_FROM_POPULATION.alert(
            model=model.name, sd=f"{fitted.farthest_sd:.1f}", most=FARTHEST.value
        )


def answer_alerts(model: Model, answer: FittedForecast) -> Iterator[Alert]:
    """Yield the limits of the answer."""
    source = model.source
    yield MODEL.alert(source=source, model=model.name, population=model.population)
    if answer.is_population_only:
        yield POPULATION_ONLY.alert(source=source)
    elif len(answer.levels) == 1:
        yield ONE_LEVEL.alert(source=source)
    for each in answer.levels:
        yield from _about_level(each)
    yield from _about_posterior(answer)
    if answer.second and answer.second.differs:
        yield _models_disagree(model, answer, answer.second)
    if answer.recommendation:
        yield from answer.recommendation.alerts


def _about_level(checked: CheckedLevel) -> Iterator[Alert]:
    percentile = checked.check.percentile
    if UNUSUAL.value <= percentile <= 100 - UNUSUAL.value:
        return
    level = checked.level.entry
    side = "above" if percentile > 50 else "below"
    yield LEVEL_UNUSUAL.alert(level=level, sampled=short(level.sampled), side=side)


def _about_posterior(answer: FittedForecast) -> Iterator[Alert]:
    """Yield the alert if the normal approximation and the weighted draws differ."""
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
