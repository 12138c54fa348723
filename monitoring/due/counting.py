"""Which levels settle a check: those that count, as the levels are assessed."""

from collections.abc import Sequence

from monitoring.levels.assess_columns import assess_columns
from monitoring.levels.columns import DoseColumns, LevelColumns
from monitoring.record.entries import Record


def counting_levels(records: Sequence[Record]) -> frozenset[int]:
    """Return the numbers of the levels of these records that count, in the whole store's count."""
    levels = LevelColumns.of(records)
    judged = assess_columns(levels, DoseColumns.of(records))
    numbers = levels.number if judged.order is None else levels.number[judged.order]
    return frozenset(numbers[judged.is_evaluable].tolist())
