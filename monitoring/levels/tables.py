"""Levels, doses and assessments as tables: a row an entry, every column named with its unit.

They come from the records of one patient or of ten thousand. Times are UTC in whole seconds
(`datetime64[s]`): the hours between two of them are true hours.

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
| is_excluded | bool | whether its cause takes it out of every assessment |
| is_young | bool | whether it was sampled under 7 months of age |
| is_in_question | bool | whether the record contradicts its last dose |
| is_after_hold | bool | whether doses that it reflects were held shortly before |

The table of doses has a row for each dosing period (`monitoring.treatment`), cut at the beginning
and the end of a hold and at every change of exposure, and one for each loading dose:

| column | type | what it holds |
| --- | --- | --- |
| patient | int64 | the patient's number in the store |
| number | int64 | the prescription's number in the store |
| since_utc | datetime64[s] | when it began; of one patient's maintenance doses no two are equal |
| until_utc | datetime64[s] | when it ended, or missing if it is current |
| is_loading | bool | whether it is a loading dose, given once |
| is_change | bool | whether the exposure changes with it |
| is_restart | bool | whether it is a restart after a gap |
| held_since_utc | datetime64[s] | when the hold in which it is began, or missing |
| interval_hours | int64 | the hours between two doses |
| target_low_ng_ml | float64 | the lower end of the target, or missing |
| target_high_ng_ml | float64 | the upper end of the target |
| period | int64 | the number of a period without pause, held doses or change of target |

The table of assessments has the columns of the levels and these:

| column | type | what it holds |
| --- | --- | --- |
| hours_since_last_dose | float64 | true hours from the last dose to the sample, or missing |
| interval_hours | float64 | between doses, at the time of the last dose, or missing |
| is_trough | boolean | missing if the last dose or the interval is unknown, or in question |
| dose | Int64 | the number of the prescription that it reflects, or missing |
| target_low_ng_ml | float64 | the lower end of its target, or missing |
| target_high_ng_ml | float64 | the upper end of its target, or missing |
| days_since_change | float64 | from the last change of exposure, or missing |
| steady_state | boolean | missing if it may be reached, or without a dose |
| status | category | the values of `Status` |
| is_evaluable | bool | in use, a trough, not too early, on a known side of the target, no double |
| misfit | category | the values of `MisfitReason`, or missing |
| change_percent | float64 | from the last evaluable level of the same assay, or missing |
| period | int64 | as in the table of doses; -1 without a dose |
"""

from collections.abc import Hashable, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from monitoring.levels.assess_columns import STATUSES, assess_columns
from monitoring.levels.columns import DoseColumns, LevelColumns
from monitoring.levels.misfit import REASONS
from monitoring.record.entries import Record
from monitoring.record.level import Assay, Comparator

if TYPE_CHECKING:
    import pandas as pd

_COMPARATORS = [each.value for each in Comparator]
_ASSAYS = [each.value for each in Assay]
_MISFITS = [each.value for each in REASONS]


def level_table(records: Iterable[Record]) -> "pd.DataFrame":
    """Return the levels of these records, voided ones too; the columns are described above."""
    import pandas as pd  # noqa: PLC0415 - heavy

    levels = LevelColumns.of(records)
    table = _table(levels)
    table["comparator"] = pd.Categorical.from_codes(levels.comparator, pd.Index(_COMPARATORS))
    table["assay"] = pd.Categorical.from_codes(levels.assay, pd.Index(_ASSAYS))
    return table


def dose_table(records: Iterable[Record]) -> "pd.DataFrame":
    """Return the active doses of these records; the columns are described above."""
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
    """Return the table of assessments, by patient and time; the columns are described above.

    `levels` and `doses` are tables in any order.
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    assessed = assess_columns(levels_of(levels), doses_of(doses))
    if assessed.order is not None:
        levels = levels.iloc[assessed.order]
    statuses = pd.Index([each.value for each in STATUSES])
    columns: dict[Hashable, Any] = {
        "hours_since_last_dose": assessed.hours_since_last_dose,
        "interval_hours": assessed.interval_hours,
        "is_trough": pd.arrays.BooleanArray(assessed.is_trough, ~assessed.has_interval),
        "dose": pd.arrays.IntegerArray(assessed.dose, assessed.dose == 0),
        "target_low_ng_ml": assessed.target_low_ng_ml,
        "target_high_ng_ml": assessed.target_high_ng_ml,
        "days_since_change": assessed.days_since_change,
        "steady_state": pd.arrays.BooleanArray(assessed.is_steady, assessed.may_be_steady),
        "status": pd.Categorical.from_codes(assessed.status, categories=statuses),
        "is_evaluable": assessed.is_evaluable,
        "misfit": pd.Categorical.from_codes(assessed.misfit, categories=pd.Index(_MISFITS)),
        "change_percent": assessed.change_percent,
        "period": assessed.period,
    }
    # One frame made at once: what is assigned column by column is copied.
    return pd.DataFrame(dict(levels.items()) | columns, copy=False)
