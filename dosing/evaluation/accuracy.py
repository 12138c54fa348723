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
_LARGEST_PORTION = 2_000_000
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
    close20, close30 = (
        is_close(observed, predicted, part, found.margin_ng_ml) for part in (0.2, 0.3)
    )
    columns = np.column_stack(
        [np.ones(len(error)), error, np.abs(error), (observed - predicted) ** 2, observed, close30]
    )
    _, places = np.unique(found.patients, return_inverse=True)
    sums = sums_by_patient(columns, places)
    patients = len(sums)
    means = [_means(counts @ sums) for counts in resampled_counts(patients)]
    mpe, mape, rmse, relative, share = (
        with_interval(float(value[0]), [each[place] for each in means])
        for place, value in enumerate(_means(sums.sum(axis=0, keepdims=True)))
    )
    return Accuracy(
        n=len(observed),
        patients=patients,
        mpe_percent=mpe,
        mape_percent=mape,
        rmse=rmse,
        relative_rmse=relative,
        f20=_share(close20),
        f30=_share(close30),
        median_error_percent=_median(-error, places),
        median_absolute_error_percent=_median(np.abs(error), places),
        within_30_percent=share,
    )


def is_close(
    observed: Array, predicted: Array, part: float, margin_ng_ml: float = 0.0
) -> NDArray[np.bool_]:
    """Return whether each error is below a part of the observation, or below the margin."""
    most = np.maximum(part * observed, margin_ng_ml)
    return np.asarray(np.abs(predicted - observed) < most * (1 - _ROUNDING))


def _means(sums: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Return MPE, MAPE, RMSE, relative RMSE and the percentage close, of rows of sums."""
    count, error, size, square, observed, close = sums.T
    rmse = np.sqrt(square / count)
    return error / count, size / count, rmse, rmse / (observed / count), 100 * close / count


def sums_by_patient(columns: Array, places: NDArray[np.intp]) -> Array:
    """Return the sum of each column over the levels of each patient."""
    sums = np.zeros((int(places.max()) + 1, columns.shape[1]))
    np.add.at(sums, places, columns)
    return sums


def resampled_counts(patients: int) -> Iterator[Array]:
    """Yield how often each patient is in each resample, (resamples, patients), in portions.

    Nothing below two patients. The same number of patients gives the same resamples.
    """
    if patients < 2:
        return
    chance = np.random.default_rng(SEED)
    at_once = max(1, _LARGEST_PORTION // patients)
    for begin in range(0, RESAMPLES, at_once):
        rows = min(at_once, RESAMPLES - begin)
        drawn = chance.integers(patients, size=(rows, patients))
        drawn += np.arange(rows)[:, None] * patients
        counts = np.bincount(drawn.ravel(), minlength=rows * patients)
        yield counts.reshape(rows, patients).astype(float)


def _median(figures: Array, places: NDArray[np.intp]) -> WithInterval:
    """Return the median over levels, with its interval."""
    order = np.argsort(figures, kind="stable")
    ordered, patients = figures[order], places[order]
    medians = []
    for counts in resampled_counts(int(places.max()) + 1):
        so_far = np.cumsum(counts[:, patients], axis=1)
        middle = so_far[:, -1:]
        ends = ((so_far >= each).argmax(axis=1) for each in ((middle + 1) // 2, middle // 2 + 1))
        medians.append(sum(ordered[each] for each in ends) / 2)
    return with_interval(float(np.median(figures)), medians)


def with_interval(value: float, resampled: Sequence[Array]) -> WithInterval:
    """Return a figure with the middle 95 % of its resamples."""
    if not resampled:
        return WithInterval(value, None, None)
    low, high = np.quantile(np.concatenate(resampled), _ENDS)
    return WithInterval(value, float(low), float(high))


def _share(close: NDArray[np.bool_]) -> WithInterval:
    """Return the share of the levels with its exact interval, from 0 to 1."""
    count = int(close.sum())
    interval = exact_interval(count, len(close)) or (None, None)
    return WithInterval(count / len(close), *interval)
