"""The clinic's figures beside the review's."""

from monitoring.cohort.cohort import cohort
from monitoring.cohort.tables import Cohort, LevelsInRange, ResponseTimes, Row, Table

__all__ = ["Cohort", "LevelsInRange", "ResponseTimes", "Row", "Table", "cohort"]
