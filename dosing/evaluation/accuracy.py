"""Accuracy of predictions: bias, precision, and the share close to the measured level.

The definitions are those of InsightRX's mipdeval where it has one: MPE and MAPE are means of the
error in percent of the observation, (observed - predicted) / observed, RMSE is in ng/mL, and the
relative RMSE is RMSE / the mean observation. A prediction is close within a relative *or* an
absolute margin, and an error as large as the margin is outside. The medians are those of the
cohort: (predicted - observed) / observed, as by Sheiner and Beal.

Intervals are 95 %: exact for a share (Clopper and Pearson), else by resampling patients with a
seed. One patient allows no resampling.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dosing.evaluation.proportion import exact_interval
from dosing.pharmacokinetics.dual import Array

SEED = 2016
"""The seed of everything random in an evaluation: the same data give the same figures."""
RESAMPLES = 1000
_ENDS = (0.025, 0.975)
_ROUNDING = 1e-9
"""The part of a margin by which rounding may move an error that is as large as the margin."""


@dataclass(frozen=True, slots=True)
class WithInterval:
    """A figure and its 95 % interval; no interval below two patients."""

    value: float
    low: float | None
    high: float | None

    @property
    def interval(self) -> list[float] | None:
        """The ends of the interval, or None."""
        if self.low is None or self.high is None:
            return None
        return [round(self.low, 4), round(self.high, 4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Observed levels with their predictions by one method, ng/mL, and their patients' numbers.

    All three have the same length, at least one. `margin_ng_ml` is the absolute margin within which
    a prediction is close whatever its relative error.
    """

    observed: Array
    predicted: Array
    patients: NDArray[np.intp]
    margin_ng_ml: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """The accuracy of the predictions of one method; the definitions are those of the module."""

    n: int
    patients: int
    mpe_percent: WithInterval
    """Above zero where the predictions are too low."""
    mape_percent: WithInterval
    rmse: WithInterval
    relative_rmse: WithInterval
    f20: WithInterval
    f30: WithInterval
    median_error_percent: WithInterval
    """Above zero where the predictions are too high."""
    median_absolute_error_percent: WithInterval
    within_30_percent: WithInterval
    """The percentage within 30 %, with an interval by resampling patients as the medians have."""

    def to_dict(self) -> dict[str, object]:
        """Return each figure by its name, and the intervals beside."""
        figures = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in {"n", "patients", "within_30_percent"}
        }
        return {
            "n": self.n,
            "patients": self.patients,
            **{name: round(figure.value, 4) for name, figure in figures.items()},
            "intervals_95_percent": {name: figure.interval for name, figure in figures.items()},
        }


def accuracy_of(found: Predictions) -> Accuracy:
    """Return the accuracy of predictions, at least one."""
    observed, predicted = found.observed, found.predicted
    error = (observed - predicted) / observed * 100
    close20, close30 = (is_close(observed, predicted, part, found.margin_ng_ml) for part in (0.2, 0.3))
    columns = np.column_stack(
        [np.ones_like(observed), error, np.abs(error), (observed - predicted) ** 2, observed, close30]
    )
    sums = _sums_by_patient(columns, found.patients)
    resampled = [_means(each) for each in _resampled(sums)]
    mpe, mape, rmse, relative, share = (
        with_interval(value, [each[place] for each in resampled])
        for place, value in enumerate(_means(sums.sum(axis=0)))
    )
    medians = list(_resampled_medians(error, found.patients))
    return Accuracy(
        n=len(observed),
        patients=len(sums),
        mpe_percent=mpe,
        mape_percent=mape,
        rmse=rmse,
        relative_rmse=relative,
        f20=_share(close20),
        f30=_share(close30),
        median_error_percent=with_interval(
            float(np.median(-error)), [-middle for middle, _ in medians]
        ),
        median_absolute_error_percent=with_interval(
            float(np.median(np.abs(error))), [size for _, size in medians]
        ),
        within_30_percent=share,
    )


def is_close(
    observed: Array, predicted: Array, part: float, margin_ng_ml: float = 0.0
) -> NDArray[np.bool_]:
    """Return whether each error is below a part of the observation, or below the margin."""
    most = np.maximum(part * observed, margin_ng_ml)
    return np.asarray(np.abs(predicted - observed) < most * (1 - _ROUNDING))


def _means(sums: Array) -> tuple[float, float, float, float, float]:
    """Return MPE, MAPE, RMSE, relative RMSE and the percentage close, from sums over levels."""
    count, error, size, square, observed, close = map(float, sums)
    rmse = (square / count) ** 0.5
    return error / count, size / count, rmse, rmse / (observed / count), 100 * close / count


def _sums_by_patient(columns: Array, patients: NDArray[np.intp]) -> Array:
    """Return the sum of each column over the levels of each patient."""
    _, places = np.unique(patients, return_inverse=True)
    sums = np.zeros((places.max() + 1, columns.shape[1]))
    np.add.at(sums, places, columns)
    return sums


def resampled_patients(count: int) -> Iterator[NDArray[np.intp]]:
    """Yield the places of the patients of each resample; nothing below two patients."""
    if count < 2:
        return
    chance = np.random.default_rng(SEED)
    for _ in range(RESAMPLES):
        yield chance.integers(count, size=count)


def _resampled(sums: Array) -> Iterator[Array]:
    return (sums[places].sum(axis=0) for places in resampled_patients(len(sums)))


def _resampled_medians(
    error: Array, patients: NDArray[np.intp]
) -> Iterator[tuple[float, float]]:
    """Yield the median error and the median absolute error of each resample."""
    levels = levels_by_patient(patients)
    for places in resampled_patients(len(levels)):
        drawn = error[np.concatenate([levels[each] for each in places])]
        yield float(np.median(drawn)), float(np.median(np.abs(drawn)))


def levels_by_patient(patients: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the places of the levels of each patient, in the order of the patients' numbers."""
    order = np.argsort(patients, kind="stable")
    _, starts = np.unique(patients[order], return_index=True)
    return np.split(order, starts[1:])




def with_interval(value: float, resampled: Sequence[float]) -> WithInterval:
    """Return a figure with the middle 95 % of its resamples."""
    if not resampled:
        return WithInterval(value, None, None)
    low, high = np.quantile(resampled, _ENDS)
    return WithInterval(value, float(low), float(high))


def _share(close: NDArray[np.bool_]) -> WithInterval:
    """Return the share of the levels with its exact interval, from 0 to 1."""
    count = int(close.sum())
    interval = exact_interval(count, len(close)) or (None, None)
    return WithInterval(count / len(close), *interval)
