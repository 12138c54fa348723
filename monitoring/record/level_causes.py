"""Causes recorded for levels that do not fit."""

from collections.abc import Mapping

from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import LevelCauseAnswer


def level_causes(record: Record) -> Mapping[int, StoredEntry[LevelCauseAnswer]]:
    """Return the active answer about each level, by the level's number; the newest of several."""
    answers = sorted(record.active(LevelCauseAnswer), key=lambda each: each.number)
    return {each.entry.of: each for each in answers}


def excluded_levels(record: Record) -> frozenset[int]:
    """Return the numbers of the levels that are excluded from every assessment and fit."""
    causes = level_causes(record)
    return frozenset(number for number, answer in causes.items() if answer.entry.is_excluded)
