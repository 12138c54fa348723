"""The clinic's figures beside the review's."""

from monitoring.cohort.cohort import cohort
from monitoring.cohort.tables import Cohort, CohortRow, CohortTable, LevelsInRange, ResponseTimes

__all__ = ["Cohort", "CohortRow", "CohortTable", "LevelsInRange", "ResponseTimes", "cohort"]
