"""One patient of a table: the history of doses, the levels, and the cautions about them.

A covariate applies to the interval that ends with its row, as in NONMEM (next observation carried
backward); in a row without it, the last value is carried forward. So the value of the first row
applies to no time, unless it is the only one.

The cautions name above all a slip of unit: a table has no units, and a thousandfold slip gives a
fit that looks like any other. The thresholds are proposed: hardly a patient is beyond them, and no
thousandfold slip of a usual dose or level is within.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import inf
from statistics import median
from typing import TypeAlias

from dosing.errors import UserError
from dosing.knowledge.references import PROPOSED
from dosing.nonmem.event_rows import EventRow
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel

Values: TypeAlias = Mapping[str, float]
_ANY_INTERVAL_H = 24.0
"""For a single dose, which has none."""


@dataclass(frozen=True, slots=True)
class TablePatient:
    """One patient of a table; `covariates` are those of the last row."""

    history: DosingHistory
    levels: tuple[MeasuredLevel, ...]
    covariates: Values


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


def patient_of(rows: Sequence[EventRow], model: Model) -> TablePatient:
    """Return the patient of some rows, at least one.

    Raises `UserError` for rows out of order, a covariate that is missing or has two values at one
    time, a level before any dose, or covariates without possible parameters.
    """
    _refuse_disorder(rows)
    carried = list(_carried(rows, model))
    doses = tuple(_dose_records(rows))
    levels = tuple(row.level for row in rows if row.level is not None)
    _refuse_levels_without_doses(rows, doses)
    return TablePatient(DosingHistory(doses, tuple(_steps(rows, carried))), levels, carried[-1])


def _refuse_disorder(rows: Sequence[EventRow]) -> None:
    for before, row in pairwise(rows):
        if row.time_h < before.time_h:
            raise UserError(
                f"{row.place}, TIME: {row.time_h:g} h follows {before.time_h:g} h. "
                "Sort the rows of a patient by time."
            )


def _carried(rows: Sequence[EventRow], model: Model) -> Iterator[Values]:
    """Yield the covariates that the model needs at each row; missing values are carried forward."""
    known: dict[str, float] = {}
    columns = {each.name: each.column for each in model.covariates}
    for row in rows:
        now = known | {
            name: row.covariates[name] for name in model.needed if name in row.covariates
        }
        for name in model.needed:
            if name not in now:
                raise UserError(
                    f"{row.place}, {columns[name]}: it is missing, in the rows before, too."
                )
        if now != known:
            _refuse_impossible(row, now, model)
        known = now
        yield known


def _refuse_impossible(row: EventRow, covariates: Values, model: Model) -> None:
    try:
        model.typical(covariates)
    except UserError as error:
        raise UserError(f"{row.place}: {error}") from None


def _steps(rows: Sequence[EventRow], carried: Sequence[Values]) -> Iterator[CovariateStep]:
    """Yield the covariates over the intervals between the times of the rows."""
    times = []
    for at_h, here in groupby(zip(rows, carried, strict=True), key=lambda each: each[0].time_h):
        (_, values), *others = here
        for row, other in others:
            if other != values:
                raise UserError(f"{row.place}: a covariate has two values at this time.")
        times.append((at_h, values))
    last: Values | None = None
    if len(times) == 1:
        yield CovariateStep(*times[0])
    for (since_h, _), (_, values) in pairwise(times):
        if values != last:
            yield CovariateStep(since_h, values)
        last = values


def _dose_records(rows: Sequence[EventRow]) -> Iterator[DoseRecord]:
    """Yield the doses; equal doses at equal intervals become one record, which is quick."""
    before: DoseRecord | None = None
    for row in rows:
        if row.dose_mg is None:
            continue
        interval_h = row.interval_h if row.interval_h and row.more_doses else _ANY_INTERVAL_H
        dose = DoseRecord(row.time_h, row.dose_mg, interval_h, 1 + row.more_doses)
        longer = _continued(before, dose) if before else None
        if before and not longer:
            yield before
        before = longer or dose
    if before:
        yield before


def _continued(record: DoseRecord, dose: DoseRecord) -> DoseRecord | None:
    """Return the record with one dose more, or None where that is not its next dose."""
    gap_h = dose.first_h - record.first_h
    interval_h = gap_h if record.count == 1 else record.interval_h
    is_next = gap_h > 0 and gap_h == interval_h * record.count
    if dose.count > 1 or dose.amount_mg != record.amount_mg or not is_next:
        return None
    return DoseRecord(record.first_h, record.amount_mg, interval_h, record.count + 1)


def _refuse_levels_without_doses(rows: Sequence[EventRow], doses: Sequence[DoseRecord]) -> None:
    first_h = min((each.first_h for each in doses), default=inf)
    for row in rows:
        level = row.level
        if level is not None and level.at_h <= first_h and level.bound is not Censoring.BELOW:
            raise UserError(f"{row.place}, DV: the doses before this level are missing.")


def cautions(rows: list[EventRow], model: Model) -> list[str]:
    """Return the cautions: units, covariates outside the model, and no level at all."""
    found = [*_unit_slips(rows), *_outside(rows, model)]
    if any(row.interval_h and not row.more_doses for row in rows):
        found.append("II without ADDL: each such row counts as one dose")
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
            what = "the median interval is" if each.column == "TIME" else "the median is"
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
