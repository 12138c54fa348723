"""Alerts of a forecast: limits of the fit, the answer and the recommended dose."""

from collections.abc import Iterator

from dosing import Alert
from dosing.knowledge.alert_catalogue import (
    APPROXIMATION_ROUGH,
    FAR_FROM_POPULATION,
    FIT_NOT_CONVERGED,
    LEVEL_UNUSUAL,
    LEVELS_VARY,
    MODEL,
    MODELS_DISAGREE,
    ONE_LEVEL,
    POPULATION_ONLY,
)
from dosing.knowledge.forecast_rules import APPROXIMATION_ROUGH as ROUGH_FROM
from dosing.knowledge.forecast_rules import FARTHEST, UNUSUAL, VARIES_MORE
from dosing.knowledge.forecast_rules import MODELS_DISAGREE as DISAGREE_FROM
from dosing.pharmacokinetics import Disagreement, Fit, Model
from monitoring.recommendation.forecast.patient_forecast import (
    CheckedLevel,
    FittedForecast,
    ModelsUsed,
)
from monitoring.times import short


def fit_alert(model: Model, fit: Fit | None) -> Alert:
    """Return the reason not to trust a fit."""
    if fit is None or not fit.converged:
        return FIT_NOT_CONVERGED.alert(model=model.name)
    return FAR_FROM_POPULATION.alert(
        model=model.name, sd=f"{fit.farthest_sd:.1f}", most=FARTHEST.value
    )


def answer_alerts(answer: FittedForecast) -> Iterator[Alert]:
    """Yield the limits of the answer."""
    source = answer.averaged[0].source
    for each in answer.averaged:
        yield MODEL.alert(source=each.source, model=each.name, population=each.population)
    if answer.is_population_only:
        yield POPULATION_ONLY.alert(source=source)
    elif len(answer.levels) == 1:
        yield ONE_LEVEL.alert(source=source)
    for level in answer.levels:
        yield from _about_level(level)
    if answer.varies_more:
        yield LEVELS_VARY.alert(model=ModelsUsed(answer.averaged).name, limit=str(VARIES_MORE))
    yield from _about_posterior(answer)
    if answer.disagreement and answer.disagreement.is_too_large:
        yield _models_disagree(answer.disagreement)
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


def _models_disagree(found: Disagreement) -> Alert:
    return MODELS_DISAGREE.alert(
        value=f"{found.percent:.0f} %",
        limit=str(DISAGREE_FROM),
        low=found.low.name,
        low_trough=f"{found.low_ng_ml:.1f}",
        high=found.high.name,
        high_trough=f"{found.high_ng_ml:.1f}",
    )
