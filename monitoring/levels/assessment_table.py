"""The assessment itself: a table of levels and a table of doses in, a table of judgements out.

One path for one patient and for ten thousand: whole columns at a time, times in whole seconds, so
that a limit of hours or days is met exactly. The columns that are added to those of the levels:

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
| counts | bool | it stands, is a trough, not too early, and lies somewhere certain |
| change_percent | float64 | against the last level that counts, of the same assay, or missing |
| stretch | int64 | of treatment: see the table of doses; -1 without a dose |
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from dosing.level_rules import (
    AFTER_LOADING_FROM,
    DAY_REACHED_BEFORE,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
    TROUGH_WINDOW,
)
from monitoring.levels.level_assessment import Status
from monitoring.levels.regimens import regimens_of
from monitoring.levels.timeline import DAY_S, HOUR_S, on_line, seconds_of

if TYPE_CHECKING:
    import pandas as pd

    from monitoring.levels.timeline import Real, Truth, Whole

_STATUSES = [status.value for status in Status]
_BELOW, _WITHIN, _ABOVE, _NOT_ASSESSED = range(len(_STATUSES))


def assess(levels: "pd.DataFrame", doses: "pd.DataFrame") -> "pd.DataFrame":
    """Return the levels by patient and time with what each means; the columns are given above.

    `levels` and `doses` are tables as in `monitoring.levels.tables`, in any order.
    """
    import numpy as np  # noqa: PLC0415 - heavy
    import pandas as pd  # noqa: PLC0415 - heavy

    place, patients = pd.factorize(levels["patient"], sort=True)
    levels, place = _in_order(levels, place)
    sampled_s, last_dose_s = seconds_of(levels["sampled_utc"]), seconds_of(levels["last_dose_utc"])
    regimens = regimens_of(doses, pd.Index(patients))

    then = regimens.in_force(place, last_dose_s)
    interval_s, since_dose_s = regimens.interval_s[then], sampled_s - last_dose_s
    is_trough = np.abs(since_dose_s - interval_s) * 12 <= interval_s * TROUGH_WINDOW.value

    dose = regimens.in_force(place, sampled_s)
    since_change_s = sampled_s - regimens.changed_s[dose]
    since_loading_s = regimens.since_loading_s(place, sampled_s)
    is_steady, is_open = _steady_state(
        since_change_s, since_loading_s, is_loaded=regimens.is_loaded[dose]
    )

    low, high = regimens.target_low_ng_ml[dose], regimens.target_high_ng_ml[dose]
    status = _status(levels, low, high)
    status[levels["voided"] | (then == 0) | ~is_trough | (dose == 0)] = _NOT_ASSESSED
    counts = (status != _NOT_ASSESSED) & (is_steady | is_open)
    days = np.minimum(since_change_s, since_loading_s) / DAY_S
    judged: dict[Hashable, Any] = {
        "hours_since_last_dose": np.where(
            levels["last_dose_utc"].isna(), np.nan, since_dose_s / HOUR_S
        ),
        "interval_hours": np.where(then == 0, np.nan, interval_s / HOUR_S),
        "is_trough": pd.arrays.BooleanArray(is_trough, then == 0),
        "dose": pd.arrays.IntegerArray(regimens.number[dose], dose == 0),
        "target_low_ng_ml": low,
        "target_high_ng_ml": high,
        "days_since_change": np.where(dose == 0, np.nan, days),
        "steady_state": pd.arrays.BooleanArray(is_steady, is_open | (dose == 0)),
        "status": pd.Categorical.from_codes(status, categories=pd.Index(_STATUSES)),
        "counts": counts,
        "change_percent": _change_percent(levels, place, counts),
        "stretch": regimens.stretch[dose],
    }
    # One frame made at once: what is assigned column by column is copied.
    return pd.DataFrame(dict(levels.items()) | judged, copy=False)


def _in_order(levels: "pd.DataFrame", place: "Whole") -> "tuple[pd.DataFrame, Whole]":
    """Return the levels, and the places of their patients, by patient, time and number."""
    import numpy as np  # noqa: PLC0415 - heavy

    line = on_line(place, seconds_of(levels["sampled_utc"]))
    if (np.diff(line) > 0).all():
        return levels, place
    order = np.lexsort((levels["number"], line))
    return levels.iloc[order], place[order]


def _steady_state(
    since_change_s: "Whole", since_loading_s: "Whole", *, is_loaded: "Truth"
) -> "tuple[Truth, Truth]":
    """Return whether steady state is surely reached, and whether it may be."""
    import numpy as np  # noqa: PLC0415 - heavy

    from_s, surely_s, loaded_s = (
        rule.value * DAY_S - DAY_REACHED_BEFORE.value * HOUR_S
        for rule in (STEADY_STATE_NOT_BEFORE, STEADY_STATE_SURELY_FROM, AFTER_LOADING_FROM)
    )
    is_late = since_loading_s >= loaded_s
    is_steady = is_late & (since_change_s >= np.where(is_loaded, loaded_s, surely_s))
    return is_steady, is_late & ~is_loaded & ~is_steady & (since_change_s >= from_s)


def _status(levels: "pd.DataFrame", low: "Real", high: "Real") -> "Whole":
    """Return where each level lies, as far as a censored one lies anywhere for certain."""
    import numpy as np  # noqa: PLC0415 - heavy

    level = levels["level_ng_ml"].to_numpy()
    is_less, is_more = ((levels["comparator"] == sign).to_numpy() for sign in "<>")
    is_below = ~is_more & np.where(is_less, level <= low, level < low)
    is_above = ~is_less & np.where(is_more, level >= high, level > high)
    has_place = (~is_less | (np.isnan(low) & (level <= high))) & ~is_more
    status = np.full(len(levels), _NOT_ASSESSED, dtype="int8")
    for is_here, here in ((has_place, _WITHIN), (is_below, _BELOW), (is_above, _ABOVE)):
        status[is_here] = here
    return status


def _change_percent(levels: "pd.DataFrame", place: "Whole", counts: "Truth") -> "Real":
    """Return by how much each level that counts differs from the last such of its assay."""
    import numpy as np  # noqa: PLC0415 - heavy

    level = np.where(levels["comparator"].isna(), levels["level_ng_ml"], np.nan)
    assays = levels["assay"].cat
    change = np.full(len(levels), np.nan)
    for assay in range(len(assays.categories)):
        rows = np.flatnonzero(counts & (assays.codes.to_numpy() == assay))
        before, after = rows[:-1], rows[1:]
        is_same_patient = place[before] == place[after]
        before, after = before[is_same_patient], after[is_same_patient]
        change[after] = (level[after] - level[before]) / level[before] * 100
    return change
