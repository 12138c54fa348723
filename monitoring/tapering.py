"""Tapering: the plan that stops a treatment step by step, and its prescriptions.

The first lower dose is given at the start of the plan, if it is within a month's part. Each later
step waits as `dosing.taper` has it. The doses of the plan are prescriptions like any other: a later
prescription, or the end of one of them, ends the plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from dosing import VERSION, Alerts, Product, UserError, cite, json_number
from dosing.build import this_build
from dosing.dosage import HOURS_A_DAY, Dosage
from dosing.knowledge.alert_catalogue import ON_HOLD
from dosing.knowledge.later_evidence import RELAPSE_AFTER_STOPPING
from dosing.knowledge.products import (
    STANDARD_MARKS,
    STRENGTH_MG_PER_ML,
    Measured,
    SyringeMarks,
    rounding_step,
)
from dosing.taper import SOURCE, TaperStep, taper_steps
from monitoring.record.entries import Record
from monitoring.record.entry_checks import check_times
from monitoring.record.prescription import Prescription
from monitoring.state import DoseStep, StateKind, TreatmentState, dose_safety, state_at
from monitoring.times import Moment, short, zone_of
from monitoring.treatment import DosingPeriod, TreatmentHistory

if TYPE_CHECKING:
    from monitoring.store.store import Store

LONGEST_FIRST_WAIT_DAYS = 30
"""The wait of a step that falls away for the first one: a month's part is given at the start."""
END_REASON = "end of the taper"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDose:
    """One dose of a plan, from its first administration on."""

    since: Moment
    dosage: Dosage
    measured: tuple[Measured, ...]
    """Each dose of a day as it is measured out: morning and evening, where they differ."""
    percent_of_start: Decimal

    def to_dict(self) -> dict[str, object]:
        """Return the dose as a step of the document of `sirolimus taper --json`."""
        dosage, first = self.dosage, self.measured[0]
        return {
            "from": str(self.since),
            "dose": {
                "given_mg": json_number(dosage.dose_mg),
                "evening_mg": json_number(dosage.evening_mg),
                "volume_ml": json_number(first.volume_ml),
                "tablets": {f"{mg} mg": number for mg, number in first.tablets} or None,
                "times_a_day": dosage.times_a_day,
                "every_hours": dosage.every_hours,
                "parts": [part.to_dict() for part in dosage.parts],
            },
            "daily_mg": json_number(dosage.daily_mg),
            "percent_of_start": json_number(self.percent_of_start, 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TaperPlan:
    """The doses from the current one to none, or what in the record comes first."""

    state: TreatmentState
    start: Prescription
    """The current dose: the parts a month are those of it."""
    doses: tuple[PlannedDose, ...]
    """Empty if it is stopped."""
    ends: Moment | None
    """The time from which nothing is given; None if it is stopped."""
    alerts: Alerts
    """The strongest first."""
    version: str = VERSION

    @property
    def stopped(self) -> bool:
        """Return whether something in the record comes first: a hold, or a question."""
        return not self.doses

    @property
    def sources(self) -> dict[str, str]:
        """The citation of every source used, by its key."""
        return cite([SOURCE, RELAPSE_AFTER_STOPPING.source, *self.alerts.sources])

    @property
    def prescriptions(self) -> tuple[Prescription, ...]:
        """The prescriptions of the plan; product, protocol, target and strength are kept."""
        return tuple(
            replace(
                self.start,
                since=each.since,
                dose_mg=each.dosage.dose_mg,
                evening_mg=each.dosage.evening_mg,
                times_a_day=each.dosage.times_a_day or 1,
                every_hours=None if each.dosage.times_a_day else each.dosage.every_hours,
                is_taper_step=True,
                reason=f"taper step {number} of {len(self.doses)}",
                rule_version=replace(this_build(), version=self.version).label,
                proposal="",
                override_reason="",
                override_by="",
                overridden_alerts=(),
                given_reason=None,
            )
            for number, each in enumerate(self.doses, start=1)
        )

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus taper --json` prints."""
        return {
            "start_daily_mg": json_number(self.start.daily_mg),
            "steps": [each.to_dict() for each in self.doses],
            "ends": str(self.ends) if self.ends else None,
            "relapse": RELAPSE_AFTER_STOPPING.to_dict(),
            "alerts": [alert.to_dict() for alert in self.alerts],
            "sources": self.sources,
            "version": self.version,
            "limits": self.state.history.record.limits.to_dict(),
        }


def plan_taper(
    record: Record, now: Moment, since: Moment | None = None, marks: SyringeMarks = STANDARD_MARKS
) -> TaperPlan:
    """Return the plan that stops the treatment, from `since` or the next dose on.

    It is stopped while doses are on hold, or while the record contradicts itself. Raises
    `UserError` where nothing is given, where a plan or another change is already recorded, and for
    a start before that of the current dose.
    """
    current = _current(TreatmentHistory.of(record), now, since)
    start = since or _next_dose(current, now)
    dose = current.prescription.entry
    state = state_at(record, max(start, now))
    alerts = dose_safety(state, DoseStep.LOWER, dose.product)
    first = _comes_first(state)
    if first:
        alerts = (first + alerts.without({each.code for each in first})).strongest_first()
        return TaperPlan(state=state, start=dose, doses=(), ends=None, alerts=alerts)
    strength = dose.strength_mg_per_ml or STRENGTH_MG_PER_ML
    steps = taper_steps(dose.dosage, dose.product, marks=marks, strength_mg_per_ml=strength)
    *doses, end = zip(_moments(steps, dose, start), steps, strict=True)
    if not doses:
        raise UserError(
            f"{dose} is the smallest dose that can be given. Record its end: there are no steps."
        )
    return TaperPlan(
        state=state,
        start=dose,
        doses=tuple(
            PlannedDose(
                since=moment,
                dosage=step.dosage,
                measured=tuple(_measured(step.dosage, dose.product, strength, marks)),
                percent_of_start=100 * step.daily_mg / dose.daily_mg,
            )
            for moment, step in doses
            if step.dosage
        ),
        ends=end[0],
        alerts=alerts,
    )


def store_taper(store: "Store", record: Record, plan: TaperPlan, now: Moment) -> None:
    """Store the doses of a plan and the end of the last one, all or nothing.

    Raises `UserError` for a stopped plan or a start before the patient's birth, and `ConflictError`
    if somebody else changed the record meanwhile.
    """
    if plan.ends is None:
        raise UserError("This plan is stopped. See what comes first.")
    doses = plan.prescriptions
    for each in doses:
        check_times(each, record.patient.entry.born, now)
    store.add_course(record.number, doses, plan.ends, END_REASON, record.revision)


def _current(history: TreatmentHistory, now: Moment, since: Moment | None) -> DosingPeriod:
    """Return the dose that is to be tapered; raise `UserError` where none can be."""
    moment = max(since or now, now)
    current = history.period_at(moment)
    if current is None:
        raise UserError(f"No dose is given on {short(moment)}. A taper starts from a current dose.")
    began = current.since
    coming = state_at(history.record, moment).next_step
    if current.prescription.entry.is_taper_step or coming is not None:
        raise UserError(
            "The dose is being tapered already. Prescribe the current dose first to plan anew."
        )
    if current.until is not None:
        raise UserError(
            f"Another dose, or the end of this one, is recorded for {short(current.until)}. Void "
            "that entry first."
        )
    if since is not None and since < began:
        raise UserError(f"The current dose began on {short(began)}. A taper starts after it.")
    return current


def _comes_first(state: TreatmentState) -> Alerts:
    """Return what is decided before a plan is made: a question about the record, or a hold."""
    found = [state.conflict] if state.conflict else []
    if state.kind is StateKind.ON_HOLD and state.since is not None:
        found.append(ON_HOLD.alert(since=short(state.since)))
    return Alerts(found)


def _next_dose(period: DosingPeriod, now: Moment) -> Moment:
    """Return the first time from now on at the clock time of the current doses."""
    every_days = max(1, period.prescription.entry.interval_hours // HOURS_A_DAY)
    began = period.since.local
    past = (now.local.date() - began.date()).days
    days = past - past % every_days
    found = _days_after(period.since, days)
    return found if now <= found else _days_after(period.since, days + every_days)


def _moments(steps: tuple[TaperStep, ...], dose: Prescription, start: Moment) -> Iterator[Moment]:
    """Yield the time of each step, at the clock time of the start and on a day with a dose."""
    every = [dose.interval_hours, *(each.dosage.every_hours for each in steps if each.dosage)]
    waits = [
        max(0, steps[0].days - LONGEST_FIRST_WAIT_DAYS),
        *(after.days - before.days for before, after in pairwise(steps)),
    ]
    days = 0
    for wait, hours in zip(waits, every, strict=True):
        days += wait + -wait % max(1, hours // HOURS_A_DAY)
        yield _days_after(start, days)


def _days_after(moment: Moment, days: int) -> Moment:
    """Return the moment so many days later at the same clock time, or just after it if skipped."""
    local = moment.local
    clock = time(local.hour, local.minute, local.second)
    there = datetime.combine(
        local.date() + timedelta(days=days), clock, tzinfo=zone_of(moment.zone)
    )
    return Moment(there.astimezone(UTC), moment.zone)


def _measured(
    dosage: Dosage, product: Product, strength_mg_per_ml: Decimal, marks: SyringeMarks
) -> Iterator[Measured]:
    for part in dosage.parts:
        step = rounding_step(part.mg, product, strength_mg_per_ml, marks)
        yield Measured(part.mg, product, step, strength_mg_per_ml)
