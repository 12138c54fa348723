"""The prediction-corrected visual predictive check.

By Bergstrand (AAPS J 2011;13:143): levels are put into bins by the time on treatment. In a bin each
observed and each simulated level is multiplied by the bin's median typical prediction over its own
typical prediction, which removes the differences of doses and covariates. The percentiles of the
observed levels are then compared with the 95 % intervals of those of the simulations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dosing.pharmacokinetics.dual import Array

PERCENTILES = (5, 50, 95)
_MOST_BINS = 6
_FEWEST_IN_A_BIN = 10
_ENDS = (2.5, 50, 97.5)


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedPatient:
    """The levels of one patient beside their simulations from the model.

    Of each level the time on treatment, its value, and its typical prediction above zero;
    `simulated` is (simulations, levels).
    """

    days: Array
    observed: Array
    typical: Array
    simulated: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPercentile:
    """A percentile of the corrected levels of a bin, observed and simulated, ng/mL."""

    percentile: int
    observed_ng_ml: float
    simulated_ng_ml: float
    """The median of the simulations."""
    low_ng_ml: float
    high_ng_ml: float

    @property
    def is_inside(self) -> bool:
        """Return whether the observed percentile is in the interval of the simulated one."""
        return self.low_ng_ml <= self.observed_ng_ml <= self.high_ng_ml


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBin:
    """The levels between two times on treatment."""

    days_from: float
    days_to: float
    n: int
    percentiles: tuple[CheckedPercentile, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the bin as a part of the document."""
        return {
            "days_from": round(self.days_from, 2),
            "days_to": round(self.days_to, 2),
            "n": self.n,
            "percentiles": [
                {
                    "percentile": each.percentile,
                    "observed_ng_ml": round(each.observed_ng_ml, 4),
                    "simulated_ng_ml": round(each.simulated_ng_ml, 4),
                    "interval_95_percent_ng_ml": [
                        round(each.low_ng_ml, 4),
                        round(each.high_ng_ml, 4),
                    ],
                    "inside": each.is_inside,
                }
                for each in self.percentiles
            ],
        }


def predictive_check(patients: Sequence[SimulatedPatient]) -> tuple[CheckedBin, ...]:
    """Return the bins in the order of time; none without levels."""
    if not patients:
        return ()
    days, observed, typical = (
        np.concatenate([getattr(each, name) for each in patients])
        for name in ("days", "observed", "typical")
    )
    simulated = np.concatenate([each.simulated for each in patients], axis=1)
    order = np.argsort(days, kind="stable")
    count = max(1, min(_MOST_BINS, len(days) // _FEWEST_IN_A_BIN))
    return tuple(
        _bin(days[places], observed[places], typical[places], simulated[:, places])
        for places in np.array_split(order, count)
    )


def _bin(days: Array, observed: Array, typical: Array, simulated: Array) -> CheckedBin:
    correction = np.median(typical) / typical
    ours = np.percentile(observed * correction, PERCENTILES)
    theirs = np.percentile(simulated * correction, PERCENTILES, axis=1)
    ends = np.percentile(theirs, _ENDS, axis=1)
    return CheckedBin(
        days_from=float(days[0]),
        days_to=float(days[-1]),
        n=len(days),
        percentiles=tuple(
            CheckedPercentile(
                percentile=percentile,
                observed_ng_ml=float(ours[place]),
                simulated_ng_ml=float(ends[1, place]),
                low_ng_ml=float(ends[0, place]),
                high_ng_ml=float(ends[2, place]),
            )
            for place, percentile in enumerate(PERCENTILES)
        ),
    )
