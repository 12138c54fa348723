"""A patient's forecast as a value, and as the JSON document that `docs/commands.md` describes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from dosing import Alerts, TargetTrough, cite, json_number
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits
from dosing.notebook import Result
from dosing.pharmacokinetics import (
    Average,
    Disagreement,
    Disposition,
    Fit,
    Forecast,
    Interval,
    LevelCheck,
    Model,
    PredictedCurve,
    Recommendation,
    Regimen,
    TargetAttainment,
    curve,
)
from dosing.quantities.formatting import count_of
from monitoring.evaluation.track_record import TrackRecord
from monitoring.recommendation.dose_recommendation import DoseRecommendation
from monitoring.recommendation.forecast.applicable_models import LeftOutModel
from monitoring.recommendation.forecast.observed import ObservedLevel
from monitoring.recommendation.label_advice import LabelAdvice
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Level
from monitoring.times import Moment

AVERAGE = "average"
"""The key of several models together."""
FORECAST_DAYS = 14
_HOUR = timedelta(hours=1)
_DIGITS = 6
_PROBABILITY_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRequest:
    """The options of a forecast.

    Without `model` all that apply to the patient are averaged. `regimens` are doses to compare.
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
    haematocrit_percent: Decimal | None = None
    """The haematocrit near it: sirolimus is in the red cells."""

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
            "haematocrit_percent": json_number(self.haematocrit_percent),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShare:
    """One model of a forecast: its fit to the levels, its weight, and its trough."""

    fit: Fit
    weight: float | None
    """None of a model that is shown beside the others only."""
    supposed: str = ""
    """The value supposed of something unknown, such as a genotype; empty if nothing is."""
    trough_ng_ml: float | None = None
    """The most probable trough on the current dose at steady state; None without a dose."""

    @property
    def model(self) -> Model:
        """The model."""
        return self.fit.model

    def to_dict(self) -> dict[str, object]:
        """Return the model as a row of the document."""
        model = self.model
        return {
            "model": model.key,
            "name": model.name,
            "population": model.population,
            "assay": model.assay,
            "supposed": self.supposed or None,
            "weight": None if self.weight is None else _rounded(self.weight, _PROBABILITY_DIGITS),
            "eta": _eta(self.fit),
            "trough_ng_ml": _rounded_or_none(self.trough_ng_ml),
        }


@dataclass(frozen=True, slots=True)
class ModelsUsed:
    """The models of a forecast: one, or those that are averaged; in words as if they were one."""

    models: tuple[Model, ...]
    """Empty where none applies."""

    @property
    def key(self) -> str:
        """The key of the only model, or that of an average."""
        return self.models[0].key if len(self.models) == 1 else AVERAGE

    @property
    def name(self) -> str:
        """The name of the only model, or their number."""
        if len(self.models) == 1:
            return self.models[0].name
        return f"the average of {len(self.models)} models" if self.models else "any model"

    @property
    def population(self) -> str | None:
        """The population of the only model, or of each; None without one."""
        if len(self.models) == 1:
            return self.models[0].population
        return "; ".join(f"{each.name}: {each.population}" for each in self.models) or None

    @property
    def assay(self) -> str | None:
        """The assays of their levels; None without a model."""
        return ", ".join(dict.fromkeys(each.assay for each in self.models)) or None

    @property
    def sources(self) -> dict[str, str]:
        """The citation of each model, by its key."""
        return {each.source: each.citation for each in self.models}


@dataclass(frozen=True, slots=True)
class NextSample:
    """The coming trough whose level would narrow the band most, on the average."""

    at: Moment
    narrowing: float
    """The part of the width of the band that it would take away."""

    def to_dict(self) -> dict[str, object]:
        """Return the sample as a part of the document."""
        return {"at": str(self.at), "narrowing_percent": _rounded(100 * self.narrowing, 2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedForecast:
    """The fitted patient: all figures of a forecast."""

    origin: datetime
    """The zero of the hours of history and curve, in UTC."""
    posterior: Average
    models: tuple[ModelShare, ...]
    """Those that are averaged, then those beside."""
    left_out: tuple[LeftOutModel, ...]
    """The models that do not answer for this patient, with the reason."""
    disposition: Disposition
    auc24: Interval | None
    """AUC24 at steady state on the current dose, ng·h/mL; None without a dose."""
    levels: tuple[CheckedLevel, ...]
    troughs: tuple[TroughForecast, ...]
    """One a day over the coming days, on the current dose."""
    target: TargetTrough
    requested: tuple[TargetAttainment, ...]
    """The outcomes of the requested doses."""
    recommendation: Recommendation | None
    """None without a current dose."""
    next_sample: NextSample | None = None
    """None without a coming trough."""
    varies_more: bool = False
    """True where the levels vary more than the models expect."""
    observed: ObservedLevel | None = None
    """The last level beside its prediction; None where none was possible."""

    def __repr__(self) -> str:
        """Return the name of the fitted model."""
        return f"<{type(self).__name__} by {ModelsUsed(self.averaged).key}>"

    @property
    def averaged(self) -> tuple[Model, ...]:
        """The models that are averaged."""
        return tuple(each.model for each in self.posterior.models)

    @property
    def disagreement(self) -> Disagreement | None:
        """The difference of the models on the current dose; None of one, or without a dose."""
        return self.recommendation.disagreement if self.recommendation else None

    def to_dict(self) -> dict[str, object]:
        """Return the answer as a part of the document."""
        patient, disagreement, auc24 = self.disposition, self.disagreement, self.auc24
        recommendation, target = self.recommendation, self.target
        chosen = recommendation.chosen if recommendation else None
        outcomes = self.requested or (recommendation.outcomes if recommendation else ())
        return {
            "basis": "population only" if self.is_population_only else "levels",
            "eta": _eta(self.models[0].fit) if len(self.averaged) == 1 else None,
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
            "second_model": self._second(),
            "models": [each.to_dict() for each in self.models],
            "models_left_out": [each.to_dict() for each in self.left_out],
            "models_differ_percent": _rounded(disagreement.percent, 2) if disagreement else None,
            "auc24_ng_h_ml": _rounded(auc24.value) if auc24 else None,
            "auc24_low_ng_h_ml": _rounded(auc24.low) if auc24 else None,
            "auc24_high_ng_h_ml": _rounded(auc24.high) if auc24 else None,
            "next_sample": self.next_sample.to_dict() if self.next_sample else None,
            "last_observed": self.observed.to_dict() if self.observed else None,
        }

    def _second(self) -> dict[str, object] | None:
        """Return the second model by weight, and its difference from the first."""
        weighted = [each for each in self.models if each.weight is not None and each.trough_ng_ml]
        if len(weighted) < 2:
            return None
        first, second = sorted(weighted, key=lambda each: -(each.weight or 0))[:2]
        low, high = sorted([first.trough_ng_ml or 0, second.trough_ng_ml or 0])
        row = second.to_dict()
        kept = ("model", "population", "assay", "eta", "trough_ng_ml")
        return {
            **{name: row[name] for name in kept},
            "difference_percent": _rounded((high / low - 1) * 100, 2),
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

    model: ModelsUsed
    """The model that answers, or the average of several."""
    alerts: Alerts
    """The strongest first."""
    version: str
    answer: FittedForecast | None
    label: LabelAdvice
    """The advice by the label's arithmetic, for comparison."""
    recommendation: DoseRecommendation | None = None
    """The one recommendation, for which the model is evidence; None for the model alone."""
    limits: ClinicLimits = DEFAULT_LIMITS
    """The limits in force in the clinic."""
    track_record: TrackRecord | None = None
    """The track record of forecasts on the clinic's own levels; None where it is not known."""

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
            "track_record": self.track_record.to_dict() if self.track_record else None,
            "alerts": [alert.to_dict() for alert in self.alerts],
            "sources": self.sources,
            "version": self.version,
            "limits": self.limits.to_dict(),
        }

    @property
    def why_none(self) -> str:
        """The reason against an answer, in a line."""
        if not self.model.models:
            return "no model covers this patient"
        blocking = self.alerts.of_code(*self.alerts.blocking_codes)
        return blocking[0].fact if blocking else "it gives no answer"

    @property
    def stopped(self) -> bool:
        """True without an answer."""
        return self.answer is None

    @property
    def sources(self) -> dict[str, str]:
        """The citation of every source used, by its key."""
        shown = tuple(each.model for each in self.answer.models) if self.answer else ()
        used = {**self.model.sources, **ModelsUsed(shown).sources}
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
    "models": [],
    "models_left_out": [],
    "models_differ_percent": None,
    "auc24_ng_h_ml": None,
    "auc24_low_ng_h_ml": None,
    "auc24_high_ng_h_ml": None,
    "next_sample": None,
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


def _rounded_or_none(value: float | None) -> float | None:
    return None if value is None else _rounded(value)


def _eta(fit: Fit) -> dict[str, float]:
    return {name: _rounded(eta) for name, eta in zip(fit.model.effects, fit.eta, strict=True)}
