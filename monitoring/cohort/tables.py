"""The clinic's figures as values: counts, their patients, and the counts of Nadal 2016."""

from dataclasses import dataclass
from decimal import Decimal

from dosing.evaluation.proportion import exact_interval
from dosing.knowledge.nadal2016 import Count
from monitoring.evaluation.performance import PredictivePerformance
from monitoring.response import SurvivalCurve
from monitoring.times import Moment


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A count of the table's patients, and that of Nadal 2016, or None if it gives none."""

    name: str
    count: int
    of: int
    review: Count | None = None

    @property
    def percent(self) -> Decimal | None:
        """The share in percent, to one decimal; None without patients."""
        return Count(self.name, self.count, self.of).percent if self.of else None

    @property
    def interval_percent(self) -> tuple[float, float] | None:
        """The exact 95 % interval of the share (Clopper and Pearson), in percent."""
        interval = exact_interval(self.count, self.of)
        return (100 * interval[0], 100 * interval[1]) if interval else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortTable:
    """Counts of the same patients: their number `of`, and their description `whom`."""

    key: str
    title: str
    whom: str
    of: int
    rows: tuple[CohortRow, ...]
    note: str = ""
    review_note: str = ""
    """What Nadal 2016 does not give as a count of these rows."""


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """The time to response of a group of patients."""

    group: str
    curve: SurvivalCurve


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsInRange:
    """The time in range of many patients, all their days together."""

    patients: int
    days_below: float
    days_within: float
    days_above: float
    largest_gap_days: float

    @property
    def days_covered(self) -> float:
        """The days between joined levels."""
        return self.days_below + self.days_within + self.days_above

    @property
    def percent_within(self) -> float | None:
        """The percentage of the days within the target; None without days."""
        return 100 * self.days_within / self.days_covered if self.days_covered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The clinic at a moment."""

    at: Moment
    patients: int
    treated: int
    tables: tuple[CohortTable, ...]
    response_times: tuple[ResponseTimes, ...]
    log_rank_p: float | None
    """Of tumours against malformations."""
    levels: LevelsInRange
    forecasts: PredictivePerformance
    """The predictive performance of the forecasts of stored levels."""
