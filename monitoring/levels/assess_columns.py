"""The assessment itself: from columns of levels and doses to columns of what each level means.

One patient and ten thousand take the same path, whole columns at a time. Times are whole seconds:
a limit of hours or days is met exactly.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dosing.knowledge.tdm_rules import (
    AFTER_LOADING_FROM,
    DAY_REACHED_BEFORE,
    FAR_TOO_EARLY,
    PEAK_WITHIN,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
)
from monitoring.levels.columns import LESS, MORE, NONE, DoseColumns, LevelColumns
from monitoring.levels.doubles import doubles
from monitoring.levels.misfit import misfits
from monitoring.levels.regimens import Regimens, regimens_of
from monitoring.levels.timeline import DAY_S, HOUR_S, on_line, seconds_of
from monitoring.levels.trough import is_trough
from monitoring.terms import Status

if TYPE_CHECKING:
    from monitoring.levels.timeline import Real, Truth, Whole

STATUSES = tuple(Status)
"""The meaning of each code of `AssessedColumns.status`."""
_BELOW, _WITHIN, _ABOVE, _NOT_ASSESSED = range(len(STATUSES))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedColumns:
    """The assessments by patient, time and number; see `monitoring.levels.tables`."""

    order: "Whole | None"
    """The places of the levels in the input; None if they were in this order already."""
    hours_since_last_dose: "Real"
    interval_hours: "Real"
    is_trough: "Truth"
    has_interval: "Truth"
    """Whether `is_trough` is known."""
    is_peak: "Truth"
    dose: "Whole"
    """The number of the prescription that the level reflects; 0 without a dose at the sample."""
    target_low_ng_ml: "Real"
    target_high_ng_ml: "Real"
    days_since_change: "Real"
    is_steady: "Truth"
    may_be_steady: "Truth"
    """Whether `is_steady` is not known."""
    is_day_full: "Truth"
    """Whether a day after the change counts at its hour, not `DAY_REACHED_BEFORE`."""
    is_in_question: "Truth"
    """Whether the record contradicts the last dose: then trough and steady state are unknown."""
    is_after_hold: "Truth"
    """Whether doses were held shortly before, or are held: then it is not steady."""
    double: "Whole"
    """The places of the values of `Double`, or `NONE`."""
    misfit: "Whole"
    """The places of the values of `MisfitReason`, or `NONE`."""
    compared: "Whole"
    """The number of the level with which a misfit was compared, or 0."""
    status: "Whole"
    is_evaluable: "Truth"
    change_percent: "Real"
    period: "Whole"


def assess_columns(levels: LevelColumns, doses: DoseColumns) -> AssessedColumns:
    """Return the assessment of each level; levels and doses come in any order."""
    import numpy as np  # noqa: PLC0415 - heavy

    patients, place = _places(levels.patient)
    order = _order(levels, place)
    if order is not None:
        levels, place = levels.rows(order), place[order]
    sampled_s, last_dose_s = seconds_of(levels.sampled_utc), seconds_of(levels.last_dose_utc)
    regimens = regimens_of(doses, patients)

    has_last = ~np.isnat(levels.last_dose_utc)
    then = regimens.in_force(place, last_dose_s)
    interval_s, since_dose_s = regimens.interval_s[then], sampled_s - last_dose_s
    is_near = is_trough(since_dose_s, interval_s)
    has_interval = (then != 0) & ~levels.is_in_question
    is_peak = has_last & (since_dose_s <= PEAK_WITHIN.value * HOUR_S)
    is_peak &= ~((then != 0) & is_near)

    reflected_s = np.where(has_last, np.minimum(last_dose_s, sampled_s), sampled_s - 1)
    dose = regimens.in_force(place, sampled_s)
    reflected = _reflected(regimens, dose, regimens.in_force(place, reflected_s), reflected_s)
    since_change_s = sampled_s - regimens.changed_s[reflected]
    since_loading_s = regimens.since_loading_s(place, reflected_s) + (sampled_s - reflected_s)
    since_s = np.minimum(since_change_s, since_loading_s)
    is_loaded = regimens.is_loaded[reflected]
    is_day_full = levels.is_young | regimens.is_restart[reflected] | is_loaded
    is_day_full |= since_loading_s <= since_change_s
    slack_s = np.where(is_day_full, 0, DAY_REACHED_BEFORE.value * HOUR_S)
    is_steady, is_open = _steady_state(
        since_change_s + slack_s, since_loading_s, is_loaded=is_loaded
    )
    is_held = (dose != 0) & (regimens.held_since_s[dose] < sampled_s) & ~is_near
    is_after_hold = levels.is_after_hold | (is_held & ~levels.is_in_question)
    is_open &= ~is_after_hold
    is_steady &= ~is_after_hold
    is_open |= levels.is_in_question & is_steady
    is_steady &= ~levels.is_in_question

    low, high = regimens.target_low_ng_ml[reflected], regimens.target_high_ng_ml[reflected]
    is_in_use = ~levels.voided & ~levels.is_excluded
    double, first = doubles(levels, is_in_use=is_in_use, place=place)
    status = _status(levels, low, high)
    status[~is_in_use | ~has_interval | ~is_near | (dose == 0)] = _NOT_ASSESSED
    is_evaluable = (status != _NOT_ASSESSED) & (is_steady | is_open) & (double == NONE)

    is_on_dose = (dose != 0) & (regimens.held_since_s[dose] >= sampled_s)
    misfit, compared = misfits(
        levels,
        is_judged=is_in_use & ~is_peak & (double == NONE),
        is_comparable=is_on_dose & (since_s + slack_s >= FAR_TOO_EARLY.value * DAY_S),
        exposure=on_line(place, sampled_s - since_s),
        top_ng_ml=high,
    )
    repeated = np.flatnonzero(first != NONE)
    misfit[repeated], compared[repeated] = misfit[first[repeated]], compared[first[repeated]]
    return AssessedColumns(
        order=order,
        hours_since_last_dose=np.where(has_last, since_dose_s / HOUR_S, np.nan),
        interval_hours=np.where(then != 0, interval_s / HOUR_S, np.nan),
        is_trough=is_near,
        has_interval=has_interval,
        is_peak=is_peak,
        dose=regimens.number[reflected],
        target_low_ng_ml=low,
        target_high_ng_ml=high,
        days_since_change=np.where(dose == 0, np.nan, since_s / DAY_S),
        is_steady=is_steady,
        may_be_steady=is_open | (dose == 0),
        is_day_full=is_day_full,
        is_in_question=levels.is_in_question,
        is_after_hold=is_after_hold,
        status=status,
        is_evaluable=is_evaluable,
        double=double,
        misfit=misfit,
        compared=np.where(compared == NONE, 0, levels.number[compared]),
        change_percent=_change_percent(levels, place, is_evaluable),
        period=regimens.period[reflected],
    )


def _reflected(regimens: Regimens, now: "Whole", then: "Whole", then_s: "Whole") -> "Whole":
    """Return the row of the dose that each level reflects: that of the last dose before it.

    The row at the sample stays where no dose was prescribed then or now, and after a restart since
    then. See `Level.is_from_before`.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    is_restarted = regimens.is_restart[now] & (regimens.changed_s[now] > then_s)
    return np.where((then == 0) | (now == 0) | is_restarted, now, then)


def _places(patient: "Whole") -> "tuple[Whole, Whole]":
    """Return the patients' numbers, sorted, and the place there of each row's patient."""
    import numpy as np  # noqa: PLC0415 - heavy

    steps = np.diff(patient)
    if (steps < 0).any():
        return np.unique(patient, return_inverse=True)
    is_first = np.append(np.ones(min(1, len(patient)), dtype=bool), steps > 0)
    return patient[is_first], np.cumsum(is_first) - 1


def _order(levels: LevelColumns, place: "Whole") -> "Whole | None":
    """Return the places of the levels by patient, time and number; None if already in order."""
    import numpy as np  # noqa: PLC0415 - heavy

    line = on_line(place, seconds_of(levels.sampled_utc))
    return None if (np.diff(line) > 0).all() else np.lexsort((levels.number, line))


def _steady_state(
    since_change_s: "Whole", since_loading_s: "Whole", *, is_loaded: "Truth"
) -> "tuple[Truth, Truth]":
    """Return whether steady state is certainly reached, and whether it may be."""
    import numpy as np  # noqa: PLC0415 - heavy

    from_s, surely_s, loaded_s = (
        rule.value * DAY_S
        for rule in (STEADY_STATE_NOT_BEFORE, STEADY_STATE_SURELY_FROM, AFTER_LOADING_FROM)
    )
    is_late = since_loading_s >= loaded_s
    is_steady = is_late & (since_change_s >= np.where(is_loaded, loaded_s, surely_s))
    return is_steady, is_late & ~is_loaded & ~is_steady & (since_change_s >= from_s)


def _status(levels: LevelColumns, low: "Real", high: "Real") -> "Whole":
    """Return the status of each level; of a censored one only if it is certain."""
    import numpy as np  # noqa: PLC0415 - heavy

    level = levels.level_ng_ml
    is_less, is_more = levels.comparator == LESS, levels.comparator == MORE
    is_below = ~is_more & np.where(is_less, level <= low, level < low)
    is_above = ~is_less & np.where(is_more, level >= high, level > high)
    has_place = (~is_less | (np.isnan(low) & (level <= high))) & ~is_more
    status = np.full(len(levels), _NOT_ASSESSED, dtype="int8")
    for is_here, here in ((has_place, _WITHIN), (is_below, _BELOW), (is_above, _ABOVE)):
        status[is_here] = here
    return status


def _change_percent(levels: LevelColumns, place: "Whole", is_evaluable: "Truth") -> "Real":
    """Return the change of each evaluable level from the last evaluable one of its assay."""
    import numpy as np  # noqa: PLC0415 - heavy

    level = np.where(levels.comparator == NONE, levels.level_ng_ml, np.nan)
    change = np.full(len(levels), np.nan)
    for assay in range(levels.assay.max(initial=NONE) + 1):
        rows = np.flatnonzero(is_evaluable & (levels.assay == assay))
        before, after = rows[:-1], rows[1:]
        is_same_patient = place[before] == place[after]
        before, after = before[is_same_patient], after[is_same_patient]
        change[after] = (level[after] - level[before]) / level[before] * 100
    return change
