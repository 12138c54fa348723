"""The checks of the schedule: level, laboratory, weight, response and prophylaxis.

The laboratory checks: clinical reference, section 8 (`jop2023`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dosing.knowledge.limits import INFANT_BELOW_MONTHS
from dosing.knowledge.monitoring_schedule import BASELINE_BEFORE_DAYS, Window
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.knowledge.tdm_rules import LOADED_WITH_CHANGE
from dosing.quantities.formatting import short_date
from monitoring.adverse_events.prophylaxis import prophylaxis_reasons
from monitoring.due.check import Check, Due
from monitoring.due.context import DueContext, day_of
from monitoring.laboratory.tests import find_test
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.note import Note
from monitoring.record.response import Response
from monitoring.times import Moment

_PROPHYLAXIS_WORDS = ("prophylaxis", "pneumocystis")


# --- level


def level_check(context: DueContext) -> Due:
    """Return the next level: after a dose change or a loading dose, or else by the rhythm.

    Only an evaluable level completes the check.
    """
    changed, rhythm = context.changed, context.schedule.level
    loads = [
        each.entry.since
        for each in context.history.loading_doses
        if each.entry.since <= context.now
        and each.entry.since.hours_since(changed.since) >= -LOADED_WITH_CHANGE.value
    ]
    needed_since = max([changed.since, *loads])
    taken = [
        each
        for each in context.record.active(Level)
        if needed_since <= each.entry.sampled <= context.now
    ]
    settled = [day_of(each.entry.sampled) for each in taken if each.number in context.evaluable]
    not_evaluable = [
        day_of(each.entry.sampled) for each in taken if each.number not in context.evaluable
    ]
    if settled:
        last = max(settled)
        days, source = rhythm.next_after(last, context.start), rhythm.source
        why = f"{rhythm}; last evaluable level on {short_date(last)}"
        not_evaluable = [each for each in not_evaluable if each > last]
    else:
        days, why, source = _after_change(context, loads)
    if not_evaluable:
        day = short_date(max(not_evaluable))
        why += f"; the level of {day} is not evaluable (too early, or possibly not a trough)"
    return context.due(Check.LEVEL, "trough level", days, why, source)


def _after_change(context: DueContext, loads: list[Moment]) -> tuple[tuple[date, date], str, str]:
    """Return the days, reason and source of the level after the last change or loading dose.

    A loading dose with the change makes its level an earlier one; of several the last applies.
    """
    changed, schedule = context.changed, context.schedule
    is_loaded = any(
        abs(load.hours_since(changed.since)) <= LOADED_WITH_CHANGE.value for load in loads
    )
    needed: list[tuple[Window, date, str]] = [
        (schedule.level_after_load, day_of(load), "loading dose") for load in loads
    ]
    if not is_loaded:
        is_start = changed is context.treatment[0]
        needed.append(
            (schedule.first_level, context.start, "first dose")
            if is_start
            else (schedule.level_after_change, day_of(changed.since), "dose change")
        )
    window, day, what = max(needed, key=lambda each: each[0].after(each[1]))
    return window.after(day), f"{window} after the {what} on {short_date(day)}", window.source


# --- laboratory


@dataclass(frozen=True, slots=True)
class LaboratoryCheck:
    """One check and its parts: it is complete when each part was measured by one of its tests.

    The tests are named as in `monitoring.laboratory.tests`.
    """

    what: str
    parts: tuple[tuple[str, ...], ...]


LABORATORY_CHECKS = (
    LaboratoryCheck(
        "full blood count",
        (("haemoglobin",), ("platelets",), ("white cells", "neutrophils", "lymphocytes")),
    ),
    LaboratoryCheck("renal function", (("creatinine",),)),
    LaboratoryCheck("liver enzymes", (("ALT", "AST"),)),
    LaboratoryCheck("cholesterol and triglycerides", (("cholesterol",), ("triglycerides",))),
    LaboratoryCheck("fasting glucose", (("glucose",),)),
    LaboratoryCheck("potassium", (("potassium",),)),
    LaboratoryCheck("phosphate", (("phosphate",),)),
    LaboratoryCheck("urine protein", (("urine protein/creatinine", "urine protein"),)),
    LaboratoryCheck("blood pressure", (("systolic blood pressure",),)),
)
"""The checks before the first dose, and again on the days of the schedule."""


def laboratory_checks(context: DueContext) -> Iterator[Due]:
    """Yield the next of each laboratory check: the baseline, or else by the rhythm."""
    baseline_from = context.start - timedelta(days=BASELINE_BEFORE_DAYS)
    last: dict[str, date] = {}
    for each in context.record.active(LaboratoryValue):
        test, day = find_test(each.entry.test), day_of(each.entry.at)
        if test and baseline_from <= day <= context.today:
            last[test.name] = max(day, last.get(test.name, day))
    for check in LABORATORY_CHECKS:
        yield _check_of(context, check, last)


def _check_of(context: DueContext, check: LaboratoryCheck, last: dict[str, date]) -> Due:
    rhythm, start = context.schedule.laboratory, context.start
    parts = {
        " or ".join(part): max((last[name] for name in part if name in last), default=None)
        for part in check.parts
    }
    missing = [name for name, day in parts.items() if day is None]
    measured = [day for day in parts.values() if day is not None]
    if missing:
        days = (start - timedelta(days=BASELINE_BEFORE_DAYS), start)
        which = f"{', '.join(missing)} not recorded" if measured else "not recorded"
        why = f"before the first dose on {short_date(start)}; {which}"
    else:
        days = rhythm.next_after(max(min(measured), start), start)
        why = f"{rhythm}; last on {short_date(min(measured))}"
    return context.due(Check.LABORATORY, check.what, days, why, rhythm.source)


# --- weight and response


def weight_check(context: DueContext) -> Due:
    """Return the next weighing, by the age today."""
    months = context.age.months
    if months < INFANT_BELOW_MONTHS:
        whom, rhythm = "an infant", context.schedule.weight_of_infant
    elif months < ADULT_FROM_MONTHS:
        whom, rhythm = "a child", context.schedule.weight_of_child
    else:
        whom, rhythm = "an adult", context.schedule.weight_of_adult
    weighed = context.history.weight_on(context.today)
    last = weighed.entry.on if weighed else None
    days = rhythm.next_after(last, context.start) if last else (context.start, context.start)
    last_one = f"last on {short_date(last)}" if last else "none yet"
    why = f"{rhythm} in {whom}; {last_one}"
    return context.due(Check.WEIGHT, "weight", days, why, rhythm.source)


def response_check(context: DueContext) -> Due:
    """Return the next assessment of the response."""
    assessed = (
        each.entry.on
        for each in context.record.active(Response)
        if context.start <= each.entry.on <= context.today
    )
    last = max(assessed, default=None)
    if last is None:
        window = context.schedule.first_response
        days, source = window.after(context.start), window.source
        why = f"{window} after the first dose on {short_date(context.start)}; none yet"
    else:
        rhythm = context.schedule.response
        days, source = rhythm.next_after(last, context.start), rhythm.source
        why = f"{rhythm}; last on {short_date(last)}"
    return context.due(Check.RESPONSE, "assessment of the response", days, why, source)


# --- prophylaxis


def prophylaxis_review(context: DueContext) -> Iterator[Due]:
    """Yield the review of prophylaxis, if there is a reason for it and no decision since.

    A drug against Pneumocystis completes it, or a note with Pneumocystis or prophylaxis in it.
    """
    reasons = prophylaxis_reasons(context.record, context.today)
    if not reasons:
        return
    since = max(context.start, *(reason.since for reason in reasons))
    if any(
        since <= each.entry.on <= context.today
        and any(word in each.entry.text.casefold() for word in _PROPHYLAXIS_WORDS)
        for each in context.record.active(Note)
    ):
        return
    words = ", ".join(dict.fromkeys(reason.words for reason in reasons))
    why = f"consider Pneumocystis prophylaxis: {words}; record the decision in a note on it"
    window = context.schedule.prophylaxis
    yield context.due(
        Check.PROPHYLAXIS, "review of prophylaxis", window.after(since), why, window.source
    )
