"""Alerts of one level: reasons why it is not evaluable, and findings to check."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from dosing import Alert, Alerts
from dosing.alerts import NO_ALERTS
from dosing.knowledge.alert_catalogue import (
    ASSAY_CHANGED,
    ASSAY_UNKNOWN,
    DOSES_NOT_GIVEN,
    INTERACTING_DRUG_CHANGED,
    INTERVAL_UNKNOWN,
    LAST_DOSE_IN_QUESTION,
    LAST_DOSE_UNKNOWN,
    LEVEL_BEFORE_FIRST_DOSE,
    LEVEL_CENSORED,
    LEVEL_CONTRADICTED,
    LEVEL_JUMP,
    LEVEL_MISFIT,
    LEVEL_NOT_TROUGH,
    LEVEL_REPEATED,
    LEVEL_TOO_EARLY,
    NO_DOSE_IN_FORCE,
    RECORD_CAUSE,
    TRUE_TROUGH,
)
from dosing.knowledge.tdm_rules import (
    AFTER_LOADING_FROM,
    ASSAYS_DIFFER,
    DRUG_CHANGED_WITHIN,
    FAR_TOO_EARLY,
    HIGH_LEVELS,
    JUMP,
    MISFIT_ABOVE_TOP,
    NOT_GIVEN_WITHIN,
    STEADY_STATE_NOT_BEFORE,
    HighLevel,
)
from dosing.quantities.formatting import count_of, duration, exact_duration, plain
from dosing.quantities.text import shortened
from monitoring.levels.doubles import Double
from monitoring.levels.last_dose import last_dose_conflict
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.levels.misfit import MisfitReason
from monitoring.levels.trough import trough_window
from monitoring.record.level import Assay, Comparator, Level, written
from monitoring.terms import Status
from monitoring.times import short
from monitoring.treatment import ExposureCause, ExposureChange, TreatmentHistory

_CHANGES = {
    ExposureCause.START: "the first dose",
    ExposureCause.DOSE: "the change of dose",
    ExposureCause.PRODUCT: "the change of product or strength",
    ExposureCause.RESTART: "the restart",
    ExposureCause.LOADING: "the loading dose",
}


def alerts_of_levels(
    history: TreatmentHistory, levels: Sequence[LevelAssessment]
) -> Iterator[Alerts]:
    """Yield the alerts of each level, the strongest first; none of a voided or excluded one.

    `levels` are the assessments of the record, oldest first. They are walked once: whatever a
    level is compared with is carried along.
    """
    before = _LevelsBefore(levels)
    for each in levels:
        if not each.is_in_use:
            yield NO_ALERTS
            continue
        yield _alerts(history, before, each)
        before.add(each)


class _LevelsBefore:
    """The levels in use before a level as its alerts need them, and its doubles."""

    def __init__(self, levels: Sequence[LevelAssessment]) -> None:
        """Take the assessments of the record; none of them is before the first one."""
        self.compared: Level | None = None
        """The last one with which another is compared for a jump."""
        self.assay: Assay | None = None
        """The last known assay."""
        self._contradicted: dict[datetime, list[LevelAssessment]] = defaultdict(list)
        for each in levels:
            if each.double is Double.CONTRADICTED:
                self._contradicted[each.level.entry.sampled.utc].append(each)

    def add(self, assessed: LevelAssessment) -> None:
        """Go on to the level after this one."""
        level = assessed.level.entry
        self.assay = level.assay or self.assay
        if _is_compared(assessed):
            self.compared = level

    def others_of(self, assessed: LevelAssessment) -> list[LevelAssessment]:
        """Return the other levels of one moment that contradict each other."""
        same = self._contradicted[assessed.level.entry.sampled.utc]
        return [each for each in same if each is not assessed]


def _alerts(history: TreatmentHistory, before: _LevelsBefore, assessed: LevelAssessment) -> Alerts:
    level = assessed.level.entry
    alerts = (
        *_high(assessed),
        *_misfit(assessed),
        *_double(before, assessed),
        *_dose(history, assessed),
        *_trough(history, assessed),
        *_early(history, assessed),
        *_censored(assessed),
        *_jump(before.compared, assessed),
        *_assay(before.assay, level),
        *_not_given(history, assessed),
        *_drugs(history, level.sampled.local.date()),
    )
    return Alerts(alerts).strongest_first()


def _high(assessed: LevelAssessment) -> Iterator[Alert]:
    """Yield the alert of a high level; of a censored one only if it is certain.

    A peak is held against the highest limit alone.
    """
    level, misfit = assessed.level.entry, assessed.misfit
    high = next((each for each in _limits(assessed) if _is_above(level, each.above.value)), None)
    if high is None or (assessed.is_peak and high.above is not assessed.hold_above):
        return
    then = None
    if assessed.is_peak and assessed.hours_since_last_dose is not None:
        then = TRUE_TROUGH.format(since=duration(assessed.hours_since_last_dose))
    elif misfit and assessed.is_cause_asked:
        if misfit.why is MisfitReason.TWICE_THE_TOP:
            return  # `_misfit` says more
        then = RECORD_CAUSE if misfit.why is MisfitReason.ABOVE_20 else None
    yield high.row.alert(value=str(level), limit=str(high.above), level=written(level), then=then)


def _limits(assessed: LevelAssessment) -> tuple[HighLevel, ...]:
    """Return the levels above which an alert is raised, the strongest by the clinic's limits."""
    strongest, *others = HIGH_LEVELS
    return HighLevel(assessed.hold_above, strongest.row), *others


def _is_above(level: Level, limit: int) -> bool:
    """Return whether a level is certainly above a limit."""
    value = level.value.value
    if level.comparator is Comparator.ABOVE:
        return value >= limit
    return level.comparator is None and value > limit


def _misfit(assessed: LevelAssessment) -> Iterator[Alert]:
    """Yield the question for the cause of a level that does not fit.

    That of a level above 20 is part of its alert as a high one.
    """
    misfit, level = assessed.misfit, assessed.level.entry
    if misfit is None or not assessed.is_cause_asked:
        return
    last = misfit.compared.entry if misfit.compared else None
    if misfit.why is MisfitReason.THREE_TIMES and last:
        yield _more_than_the_last(level, last, then=RECORD_CAUSE)
    elif misfit.why is MisfitReason.A_THIRD and last:
        yield LEVEL_MISFIT.alert(
            value=str(level),
            limit=str(last),
            level=written(level),
            last=written(last),
            sampled=short(last.sampled),
            times=None,
            top=None,
        )
    elif misfit.why is MisfitReason.TWICE_THE_TOP and assessed.target:
        top = f"{plain(assessed.target.high_ng_ml)} ng/mL"
        yield LEVEL_MISFIT.alert(
            value=str(level),
            limit=top,
            level=written(level),
            last=None,
            sampled=None,
            times=MISFIT_ABOVE_TOP,
            top=top,
        )


def _jump(last: Level | None, assessed: LevelAssessment) -> Iterator[Alert]:
    """Yield a rise from a level on another dose; one on the same dose is a misfit."""
    misfit = assessed.misfit
    if not _is_compared(assessed) or (misfit and misfit.why is MisfitReason.THREE_TIMES):
        return
    if last is not None and _is_jump(last, assessed.level.entry):
        yield _more_than_the_last(assessed.level.entry, last, then=None)


def _is_compared(assessed: LevelAssessment) -> bool:
    return not assessed.is_peak and assessed.double is None


def _more_than_the_last(level: Level, last: Level, then: str | None) -> Alert:
    return LEVEL_JUMP.alert(
        value=str(level),
        limit=f"{JUMP} {last}",
        level=written(level),
        times=JUMP,
        last=written(last),
        sampled=short(last.sampled),
        then=then,
    )


def _double(before: _LevelsBefore, assessed: LevelAssessment) -> Iterator[Alert]:
    level = assessed.level.entry
    if assessed.double is Double.REPEATED:
        yield LEVEL_REPEATED.alert(value=str(level), level=written(level))
    elif assessed.double is Double.CONTRADICTED:
        others = [written(each.level.entry) for each in before.others_of(assessed)]
        yield LEVEL_CONTRADICTED.alert(
            value=str(level), level=written(level), others=" and ".join(others)
        )


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


def _trough(history: TreatmentHistory, assessed: LevelAssessment) -> Iterator[Alert]:
    level = assessed.level.entry
    if level.last_dose is not None and assessed.is_in_question:
        yield LAST_DOSE_IN_QUESTION.alert(
            value=str(level.last_dose),
            level=written(level),
            last=short(level.last_dose),
            conflict=last_dose_conflict(history, level),
        )
    elif level.last_dose is None or assessed.hours_since_last_dose is None:
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


def _early(history: TreatmentHistory, assessed: LevelAssessment) -> Iterator[Alert]:
    days = assessed.days_since_change
    change = history.exposure_change_before(assessed.level.entry)
    if days is None or change is None or assessed.steady_state is not False:
        return
    if assessed.is_after_hold and assessed.has_reached(STEADY_STATE_NOT_BEFORE):
        return  # `_not_given` says why
    rule = STEADY_STATE_NOT_BEFORE if assessed.has_reached(FAR_TOO_EARLY) else FAR_TOO_EARLY
    yield LEVEL_TOO_EARLY.alert(
        source=rule.source,
        value=exact_duration(days * 24),
        limit=str(rule),
        change=_change_in_words(change),
        steady=STEADY_STATE_NOT_BEFORE,
        loaded=AFTER_LOADING_FROM,
    )


def _change_in_words(change: ExposureChange) -> str:
    if change.cause is ExposureCause.DRUG:
        return f"{shortened(change.drug)} began or ended"
    return _CHANGES[change.cause]


def _censored(assessed: LevelAssessment) -> Iterator[Alert]:
    level, target = assessed.level.entry, assessed.target
    has_no_place = assessed.is_trough and assessed.status is Status.NOT_ASSESSED
    if level.comparator and target and has_no_place:
        yield LEVEL_CENSORED.alert(value=str(level), limit=str(target), level=written(level))


def _assay(last: Assay | None, level: Level) -> Iterator[Alert]:
    """Yield an unknown assay, and one that differs from that of the last level."""
    if level.assay is None:
        yield ASSAY_UNKNOWN.alert(value=str(level), differ=ASSAYS_DIFFER)
        return
    if last is not None and last is not level.assay:
        yield ASSAY_CHANGED.alert(value=level.assay.value, limit=last.value, differ=ASSAYS_DIFFER)


def _is_jump(last: Level, level: Level) -> bool:
    """Return whether a level is certainly more than `JUMP` times the last one."""
    if last.comparator is Comparator.ABOVE or level.comparator is Comparator.BELOW:
        return False
    limit = JUMP.value * last.value.value
    is_certain_at_limit = bool(last.comparator or level.comparator)
    return level.value.value > limit or (is_certain_at_limit and level.value.value == limit)


def _not_given(history: TreatmentHistory, assessed: LevelAssessment) -> Iterator[Alert]:
    """Yield the doses missed or held shortly before the sample, unless its last dose is one."""
    level = assessed.level.entry
    if assessed.is_in_question:
        return
    found = history.not_given_within(timedelta(days=NOT_GIVEN_WITHIN.value), level.sampled)
    if found:
        when = ", ".join(
            f"{each.kind.value} {short(each.at)}"
            + (f" to {short(each.until)}" if each.until else "")
            for each in found
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
