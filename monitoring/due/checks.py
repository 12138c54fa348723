"""The checks of the schedule: level, laboratory, weight, response and prophylaxis.

The laboratory checks: clinical reference, section 8 (`jop2023`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dosing.knowledge.counselling import FERTILITY_ASKED_FROM_MONTHS
from dosing.knowledge.limits import INFANT_BELOW_MONTHS
from dosing.knowledge.monitoring_schedule import (
    BASELINE_BEFORE_DAYS,
    ORDER_BEFORE_DAYS,
    PublishedRhythm,
)
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.knowledge.references import PROPOSED
from dosing.quantities.formatting import plain, short_date
from monitoring.adverse_events.prophylaxis import prophylaxis_reasons
from monitoring.due.check import Check, Due
from monitoring.due.context import DueBasis, DueContext, Need, day_of
from monitoring.due.level_needs import LEVEL, LevelNeeds
from monitoring.laboratory.tests import find_test
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.note import Note
from monitoring.record.response import Response
from monitoring.supply_course import supply_course
from monitoring.treatment import growth_drift

_PROPHYLAXIS_WORDS = ("prophylaxis", "pneumocystis")
_FERTILITY_SOURCE = "vascern2023"


# --- level


def level_check(context: DueContext) -> Iterator[Due]:
    """Yield the next level, one for all reasons: its days are those of the earliest.

    On hold it is due only where another level asks for it.
    """
    needs = LevelNeeds(context)
    found = needs.open()
    if not found:
        return
    reasons = "; also ".join(dict.fromkeys(need.why for need in found))
    need = replace(
        found[0],
        why=f"{reasons}{_not_evaluable(needs)}{_assay(context)}",
        rhythm=found[0].rhythm or context.schedule.level,
        is_urgent=any(each.is_urgent for each in found),
    )
    yield context.due(Check.LEVEL, LEVEL, need)


def _not_evaluable(needs: LevelNeeds) -> str:
    """Return the last level that was taken since it was needed, and is not evaluable."""
    since = needs.needed_since
    last = needs.last_evaluable
    found = [
        day_of(each.entry.sampled)
        for each in needs.context.levels
        if not each.entry.is_from_before(since) and each.number not in needs.context.known.evaluable
    ]
    if needs.repeated is not None:  # its own reason tells it
        return ""
    if not found or (last is not None and max(found) <= last and last >= day_of(since)):
        return ""
    day = short_date(max(found))
    return f"; the level of {day} is not evaluable (too early, or possibly not a trough)"


def _assay(context: DueContext) -> str:
    """Return the request for both assays, where the last one differs from the one before it."""
    levels = sorted(
        (e for e in context.record.active(Level) if e.entry.sampled <= context.now),
        key=lambda each: (each.entry.sampled.utc, each.number),
    )
    known = [each.entry.assay for each in levels if each.entry.assay]
    if len(known) < 2 or known[-1] is known[-2] or levels[-1].entry.assay is None:
        return ""
    return (
        f"; the assay changed from {known[-2].value} to {known[-1].value}: "
        "measure the next sample with both, if possible"
    )


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
    """Yield the next of each laboratory check: the baseline before the start, then by the rhythm.

    A baseline that was not measured can no longer be made after the start: the next visit is due.
    """
    baseline_from = context.start - timedelta(days=BASELINE_BEFORE_DAYS)
    last: dict[str, date] = {}
    for each in context.record.active(LaboratoryValue):
        test, day = find_test(each.entry.test), day_of(each.entry.at)
        if test and baseline_from <= day <= context.today:
            last[test.name] = max(day, last.get(test.name, day))
    for check in (*LABORATORY_CHECKS, *_added_by(context.rhythm)):
        yield from _check_of(context, check, last)


def _added_by(rhythm: PublishedRhythm | None) -> Iterator[LaboratoryCheck]:
    """Yield the check of the tests that the clinic's own schedule adds."""
    if rhythm is not None and rhythm.adds_tests:
        yield LaboratoryCheck("thyroid function", tuple((each,) for each in rhythm.adds_tests))


def _check_of(context: DueContext, check: LaboratoryCheck, last: dict[str, date]) -> Iterator[Due]:
    rhythm, start = context.schedule.laboratory, context.start
    baseline_from = start - timedelta(days=BASELINE_BEFORE_DAYS)
    settled = context.settled_on(check.what)
    parts = {
        " or ".join(part): max((last[name] for name in part if name in last), default=None)
        for part in check.parts
    }
    missing = [name for name, day in parts.items() if day is None]
    measured = [day for day in parts.values() if day is not None]
    is_settled = settled is not None and baseline_from <= settled
    not_recorded = f"{', '.join(missing)} not recorded" if measured else "not recorded"
    if not context.has_begun:
        if missing and not is_settled:
            why = f"before the first dose on {short_date(start)}; {not_recorded}"
            days = (baseline_from, start)
            yield context.due(Check.LABORATORY, check.what, Need(days, why, rhythm.source))
        return
    done = start if missing else max(min(measured), start)
    words = not_recorded if missing else f"last on {short_date(min(measured))}"
    if settled is not None and is_settled and (missing or min(measured) <= settled):
        done, words = max(done, settled), f"settled on {short_date(settled)}"
    days = rhythm.next_after(done, start)
    need = Need(days, f"{rhythm}; {words}", rhythm.source, rhythm=rhythm)
    yield context.due(Check.LABORATORY, check.what, need)


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
    last, settled = weighed.entry.on if weighed else None, context.settled_on("weight")
    last_one = f"last on {short_date(last)}" if last else "none yet"
    if settled is not None and (last is None or last < settled):
        last, last_one = settled, f"settled on {short_date(settled)}"
    days = rhythm.next_after(last, context.start) if last else (context.start, context.start)
    why = f"{rhythm} in {whom}; {last_one}"
    return context.due(Check.WEIGHT, "weight", Need(days, why, rhythm.source, rhythm=rhythm))


def response_check(context: DueContext) -> Due:
    """Return the next assessment of the response."""
    what, rhythm = "assessment of the response", context.schedule.response
    assessed = (
        each.entry.on
        for each in context.record.active(Response)
        if context.start <= each.entry.on <= context.today
    )
    last, settled = max(assessed, default=None), context.settled_on(what)
    words = f"last on {short_date(last)}" if last else ""
    if settled is not None and context.start <= settled and (last is None or last < settled):
        last, words = settled, f"settled on {short_date(settled)}"
    if last is None:
        window = context.schedule.first_response
        days, source = window.after(context.start), window.source
        why = f"{window} after the first dose on {short_date(context.start)}; none yet"
    else:
        days, source = rhythm.next_after(last, context.start), rhythm.source
        why = f"{rhythm}; {words}"
    return context.due(Check.RESPONSE, what, Need(days, why, source, rhythm=rhythm))


# --- growth


def growth_check(context: DueContext) -> Iterator[Due]:
    """Yield the dose that the child has outgrown, or that has become too large for the body."""
    what = "dose for the present size"
    drift = growth_drift(context.history, context.now)
    if drift is None or not drift.is_told or context.is_tapering:
        return
    if not context.is_settled(what, drift.since):
        signed = f"{plain(drift.percent, 2)} %".replace("-", "−")
        why = f"{drift} ({signed})"
        yield context.ask(Check.GROWTH, what, drift.since, why, PROPOSED)


# --- prophylaxis and fertility


def prophylaxis_review(context: DueContext) -> Iterator[Due]:
    """Yield the review of prophylaxis, if there is a reason for it and no decision since.

    A drug against Pneumocystis completes it, or a note with Pneumocystis or prophylaxis in it.
    Soft reasons alone are shown, and never overdue.
    """
    found = prophylaxis_reasons(context.record, context.today)
    reasons = tuple(each for each in found if each.strong) or found
    if not reasons:
        return
    what, window = "review of prophylaxis", context.schedule.prophylaxis
    since = max(context.start, *(reason.since for reason in reasons))
    if context.is_settled(what, since) or any(
        since <= each.entry.on <= context.today
        and any(word in each.entry.text.casefold() for word in _PROPHYLAXIS_WORDS)
        for each in context.record.active(Note)
    ):
        return
    words = ", ".join(dict.fromkeys(reason.words for reason in found))
    why = f"consider Pneumocystis prophylaxis: {words}; record the decision in a note on it"
    if not reasons[0].strong:
        yield context.ask(Check.PROPHYLAXIS, what, since, why, window.source)
        return
    again = context.schedule.prophylaxis_again
    need = Need(window.after(since), why, window.source, rhythm=again)
    yield context.due(Check.PROPHYLAXIS, what, need)


def fertility_question(context: DueContext, visit: date | None) -> Iterator[Due]:
    """Yield the question about fertility for the next visit; it is never overdue."""
    what = "fertility"
    months = context.age.ends[-1].months  # it is asked once she or he may be old enough
    if months < FERTILITY_ASKED_FROM_MONTHS or context.is_settled(what, context.start):
        return
    day = max(visit or context.today, context.today + timedelta(days=1))
    why = "ask about menarche or puberty, the cycle, and the wish for a child"
    yield context.due(Check.FERTILITY, what, Need((day, day), why, _FERTILITY_SOURCE))


# --- supply


def supply_check(basis: DueBasis) -> Iterator[Due]:
    """Yield the order of the next supply, once for each; it is never overdue.

    Settled since the last supply was recorded, it is not asked again.
    """
    what, found = "supply", supply_course(basis.history, basis.now)
    if found is None:
        return
    since = found.newest.entry.on if found.newest else found.day
    if basis.is_settled(what, since):
        return
    asked_from = found.order_by - timedelta(days=ORDER_BEFORE_DAYS)
    why = f"{found.words}; order by {short_date(found.order_by)}"
    need = Need((asked_from, found.order_by), why, found.source, is_ever_overdue=False)
    yield basis.due(Check.SUPPLY, what, need)
