"""The clinic's figures and those of Nadal 2016."""

from monitoring.cohort.cohort import cohort
from monitoring.cohort.tables import Cohort, CohortRow, CohortTable, LevelsInRange, ResponseTimes

__all__ = ["Cohort", "CohortRow", "CohortTable", "LevelsInRange", "ResponseTimes", "cohort"]
