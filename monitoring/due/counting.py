"""Which levels settle a check: those that count, as the levels are assessed."""

from collections.abc import Sequence

from monitoring.levels.assessing import assessed_table
from monitoring.record.entries import Record


def counting_levels(records: Sequence[Record]) -> frozenset[int]:
    """Return the numbers of the levels of these records that count, in the whole store's count."""
    table = assessed_table(records)
    return frozenset(table.loc[table["counts"], "number"].tolist())
