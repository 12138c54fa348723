"""Levels, doses and assessments as tables: a row an entry, every column named with its unit.

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
| period | int64 | the same within a stretch without pause, held doses or change of target |

The table of assessments has the columns of the levels and these:

| column | type | what it holds |
| --- | --- | --- |
| hours_since_last_dose | float64 | true hours from the last dose to the sample, or missing |
| interval_hours | float64 | between doses, of the dose in force at the last dose, or missing |
| is_trough | boolean | missing where the last dose or the interval is not known |
| dose | Int64 | the number of the prescription in force at the sample, or missing |
| target_low_ng_ml | float64 | the lower end of its target, or missing |
| target_high_ng_ml | float64 | the upper end of its target, or missing |
| days_since_change | float64 | from its last change or a later loading dose, or missing |
| steady_state | boolean | missing where it may be, or where no dose was in force |
| status | category | the values of `Status` |
| is_evaluable | bool | it stands, is a trough, not too early, and lies somewhere certain |
| change_percent | float64 | against the last level that counts, of the same assay, or missing |
| period | int64 | of treatment: see the table of doses; -1 without a dose |
"""

from collections.abc import Hashable, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from monitoring.levels.assess_columns import STATUSES, assess_columns
from monitoring.levels.columns import DoseColumns, LevelColumns
from monitoring.record.entries import Record
from monitoring.record.level import Assay, Comparator

if TYPE_CHECKING:
    import pandas as pd

_COMPARATORS = [each.value for each in Comparator]
_ASSAYS = [each.value for each in Assay]


def level_table(records: Iterable[Record]) -> "pd.DataFrame":
    """Return the levels of these records, voided ones too; the columns are described above."""
    import pandas as pd  # noqa: PLC0415 - heavy

    levels = LevelColumns.of(records)
    table = _table(levels)
    table["comparator"] = pd.Categorical.from_codes(levels.comparator, pd.Index(_COMPARATORS))
    table["assay"] = pd.Categorical.from_codes(levels.assay, pd.Index(_ASSAYS))
    return table


def dose_table(records: Iterable[Record]) -> "pd.DataFrame":
    """Return the doses of these records that stand; the columns are described above."""
    return _table(DoseColumns.of(records))


def _table(columns: LevelColumns | DoseColumns) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 - heavy

    return pd.DataFrame({each.name: getattr(columns, each.name) for each in fields(columns)})


def levels_of(table: "pd.DataFrame") -> LevelColumns:
    """Return the columns of a table of levels; an assay's code is that of the table's own."""
    import pandas as pd  # noqa: PLC0415 - heavy

    comparator = table["comparator"].astype(pd.CategoricalDtype(_COMPARATORS))
    codes = {"comparator": comparator.cat.codes, "assay": table["assay"].cat.codes}
    return LevelColumns(
        **{
            each.name: codes.get(each.name, table[each.name]).to_numpy()
            for each in fields(LevelColumns)
        }
    )


def doses_of(table: "pd.DataFrame") -> DoseColumns:
    """Return the columns of a table of doses."""
    return DoseColumns(**{each.name: table[each.name].to_numpy() for each in fields(DoseColumns)})


def assess(levels: "pd.DataFrame", doses: "pd.DataFrame") -> "pd.DataFrame":
    """Return the levels by patient and time with what each means; the columns are given above.

    `levels` and `doses` are tables as above, in any order.
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    judged = assess_columns(levels_of(levels), doses_of(doses))
    if judged.order is not None:
        levels = levels.iloc[judged.order]
    statuses = pd.Index([each.value for each in STATUSES])
    columns: dict[Hashable, Any] = {
        "hours_since_last_dose": judged.hours_since_last_dose,
        "interval_hours": judged.interval_hours,
        "is_trough": pd.arrays.BooleanArray(judged.is_trough, ~judged.has_interval),
        "dose": pd.arrays.IntegerArray(judged.dose, judged.dose == 0),
        "target_low_ng_ml": judged.target_low_ng_ml,
        "target_high_ng_ml": judged.target_high_ng_ml,
        "days_since_change": judged.days_since_change,
        "steady_state": pd.arrays.BooleanArray(judged.is_steady, judged.may_be_steady),
        "status": pd.Categorical.from_codes(judged.status, categories=statuses),
        "is_evaluable": judged.is_evaluable,
        "change_percent": judged.change_percent,
        "period": judged.period,
    }
    # One frame made at once: what is assigned column by column is copied.
    return pd.DataFrame(dict(levels.items()) | columns, copy=False)
