"""What looks wrong in the rows of a patient, though it can be read: above all a slip of unit.

A table has no units, and a thousandfold slip gives a fit that looks like any other. The thresholds
are proposed: beyond them lies hardly a patient, and within them no thousandfold slip of a usual
dose or level.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import median

from dosing.knowledge.references import PROPOSED
from dosing.nonmem.event_rows import EventRow
from dosing.pharmacokinetics.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRange:
    """Where the median of a patient's figures lies, and which unit it suggests beyond."""

    column: str
    unit: str
    lowest: float
    below: str
    highest: float
    above: str
    source: str = PROPOSED


UNIT_RANGES = (
    UnitRange(column="DV", unit="ng/mL", lowest=0.1, below="µg/mL", highest=250, above="ng/L"),
    UnitRange(column="AMT", unit="mg", lowest=0.01, below="g", highest=40, above="µg"),
    UnitRange(column="TIME", unit="h", lowest=4, below="days", highest=240, above="minutes"),
)
"""Of TIME it is the hours between doses."""


def cautions(rows: list[EventRow], model: Model) -> list[str]:
    """Return what to look at again: units, covariates outside the model, and no level at all."""
    found = [*_unit_slips(rows), *_outside(rows, model)]
    if any(row.interval_h and not row.more_doses for row in rows):
        found.append("II without ADDL: each such row is read as one dose")
    if not any(row.level for row in rows):
        found.append("no level: these are the typical values of the population")
    return found


def _unit_slips(rows: list[EventRow]) -> Iterator[str]:
    figures = {
        "DV": [row.level.ng_ml for row in rows if row.level],
        "AMT": [row.dose_mg for row in rows if row.dose_mg],
        "TIME": _hours_between_doses(rows),
    }
    for each in UNIT_RANGES:
        if not figures[each.column]:
            continue
        middle = median(figures[each.column])
        if not each.lowest <= middle <= each.highest:
            other = each.below if middle < each.lowest else each.above
            what = "doses lie" if each.column == "TIME" else "the median is"
            yield f"{each.column} in {other}? {what} {middle:g} {each.unit}"


def _hours_between_doses(rows: list[EventRow]) -> list[float]:
    doses = [row for row in rows if row.dose_mg]
    apart = [after.time_h - before.time_h for before, after in pairwise(doses)]
    within = [row.interval_h for row in doses if row.more_doses and row.interval_h]
    return within or [hours for hours in apart if hours > 0]


def _outside(rows: list[EventRow], model: Model) -> Iterator[str]:
    for each in model.covariates:
        values = [row.covariates[each.name] for row in rows if each.name in row.covariates]
        if not values:
            continue
        least, most = min(values), max(values)
        lowest = -inf if each.lowest is None else each.lowest
        highest = inf if each.highest is None else each.highest
        if least < lowest or most > highest:
            holds = f"{lowest:g} to {highest:g}".replace("-inf", "any").replace("inf", "any")
            yield f"{each.column} {least:g} to {most:g} {each.unit}; the model holds for {holds}"
