"""What there is to say about one level: why it does not count, and what to look at."""

from collections.abc import Iterator
from datetime import date, timedelta

from dosing import Alert, AlertKind
from dosing.interactions import find_drugs
from dosing.level_rules import (
    AFTER_LOADING_FROM,
    ASSAYS_DIFFER,
    ASSAYS_SOURCE,
    DRUG_CHANGED_WITHIN,
    FAR_TOO_EARLY,
    HIGH_LEVELS,
    JUMP,
    NOT_GIVEN_WITHIN,
    STEADY_STATE_NOT_BEFORE,
    TROUGH_WINDOW,
    is_reached,
)
from dosing.plain_text import shortened
from dosing.sources import PROPOSED
from dosing.writing import count_of, duration, exact_duration
from monitoring.levels.level_assessment import LevelAssessment, Status
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, Recorded
from monitoring.record.level import Comparator, Level, written
from monitoring.record.prescription import MissedDose, Prescription

_MEND = "If a time is wrong, void this level and write it down again."


def level_alerts(record: Record, assessed: LevelAssessment) -> tuple[Alert, ...]:
    """Return the alerts of a level in its record, the strongest first; none of a voided one."""
    level = assessed.level
    if not level.stands:
        return ()
    alerts = (
        *_high(level.entry),
        *_dose(record, assessed),
        *_trough(assessed),
        *_early(assessed),
        *_censored(assessed),
        *_beside_the_last(record, level),
        *_not_given(record, level.entry),
        *_drugs(record, level.entry.sampled.local.date()),
    )
    return tuple(sorted(alerts, key=lambda alert: -alert.kind))


def _caution(code: str, message: str, source: str, value: str, limit: str | None = None) -> Alert:
    return Alert(code, AlertKind.CAUTION, message, source, value, limit)


def _high(level: Level) -> Iterator[Alert]:
    """Look at the level alone: of a censored one only what is certain."""
    value, is_more = level.value.value, level.comparator is Comparator.ABOVE
    for row in HIGH_LEVELS:
        is_above = value > row.above.value or (is_more and value == row.above.value)
        if is_above and level.comparator is not Comparator.BELOW:
            message = f"{written(level)} is above {row.above}. {row.advice}"
            yield Alert(
                "level-high", row.kind, message, row.above.source, str(level), str(row.above)
            )
            return


def _dose(record: Record, assessed: LevelAssessment) -> Iterator[Alert]:
    if assessed.target is not None:
        return
    sampled = assessed.level.entry.sampled
    begun = min((each.entry.since for each in record.standing(Prescription)), default=None)
    if begun is not None and sampled < begun:
        message = f"Sampled before the first dose ({begun}). {_MEND}"
        yield _caution("level-before-first-dose", message, PROPOSED, str(sampled), str(begun))
        return
    message = (
        "No dose was in force when it was sampled, so that there is no target to compare it with. "
        "If one was, write the prescription down."
    )
    yield _caution("no-dose-in-force", message, PROPOSED, str(sampled))


def _trough(assessed: LevelAssessment) -> Iterator[Alert]:
    level, source = assessed.level.entry, TROUGH_WINDOW.source
    if level.last_dose is None or assessed.hours_since_last_dose is None:
        message = (
            "When the last dose was given is not written down, so that it may be no trough. If "
            "that is known, void this level and write it down again with the time."
        )
        yield _caution("last-dose-unknown", message, source, str(level))
    elif assessed.interval_hours is None:
        message = (
            f"No dose was in force at {level.last_dose}, when the last one was given, so that the "
            "interval is not known. Check that time, and since when the prescription holds."
        )
        yield _caution("interval-unknown", message, source, str(level.last_dose))
    elif not assessed.is_trough:
        since, interval = assessed.hours_since_last_dose, assessed.interval_hours
        slack = interval * TROUGH_WINDOW.value / 12
        window = f"{duration(interval - slack)} to {duration(interval + slack)}"
        message = (
            f"Sampled {duration(since)} after the last dose: not a trough, which is taken {window} "
            f"after a dose every {duration(interval)}. Take the next one just before a dose. "
            f"{_MEND}"
        )
        yield _caution("level-not-trough", message, source, exact_duration(since), window)


def _early(assessed: LevelAssessment) -> Iterator[Alert]:
    days = assessed.days_since_change
    if days is None or assessed.steady_state is not False:
        return
    rule = STEADY_STATE_NOT_BEFORE if is_reached(days, FAR_TOO_EARLY) else FAR_TOO_EARLY
    message = (
        f"Sampled {duration(days * 24)} after the last change of the dose, or loading dose: not at "
        f"steady state before {STEADY_STATE_NOT_BEFORE} after a change, or {AFTER_LOADING_FROM} "
        "after a loading dose. Take another level then."
    )
    yield _caution("level-too-early", message, rule.source, exact_duration(days * 24), str(rule))


def _censored(assessed: LevelAssessment) -> Iterator[Alert]:
    level, target = assessed.level.entry, assessed.target
    has_no_place = assessed.is_trough and assessed.status is Status.NOT_ASSESSED
    if level.comparator and target and has_no_place:
        message = (
            f"{written(level)} tells only where the assay ends: it may lie on either side of an "
            f"end of the target ({target})."
        )
        yield Alert("level-censored", AlertKind.NOTE, message, PROPOSED, str(level), str(target))


def _beside_the_last(record: Record, level: Recorded[Level]) -> Iterator[Alert]:
    """Compare with the last levels before that stand, whether they count or not."""
    entry, own = level.entry, _when(level)
    before = sorted((each for each in record.standing(Level) if _when(each) < own), key=_when)
    if before and _is_jump(before[-1].entry, entry):
        last = before[-1].entry
        message = (
            f"{written(entry)} is more than {JUMP} the last level ({written(last)}, sampled "
            f"{last.sampled}): check the value, its unit and whose sample it was."
        )
        yield _caution("level-jump", message, JUMP.source, str(entry), f"{JUMP} {last}")
    if entry.assay is None:
        message = f"How it was measured is not written down, and assays differ: {ASSAYS_DIFFER}."
        yield Alert("assay-unknown", AlertKind.NOTE, message, ASSAYS_SOURCE, str(entry))
        return
    measured = [each.entry.assay for each in before if each.entry.assay]
    if measured and measured[-1] is not entry.assay:
        was, now = measured[-1].value, entry.assay.value
        message = (
            f"Measured by {now}, the last one by {was}: they are not compared, for assays differ: "
            f"{ASSAYS_DIFFER}."
        )
        yield _caution("assay-changed", message, ASSAYS_SOURCE, now, was)


def _when(level: Recorded[Level]) -> tuple[object, int]:
    return level.entry.sampled.utc, level.number


def _is_jump(last: Level, level: Level) -> bool:
    """Return whether a level is for certain more than so many times the last one."""
    if last.comparator is Comparator.ABOVE or level.comparator is Comparator.BELOW:
        return False
    limit = JUMP.value * last.value.value
    is_certain_at_limit = bool(last.comparator or level.comparator)
    return level.value.value > limit or (is_certain_at_limit and level.value.value == limit)


def _not_given(record: Record, level: Level) -> Iterator[Alert]:
    """Look for doses missed or held shortly before."""
    from_utc = level.sampled.utc - timedelta(days=NOT_GIVEN_WITHIN.value)
    found = [
        each.entry
        for each in record.standing(MissedDose)
        if each.entry.at <= level.sampled and from_utc <= (each.entry.until or each.entry.at).utc
    ]
    if found:
        when = ", ".join(
            f"{each.kind.value} {each.at}" + (f" to {each.until}" if each.until else "")
            for each in sorted(found, key=lambda each: each.at.utc)
        )
        message = (
            f"Doses were not given in the {NOT_GIVEN_WITHIN} before ({when}): the level may be too "
            "low for the dose."
        )
        yield _caution(
            "doses-not-given", message, NOT_GIVEN_WITHIN.source, str(len(found)),
            str(NOT_GIVEN_WITHIN),
        )  # fmt: skip


def _drugs(record: Record, sampled: date) -> Iterator[Alert]:
    """Look for drugs that may change the level and were begun or ended shortly before."""
    for each in record.standing(CoMedication):
        changing = (drug for drug in find_drugs(each.entry.drug) if drug.may_change_level)
        drug = next(changing, None)
        ended = each.ending.entry.on if each.ending else None
        for verb, day in (("begun", each.entry.since), ("ended", ended)):
            days = (sampled - day).days if day else -1
            if drug and 0 <= days < DRUG_CHANGED_WITHIN.value:
                name, ago = shortened(each.entry.drug), count_of(days, "day")
                message = (
                    f"{name[0].upper()}{name[1:]} was {verb} {ago} before ({day}): it "
                    f"{drug.effect}. The level may still be changing until {DRUG_CHANGED_WITHIN} "
                    "after."
                )
                yield _caution(
                    "interacting-drug-changed", message, drug.source, ago, str(DRUG_CHANGED_WITHIN)
                )
