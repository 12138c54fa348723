"""Levels of the same moment: one entered twice, or two that contradict each other."""

from enum import Enum
from typing import TYPE_CHECKING

from monitoring.levels.columns import NONE, LevelColumns
from monitoring.levels.timeline import on_line, seconds_of

if TYPE_CHECKING:
    from monitoring.levels.timeline import Truth, Whole


class Double(Enum):
    """The relation of a level to another one with the same time of sampling."""

    REPEATED = "repeated"
    """An earlier entry says the same."""
    CONTRADICTED = "contradicted"
    """Another entry has another value."""


DOUBLES = tuple(Double)
"""The meaning of each code of a column of doubles; `NONE` is a level alone in its moment."""
_REPEATED, _CONTRADICTED = range(len(DOUBLES))


def doubles(levels: LevelColumns, *, is_in_use: "Truth", place: "Whole") -> "tuple[Whole, Whole]":
    """Return the code of each level's double, and the row that a repeated level repeats.

    The levels are sorted by patient, time and number. Two levels of different known assays are
    doubles of neither: one sample may be measured by both.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    code = np.full(len(levels), NONE, dtype="int8")
    first = np.full(len(levels), NONE)
    is_contradicted = np.zeros(len(levels), dtype=bool)
    rows = np.flatnonzero(is_in_use)
    line = on_line(place, seconds_of(levels.sampled_utc))[rows]
    for step in range(1, len(rows)):
        is_same_moment = line[step:] == line[:-step]
        if not is_same_moment.any():
            break
        one, other = rows[:-step][is_same_moment], rows[step:][is_same_moment]
        assay, before = levels.assay[other], levels.assay[one]
        is_double = (assay == before) | (assay == NONE) | (before == NONE)
        one, other = one[is_double], other[is_double]
        is_repeated = (levels.level_ng_ml[one] == levels.level_ng_ml[other]) & (
            levels.comparator[one] == levels.comparator[other]
        )
        # The steps grow: the earliest entry that says the same is found last.
        code[other[is_repeated]] = _REPEATED
        first[other[is_repeated]] = one[is_repeated]
        is_contradicted[one[~is_repeated]] = True
        is_contradicted[other[~is_repeated]] = True
    code[is_contradicted] = _CONTRADICTED
    return code, first
