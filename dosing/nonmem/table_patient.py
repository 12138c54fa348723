"""What the rows of one patient in a table say: the history of doses, the levels, and any doubt.

A covariate holds over the interval that ends with its row, as NONMEM has it (the next observation
is carried backward); where a row does not give it, the last one given is carried forward. So the
value of the first row holds for no time, unless it is the only one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import inf
from typing import TypeAlias

from dosing.errors import UserError
from dosing.nonmem.event_rows import EventRow
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.model import Model
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel

Values: TypeAlias = Mapping[str, float]
_ANY_INTERVAL_H = 24.0
"""Of a single dose, which has none."""


@dataclass(frozen=True, slots=True)
class TablePatient:
    """One patient of a table; `covariates` are those of the last row."""

    history: DosingHistory
    levels: tuple[MeasuredLevel, ...]
    covariates: Values


def patient_of(rows: Sequence[EventRow], model: Model) -> TablePatient:
    """Return what the rows of one patient say; there is at least one.

    Raises `UserError` for rows out of order, a covariate that is missing or stands twice at one
    time, a level before any dose, or covariates for which the model has no parameters.
    """
    _refuse_disorder(rows)
    carried = list(_carried(rows, model))
    doses = tuple(_stretches(rows))
    levels = tuple(row.level for row in rows if row.level is not None)
    _refuse_levels_without_doses(rows, doses)
    return TablePatient(DosingHistory(doses, tuple(_steps(rows, carried))), levels, carried[-1])


def _refuse_disorder(rows: Sequence[EventRow]) -> None:
    for before, row in pairwise(rows):
        if row.time_h < before.time_h:
            raise UserError(
                f"{row.place}, TIME: {row.time_h:g} h comes after {before.time_h:g} h; the rows "
                "of a patient stand in the order of time."
            )


def _carried(rows: Sequence[EventRow], model: Model) -> Iterator[Values]:
    """Yield the covariates that the model needs at each row; what a row lacks is carried on."""
    known: dict[str, float] = {}
    columns = {each.name: each.column for each in model.covariates}
    for row in rows:
        now = known | {
            name: row.covariates[name] for name in model.needed if name in row.covariates
        }
        for name in model.needed:
            if name not in now:
                raise UserError(
                    f"{row.place}, {columns[name]}: it is missing, and no row before gives it."
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
                raise UserError(f"{row.place}: another covariate than at the same time before.")
        times.append((at_h, values))
    last: Values | None = None
    if len(times) == 1:
        yield CovariateStep(*times[0])
    for (since_h, _), (_, values) in pairwise(times):
        if values != last:
            yield CovariateStep(since_h, values)
        last = values


def _stretches(rows: Sequence[EventRow]) -> Iterator[DoseRecord]:
    """Yield the doses; equal ones written out at equal intervals as one stretch, which is quick."""
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


def _continued(stretch: DoseRecord, dose: DoseRecord) -> DoseRecord | None:
    """Return the stretch with one dose more, or None where that is not its next."""
    gap_h = dose.first_h - stretch.first_h
    interval_h = gap_h if stretch.count == 1 else stretch.interval_h
    is_next = gap_h > 0 and gap_h == interval_h * stretch.count
    if dose.count > 1 or dose.amount_mg != stretch.amount_mg or not is_next:
        return None
    return DoseRecord(stretch.first_h, stretch.amount_mg, interval_h, stretch.count + 1)


def _refuse_levels_without_doses(rows: Sequence[EventRow], doses: Sequence[DoseRecord]) -> None:
    first_h = min((each.first_h for each in doses), default=inf)
    for row in rows:
        level = row.level
        if level is not None and level.at_h <= first_h and level.bound is not Censoring.BELOW:
            raise UserError(
                f"{row.place}, DV: a level before the first dose: its doses are missing."
            )
