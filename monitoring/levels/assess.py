"""What each level of one record means."""

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
    """Return what each level means, oldest first; voided ones are among them, not assessed."""
    (levels,) = assess_levels_of([record])
    return levels


def assess_levels_of(records: Sequence[Record]) -> list[tuple[LevelAssessment, ...]]:
    """Return what `assess_levels` does of each record; they are judged at once."""
    levels = LevelColumns.of(records)
    if not len(levels):
        return [()] * len(records)
    judged = assess_columns(levels, DoseColumns.of(records))
    numbers = levels.number if judged.order is None else levels.number[judged.order]
    row_of = {number: row for row, number in enumerate(numbers.tolist())}
    return [_assessments(record, judged, row_of) for record in records]


def _assessments(
    record: Record, judged: AssessedColumns, row_of: Mapping[int, int]
) -> tuple[LevelAssessment, ...]:
    doses = {each.number: each for each in record.of(Prescription)}
    levels = sorted(record.of(Level), key=lambda each: row_of[each.number])
    history = TreatmentHistory.of(record)
    assessed = (_assessment(each, judged, row_of[each.number], doses) for each in levels)
    return tuple(replace(each, alerts=level_alerts(history, each)) for each in assessed)


def assessed_table(records: Sequence[Record]) -> "pd.DataFrame":
    """Return the table of what the levels of these records mean; see `assess`."""
    return assess(level_table(records), dose_table(records))


def _assessment(
    level: StoredEntry[Level],
    judged: AssessedColumns,
    row: int,
    doses: Mapping[int, StoredEntry[Prescription]],
) -> LevelAssessment:
    """Return a judgement as a value, without its alerts yet."""
    dose = doses.get(int(judged.dose[row]))
    return LevelAssessment(
        level=level,
        status=STATUSES[judged.status[row]],
        is_trough=bool(judged.is_trough[row]) if judged.has_interval[row] else None,
        steady_state=None if judged.may_be_steady[row] else bool(judged.is_steady[row]),
        hours_since_last_dose=_known(judged.hours_since_last_dose[row]),
        interval_hours=_known(judged.interval_hours[row]),
        days_since_change=_known(judged.days_since_change[row]),
        target=dose.entry.target if dose else None,
        change_percent=_known(judged.change_percent[row]),
        alerts=NO_ALERTS,
    )


def _known(number: float) -> float | None:
    """Return a number of a column, or None where it is missing."""
    return None if isnan(number) else float(number)
