"""Dosing periods: maintenance doses as they were really given, one after the other."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

from monitoring.record.entries import Record, StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.times import Moment


@dataclass(frozen=True, slots=True)
class DosingPeriod:
    """A maintenance dose from its real start to its real end.

    `until` is the start of the next dose or the end of this one, or None while it continues.
    `is_change` is true if dose, interval, product or strength differ from the dose just before.
    """

    prescription: StoredEntry[Prescription]
    until: Moment | None
    is_change: bool

    @property
    def since(self) -> Moment:
        """The start."""
        return self.prescription.entry.since

    @property
    def interval(self) -> timedelta:
        """The time between two doses."""
        return timedelta(hours=self.prescription.entry.interval_hours)

    @property
    def is_ended(self) -> bool:
        """Return whether its recorded end ends it, not the next dose."""
        ending = self.prescription.ending
        return ending is not None and ending.entry.at == self.until

    def holds_at(self, moment: Moment) -> bool:
        """Return whether it applies at a moment: its start is included, its end is not."""
        return self.since <= moment and (self.until is None or moment < self.until)


def dosing_periods(record: Record) -> tuple[DosingPeriod, ...]:
    """Return the periods of the active maintenance doses, in their order.

    Of two that begin at the same moment the one recorded last applies; the other never did. A
    step of a plan to stop does not apply after another dose that was recorded later, nor after the
    dose before it was ended later: the plan is over then.
    """
    maintenance = [each for each in record.active(Prescription) if not each.entry.loading]
    ordered = sorted(
        (each for each in maintenance if not _is_superseded(each, maintenance)),
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
        if before is not None and _is_ended_before(each, before):
            continue
        goes_on = before is not None and before.until is not None and before.until >= began
        is_change = not (before and goes_on and _same_dose(before.prescription.entry, each.entry))
        found.append(DosingPeriod(each, until, is_change))
    return tuple(found)


def _is_superseded(step: StoredEntry[Prescription], doses: list[StoredEntry[Prescription]]) -> bool:
    """Return whether a dose recorded after the plan takes the place of one of its steps.

    The steps of one plan are recorded in the order of their times: none replaces another.
    """
    return bool(step.entry.is_taper_step) and any(
        step.number < each.number and each.entry.since <= step.entry.since for each in doses
    )


def _is_ended_before(step: StoredEntry[Prescription], before: DosingPeriod) -> bool:
    """Return whether the dose before a step was ended after the plan was recorded."""
    ending = before.prescription.ending
    return (
        bool(step.entry.is_taper_step)
        and ending is not None
        and ending.entry.at == before.until
        and step.number < ending.number
    )


def _same_dose(one: Prescription, other: Prescription) -> bool:
    return _regimen(one) == _regimen(other)


def _regimen(dose: Prescription) -> tuple[object, ...]:
    return (
        dose.dose_mg,
        dose.evening_mg,
        dose.interval_hours,
        dose.product,
        dose.strength_mg_per_ml,
    )
