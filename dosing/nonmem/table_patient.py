"""One patient of a table: the history of doses, the levels, and the cautions about them.

A covariate applies to the interval that ends with its row, as in NONMEM (next observation carried
backward); in a row without it, the last value is carried forward. So the value of the first row
applies to no time, unless it is the only one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import ceil, inf
from typing import TypeAlias

from dosing.errors import UserError
from dosing.nonmem.event_rows import BELOW_THE_LIMIT, EventRow
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel

Values: TypeAlias = Mapping[str, float]
_ANY_INTERVAL_H = 24.0
"""For a single dose, which has none."""
_APART_H = 1.0
"""From the last row to a reset with which the time begins again: nothing depends on it."""


@dataclass(frozen=True, slots=True)
class TablePatient:
    """One patient of a table; `covariates` are those of the last row."""

    history: DosingHistory
    levels: tuple[MeasuredLevel, ...]
    covariates: Values
    rows: tuple[EventRow, ...]
    """In the order of time, which begins again at a reset in the table, but not here."""


def patient_of(rows: Sequence[EventRow], model: Model) -> TablePatient:
    """Return the patient of some rows, at least one.

    Raises `UserError` for rows out of order, a covariate that is missing, a level whose covariates
    or doses are not those before it, or covariates without possible parameters.
    """
    rows = tuple(_in_order(rows))
    _refuse_levels_beside_resets(rows)
    carried = list(_carried(rows, model))
    levels = tuple(_levels(rows, model.lag_h))
    resets = tuple(dict.fromkeys(row.time_h for row in rows if row.event.is_reset))
    history = DosingHistory(tuple(_dose_records(rows)), tuple(_steps(rows, carried)), resets)
    return TablePatient(history, levels, carried[-1], rows)


def _in_order(rows: Sequence[EventRow]) -> Iterator[EventRow]:
    """Yield the rows on one line of time: a reset may begin it again, as in NONMEM."""
    later_h, before = 0.0, rows[0]
    for row in rows:
        if row.time_h < before.time_h and row.event.is_reset:
            later_h += before.time_h - row.time_h + _APART_H
        elif row.time_h < before.time_h:
            raise UserError(
                f"{row.place}, TIME: {row.time_h:g} h follows {before.time_h:g} h. "
                "Sort the rows of a patient by time."
            )
        yield _later(row, later_h) if later_h else row
        before = row


def _later(row: EventRow, by_h: float) -> EventRow:
    level = row.level and replace(row.level, at_h=row.level.at_h + by_h)
    return replace(row, time_h=row.time_h + by_h, level=level)


def _refuse_levels_beside_resets(rows: Sequence[EventRow]) -> None:
    """Refuse a level at the time of a reset or steady state, on the side where it means nothing."""
    times = {row.time_h for row in rows if _is_cut(row)}
    if not times:
        return
    for at_h, group in groupby(rows, key=lambda row: row.time_h):
        here = list(group)
        for place, row in enumerate(here):
            if at_h not in times or row.level is None:
                continue
            earlier = [each for each in here[:place] if _is_cut(each)]
            later = [each for each in here[place:] if _is_cut(each)]
            if (earlier and later) or any(each.is_steady for each in later):
                raise UserError(
                    f"{row.place}, DV: a steady state begins at the time of this level. Write the"
                    " level after that dose."
                )
            if earlier and not earlier[-1].is_steady:
                raise UserError(
                    f"{row.place}, DV: a reset is at the time of this level. Write the level first."
                )


def _is_cut(row: EventRow) -> bool:
    """Return whether what was given before a row counts no more."""
    return row.is_steady or row.event.is_reset


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
    """Yield the covariates over the intervals between the times of the rows.

    The first row of a time decides, as the interval before it ends there; the interval to another
    row at the same time has no length.
    """
    times = []
    for at_h, here in groupby(zip(rows, carried, strict=True), key=lambda each: each[0].time_h):
        (_, values), *others = here
        for row, other in others:
            if other != values and row.level is not None:
                raise UserError(
                    f"{row.place}: a covariate changes between this level and a row before it at"
                    " the same time. Write the level first."
                )
        times.append((at_h, values))
    last: Values | None = None
    if len(times) == 1:
        yield CovariateStep(*times[0])
    for (since_h, _), (_, values) in pairwise(times):
        if values != last:
            yield CovariateStep(since_h, values)
        last = values


def _dose_records(rows: Sequence[EventRow]) -> Iterator[DoseRecord]:
    """Yield the doses; equal doses at equal intervals become one record, which is quick.

    A reset or a steady state cancels the doses that are still to come, as in NONMEM.
    """
    before: DoseRecord | None = None
    ends = cancelled_from(rows)
    for row, end_h in zip(rows, ends, strict=True):
        if row.dose_mg is None or row.time_h >= end_h:
            continue
        interval_h = row.interval_h if row.interval_h and is_repeated(row) else _ANY_INTERVAL_H
        count = 1 + row.more_doses
        if row.time_h + row.more_doses * interval_h >= end_h:
            count = min(count, ceil((end_h - row.time_h) / interval_h))
        dose = DoseRecord(row.time_h, row.dose_mg, interval_h, count, row.is_steady)
        longer = _continued(before, dose) if before else None
        if before and not longer:
            yield before
        before = longer or dose
    if before:
        yield before


def is_repeated(row: EventRow) -> bool:
    """Return whether the interval of a row has a meaning."""
    return row.more_doses > 0 or row.is_steady


def cancelled_from(rows: Sequence[EventRow]) -> list[float]:
    """Return the time of the next reset or steady state after each row, which cancels its doses."""
    ends, end_h = [], inf
    for row in reversed(rows):
        ends.append(end_h)
        if _is_cut(row):
            end_h = row.time_h
    return ends[::-1]


def _continued(record: DoseRecord, dose: DoseRecord) -> DoseRecord | None:
    """Return the record with one dose more, or None where that is not its next dose."""
    gap_h = dose.first_h - record.first_h
    is_alone = record.count == 1 and not record.steady_state
    interval_h = gap_h if is_alone else record.interval_h
    is_next = gap_h > 0 and gap_h == interval_h * record.count and not dose.steady_state
    if dose.count > 1 or dose.amount_mg != record.amount_mg or not is_next:
        return None
    return replace(record, interval_h=interval_h, count=record.count + 1)


def _levels(rows: Sequence[EventRow], lag_h: float) -> Iterator[MeasuredLevel]:
    """Yield the levels; one of 0 before the first dose says nothing, and is left out.

    Raises `UserError` for a level without a dose before it: since the start or the last reset.
    """
    first_h = inf
    """When the first dose since then begins to be absorbed."""
    for row in rows:
        if row.event.is_reset:
            first_h = inf
        if row.dose_mg is not None:
            first_h = -inf if row.is_steady else min(first_h, row.time_h + lag_h)
        if row.is_zero and row.time_h > first_h:
            raise UserError(f'{row.place}, DV "0": {BELOW_THE_LIMIT}.')
        level = row.level
        if level is None:
            continue
        if level.at_h <= first_h and level.bound is not Censoring.BELOW:
            raise UserError(f"{row.place}, DV: the doses before this level are missing.")
        yield level
