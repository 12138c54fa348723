"""Dose safety: the one function that says what forbids a dose; every answer about one asks it.

Whoever makes, changes, prints or recommends a dose calls `dose_safety`; a test fails for a caller
without it. Every block is one-sided: it stops a start, a restart or a raise, never a reduction.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from enum import Enum

from dosing import Alert, AlertKind, Alerts, interaction_alerts
from dosing.knowledge.alert_catalogue import (
    ALREADY_ON_TREATMENT,
    ENDS_THE_HOLD,
    GIVEN_WHILE_HELD,
    ON_HOLD,
    RESPIRATORY_SYMPTOM,
    SEVERE_FINDING,
    STRONG_INDUCER,
)
from dosing.knowledge.products import Product
from dosing.quantities.text import shortened
from monitoring.record.entries import Record
from monitoring.record.prescription import Prescription
from monitoring.state.contraindications import contraindications
from monitoring.state.treatment_state import TreatmentState, state_at
from monitoring.terms import StateKind
from monitoring.times import Moment, short


class DoseStep(Enum):
    """The step to a dose from the state of treatment."""

    START = "start"
    """A first dose, or one after a stop."""
    RESTART = "restart"
    """The former dose or less, after a hold."""
    RAISE = "raise"
    KEEP = "keep"
    """The same dose, such as on a dose card."""
    LOWER = "lower"


_ONLY_AGAINST_MORE = {SEVERE_FINDING.code, RESPIRATORY_SYMPTOM.code}


def step_to(state: TreatmentState, daily_mg: Decimal, *, is_loading: bool = False) -> DoseStep:
    """Return the step to a daily dose; a loading dose on treatment is a raise."""
    if state.prescription is None:
        return DoseStep.START
    before = state.prescription.daily_mg
    if is_loading or daily_mg > before:
        return DoseStep.RAISE
    if state.kind is StateKind.ON_HOLD:
        return DoseStep.RESTART
    return DoseStep.KEEP if daily_mg == before else DoseStep.LOWER


def dose_safety(state: TreatmentState, step: DoseStep, product: Product | None = None) -> Alerts:
    """Return what the record says against a step, the strongest first.

    A stop or an override among them forbids it. Nothing forbids a reduction: the same findings are
    urgent then. `product` is that of the new dose; without it the current one's.
    """
    found = list(_of_the_treatment(state, step))
    found += contraindications(state.record, state.now, state.open_severe, product)
    if step is DoseStep.RESTART:
        found += _drugs_to_avoid(state)
    if step is DoseStep.RAISE:
        # The level already holds their effect; the prescription itself asks for the override.
        found += [replace(each, kind=AlertKind.CAUTION) for each in _drugs_to_avoid(state)]
        found += [
            STRONG_INDUCER.alert(drug=shortened(drug.name))
            for drug in state.drugs
            if drug.is_strong_inducer
        ]
    return _for(step, Alerts(found)).strongest_first()


def _drugs_to_avoid(state: TreatmentState) -> Alerts:
    """Return the alert of each drug given now that needs an override.

    A start and every prescription have them from their own check of the drugs.
    """
    drugs = state.history.drugs_on(state.now.local.date())
    return interaction_alerts(tuple(each.name for each in drugs)).of_kind(AlertKind.OVERRIDE)


def _of_the_treatment(state: TreatmentState, step: DoseStep) -> list[Alert]:
    found = [state.conflict] if state.conflict else []
    if state.kind is StateKind.ON_HOLD and state.since is not None:
        row = ENDS_THE_HOLD if step in {DoseStep.RESTART, DoseStep.LOWER} else ON_HOLD
        found.append(row.alert(since=short(state.since)))
    return found


def _for(step: DoseStep, found: Alerts) -> Alerts:
    """Return the findings with their force for a step."""
    if step is DoseStep.LOWER:
        return found.forbidding_nothing()
    if step is not DoseStep.KEEP:
        return found
    only_against_more = Alerts(each for each in found if each.code in _ONLY_AGAINST_MORE)
    return found.without(_ONLY_AGAINST_MORE) + only_against_more.forbidding_nothing()


def as_listed(state: TreatmentState, findings: Alerts | None = None) -> Alerts:
    """Return the contraindications, or some of them, with the force that every page gives them.

    On treatment and on hold it is that for the same dose: what speaks only against more, as an open
    grade 3, is urgent. Without a dose it is that for a start.
    """
    found = state.contraindications if findings is None else findings
    step = DoseStep.KEEP if state.kind.is_treated else DoseStep.START
    return _for(step, found).strongest_first()


def starting_dose_safety(record: Record, now: Moment, product: Product) -> Alerts:
    """Return what forbids a calculated starting dose; on treatment it is not a start."""
    state = state_at(record, now)
    found = dose_safety(state, DoseStep.START, product)
    if state.kind.is_treated:
        found = found.without({ON_HOLD.code})
        found += [ALREADY_ON_TREATMENT.alert(state=state.words)]
    return found.strongest_first()


def prescription_safety(
    record: Record, prescription: Prescription, now: Moment, others: Iterable[Alert] = ()
) -> Alerts:
    """Return what forbids a prescription, at its own start or now, whichever is later.

    `others` are more alerts of the dose, such as those of the limits: they do not forbid a dose
    lower than the current one either. Each finding is there once, with its greatest force.
    """
    state = state_at(record, max(prescription.since, now))
    step = step_to(state, prescription.daily_mg, is_loading=prescription.loading)
    found = dose_safety(state, step, prescription.product)
    together = _for(step, Alerts(others)) + found
    strongest = {each.message: each for each in sorted(together, key=lambda each: each.kind)}
    return Alerts(strongest.values()).strongest_first()


def restart_safety(record: Record, at: Moment) -> Alerts:
    """Return what forbids the end of a hold at a moment, at which the former dose is given again.

    A dose reported while held forbids nothing here: the restart is the answer to it.
    """
    found = dose_safety(state_at(record, at), DoseStep.RESTART)
    return found.without({GIVEN_WHILE_HELD.code, ENDS_THE_HOLD.code})


def card_safety(state: TreatmentState) -> Alerts:
    """Return what forbids a dose card for the current dose, beyond what its override passed."""
    passed = set(state.contraindications) - set(state.undocumented)
    found = dose_safety(state, DoseStep.KEEP)
    return Alerts(each for each in found if each not in passed)
