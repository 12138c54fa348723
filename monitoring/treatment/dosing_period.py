"""Maintenance doses as they were really in force, one after the other."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

from monitoring.record.entries import Record, StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.times import Moment


@dataclass(frozen=True, slots=True)
class DosingPeriod:
    """A maintenance dose as it was really in force: from its beginning to its end.

    `until` is when the next one began or it was ended, or None where it still holds. `is_change`
    tells whether dose, times a day or product differ from what was in force just before.
    """

    prescription: StoredEntry[Prescription]
    until: Moment | None
    is_change: bool

    @property
    def since(self) -> Moment:
        """When it began."""
        return self.prescription.entry.since

    @property
    def interval(self) -> timedelta:
        """The time between two doses."""
        return timedelta(hours=24 // self.prescription.entry.times_a_day)

    def holds_at(self, moment: Moment) -> bool:
        """Return whether it was in force; at its beginning it is, at its end it is not."""
        return self.since <= moment and (self.until is None or moment < self.until)


def dosing_periods(record: Record) -> tuple[DosingPeriod, ...]:
    """Return the maintenance doses that stand, in the order they were in force.

    Of two that begin at the same moment the one written down last holds, the other never did.
    """
    ordered = sorted(
        (each for each in record.active(Prescription) if not each.entry.loading),
        key=lambda each: (each.entry.since, each.number),
    )
    found: list[DosingPeriod] = []
    for each, following in zip_longest(ordered, ordered[1:]):
        began = each.entry.since
        ends = [following.entry.since] if following else []
        if each.ending and each.ending.entry.at:
            ends.append(each.ending.entry.at)
        until = min(ends, default=None)
        if until is not None and until <= began:
            continue
        before = found[-1] if found else None
        goes_on = before is not None and before.until is not None and before.until >= began
        is_change = not (before and goes_on and _same_dose(before.prescription.entry, each.entry))
        found.append(DosingPeriod(each, until, is_change))
    return tuple(found)


def _same_dose(one: Prescription, other: Prescription) -> bool:
    return (one.dose_mg, one.times_a_day, one.product) == (
        other.dose_mg,
        other.times_a_day,
        other.product,
    )
