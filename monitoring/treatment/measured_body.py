"""The body on a day: the last measured weight and height."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dosing import Age, Height, Weight
from monitoring.record.entries import StoredEntry
from monitoring.record.measurement import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredBody:
    """The age on a day, and the last measured weight and height; None if never measured."""

    age: Age
    weight: Weight | None
    height: Height | None
    measured_days_ago: Decimal | None
    """The days since the weight was measured."""


def last_measured(
    measurements: Sequence[StoredEntry[Measurement]], day: date, *, or_first_after: bool = False
) -> StoredEntry[Measurement] | None:
    """Return the last measurement up to a day, or else, on request, the first one after it."""
    before = [each for each in measurements if each.entry.on <= day]
    if before or not or_first_after:
        return max(before, key=_order, default=None)
    return min(measurements, key=_order, default=None)


def _order(measured: StoredEntry[Measurement]) -> tuple[date, int]:
    return measured.entry.on, measured.number
