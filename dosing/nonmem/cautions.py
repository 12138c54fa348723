"""The cautions about a patient of a table, for its column `problem`.

They name above all a slip of unit: a table has no units, and a thousandfold slip, or a logarithm,
gives a fit that looks like any other. The thresholds are proposed: hardly a patient is beyond them,
and no thousandfold slip of a usual dose or level is within.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, log
from statistics import median

from dosing.knowledge.references import PROPOSED
from dosing.nonmem.event_rows import EventRow
from dosing.nonmem.table_patient import cancelled_from, is_repeated
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRange:
    """The range of the median of a patient's figures, and the unit suggested beyond it."""

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
"""For TIME it is the hours between doses."""


def cautions(rows: Sequence[EventRow], model: Model) -> list[str]:
    """Return the cautions: units, covariates outside the model, doses that overlap, no level."""
    found = [*_unit_slips(rows), *_outside(rows, model), *_overlaps(rows)]
    if any(row.interval_h and row.event.is_dose and not is_repeated(row) for row in rows):
        found.append("II without ADDL: each such row counts as one dose")
    if not any(row.level for row in rows):
        found.append("no level: these are the typical values of the population")
    return found


_FAR = log(2.5)
"""The distance from the typical patient's levels beyond which one is far, as a logarithm."""
_CLOSER = 3
"""How many times closer to them the levels are if they are logarithms."""


def may_be_logarithms(levels: Sequence[MeasuredLevel]) -> bool:
    """Return whether all levels are small enough to be logarithms of levels."""
    measured = [each.ng_ml for each in levels if each.bound is Censoring.VALUE]
    return bool(measured) and max(measured) <= log(UNIT_RANGES[0].highest)


def logarithms(levels: Sequence[MeasuredLevel], typical: Sequence[float]) -> Iterator[str]:
    """Yield the question where the levels are those of the typical patient, as logarithms."""
    pairs = [
        (level.ng_ml, expected)
        for level, expected in zip(levels, typical, strict=True)
        if level.bound is Censoring.VALUE and expected > 0
    ]
    if not pairs:
        return
    as_levels = median(abs(log(value) - log(expected)) for value, expected in pairs)
    as_logarithms = median(abs(value - log(expected)) for value, expected in pairs)
    if as_levels > _FAR > as_logarithms and as_logarithms * _CLOSER < as_levels:
        values, expected = zip(*pairs, strict=True)
        yield (
            f"DV as a logarithm? the median is {median(values):g} where {median(expected):.3g}"
            " ng/mL is typical"
        )


def _overlaps(rows: Sequence[EventRow]) -> Iterator[str]:
    """Yield the rows whose further doses run past the next dose, or past what cancels them."""
    next_dose: EventRow | None = None
    found = []
    for row, end_h in zip(reversed(rows), reversed(cancelled_from(rows)), strict=True):
        if row.interval_h and row.more_doses:
            last_h = row.time_h + row.more_doses * row.interval_h
            if last_h >= end_h:
                found.append(f"{row.place}: a reset or steady state cancels doses of its ADDL")
            elif next_dose and last_h >= next_dose.time_h:
                found.append(
                    f"{row.place}: its ADDL runs past the dose of {next_dose.place}; both count"
                )
        if row.event.is_dose:
            next_dose = row
    yield from reversed(found)


def _unit_slips(rows: Sequence[EventRow]) -> Iterator[str]:
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
            what = "the median interval is" if each.column == "TIME" else "the median is"
            yield f"{each.column} in {other}? {what} {middle:g} {each.unit}"


def _hours_between_doses(rows: Sequence[EventRow]) -> list[float]:
    doses = [row for row in rows if row.dose_mg]
    apart = [after.time_h - before.time_h for before, after in pairwise(doses)]
    within = [row.interval_h for row in doses if row.more_doses and row.interval_h]
    return within or [hours for hours in apart if hours > 0]


def _outside(rows: Sequence[EventRow], model: Model) -> Iterator[str]:
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
