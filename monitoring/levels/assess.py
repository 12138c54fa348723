"""Assessments of the levels of a record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

from dosing.alerts import NO_ALERTS
from dosing.knowledge.tdm_rules import HOLDING_CONSIDERED_ABOVE, LevelRule
from monitoring.levels.assess_columns import STATUSES, AssessedColumns, assess_columns
from monitoring.levels.columns import NONE, DoseColumns, LevelColumns
from monitoring.levels.doubles import DOUBLES
from monitoring.levels.level_alerts import alerts_of_levels
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.levels.misfit import REASONS, Misfit
from monitoring.levels.tables import assess, dose_table, level_table
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level, LevelCauseAnswer
from monitoring.record.level_causes import level_causes
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
    levels = sorted(record.of(Level), key=lambda each: row_of[each.number])
    beside = _Beside(
        {each.number: each for each in record.of(Prescription)},
        {each.number: each for each in levels},
        level_causes(record),
    )
    history = TreatmentHistory.of(record)
    hold = record.limits.rule(HOLDING_CONSIDERED_ABOVE)
    found = [_assessment(each, columns, row_of[each.number], beside, hold) for each in levels]
    alerts = alerts_of_levels(history, found)
    return tuple(
        replace(each, alerts=its) if its else each for each, its in zip(found, alerts, strict=True)
    )


def assessed_table(records: Sequence[Record]) -> "pd.DataFrame":
    """Return the table of assessments of these records; see `assess`."""
    return assess(level_table(records), dose_table(records))


@dataclass(frozen=True, slots=True)
class _Beside:
    """The entries that an assessment names, by their numbers."""

    doses: Mapping[int, StoredEntry[Prescription]]
    levels: Mapping[int, StoredEntry[Level]]
    causes: Mapping[int, StoredEntry[LevelCauseAnswer]]


def _assessment(
    level: StoredEntry[Level],
    columns: AssessedColumns,
    row: int,
    beside: _Beside,
    hold_above: LevelRule[int],
) -> LevelAssessment:
    """Return an assessment as a value, before its alerts."""
    dose = beside.doses.get(int(columns.dose[row]))
    misfit, double = int(columns.misfit[row]), int(columns.double[row])
    return LevelAssessment(
        level=level,
        status=STATUSES[columns.status[row]],
        is_trough=bool(columns.is_trough[row]) if columns.has_interval[row] else None,
        steady_state=None if columns.may_be_steady[row] else bool(columns.is_steady[row]),
        hours_since_last_dose=_known(columns.hours_since_last_dose[row]),
        interval_hours=_known(columns.interval_hours[row]),
        days_since_change=_known(columns.days_since_change[row]),
        target=dose.entry.assessed_target if dose else None,
        change_percent=_known(columns.change_percent[row]),
        alerts=NO_ALERTS,
        hold_above=hold_above,
        is_peak=bool(columns.is_peak[row]),
        is_day_full=bool(columns.is_day_full[row]),
        is_in_question=bool(columns.is_in_question[row]),
        is_after_hold=bool(columns.is_after_hold[row]),
        cause=beside.causes.get(level.number),
        misfit=None
        if misfit == NONE
        else Misfit(REASONS[misfit], beside.levels.get(int(columns.compared[row]))),
        double=None if double == NONE else DOUBLES[double],
    )


def _known(number: float) -> float | None:
    """Return a number of a column, or None where it is missing."""
    return None if isnan(number) else float(number)
