"""The last level beside what the model predicted for it from what was known before it."""

from dataclasses import dataclass

from dosing import UserError, json_number
from dosing.pharmacokinetics import Forecast, Model, Posterior, forecast
from monitoring.recommendation.forecast.fitting import fitted_patient
from monitoring.recommendation.forecast.known_before import known_at
from monitoring.recommendation.forecast.preconditions import levels_used, preconditions
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Comparator, Level
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

_WIDER = 2.807 / 1.645
"""The 99.5 % interval of a normal distribution over its 90 % interval."""


@dataclass(frozen=True, slots=True)
class ObservedLevel:
    """A level and its prediction from the earlier levels, or from the population without one."""

    level: StoredEntry[Level]
    predicted: Forecast
    earlier_levels: int

    @property
    def is_missed(self) -> bool:
        """Return whether the level certainly is outside the 90 % band of a measured level."""
        level, found = self.level.entry, self.predicted
        value = float(level.value.value)
        is_above = level.comparator is not Comparator.BELOW and value > found.measured_high_ng_ml
        is_below = level.comparator is not Comparator.ABOVE and value < found.measured_low_ng_ml
        return is_above or is_below

    @property
    def is_misfit(self) -> bool:
        """Return whether the level is certainly outside the 99.5 % interval of a measured level.

        It is that of a normal distribution with the 90 % band: 2.807 SD instead of 1.645. With
        95 % one level in twenty would be outside (course of treatment, section 5).
        """
        level, found = self.level.entry, self.predicted
        value = float(level.value.value)
        above = (value - found.ng_ml) / (found.measured_high_ng_ml - found.ng_ml)
        below = (found.ng_ml - value) / (found.ng_ml - found.measured_low_ng_ml)
        is_above = level.comparator is not Comparator.BELOW and above > _WIDER
        is_below = level.comparator is not Comparator.ABOVE and below > _WIDER
        return is_above or is_below

    def to_dict(self) -> dict[str, object]:
        """Return the level as a part of the document of a forecast."""
        level, found = self.level.entry, self.predicted
        return {
            "at": str(level.sampled),
            "observed_ng_ml": json_number(level.value.value),
            "comparator": level.comparator.value if level.comparator else None,
            "predicted_ng_ml": round(found.ng_ml, 6),
            "measured_low_ng_ml": round(found.measured_low_ng_ml, 6),
            "measured_high_ng_ml": round(found.measured_high_ng_ml, 6),
            "earlier_levels": self.earlier_levels,
            "missed": self.is_missed,
        }


def last_observed(history: TreatmentHistory, model: Model, now: Moment) -> ObservedLevel | None:
    """Return the last level used with its prediction, or None where none was possible."""
    used = levels_used(history, now)
    if not used:
        return None
    last, at = used[-1], used[-1].entry.sampled
    known = TreatmentHistory.of(known_at(history.record, at))
    if preconditions(known, model, at, nothing_given_in_gaps=True).stopped:
        return None
    earlier = [each for each in used if each.entry.sampled < at]
    try:
        fitted = fitted_patient(known, model, earlier, known.administrations(at), at)
    except UserError:
        return None
    if not fitted.fit.converged or fitted.fit.is_far:
        return None
    posterior = Posterior.of(fitted.fit, fitted.history)
    (predicted,) = forecast(posterior, fitted.history, [fitted.hours(at.utc)])
    return ObservedLevel(last, predicted, len(earlier))
