"""The haematocrit near a level: sirolimus is in the red cells, and a low one lowers the level."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from dosing.knowledge.forecast_rules import HAEMATOCRIT_WITHIN
from monitoring.laboratory.tests import find_test
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.times import Moment

_PERCENT_OF = {"%": Decimal(1), "L/L": Decimal(100)}
_WITHIN = timedelta(days=HAEMATOCRIT_WITHIN.value)


def haematocrits(record: Record) -> tuple[tuple[Moment, Decimal], ...]:
    """Return each haematocrit with its time, in percent and in the order of entry."""
    return tuple(_in_percent(each.entry for each in record.active(LaboratoryValue)))


def haematocrit_near(known: Iterable[tuple[Moment, Decimal]], level: Level) -> Decimal | None:
    """Return the haematocrit nearest to a level, in percent; None without one near enough."""
    off = [(abs(at.utc - level.sampled.utc), percent) for at, percent in known]
    near = [each for each in off if each[0] <= _WITHIN]
    return min(near, key=lambda each: each[0])[1] if near else None


def _in_percent(values: Iterable[LaboratoryValue]) -> Iterable[tuple[Moment, Decimal]]:
    for each in values:
        test, factor = find_test(each.test), _PERCENT_OF.get(each.value.unit)
        if test is not None and test.name == "haematocrit" and factor and not each.comparator:
            yield each.at, each.value.number * factor
