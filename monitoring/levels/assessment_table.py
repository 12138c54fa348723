"""A table of levels and a table of doses in, a table of judgements out; see `judging`.

The columns that are added to those of the levels:

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

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from monitoring.levels.assess_columns import STATUSES, assess_columns
from monitoring.levels.tables import doses_of, levels_of

if TYPE_CHECKING:
    import pandas as pd


def assess(levels: "pd.DataFrame", doses: "pd.DataFrame") -> "pd.DataFrame":
    """Return the levels by patient and time with what each means; the columns are given above.

    `levels` and `doses` are tables as in `monitoring.levels.tables`, in any order.
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
