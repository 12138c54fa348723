"""Assessments of the levels of a record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING

from dosing.alerts import NO_ALERTS
from monitoring.levels.assess_columns import STATUSES, AssessedColumns, assess_columns
from monitoring.levels.columns import DoseColumns, LevelColumns
from monitoring.levels.level_alerts import level_alerts
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.levels.tables import assess, dose_table, level_table
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription
from monitoring.treatment import TreatmentHistory

if TYPE_CHECKING:
    import pandas as pd


def assess_levels(record: Record) -> tuple[LevelAssessment, ...]:
    """Return an assessment of every level, oldest first; voided ones too, not assessed."""
    (levels,) = assess_levels_of([record])
    return levels


def assess_levels_of(records: Sequence[Record]) -> list[tuple[LevelAssessment, ...]]:
    """Return the assessments of each record; all levels are assessed together."""
    levels = LevelColumns.of(records)
    if not len(levels):
        return [()] * len(records)
    columns = assess_columns(levels, DoseColumns.of(records))
    numbers = levels.number if columns.order is None else levels.number[columns.order]
    row_of = {number: row for row, number in enumerate(numbers.tolist())}
    return [_assessments(record, columns, row_of) for record in records]


def _assessments(
    record: Record, columns: AssessedColumns, row_of: Mapping[int, int]
) -> tuple[LevelAssessment, ...]:
    doses = {each.number: each for each in record.of(Prescription)}
    levels = sorted(record.of(Level), key=lambda each: row_of[each.number])
    history = TreatmentHistory.of(record)
    assessed = (_assessment(each, columns, row_of[each.number], doses) for each in levels)
    return tuple(replace(each, alerts=level_alerts(history, each)) for each in assessed)


def assessed_table(records: Sequence[Record]) -> "pd.DataFrame":
    """Return the table of assessments of these records; see `assess`."""
    return assess(level_table(records), dose_table(records))


def _assessment(
    level: StoredEntry[Level],
    columns: AssessedColumns,
    row: int,
    doses: Mapping[int, StoredEntry[Prescription]],
) -> LevelAssessment:
    """Return an assessment as a value, before its alerts."""
    dose = doses.get(int(columns.dose[row]))
    return LevelAssessment(
        level=level,
        status=STATUSES[columns.status[row]],
        is_trough=bool(columns.is_trough[row]) if columns.has_interval[row] else None,
        steady_state=None if columns.may_be_steady[row] else bool(columns.is_steady[row]),
        hours_since_last_dose=_known(columns.hours_since_last_dose[row]),
        interval_hours=_known(columns.interval_hours[row]),
        days_since_change=_known(columns.days_since_change[row]),
        target=dose.entry.target if dose else None,
        change_percent=_known(columns.change_percent[row]),
        alerts=NO_ALERTS,
    )


def _known(number: float) -> float | None:
    """Return a number of a column, or None where it is missing."""
    return None if isnan(number) else float(number)
