"""Levels and doses as tables: one row an entry, every column named with its unit.

Both tables come from the records of one patient or of ten thousand. Times are UTC in whole seconds
(`datetime64[s]`), so that hours between two of them are true hours.

The table of levels:

| column | type | what it holds |
| --- | --- | --- |
| patient | int64 | the patient's number in the store |
| number | int64 | the level's number in the store |
| sampled_utc | datetime64[s] | when it was sampled |
| level_ng_ml | float64 | the level, rounded once from the exact decimal |
| comparator | category | "<" or ">" for a censored level, else missing |
| last_dose_utc | datetime64[s] | when the last dose before it was given, or missing |
| assay | category | how it was measured (`Assay`), or missing |
| voided | bool | whether it was marked as wrong |

The table of doses has a row for each maintenance dose as it was really in force
(`monitoring.treatment.courses`), cut where doses began or ceased to be held, and one for each
loading dose:

| column | type | what it holds |
| --- | --- | --- |
| patient | int64 | the patient's number in the store |
| number | int64 | the prescription's number in the store |
| since_utc | datetime64[s] | when it began; of one patient's maintenance doses no two are equal |
| until_utc | datetime64[s] | when it ceased, or missing where it still holds |
| is_loading | bool | whether it is a loading dose, given once |
| is_change | bool | whether it differs from what was in force just before |
| times_a_day | int64 | how often it is given |
| target_low_ng_ml | float64 | the lower end of the target, or missing |
| target_high_ng_ml | float64 | the upper end of the target |
| stretch | int64 | the same within a stretch without pause, held doses or change of target |
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitoring.record.entries import Record, Recorded
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.times import Moment
from monitoring.treatment import Course, courses, loading_doses

if TYPE_CHECKING:
    import pandas as pd

_LEVEL_COLUMNS = {
    "patient": "int64",
    "number": "int64",
    "sampled_utc": "datetime64[s]",
    "level_ng_ml": "float64",
    "comparator": "object",
    "last_dose_utc": "datetime64[s]",
    "assay": "object",
    "voided": "bool",
}
_DOSE_COLUMNS = {
    "patient": "int64",
    "number": "int64",
    "since_utc": "datetime64[s]",
    "until_utc": "datetime64[s]",
    "is_loading": "bool",
    "is_change": "bool",
    "times_a_day": "int64",
    "target_low_ng_ml": "float64",
    "target_high_ng_ml": "float64",
    "stretch": "int64",
}


def level_table(records: Iterable[Record]) -> "pd.DataFrame":
    """Return the levels of these records, voided ones too; the columns are described above."""
    import pandas as pd  # noqa: PLC0415 - heavy

    rows = (_level_row(each) for record in records for each in record.of(Level))
    table = _table(rows, _LEVEL_COLUMNS)
    for column, values in (("comparator", Comparator), ("assay", Assay)):
        table[column] = pd.Categorical(table[column], categories=[each.value for each in values])
    return table


def _level_row(recorded: Recorded[Level]) -> tuple[object, ...]:
    level = recorded.entry
    return (
        recorded.patient,
        recorded.number,
        _utc(level.sampled),
        float(level.value.value),
        level.comparator.value if level.comparator else None,
        _utc(level.last_dose),
        level.assay.value if level.assay else None,
        not recorded.stands,
    )


def dose_table(records: Iterable[Record]) -> "pd.DataFrame":
    """Return the doses of these records that stand; the columns are described above."""
    return _table((row for record in records for row in _dose_rows(record)), _DOSE_COLUMNS)


def _dose_rows(record: Record) -> Iterator[tuple[object, ...]]:
    held = _held(record)
    stretch = 0
    before: Course | None = None
    for course in courses(record):
        began = course.since.utc
        goes_on = before and before.until and before.until.utc == began
        is_alike = goes_on and before and _target(before) == _target(course)
        stretch += not is_alike or began in held
        before = course
        cuts = sorted(each for at, each in held.items() if began < at and course.holds_at(each))
        starts = (course.since, *cuts)
        for piece, (start, until) in enumerate(zip(starts, (*cuts, course.until), strict=True)):
            is_change = course.is_change and piece == 0
            yield _dose_row(course.prescription, start, until, is_change, stretch + piece)
        stretch += len(cuts)
    for loading in loading_doses(record):
        yield _dose_row(loading, loading.entry.since, None, is_change=False, stretch=0)


def _held(record: Record) -> dict[datetime, Moment]:
    """Return the moments from which and until which doses were held, by their time in UTC."""
    held = (each.entry for each in record.standing(MissedDose))
    return {each.utc: each for entry in held if entry.until for each in (entry.at, entry.until)}


def _target(course: Course) -> object:
    return course.prescription.entry.target


def _dose_row(
    recorded: Recorded[Prescription],
    since: Moment,
    until: Moment | None,
    is_change: bool,  # noqa: FBT001 - a column of the table
    stretch: int,
) -> tuple[object, ...]:
    dose = recorded.entry
    low = dose.target.low_ng_ml
    return (
        recorded.patient,
        recorded.number,
        _utc(since),
        _utc(until),
        dose.loading,
        is_change,
        dose.times_a_day,
        None if low is None else float(low),
        float(dose.target.high_ng_ml),
        stretch,
    )


def _utc(moment: Moment | None) -> datetime | None:
    return moment.utc.replace(tzinfo=None) if moment else None


def _table(rows: Iterable[tuple[object, ...]], types: dict[str, Any]) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 - heavy

    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    return pd.DataFrame(
        {
            name: pd.Series(list(column), dtype=kind)
            for (name, kind), column in zip(types.items(), columns, strict=True)
        }
    )
