"""The patients of a table in the NONMEM convention, for an evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from dosing.errors import UserError
from dosing.evaluation.subjects import (
    NOT_RECORDED,
    EvaluatedLevel,
    EvaluatedSubject,
    Grouping,
    NotEvaluated,
    StudySubject,
)
from dosing.knowledge.age_bands import age_band
from dosing.nonmem.columns import Columns
from dosing.nonmem.event_rows import EventRow
from dosing.nonmem.patients_table import rows_of_patients
from dosing.nonmem.table_patient import patient_of
from dosing.pharmacokinetics import Censoring, DosingHistory, MeasuredLevel, Model

if TYPE_CHECKING:
    import pandas as pd

NOT_USABLE = "the rows of the patient cannot be used"
OUTSIDE = "outside the ages or sizes of the model"
NO_COLUMN = "the table lacks a column of the model"
IS_BOUND = "the level is a bound"
_Rows: TypeAlias = Iterator[tuple[str, list[EventRow] | UserError]]
_GAPS = 3
_HOURS_PER_DAY = 24
_MONTHS_PER_YEAR = 12


def table_subjects(
    table: "pd.DataFrame", models: Sequence[Model], *, outside_too: bool
) -> Iterator[StudySubject]:
    """Yield the patients of a table, in its order.

    With `outside_too` a patient outside the ages or sizes of a model is evaluated, else left out.
    Raises `UserError` for a table without a column that each of these models needs, or that all of
    the program need, and as `fit_table` does.
    """
    rows, lacking = _rows_by_model(table, models)
    if lacking and (outside_too or not rows):
        raise next(iter(lacking.values()))
    without = [
        NotEvaluated(reason=NO_COLUMN, levels=0, model=model.key, example=str(error))
        for model, error in lacking.items()
    ]
    for together in zip(*rows.values(), strict=True):
        of_models: dict[str, EvaluatedSubject] = {}
        left_out, without = without, []
        for model, (_, found) in zip(rows, together, strict=True):
            try:
                if isinstance(found, UserError):
                    raise found
                subject = _subject(found, model)
            except UserError as error:
                left_out.append(
                    NotEvaluated(reason=NOT_USABLE, levels=0, model=model.key, example=str(error))
                )
                continue
            bounds = sum(each.bound is not Censoring.VALUE for each in subject.whole)
            if not outside_too and _is_outside(found, model):
                left_out.append(
                    NotEvaluated(reason=OUTSIDE, levels=len(subject.levels), model=model.key)
                )
                continue
            if bounds:
                left_out.append(NotEvaluated(reason=IS_BOUND, levels=bounds, model=model.key))
            of_models[model.key] = subject
        yield StudySubject(of_models=of_models, left_out=tuple(left_out))


def _rows_by_model(
    table: "pd.DataFrame", models: Sequence[Model]
) -> tuple[dict[Model, _Rows], dict[Model, UserError]]:
    """Return the patients' rows for each model, and the error of each that lacks a column."""
    found: dict[Model, _Rows] = {}
    lacking: dict[Model, UserError] = {}
    for model in models:
        try:
            Columns.of(table.columns, model)
        except UserError as error:
            lacking[model] = error
        else:
            found[model] = rows_of_patients(table, model)
    return found, lacking


def _subject(rows: Sequence[EventRow], model: Model) -> EvaluatedSubject:
    """Return the patient of some rows. Raises `UserError` as `patient_of` does."""
    patient = patient_of(rows, model)
    ages = {row.time_h: row.covariates["age"] for row in patient.rows if "age" in row.covariates}
    levels = tuple(
        _level(patient.history, patient.levels, place, ages)
        for place, each in enumerate(patient.levels)
        if each.bound is Censoring.VALUE
    )
    return EvaluatedSubject(levels=levels, history=patient.history, whole=patient.levels)


def _level(
    history: DosingHistory,
    levels: Sequence[MeasuredLevel],
    place: int,
    ages: Mapping[float, float],
) -> EvaluatedLevel:
    level = levels[place]
    earlier = tuple(each for each in levels[:place] if each.at_h < level.at_h)
    last = earlier[-1] if earlier and earlier[-1].bound is Censoring.VALUE else None
    then, now = (daily_mg(history, each.at_h) if each else None for each in (last, level))
    known = [age for at_h, age in ages.items() if at_h <= level.at_h]
    return EvaluatedLevel(
        number=place,
        order=place + 1,
        at_h=level.at_h,
        ng_ml=level.ng_ml,
        history=history,
        earlier=earlier,
        last_level_ng_ml=last.ng_ml if last else None,
        label_ng_ml=last.ng_ml * now / then if last and now and then else None,
        groups={
            Grouping.ORDER: str(place + 1),
            Grouping.AGE: (
                age_band(Decimal(known[-1]) * _MONTHS_PER_YEAR) if known else NOT_RECORDED
            ),
            Grouping.PRODUCT: NOT_RECORDED,
            Grouping.ASSAY: NOT_RECORDED,
        },
    )


def daily_mg(history: DosingHistory, at_h: float) -> float | None:
    """Return the daily dose before a time: the last dose by the median of the last intervals.

    None with fewer than two doses.

    >>> from dosing.pharmacokinetics import CovariateStep, DoseRecord
    >>> twice = DosingHistory((DoseRecord(0, 0.5, 12, 10),), (CovariateStep(0, {}),))
    >>> daily_mg(twice, 60), daily_mg(twice, 12)
    (1.0, None)
    """
    given: list[tuple[float, float]] = []
    for each in history.doses:
        count = min(each.count, ceil((at_h - each.first_h) / each.interval_h))
        least = -_GAPS if each.steady_state else 0
        given += [
            (each.first_h + number * each.interval_h, each.amount_mg)
            for number in range(max(least, count - 1 - _GAPS), count)
        ]
    last = sorted(given)[-1 - _GAPS :]
    gaps = [after - before for (before, _), (after, _) in pairwise(last)]
    interval = median(gaps) if gaps else 0.0
    return _HOURS_PER_DAY * last[-1][1] / interval if interval > 0 else None


def _is_outside(rows: Sequence[EventRow], model: Model) -> bool:
    """Return whether a covariate of a row is outside the range of the model."""
    return any(
        not each.contains(row.covariates[each.name])
        for row in rows
        for each in model.covariates
        if each.name in row.covariates
    )
