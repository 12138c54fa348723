"""Alerts of one level: reasons why it is not evaluable, and findings to check."""

from collections.abc import Iterator
from datetime import date, timedelta

from dosing import Alert, Alerts
from dosing.alerts import NO_ALERTS
from dosing.knowledge.alert_catalogue import (
    ASSAY_CHANGED,
    ASSAY_UNKNOWN,
    DOSES_NOT_GIVEN,
    INTERACTING_DRUG_CHANGED,
    INTERVAL_UNKNOWN,
    LAST_DOSE_UNKNOWN,
    LEVEL_BEFORE_FIRST_DOSE,
    LEVEL_CENSORED,
    LEVEL_JUMP,
    LEVEL_NOT_TROUGH,
    LEVEL_TOO_EARLY,
    NO_DOSE_IN_FORCE,
)
from dosing.knowledge.tdm_rules import (
    AFTER_LOADING_FROM,
    ASSAYS_DIFFER,
    DRUG_CHANGED_WITHIN,
    FAR_TOO_EARLY,
    HIGH_LEVELS,
    JUMP,
    NOT_GIVEN_WITHIN,
    STEADY_STATE_NOT_BEFORE,
    is_reached,
)
from dosing.quantities.formatting import count_of, duration, exact_duration
from dosing.quantities.text import shortened
from monitoring.levels.level_assessment import LevelAssessment, Status
from monitoring.levels.trough import trough_window
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Comparator, Level, written
from monitoring.times import short
from monitoring.treatment import TreatmentHistory


def level_alerts(history: TreatmentHistory, assessed: LevelAssessment) -> Alerts:
    """Return the alerts of a level, the strongest first; none of a voided one."""
    level = assessed.level
    if not level.is_active:
        return NO_ALERTS
    alerts = (
        *_high(level.entry),
        *_dose(history, assessed),
        *_trough(assessed),
        *_early(assessed),
        *_censored(assessed),
        *_against_the_last(history.record, level),
        *_not_given(history, level.entry),
        *_drugs(history, level.entry.sampled.local.date()),
    )
    return Alerts(alerts).strongest_first()


def _high(level: Level) -> Iterator[Alert]:
    """Yield the alert of a high level; of a censored one only if it is certain."""
    value, is_more = level.value.value, level.comparator is Comparator.ABOVE
    for high in HIGH_LEVELS:
        is_above = value > high.above.value or (is_more and value == high.above.value)
        if is_above and level.comparator is not Comparator.BELOW:
            yield high.row.alert(value=str(level), limit=str(high.above), level=written(level))
            return


def _dose(history: TreatmentHistory, assessed: LevelAssessment) -> Iterator[Alert]:
    if assessed.target is not None:
        return
    sampled = assessed.level.entry.sampled
    begun = history.first_prescribed
    if begun is not None and sampled < begun:
        yield LEVEL_BEFORE_FIRST_DOSE.alert(
            value=str(sampled), limit=str(begun), sampled=short(sampled), first=short(begun)
        )
    else:
        yield NO_DOSE_IN_FORCE.alert(value=str(sampled))


def _trough(assessed: LevelAssessment) -> Iterator[Alert]:
    level = assessed.level.entry
    if level.last_dose is None or assessed.hours_since_last_dose is None:
        yield LAST_DOSE_UNKNOWN.alert(value=str(level), level=written(level))
    elif assessed.interval_hours is None:
        yield INTERVAL_UNKNOWN.alert(value=str(level.last_dose), last=short(level.last_dose))
    elif not assessed.is_trough:
        since, interval = duration(assessed.hours_since_last_dose), assessed.interval_hours
        window = " to ".join(map(duration, trough_window(interval)))
        yield LEVEL_NOT_TROUGH.alert(
            value=exact_duration(assessed.hours_since_last_dose),
            limit=window,
            level=written(level),
            since=since,
            window=window,
            interval=duration(interval),
            model=None,
        )


def _early(assessed: LevelAssessment) -> Iterator[Alert]:
    days = assessed.days_since_change
    if days is None or assessed.steady_state is not False:
        return
    rule = STEADY_STATE_NOT_BEFORE if is_reached(days, FAR_TOO_EARLY) else FAR_TOO_EARLY
    yield LEVEL_TOO_EARLY.alert(
        source=rule.source,
        value=exact_duration(days * 24),
        limit=str(rule),
        steady=STEADY_STATE_NOT_BEFORE,
        loaded=AFTER_LOADING_FROM,
    )


def _censored(assessed: LevelAssessment) -> Iterator[Alert]:
    level, target = assessed.level.entry, assessed.target
    has_no_place = assessed.is_trough and assessed.status is Status.NOT_ASSESSED
    if level.comparator and target and has_no_place:
        yield LEVEL_CENSORED.alert(value=str(level), limit=str(target), level=written(level))


def _against_the_last(record: Record, level: StoredEntry[Level]) -> Iterator[Alert]:
    """Yield the differences from the active levels before, evaluable or not."""
    entry, own = level.entry, _when(level)
    before = sorted((each for each in record.active(Level) if _when(each) < own), key=_when)
    if before and _is_jump(before[-1].entry, entry):
        last = before[-1].entry
        yield LEVEL_JUMP.alert(
            value=str(entry),
            limit=f"{JUMP} {last}",
            level=written(entry),
            times=JUMP,
            last=written(last),
            sampled=short(last.sampled),
        )
    if entry.assay is None:
        yield ASSAY_UNKNOWN.alert(value=str(entry), differ=ASSAYS_DIFFER)
        return
    measured = [each.entry.assay for each in before if each.entry.assay]
    if measured and measured[-1] is not entry.assay:
        yield ASSAY_CHANGED.alert(
            value=entry.assay.value, limit=measured[-1].value, differ=ASSAYS_DIFFER
        )


def _when(level: StoredEntry[Level]) -> tuple[object, int]:
    return level.entry.sampled.utc, level.number


def _is_jump(last: Level, level: Level) -> bool:
    """Return whether a level is certainly more than `JUMP` times the last one."""
    if last.comparator is Comparator.ABOVE or level.comparator is Comparator.BELOW:
        return False
    limit = JUMP.value * last.value.value
    is_certain_at_limit = bool(last.comparator or level.comparator)
    return level.value.value > limit or (is_certain_at_limit and level.value.value == limit)


def _not_given(history: TreatmentHistory, level: Level) -> Iterator[Alert]:
    """Yield the doses missed or held shortly before the sample."""
    from_utc = level.sampled.utc - timedelta(days=NOT_GIVEN_WITHIN.value)
    found = [
        each
        for each in history.not_given
        if each.at <= level.sampled and from_utc <= (each.until or each.at).utc
    ]
    if found:
        when = ", ".join(
            f"{each.kind.value} {short(each.at)}"
            + (f" to {short(each.until)}" if each.until else "")
            for each in sorted(found, key=lambda each: each.at.utc)
        )
        yield DOSES_NOT_GIVEN.alert(value=str(len(found)), limit=str(NOT_GIVEN_WITHIN), doses=when)


def _drugs(history: TreatmentHistory, sampled: date) -> Iterator[Alert]:
    """Yield the drugs that may change the level, started or stopped shortly before the sample."""
    for change in history.drug_changes:
        days = (sampled - change.day).days
        if 0 <= days < DRUG_CHANGED_WITHIN.value:
            drug = change.drug.changing_level[0]
            yield INTERACTING_DRUG_CHANGED.alert(
                source=drug.source,
                value=count_of(days, "day"),
                limit=str(DRUG_CHANGED_WITHIN),
                drug=shortened(change.drug.name),
                changed=change.verb,
                day=short(change.day),
                effect=drug.effect,
            )
