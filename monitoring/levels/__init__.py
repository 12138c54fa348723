"""Levels: whether each one counts, and where it lies against the target in force."""

from monitoring.levels.assessing import assess_levels
from monitoring.levels.level_assessment import LevelAssessment, Status

__all__ = ["LevelAssessment", "Status", "assess_levels"]
