"""Checks of the state of treatment itself: conflicts, holds, severe findings, the next step.

Rules: course of treatment, sections 1, 3, 4 and 7.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from dosing import AlertKind
from dosing.knowledge.alert_catalogue import GIVEN_WHILE_HELD, HOLD_END_UNKNOWN, SEVERE_FINDING
from dosing.knowledge.monitoring_schedule import (
    HOLD_ASKED_AFTER_DAYS,
    OPEN_EVENT_ASKED_AFTER_DAYS,
)
from dosing.knowledge.references import PROPOSED
from dosing.quantities.formatting import short_date
from dosing.quantities.text import shortened
from monitoring.due.check import Check, Due
from monitoring.due.context import DueBasis, Need, day_of
from monitoring.record.adverse_event import AdverseEvent
from monitoring.state import StateKind, TreatmentState
from monitoring.state.contraindications import severe_alert
from monitoring.times import short

RESTART_OR_STOP = "restart or stop?"
HOLD_END = "end of the hold"
_ON = {StateKind.ON, StateKind.TAPERING}
_IS_HELD_OR_STOPPED = "was sirolimus held or stopped?"
_IS_RESTARTED = "was sirolimus restarted?"


def state_items(basis: DueBasis, state: TreatmentState) -> Iterator[Due]:
    """Yield what the state asks for."""
    yield from _conflict(basis, state)
    yield from _hold(basis, state)
    if state.kind in _ON:
        yield from _forbidden(basis, state)
    yield from _severe(basis, state)
    yield from _next_step(basis, state)


def _conflict(basis: DueBasis, state: TreatmentState) -> Iterator[Due]:
    conflict = state.conflict
    if conflict is None:
        return
    what = _IS_RESTARTED if conflict.code == GIVEN_WHILE_HELD.code else _IS_HELD_OR_STOPPED
    need = _urgent(basis.today, conflict.message, conflict.source)
    yield basis.due(Check.QUESTION, what, need)


def _hold(basis: DueBasis, state: TreatmentState) -> Iterator[Due]:
    """Yield the question about a hold: whether it ended, or after a while what follows it."""
    hold = state.hold
    if hold is None or hold.until is not None or state.conflict is not None:
        return
    day = day_of(hold.at)
    if hold.is_end_asked:
        if not basis.is_settled(HOLD_END, day):
            why = HOLD_END_UNKNOWN.alert(since=short(hold.at)).message
            yield basis.ask(Check.QUESTION, HOLD_END, day, why, HOLD_END_UNKNOWN.source)
        return
    asked = day + timedelta(days=HOLD_ASKED_AFTER_DAYS)
    if not basis.is_settled(RESTART_OR_STOP, asked):
        reason = f" for {shortened(hold.reason)}" if hold.reason else ""
        why = f"on hold since {short_date(day)}{reason}: decide on the restart or the stop"
        yield basis.ask(Check.QUESTION, RESTART_OR_STOP, asked, why, PROPOSED)


def _forbidden(basis: DueBasis, state: TreatmentState) -> Iterator[Due]:
    """Yield what forbids the treatment that goes on, but for what an override documents."""
    dose = state.prescription
    passed = dose.overridden_alerts if dose else ()
    for alert in state.contraindications:
        if alert.kind < AlertKind.OVERRIDE or alert.code == SEVERE_FINDING.code:
            continue
        if alert.kind is AlertKind.STOP or alert.code not in passed:
            what = f"forbidden: {alert.code.replace('-', ' ')}"
            need = _urgent(basis.today, alert.message, alert.source)
            yield basis.due(Check.FORBIDDEN, what, need)


def _severe(basis: DueBasis, state: TreatmentState) -> Iterator[Due]:
    """Yield each open severe finding, and once the question whether an old event is still open."""
    events = {each.number for each in state.record.active(AdverseEvent)}
    told = state.severe_numbers
    for each in state.open_severe:
        what = f"open grade {each.grade}: {shortened(each.what)}"
        why = f"since {short_date(each.since)}: review it, and record its grade or its end"
        if each.number in told:  # of the others a stronger rule says what to do
            why = severe_alert(each).message
        yield basis.due(Check.SEVERE, what, _urgent(each.since, why, SEVERE_FINDING.source))
        asked = each.since + timedelta(days=OPEN_EVENT_ASKED_AFTER_DAYS)
        what = f"still open: {shortened(each.what)}?"
        is_asked = each.number in events and asked <= basis.today
        if is_asked and not basis.is_settled(what, asked):
            why = f"open since {short_date(each.since)}: record its end, or that it goes on"
            yield basis.ask(Check.QUESTION, what, asked, why, PROPOSED)


def _next_step(basis: DueBasis, state: TreatmentState) -> Iterator[Due]:
    step = state.next_step
    if step is None:
        return
    day = day_of(step.since)
    why = f"{step.prescription.entry} from {short_date(day)} on"
    yield basis.due(Check.TAPER, "next step of the plan to stop", Need((day, day), why, PROPOSED))


def _urgent(since: date, why: str, source: str) -> Need:
    return Need((since, since), why, source, is_urgent=True, is_ever_overdue=False)
