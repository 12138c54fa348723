"""Levels: evaluable or not, and their place below, within or above the target."""

from monitoring.levels.assess import assess_levels, assess_levels_of, assessed_table
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.levels.time_in_range import (
    TimeInRange,
    time_in_range_of,
    times_in_range_of,
    variation_percent_of,
)
from monitoring.terms import Status

__all__ = [
    "LevelAssessment",
    "Status",
    "TimeInRange",
    "assess_levels",
    "assess_levels_of",
    "assessed_table",
    "time_in_range_of",
    "times_in_range_of",
    "variation_percent_of",
]
