"""Predictive performance: each level predicted from the earlier ones only.

A walk forward through the stored patients. For every level from the second on, the model is fitted
to the levels before it, and its prediction is compared with the measured level. Two baselines are
compared too: the last level again, and the label's arithmetic (the last level × the new dose / the
old one). Levels for which the program would have given no forecast are left out of all three.

The prediction error is (predicted - measured) / measured, in percent, as by Sheiner and Beal; of
many, the median is taken: bias (MPE) of the signed error, and imprecision (MAPE) of its size.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from dosing import UserError
from dosing.pharmacokinetics import Model, model_named
from dosing.pharmacokinetics.dual import Array
from monitoring.recommendation.forecast.fitting import fitted_patient, predicted_level
from monitoring.recommendation.forecast.known_before import known_at
from monitoring.recommendation.forecast.patient_forecast import DEFAULT_MODEL
from monitoring.recommendation.forecast.preconditions import levels_used, preconditions
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.treatment import TreatmentHistory

MOST_PATIENTS = 300
"""Proposed: of a larger clinic only the first so many, by number, are used."""
_RESAMPLES = 1000
_SEED = 2016
_CLOSE_PERCENT = 30


class Method(Enum):
    """A way to predict the next level."""

    MODEL = "model"
    LAST_LEVEL = "the last level again"
    LABEL = "label arithmetic"


@dataclass(frozen=True, slots=True)
class WalkedLevel:
    """A level and its prediction by each method, in ng/mL."""

    patient: int
    observed_ng_ml: float
    predicted_ng_ml: tuple[float, ...]
    """In the order of `Method`."""


@dataclass(frozen=True, slots=True)
class WithInterval:
    """A figure and its 95 % interval, by resampling patients; no interval below two patients."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRecord:
    """The predictive performance of one method, in percent of the measured level."""

    method: Method
    bias_percent: WithInterval
    """The median prediction error (MPE): above zero if the predictions are too high."""
    error_percent: WithInterval
    """The median absolute prediction error (MAPE)."""
    close_percent: WithInterval
    """The percentage of predictions within 30 % of the measured level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictivePerformance:
    """The predictive performance of the forecasts in a clinic."""

    model: Model
    patients: int
    """The patients with at least one predicted level."""
    levels: int
    methods: tuple[MethodRecord, ...]
    """Empty without a predicted level."""
    is_sample: bool
    """True if the clinic has more patients than were used."""


def walked_levels(record: Record, model: Model) -> Iterator[WalkedLevel]:
    """Yield each level of a patient that the earlier ones could predict."""
    active = sorted(record.active(Level), key=lambda each: each.entry.sampled.utc)
    for target in active[1:]:
        if target.entry.comparator is None:
            known = TreatmentHistory.of(known_at(record, target.entry.sampled))
            walked = _walked(known, model, target)
            if walked:
                yield walked


def _walked(
    history: TreatmentHistory, model: Model, target: StoredEntry[Level]
) -> WalkedLevel | None:
    now = target.entry.sampled
    used = levels_used(history, now)
    earlier = [each for each in used if each.entry.sampled < now]
    if not earlier or target not in used or earlier[-1].entry.comparator is not None:
        return None
    if preconditions(history, model, now, nothing_given_in_gaps=False).stopped:
        return None
    before, last = _dose_before(history, earlier[-1]), _dose_before(history, target)
    if before is None or last is None:
        return None
    try:
        fitted = fitted_patient(history, model, earlier, history.administrations(now), now)
    except UserError:
        return None
    if not fitted.fit.converged or fitted.fit.is_far:
        return None
    again = float(earlier[-1].entry.value.value)
    ratio = float(last.daily_mg / before.daily_mg)
    return WalkedLevel(
        patient=history.record.number,
        observed_ng_ml=float(target.entry.value.value),
        predicted_ng_ml=(
            predicted_level(fitted, now.utc),
            again,
            again * ratio,
        ),
    )


def _dose_before(history: TreatmentHistory, level: StoredEntry[Level]) -> Prescription | None:
    """Return the dose before a level: a dose that begins with the sample comes after it."""
    last_dose = level.entry.last_dose
    period = history.period_at(last_dose) if last_dose else None
    return period.prescription.entry if period else None


class PredictivePerformanceKeeper:
    """The collection of walked levels, patient by patient."""

    def __init__(self, model: Model | None = None) -> None:
        """Begin with no patient."""
        self._model = model or model_named(DEFAULT_MODEL)
        self._walked: list[list[WalkedLevel]] = []
        self._is_sample = False

    def add(self, records: Iterable[Record]) -> None:
        """Walk through the levels of more patients, up to `MOST_PATIENTS`."""
        for record in records:
            if len(record.active(Level)) < 2:
                continue
            if len(self._walked) >= MOST_PATIENTS:
                self._is_sample = True
                return
            walked = list(walked_levels(record, self._model))
            if walked:
                self._walked.append(walked)

    @property
    def result(self) -> PredictivePerformance:
        """The predictive performance so far."""
        return PredictivePerformance(
            model=self._model,
            patients=len(self._walked),
            levels=sum(map(len, self._walked)),
            methods=_methods(self._walked) if self._walked else (),
            is_sample=self._is_sample,
        )


def _methods(walked: Sequence[Sequence[WalkedLevel]]) -> tuple[MethodRecord, ...]:
    errors = [
        np.array([[each / level.observed_ng_ml - 1 for each in level.predicted_ng_ml]
                  for level in levels]) * 100
        for levels in walked
    ]  # fmt: skip
    everything = np.concatenate(errors)
    resampled = _resampled(errors)
    return tuple(
        MethodRecord(
            method=method,
            bias_percent=_with_interval(_bias, everything, resampled, place),
            error_percent=_with_interval(_error, everything, resampled, place),
            close_percent=_with_interval(_close, everything, resampled, place),
        )
        for place, method in enumerate(Method)
    )


def _resampled(errors: Sequence[Array]) -> list[Array]:
    """Return the errors of resampled clinics, drawn patient by patient."""
    if len(errors) < 2:
        return []
    draw = np.random.default_rng(_SEED).integers(len(errors), size=(_RESAMPLES, len(errors)))
    return [np.concatenate([errors[each] for each in one]) for one in draw]


def _bias(errors: Array) -> float:
    return float(np.median(errors))


def _error(errors: Array) -> float:
    return float(np.median(np.abs(errors)))


def _close(errors: Array) -> float:
    return float(100 * np.mean(np.abs(errors) <= _CLOSE_PERCENT))


def _with_interval(
    figure: Callable[[Array], float], errors: Array, resampled: Sequence[Array], place: int
) -> WithInterval:
    """Return a figure of one method with its interval: the middle 95 % of the resamples."""
    value = figure(errors[:, place])
    if not resampled:
        return WithInterval(value, None, None)
    low, high = np.quantile([figure(each[:, place]) for each in resampled], [0.025, 0.975])
    return WithInterval(value, float(low), float(high))
