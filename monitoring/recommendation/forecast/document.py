"""A forecast as a JSON document; the shape is in `docs/commands.md`."""

from dosing import json_number
from dosing.pharmacokinetics import TargetAttainment
from monitoring.recommendation.forecast.forecasting import (
    CheckedLevel,
    FittedForecast,
    PatientForecast,
    SecondOpinion,
    TroughForecast,
)

_DIGITS = 6
_CHANCE_DIGITS = 4


def forecast_as_json(found: PatientForecast) -> dict[str, object]:
    """Return the document; without an answer every number is null and every list empty."""
    model, label = found.model, found.label
    return {
        "model": model.key,
        "model_name": model.name,
        "population": model.population,
        "assay": model.assay,
        **(_answer(found.answer) if found.answer else _NO_ANSWER),
        "label_arithmetic": label.dose.to_dict() if label.dose else None,
        "alerts": [alert.to_dict() for alert in found.alerts],
        "sources": found.sources,
        "version": found.version,
    }


_NO_ANSWER: dict[str, object] = {
    "basis": None,
    "eta": None,
    "clearance_l_h": None,
    "clearance_low_l_h": None,
    "clearance_high_l_h": None,
    "population_clearance_l_h": None,
    "volume_l": None,
    "half_life_h": None,
    "population_half_life_h": None,
    "days_to_steady_state": None,
    "target_ng_ml": None,
    "levels": [],
    "forecast": [],
    "doses": [],
    "recommended": None,
    "second_model": None,
}


def _answer(answer: FittedForecast) -> dict[str, object]:
    fitted, patient = answer.posterior.fit, answer.disposition
    recommendation, target = answer.recommendation, answer.target
    chosen = recommendation.chosen if recommendation else None
    outcomes = answer.asked or (recommendation.outcomes if recommendation else ())
    return {
        "basis": "population only" if answer.is_population_only else "levels",
        "eta": {
            name: _rounded(value)
            for name, value in zip(fitted.model.effects, fitted.eta, strict=True)
        },
        "clearance_l_h": _rounded(patient.clearance_l_h.value),
        "clearance_low_l_h": _rounded(patient.clearance_l_h.low),
        "clearance_high_l_h": _rounded(patient.clearance_l_h.high),
        "population_clearance_l_h": _rounded(patient.population_clearance_l_h),
        "volume_l": _rounded(patient.volume_l),
        "half_life_h": _rounded(patient.half_life_h),
        "population_half_life_h": _rounded(patient.population_half_life_h),
        "days_to_steady_state": _rounded(patient.days_to_steady_state),
        "target_ng_ml": [json_number(target.low_ng_ml), json_number(target.high_ng_ml)],
        "levels": [_level(each) for each in answer.levels],
        "forecast": [_trough(each) for each in answer.troughs],
        "doses": [_outcome(each) for each in outcomes],
        "recommended": (
            {
                **_outcome(chosen),
                "is_change": recommendation.dose is not None,
                "dose": recommendation.dose.to_dict() if recommendation.dose else None,
            }
            if recommendation and chosen
            else None
        ),
        "second_model": _second(answer.second) if answer.second else None,
    }


def _rounded(value: float, digits: int = _DIGITS) -> float:
    return round(value, digits)


def _level(checked: CheckedLevel) -> dict[str, object]:
    level, check = checked.level.entry, checked.check
    return {
        "at": str(level.sampled),
        "observed_ng_ml": json_number(level.value.value),
        "comparator": level.comparator.value if level.comparator else None,
        "predicted_ng_ml": _rounded(check.predicted_ng_ml),
        "residual_ng_ml": None if level.comparator else _rounded(check.residual_ng_ml),
        "percentile": _rounded(check.percentile, 2),
    }


def _trough(each: TroughForecast) -> dict[str, object]:
    forecast = each.forecast
    return {
        "at": str(each.at),
        "trough_ng_ml": _rounded(forecast.ng_ml),
        "low_ng_ml": _rounded(forecast.low_ng_ml),
        "high_ng_ml": _rounded(forecast.high_ng_ml),
        "measured_low_ng_ml": _rounded(forecast.measured_low_ng_ml),
        "measured_high_ng_ml": _rounded(forecast.measured_high_ng_ml),
    }


def _outcome(outcome: TargetAttainment) -> dict[str, object]:
    return {
        "dose_mg": json_number(outcome.regimen.dose_mg),
        "times_a_day": outcome.regimen.times_a_day,
        "trough_ng_ml": _rounded(outcome.trough_ng_ml),
        "low_ng_ml": _rounded(outcome.low_ng_ml),
        "high_ng_ml": _rounded(outcome.high_ng_ml),
        "below": _rounded(outcome.below, _CHANCE_DIGITS),
        "within": _rounded(outcome.within, _CHANCE_DIGITS),
        "above": _rounded(outcome.above, _CHANCE_DIGITS),
    }


def _second(second: SecondOpinion) -> dict[str, object]:
    return {
        "model": second.model.key,
        "population": second.model.population,
        "assay": second.model.assay,
        "eta": {
            name: _rounded(value)
            for name, value in zip(second.model.effects, second.fit.eta, strict=True)
        },
        "trough_ng_ml": _rounded(second.trough_ng_ml),
        "difference_percent": _rounded(second.difference_percent, 2),
    }
