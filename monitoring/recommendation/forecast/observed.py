"""The last level beside what the model predicted for it from what was known before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dosing import json_number
from dosing.pharmacokinetics import Average, Forecast, Model, forecast
from monitoring.recommendation.forecast.fitting import PatientData, patient_data
from monitoring.recommendation.forecast.known_before import known_at
from monitoring.recommendation.forecast.preconditions import (
    Levels,
    levels_used,
    preconditions_of_model,
    preconditions_of_record,
)
from monitoring.record.entries import StoredEntry
from monitoring.record.level import Comparator, Level
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


@dataclass(frozen=True, slots=True)
class BeforeLast:
    """The data from before the last level, and the models that applied then."""

    level: StoredEntry[Level]
    models: tuple[Model, ...]
    data: PatientData

    @classmethod
    def of(
        cls, history: TreatmentHistory, models: Sequence[Model], levels: Levels
    ) -> "BeforeLast | None":
        """Return what was known before the last level used; None where none could be predicted."""
        if not levels:
            return None
        last, at = levels[-1], levels[-1].entry.sampled
        known = TreatmentHistory.of(known_at(history.record, at))
        used = levels_used(known, at)
        if preconditions_of_record(known, used, at, nothing_given_in_gaps=True).stopped:
            return None
        applying = tuple(
            each for each in models if not preconditions_of_model(known, each, used, at).stopped
        )
        earlier = [each for each in levels if each.entry.sampled < at]
        data = patient_data(known, applying, earlier, known.administrations(at), at)
        return cls(last, applying, data)

    def observed(self, posterior: Average) -> ObservedLevel:
        """Return the level with its prediction by the models' fits to the data."""
        hours = self.data.hours(self.level.entry.sampled.utc)
        (predicted,) = forecast(posterior, self.data.history, [hours])
        return ObservedLevel(self.level, predicted, len(self.data.levels))
