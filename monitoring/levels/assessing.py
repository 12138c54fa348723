"""What each level of one record means."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from monitoring.levels.assessment_table import assess
from monitoring.levels.level_alerts import level_alerts
from monitoring.levels.level_assessment import LevelAssessment, Status
from monitoring.levels.tables import dose_table, level_table
from monitoring.record.entries import Record
from monitoring.record.level import Level
from monitoring.record.prescription import Prescription

if TYPE_CHECKING:
    import pandas as pd


def assess_levels(record: Record) -> tuple[LevelAssessment, ...]:
    """Return what each level means, oldest first; voided ones are among them, not assessed."""
    if not record.of(Level):
        return ()
    (levels,) = levels_of_table([record], assessed_table([record]))
    return levels


def levels_of_table(
    records: Sequence[Record], table: "pd.DataFrame"
) -> list[tuple[LevelAssessment, ...]]:
    """Return what `assess_levels` does of each record, from the one table of them all."""
    from pandas import isna  # noqa: PLC0415 - heavy

    rows: dict[int, list[dict[Any, Any]]] = {record.number: [] for record in records}
    for row in table.to_dict("records"):
        known: dict[Any, Any] = {
            name: None if isna(value) else value for name, value in row.items()
        }
        rows[known["patient"]].append(known)
    return [_assessments(record, rows[record.number]) for record in records]


def _assessments(record: Record, rows: Sequence[Mapping[Any, Any]]) -> tuple[LevelAssessment, ...]:
    assessed = (_assessment(record, row) for row in rows)
    return tuple(replace(each, alerts=level_alerts(record, each)) for each in assessed)


def assessed_table(records: Sequence[Record]) -> "pd.DataFrame":
    """Return the table of what the levels of these records mean; see `assess`."""
    return assess(level_table(records), dose_table(records))


def _assessment(record: Record, row: Mapping[Any, Any]) -> LevelAssessment:
    """Return a row of the table as a value, without its alerts yet."""
    level = next(each for each in record.of(Level) if each.number == row["number"])
    doses = (each for each in record.of(Prescription) if each.number == row["dose"])
    dose = next(doses, None)
    return LevelAssessment(
        level=level,
        status=Status(row["status"]),
        is_trough=row["is_trough"],
        steady_state=row["steady_state"],
        hours_since_last_dose=row["hours_since_last_dose"],
        interval_hours=row["interval_hours"],
        days_since_change=row["days_since_change"],
        target=dose.entry.target if dose else None,
        change_percent=row["change_percent"],
        alerts=(),
    )
