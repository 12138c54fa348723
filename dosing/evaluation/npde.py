"""Normalised prediction distribution errors (NPDE): one standard normal figure a level.

By Brendel (Pharm Res 2006;23:2036) and Comets (Comput Methods Programs Biomed 2008;90:154), as in
the R package npde: the levels of a patient and their simulations from the model are decorrelated by
the mean and the Cholesky root of the covariance of the simulations; the share of decorrelated
simulations below the decorrelated level is turned into a quantile of the standard normal
distribution. A share of 0 or 1 becomes 1/(2K) or 1 - 1/(2K) of K simulations. If the model holds,
the figures are independent and standard normal.

The three tests are those of the package: Wilcoxon's signed ranks of the mean, Fisher's of the
variance, Shapiro and Wilk's of normality; the global one is three times the smallest, at most 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dosing.evaluation.accuracy import WithInterval, resampled_counts, with_interval
from dosing.evaluation.normality import shapiro_wilk
from dosing.pharmacokinetics.dual import Array

_FEWEST = 3
"""Levels: below it no test is possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NpdeSummary:
    """The NPDE of many levels; a test below three levels is None."""

    n: int
    patients: int
    mean: WithInterval
    variance: WithInterval | None
    p_mean: float | None
    p_variance: float | None
    p_normality: float | None

    @property
    def p_global(self) -> float | None:
        """The p value of the three tests together."""
        if self.p_mean is None or self.p_variance is None or self.p_normality is None:
            return None
        return min(1.0, 3 * min(self.p_mean, self.p_variance, self.p_normality))

    def to_dict(self) -> dict[str, object]:
        """Return the summary as a part of the document."""
        return {
            "n": self.n,
            "patients": self.patients,
            "mean": round(self.mean.value, 4),
            "mean_interval_95_percent": self.mean.interval,
            "variance": round(self.variance.value, 4) if self.variance else None,
            "variance_interval_95_percent": self.variance.interval if self.variance else None,
            "p_mean": _rounded(self.p_mean),
            "p_variance": _rounded(self.p_variance),
            "p_normality": _rounded(self.p_normality),
            "p_global": _rounded(self.p_global),
        }


def _rounded(p: float | None) -> float | None:
    return None if p is None else round(p, 6)


def npde_of(observed: Array, simulated: Array) -> Array:
    """Return the NPDE of one patient's levels, (levels); `simulated` is (simulations, levels).

    Raises `numpy.linalg.LinAlgError` where the simulations do not vary independently.
    """
    count = len(simulated)
    mean = simulated.mean(axis=0)
    covariance = np.atleast_2d(np.cov(simulated, rowvar=False))
    root = np.linalg.cholesky(covariance)
    own = np.linalg.solve(root, observed - mean)
    others = np.linalg.solve(root, (simulated - mean).T)
    share = (others < own[:, None]).mean(axis=1)
    share = np.clip(share, 1 / (2 * count), 1 - 1 / (2 * count))
    return np.array([NormalDist().inv_cdf(float(each)) for each in share])


def npde_summary(of_patients: Sequence[Array]) -> NpdeSummary | None:
    """Return the summary of the NPDE of patients, or None without any."""
    if not of_patients:
        return None
    everything = np.concatenate(of_patients)
    has_variance, can_test = len(everything) > 1, len(everything) >= _FEWEST
    means, variances = _resampled(of_patients)
    return NpdeSummary(
        n=len(everything),
        patients=len(of_patients),
        mean=with_interval(float(everything.mean()), means),
        variance=(
            with_interval(float(everything.var(ddof=1)), variances) if has_variance else None
        ),
        p_mean=signed_rank_p(everything) if can_test else None,
        p_variance=variance_p(everything) if can_test else None,
        p_normality=shapiro_wilk(everything)[1] if can_test else None,
    )


def _resampled(of_patients: Sequence[Array]) -> tuple[list[Array], list[Array]]:
    """Return the means and the variances of the resamples of the patients, in portions."""
    sums = np.array([[len(each), each.sum(), (each * each).sum()] for each in of_patients])
    means, variances = [], []
    for counts in resampled_counts(len(sums)):
        count, total, square = (counts @ sums).T
        means.append(total / count)
        variances.append((square - total * total / count) / np.maximum(count - 1, 1))
    return means, variances


def signed_rank_p(figures: Array) -> float:
    """Return the two-sided p of Wilcoxon's signed ranks against 0, by the normal approximation.

    Ties have their mean rank, and correct the variance; a figure of 0 is left out.
    """
    found = figures[figures != 0]
    count = len(found)
    if not count:
        return 1.0
    ranks, tied = _ranks(np.abs(found))
    positive = float(ranks[found > 0].sum())
    variance = count * (count + 1) * (2 * count + 1) / 24 - float((tied**3 - tied).sum()) / 48
    if variance <= 0:
        return 1.0
    return erfc(abs(positive - count * (count + 1) / 4) / sqrt(2 * variance))


def _ranks(sizes: Array) -> tuple[Array, NDArray[np.float64]]:
    """Return the mean rank of each figure, and the number of figures of each size."""
    _, places, counts = np.unique(sizes, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[places], counts.astype(float)


def variance_p(figures: Array) -> float:
    """Return the two-sided p of Fisher's test of the variance against 1.

    The distribution function of chi square is that of Wilson and Hilferty: within 0.002 from ten
    levels on.
    """
    freedom = len(figures) - 1
    statistic = float(figures.var(ddof=1)) * freedom
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / sqrt(spread)
    return erfc(abs(z) / sqrt(2))
