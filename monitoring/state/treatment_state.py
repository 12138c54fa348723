"""The state of treatment at a moment: the first thing that every answer about a dose reads."""

from dataclasses import dataclass, replace
from functools import cached_property

from dosing import Alert, Alerts, json_number
from dosing.knowledge.alert_catalogue import (
    GIVEN_WHILE_HELD,
    HOLD_END_UNKNOWN,
    TREATMENT_CONFLICT,
)
from dosing.knowledge.products import STRENGTH_MG_PER_ML
from dosing.quantities.formatting import product_name, short_date
from dosing.quantities.text import shortened
from monitoring.record.entries import Record
from monitoring.record.prescription import Prescription
from monitoring.state.contraindications import (
    contraindications,
    of_no_stronger_rule,
    pneumonitis_events,
)
from monitoring.state.severe_findings import SevereFinding, severe_findings
from monitoring.terms import StateKind
from monitoring.times import Moment, short
from monitoring.treatment import (
    ConcomitantDrug,
    DosingPeriod,
    ExposureChange,
    OmittedDoses,
    TreatmentHistory,
)
from monitoring.treatment.omitted_doses import stated_last_doses


@dataclass(frozen=True, kw_only=True)
class TreatmentState:
    """The state at a moment, from prescriptions, holds, stops and adverse events together."""

    record: Record
    now: Moment
    kind: StateKind
    since: Moment | None
    """The start of this state; None if treatment has not started."""
    until: Moment | None
    """The recorded end of a hold, or of the current dose; None if it is open."""
    reason: str
    """The reason of the hold or the stop; empty without one."""
    period: DosingPeriod | None
    """The current dose, or the dose on hold; None if nothing is prescribed."""
    hold: OmittedDoses | None
    conflict: Alert | None
    """The question that must be answered before a dose, a forecast or a dose card."""
    drugs: tuple[ConcomitantDrug, ...]
    """The drugs on this day that may change the level."""
    contraindications: Alerts
    """The findings that forbid a dose or ask for care, the strongest first."""
    open_severe: tuple[SevereFinding, ...]
    last_exposure_change: ExposureChange | None
    next_step: DosingPeriod | None
    """The next step of a taper."""
    next_dose: DosingPeriod | None
    """The next dose to come that differs from the one before it, a step of a taper too."""

    def __repr__(self) -> str:
        """Return the state in a line, without any name."""
        return f"<{type(self).__name__} {self.words}>"

    @property
    def history(self) -> TreatmentHistory:
        """The treatment of the record."""
        return TreatmentHistory.of(self.record)

    @property
    def prescription(self) -> Prescription | None:
        """The current dose, or the dose on hold."""
        return self.period.prescription.entry if self.period else None

    @property
    def is_given(self) -> bool:
        """Return whether a dose is given now, beyond question."""
        return self.kind in {StateKind.ON, StateKind.TAPERING} and self.conflict is None

    @property
    def questions(self) -> Alerts:
        """The questions that the record leaves open about the treatment itself."""
        asked = [self.conflict] if self.conflict else []
        if self.hold is not None and self.hold.is_end_asked:
            asked.append(HOLD_END_UNKNOWN.alert(since=short(self.hold.at)))
        return Alerts(asked)

    @cached_property
    def undocumented(self) -> Alerts:
        """The contraindications that the current dose's override did not know of, or not pass.

        An override passes what was recorded before it, and nothing that came later.
        """
        dose = self.period.prescription if self.period else None
        if dose is None or not dose.entry.override_by:
            return self.contraindications
        earlier = tuple(each for each in self.record.entries if each.number < dose.number)
        known = replace(self.record, entries=earlier)
        severe = severe_findings(known, self.now)
        then = contraindications(known, self.now, severe, dose.entry.product)
        passed = {each for each in then if each.code in dose.entry.overridden_alerts}
        return Alerts(each for each in self.contraindications if each not in passed)

    @property
    def severe_numbers(self) -> frozenset[int]:
        """The numbers of the severe findings that no stronger rule tells."""
        return frozenset(each.number for each in of_no_stronger_rule(self.record, self.open_severe))

    @property
    def reported(self) -> frozenset[int]:
        """The numbers of the adverse events and values that the contraindications report."""
        pneumonitis = (each.number for each in pneumonitis_events(self.record))
        return frozenset((*pneumonitis, *(each.number for each in self.open_severe)))

    @property
    def words(self) -> str:
        """The state in a line: dose, since when, the next dose to come, interacting drugs.

        They are the same wherever the state is shown.
        """
        coming = self.coming
        joint = ", " if self.is_given else "; planned "
        return f"{self._what}{joint if coming else ''}{coming}{self._with_drugs}"

    @property
    def coming(self) -> str:
        """The recorded end of the dose and the next dose, with their times; empty without any."""
        ends = self.until if self.kind in {StateKind.ON, StateKind.TAPERING} else None
        told = [f"until {short(ends)}"] if ends else []
        if self.next_dose is not None:
            dose = self.next_dose.prescription.entry
            told.append(f"from {short(dose.since)} {dose}{self._other_product(dose)}")
        return ", ".join(told)

    def _other_product(self, dose: Prescription) -> str:
        """Return the product or strength of a dose, if it is not that of the current dose."""
        now, strength = self.prescription, dose.strength_mg_per_ml
        if now is None or (now.product, now.strength_mg_per_ml) == (dose.product, strength):
            return ""
        return f" of {product_name(dose.product, strength or STRENGTH_MG_PER_ML)}"

    @property
    def _what(self) -> str:
        since = short_date(self.since.local.date()) if self.since else ""
        match self.kind:
            case StateKind.NOT_STARTED:
                return "Not started"
            case StateKind.STOPPED:
                return f"Stopped since {since}" + (f" ({self.reason})" if self.reason else "")
            case StateKind.ON_HOLD:
                until = f" until {short(self.until)}" if self.until else ""
                return f"On hold since {since}{until}, before on {self._dose_before_hold}"
            case StateKind.TAPERING:
                return f"Tapering: {self.prescription} since {since}"
        if self.conflict:
            return f"On {self.prescription} since {since}, in question"
        return f"On {self.prescription} since {since}"

    @property
    def _dose_before_hold(self) -> str:
        """The dose at the beginning of the hold, and that of a plan that has gone on since."""
        before = self.history.period_at(self.hold.at) if self.hold else None
        if before is None or self.period is None or before is self.period:
            return str(self.prescription)
        how = "by the plan" if self.period.prescription.entry.is_taper_step else "now prescribed"
        return f"{before.prescription.entry}, {how} {self.prescription}"

    @property
    def _with_drugs(self) -> str:
        if not self.drugs or not self.kind.is_treated:
            return ""
        named = (f"{shortened(each.name)} since {short_date(each.since)}" for each in self.drugs)
        return f", with {', '.join(named)}"

    def to_dict(self) -> dict[str, object]:
        """Return the state as `sirolimus patient show --json` prints it."""
        dose = self.prescription
        change = self.last_exposure_change
        return {
            "kind": self.kind.value,
            "words": self.words,
            "conflict": self.conflict.message if self.conflict else None,
            "since": str(self.since) if self.since else None,
            "until": str(self.until) if self.until else None,
            "reason": self.reason or None,
            "dose": _dose(dose) if dose and self.kind.is_treated else None,
            "last_exposure_change": str(change.at) if change else None,
            "last_exposure_change_cause": change.cause.value if change else None,
            "next_step": str(self.next_step.since) if self.next_step else None,
            "drugs": [
                {
                    "drug": each.name,
                    "from": str(each.since),
                    "to": str(each.until) if each.until else None,
                    "effect": each.changing_level[0].effect,
                }
                for each in self.drugs
            ],
            "contraindications": [each.to_dict() for each in self.contraindications],
            "open_severe": [each.to_dict() for each in self.open_severe],
        }


def _dose(dose: Prescription) -> dict[str, object]:
    return {
        "given_mg": json_number(dose.dose_mg),
        "evening_mg": json_number(dose.evening_mg) if dose.evening_mg else None,
        "times_a_day": dose.times_a_day if dose.interval_hours <= 24 else None,
        "every_hours": dose.interval_hours,
        "daily_mg": json_number(dose.daily_mg),
        "product": dose.product.value,
    }


def state_at(record: Record, now: Moment) -> TreatmentState:
    """Return the state of treatment at a moment, made once for a record and a moment."""
    known = record.once(_states)
    if now not in known:
        known[now] = _state(record, now)
    return known[now]


def _states(_record: Record) -> dict[Moment, TreatmentState]:
    return {}


def _state(record: Record, now: Moment) -> TreatmentState:
    history = TreatmentHistory.of(record)
    period, begun = history.period_at(now), history.periods_begun_by(now)
    hold = history.hold_at(now) if period else None
    today = now.local.date()
    severe = severe_findings(record, now)
    state = TreatmentState(
        record=record,
        now=now,
        kind=StateKind.NOT_STARTED,
        since=None,
        until=None,
        reason="",
        period=period,
        hold=hold,
        conflict=None,
        drugs=tuple(each for each in history.drugs_on(today) if each.changing_level),
        contraindications=contraindications(record, now, severe),
        open_severe=severe,
        last_exposure_change=history.last_exposure_change(now),
        next_step=_next_step(history, now),
        next_dose=next((each for each in history.periods if _is_to_come(each, now)), None),
    )
    if hold is not None:
        return replace(
            state,
            kind=StateKind.ON_HOLD,
            since=hold.at,
            until=hold.until,
            reason=hold.reason,
            conflict=_given_while_held(record, hold, now),
        )
    if period is not None:
        dose = period.prescription.entry
        return replace(
            state,
            kind=StateKind.TAPERING if dose.is_taper_step else StateKind.ON,
            since=_given_since(history, period, now),
            until=period.until if period.until and period.is_ended else None,
            conflict=_conflict(history, now),
        )
    if begun:
        ending = begun[-1].prescription.ending
        return replace(
            state,
            kind=StateKind.STOPPED,
            since=begun[-1].until,
            reason=ending.entry.reason if ending else "",
        )
    return state


def _given_since(history: TreatmentHistory, period: DosingPeriod, now: Moment) -> Moment:
    """Return the start of the same dose without a hold in between."""
    restarts = (each.until for each in history.holds if each.until and each.until <= now)
    return max([period.since, *restarts])


def _next_step(history: TreatmentHistory, now: Moment) -> DosingPeriod | None:
    coming = (each for each in history.periods if now < each.since)
    following = next(coming, None)
    is_step = following is not None and following.prescription.entry.is_taper_step
    return following if is_step else None


def _is_to_come(period: DosingPeriod, now: Moment) -> bool:
    return period.is_change and now < period.since


def _given_while_held(record: Record, hold: OmittedDoses, now: Moment) -> Alert | None:
    """Return the conflict of an open hold with a dose that a level reports."""
    if not hold.recorded.entry.is_open:
        return None
    given = [last for _, last in stated_last_doses(record) if hold.at < last <= now]
    if not given:
        return None
    return GIVEN_WHILE_HELD.alert(since=short(hold.at), given=short(max(given)))


def _conflict(history: TreatmentHistory, now: Moment) -> Alert | None:
    """Return the conflict of the newest event that says "held" or "stopped" with the doses."""
    for each in history.unanswered_events(now):
        event = each.entry
        return TREATMENT_CONFLICT.alert(
            event=event.term, day=short(event.since), done=event.action.value
        )
    return None
