"""A patient's forecast as a value, and as the JSON document that `docs/commands.md` describes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dosing import Alerts, TargetTrough, cite, json_number
from dosing.knowledge.forecast_rules import MODELS_DISAGREE
from dosing.notebook import Result
from dosing.pharmacokinetics import (
    Disposition,
    Fit,
    Forecast,
    LevelCheck,
    Model,
    Posterior,
    PredictedCurve,
    Recommendation,
    Regimen,
    TargetAttainment,
    curve,
)
from dosing.quantities.formatting import count_of
from monitoring.recommendation.dose_recommendation import DoseRecommendation
from monitoring.recommendation.forecast.observed import ObservedLevel
from monitoring.recommendation.label_advice import LabelAdvice
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Level
from monitoring.times import Moment

DEFAULT_MODEL = "fan2024"
"""Of patients with vascular anomalies: clinical reference, section 9."""
FORECAST_DAYS = 14
_HOUR = timedelta(hours=1)
_DIGITS = 6
_PROBABILITY_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRequest:
    """The options of a forecast.

    Without `model` the default one is used. `regimens` are doses to compare.
    """

    model: Model | None = None
    regimens: tuple[Regimen, ...] = ()
    nothing_given_in_gaps: bool = False
    """True if a person confirms that nothing was given in the gaps of the dose record."""


@dataclass(frozen=True, slots=True)
class TroughForecast:
    """A coming trough and its time."""

    at: Moment
    forecast: Forecast

    def to_dict(self) -> dict[str, object]:
        """Return the trough as a row of the document."""
        forecast = self.forecast
        return {
            "at": str(self.at),
            "trough_ng_ml": _rounded(forecast.ng_ml),
            "low_ng_ml": _rounded(forecast.low_ng_ml),
            "high_ng_ml": _rounded(forecast.high_ng_ml),
            "measured_low_ng_ml": _rounded(forecast.measured_low_ng_ml),
            "measured_high_ng_ml": _rounded(forecast.measured_high_ng_ml),
        }


@dataclass(frozen=True, slots=True)
class CheckedLevel:
    """A level of the record and its prediction by the fit."""

    level: StoredEntry[Level]
    check: LevelCheck

    def to_dict(self) -> dict[str, object]:
        """Return the level as a row of the document."""
        level, check = self.level.entry, self.check
        return {
            "at": str(level.sampled),
            "observed_ng_ml": json_number(level.value.value),
            "comparator": level.comparator.value if level.comparator else None,
            "predicted_ng_ml": _rounded(check.predicted_ng_ml),
            "residual_ng_ml": None if level.comparator else _rounded(check.residual_ng_ml),
            "percentile": _rounded(check.percentile, 2),
        }


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Another model's fit to the same levels, and its trough on the current dose."""

    model: Model
    fit: Fit
    trough_ng_ml: float
    difference_percent: float
    """By how much the larger trough exceeds the smaller."""

    @property
    def differs(self) -> bool:
        """Return whether the models differ too much for a dose by either."""
        return self.difference_percent > MODELS_DISAGREE.value

    def to_dict(self) -> dict[str, object]:
        """Return the second opinion as a part of the document."""
        return {
            "model": self.model.key,
            "population": self.model.population,
            "assay": self.model.assay,
            "eta": {
                name: _rounded(value)
                for name, value in zip(self.model.effects, self.fit.eta, strict=True)
            },
            "trough_ng_ml": _rounded(self.trough_ng_ml),
            "difference_percent": _rounded(self.difference_percent, 2),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedForecast:
    """The fitted patient: all figures of a forecast."""

    origin: datetime
    """The zero of the hours of history and curve, in UTC."""
    posterior: Posterior
    disposition: Disposition
    levels: tuple[CheckedLevel, ...]
    troughs: tuple[TroughForecast, ...]
    """One a day over the coming days, on the current dose."""
    target: TargetTrough
    requested: tuple[TargetAttainment, ...]
    """The outcomes of the requested doses."""
    recommendation: Recommendation | None
    """None without a current dose."""
    second: SecondOpinion | None
    observed: ObservedLevel | None = None
    """The last level beside its prediction; None where none was possible."""

    def __repr__(self) -> str:
        """Return the name of the fitted model."""
        return f"<{type(self).__name__} by {self.posterior.fit.model.key}>"

    def to_dict(self) -> dict[str, object]:
        """Return the answer as a part of the document."""
        fitted, patient = self.posterior.fit, self.disposition
        recommendation, target = self.recommendation, self.target
        chosen = recommendation.chosen if recommendation else None
        outcomes = self.requested or (recommendation.outcomes if recommendation else ())
        return {
            "basis": "population only" if self.is_population_only else "levels",
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
            "levels": [each.to_dict() for each in self.levels],
            "forecast": [each.to_dict() for each in self.troughs],
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
            "second_model": self.second.to_dict() if self.second else None,
            "last_observed": self.observed.to_dict() if self.observed else None,
        }

    @property
    def is_population_only(self) -> bool:
        """True without any level of this patient."""
        return not self.levels

    def curve(self, since: Moment, until: Moment, every_h: float = 2.0) -> PredictedCurve:
        """Return the predicted curve between two moments, in hours from `origin`."""
        start, end = ((each.utc - self.origin) / _HOUR for each in (since, until))
        count = max(2, int((end - start) / every_h) + 1)
        times = [start + place * (end - start) / (count - 1) for place in range(count)]
        return curve(self.posterior, self.posterior.history, times)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientForecast(Result):
    """The answer, or the alerts that prevented one."""

    model: Model
    alerts: Alerts
    """The strongest first."""
    version: str
    answer: FittedForecast | None
    label: LabelAdvice
    """The advice by the label's arithmetic, for comparison."""
    recommendation: DoseRecommendation | None = None
    """The one recommendation, for which the model is evidence; None for the model alone."""

    def __repr__(self) -> str:
        """Return the next trough, or the codes of the alerts that prevented an answer."""
        return f"<{type(self).__name__} by {self.model.key}, {self._words}>"

    @property
    def _words(self) -> str:
        if self.answer is None:
            return f"no answer: {', '.join(self.alerts.blocking_codes)}"
        basis = f"from {count_of(len(self.answer.levels), 'level')}"
        if not self.answer.troughs:
            return basis
        following = self.answer.troughs[0]
        return f"{basis}: trough {following.forecast.ng_ml:.3g} ng/mL at {following.at}"

    @property
    def _has_dose(self) -> bool:
        """Return whether a dose is recommended, or there is no recommendation beside the model."""
        return self.recommendation is None or self.recommendation.dose is not None

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus forecast --json` prints.

        Without an answer every figure is null and every list empty. Its shape is in
        `docs/commands.md`.
        """
        model, label, recommendation = self.model, self.label, self.recommendation
        return {
            "model": model.key,
            "model_name": model.name,
            "population": model.population,
            "assay": model.assay,
            **(self.answer.to_dict() if self.answer else _NO_ANSWER),
            "recommendation": recommendation.to_dict(label) if recommendation else None,
            "label_arithmetic": label.dose.to_dict() if label.dose and self._has_dose else None,
            "alerts": [alert.to_dict() for alert in self.alerts],
            "sources": self.sources,
            "version": self.version,
        }

    @property
    def stopped(self) -> bool:
        """True without an answer."""
        return self.answer is None

    @property
    def sources(self) -> dict[str, str]:
        """The citation of every source used, by its key."""
        used = {self.model.source: self.model.citation}
        if self.answer and self.answer.second:
            used[self.answer.second.model.source] = self.answer.second.model.citation
        return {**used, **cite(self.alerts.sources)}


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
    "last_observed": None,
}


def _outcome(outcome: TargetAttainment) -> dict[str, object]:
    return {
        "dose_mg": json_number(outcome.regimen.dose_mg),
        "times_a_day": outcome.regimen.times_a_day,
        "trough_ng_ml": _rounded(outcome.trough_ng_ml),
        "low_ng_ml": _rounded(outcome.low_ng_ml),
        "high_ng_ml": _rounded(outcome.high_ng_ml),
        "below": _rounded(outcome.below, _PROBABILITY_DIGITS),
        "within": _rounded(outcome.within, _PROBABILITY_DIGITS),
        "above": _rounded(outcome.above, _PROBABILITY_DIGITS),
    }


def _rounded(value: float, digits: int = _DIGITS) -> float:
    return round(value, digits)
