"""Prescribing: a starting dose for a record, and the prescription of an accepted proposal."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from dosing import (
    MOSTELLER,
    ORAL_SOLUTION,
    REVIEW,
    Alert,
    AlertKind,
    Alerts,
    Formula,
    LiverImpairment,
    Override,
    Product,
    Proposal,
    Protocol,
    ReadingError,
    Request,
    TargetTrough,
    UserError,
    propose_starting_dose,
)
from dosing.alerts import NO_ALERTS
from dosing.build import this_build
from dosing.knowledge.alert_catalogue import (
    DOSE_AS_GIVEN,
    NO_LEVEL,
    RAISE_AFTER_HIGH_LEVEL,
    RAISE_AFTER_VERY_HIGH_LEVEL,
    RAISE_BEFORE_FIRST_LEVEL,
    RAISE_WITHOUT_LEVEL,
)
from dosing.knowledge.products import STANDARD_MARKS, STRENGTH_MG_PER_ML, SyringeMarks
from dosing.knowledge.tdm_rules import HOLDING_CONSIDERED_ABOVE, OLDEST_TO_ADJUST
from dosing.measuring import measurable
from dosing.proposal import override_where_needed
from dosing.quantities.text import quoted, shortened
from monitoring.levels import Status, assess_levels
from monitoring.recommendation.decision import raise_barred_by
from monitoring.recommendation.label_advice import newest_level
from monitoring.record.entries import Record
from monitoring.record.entry_checks import (
    body_alerts,
    check_times,
    prescription_alerts,
)
from monitoring.record.prescription import Prescription
from monitoring.state import (
    DoseStep,
    StateKind,
    prescription_safety,
    starting_dose_safety,
    state_at,
    step_to,
)
from monitoring.times import Moment, short
from monitoring.treatment import TreatmentHistory


def starting_request(  # noqa: PLR0913 - the choices of a dose
    record: Record,
    since: Moment,
    *,
    protocol: Protocol = REVIEW,
    product: Product = ORAL_SOLUTION,
    formula: Formula = MOSTELLER,
    liver: LiverImpairment = LiverImpairment.NONE,
    marks: SyringeMarks = STANDARD_MARKS,
) -> Request:
    """Return the request for a dose from `since` on, with the data of the record on that day.

    They are the last weight and height, the age, the sex and the concomitant drugs.
    Raises `UserError` without a recorded weight.
    """
    history, day = TreatmentHistory.of(record), since.local.date()
    body = history.body_on(day)
    if body.weight is None or body.measured_days_ago is None:
        raise UserError(f"No weight is recorded up to {short(day)}. Record a weight first.")
    return Request(
        weight=body.weight,
        height=body.height,
        age=body.age,
        sex=record.patient.entry.sex,
        gestation=record.patient.entry.gestation,
        protocol=protocol,
        formula=formula,
        product=product,
        drugs=tuple(each.name for each in history.drugs_on(day)),
        liver=liver,
        marks=marks,
        limits=record.limits,
        measured_days_ago=body.measured_days_ago,
    )


def propose(request: Request, override: Override | None, known: Alerts = NO_ALERTS) -> Proposal:
    """Return the starting dose; the override is used only if the dose needs one.

    `known` is what the record says against it: see `propose_for`.
    """

    def with_override(given: Override | None) -> Proposal:
        return propose_starting_dose(replace(request, override=given), known)

    return override_where_needed(with_override, override)[0]


def propose_for(
    record: Record, request: Request, since: Moment, now: Moment, override: Override | None
) -> Proposal:
    """Return the starting dose for a patient from `since` on, if the record does not forbid it."""
    known = starting_dose_safety(record, max(since, now), request.product)
    return propose(request, override, known)


def accept(
    proposal: Proposal,
    since: Moment,
    *,
    target: TargetTrough | None = None,
    override: Override | None = None,
    reason: str = "",
) -> Prescription:
    """Return the prescription of an accepted proposal, with its inputs and version.

    `target` replaces the protocol's. `override` is stored even if only the record, and not the
    proposal, needs it. Raises `UserError` for a stopped proposal.
    """
    if proposal.dose is None:
        raise UserError("A stopped proposal has no dose. Change the request first.")
    override = proposal.override or override
    return Prescription(
        since=since,
        dose_mg=proposal.dose.measured.mg,
        times_a_day=proposal.dose.times_a_day or 1,
        every_hours=None if proposal.dose.times_a_day else proposal.dose.every_hours,
        strength_mg_per_ml=proposal.request.strength_mg_per_ml,
        product=proposal.request.product,
        protocol=proposal.request.protocol.key,
        target=target or proposal.target,
        rule_version=replace(this_build(), version=proposal.version).label,
        proposal=proposal.to_json(),
        override_reason=override.reason if override else "",
        override_by=override.by if override else "",
        reason=reason,
        overridden_alerts=proposal.overridden,
    )


def typed_prescription(  # noqa: PLR0913 - the fields of the form
    *,
    since: Moment,
    dose_mg: Decimal,
    times_a_day: int,
    product: Product,
    protocol: Protocol,
    target: TargetTrough | None = None,
    loading: bool = False,
    override: Override | None = None,
    reason: str = "",
    every_hours: int | None = None,
    evening_mg: Decimal | None = None,
    strength_mg_per_ml: Decimal | None = None,
    given_reason: str | None = None,
) -> Prescription:
    """Return the prescription of a typed dose; the default target is the protocol's.

    A dose that cannot be measured out exactly is one, too: `check_prescription` tells it.
    """
    return Prescription(
        since=since,
        dose_mg=dose_mg,
        times_a_day=times_a_day,
        product=product,
        protocol=protocol.key,
        target=target or protocol.target,
        rule_version=this_build().label,
        loading=loading,
        reason=reason,
        override_reason=override.reason if override else "",
        override_by=override.by if override else "",
        every_hours=every_hours,
        evening_mg=evening_mg,
        strength_mg_per_ml=strength_mg_per_ml,
        given_reason=given_reason,
    )


_INTERVAL = re.compile(r"(?P<number>[1-9][0-9]{0,2}) *(?P<unit>h|hours?|d|days?)")


def read_interval(text: str) -> int:
    """Return the hours between two doses; raises `ReadingError` for another text.

    >>> read_interval("48 h"), read_interval("2 days")
    (48, 48)
    """
    parts = _INTERVAL.fullmatch(text.strip(" \t"))
    if parts is None:
        raise ReadingError(f"{quoted(text)} is not an interval. Write it as in 48 h.")
    return int(parts["number"]) * (24 if parts["unit"].startswith("d") else 1)


def measuring_alerts(prescription: Prescription, marks: SyringeMarks = STANDARD_MARKS) -> Alerts:
    """Return a caution for each dose that no mark of a syringe, or no whole tablet, gives."""
    strength = prescription.strength_mg_per_ml or STRENGTH_MG_PER_ML
    return measurable(
        prescription.dosage, prescription.product, strength_mg_per_ml=strength, marks=marks
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPrescription:
    """A prescription checked against the record, with its alerts."""

    prescription: Prescription
    """With the codes of the alerts that its override passed."""
    alerts: Alerts
    """The strongest first."""

    @property
    def stopped(self) -> bool:
        """Return whether a stop forbids it, or an alert that needs an override."""
        return self.alerts.forbid(self.prescription.override_by)

    @property
    def awaits_override(self) -> bool:
        """Return whether a documented override would allow it."""
        return self.stopped and self.alerts.awaits_override


def check_prescription(
    record: Record,
    prescription: Prescription,
    now: Moment,
    *,
    known: Iterable[Alert] = (),
    marks: SyringeMarks = STANDARD_MARKS,
) -> CheckedPrescription:
    """Return a dose checked against the limits and the record before it is prescribed.

    `known` are earlier alerts, such as the proposal's. A dose recorded as it was given is past
    every limit: its alerts are cautions. Raises `UserError` for a dose before the patient's birth,
    and for a given one in the future.
    """
    check_times(prescription, record.patient.entry.born, now)
    known = Alerts(known)
    found = prescription_alerts(record, prescription) + measuring_alerts(prescription, marks)
    found += body_alerts(record, prescription.since.local.date())
    found += _against_a_raise(record, prescription, now)
    limits = known + found.beyond(known)
    alerts = prescription_safety(record, prescription, now, limits)
    if prescription.given_reason is not None:
        return _as_given(prescription, prescription.given_reason, alerts, now)
    if prescription.override_by:
        prescription = replace(prescription, overridden_alerts=alerts.codes_of(AlertKind.OVERRIDE))
    return CheckedPrescription(prescription=prescription, alerts=alerts.strongest_first())


def _against_a_raise(record: Record, prescription: Prescription, now: Moment) -> Alerts:
    """Return what the levels say against a raise: one is too high, or none allows it."""
    return Alerts(_after_a_high_level(record, prescription, now)) or Alerts(
        _without_a_level_for_it(record, prescription, now)
    )


def _without_a_level_for_it(
    record: Record, prescription: Prescription, now: Moment
) -> Iterator[Alert]:
    """Yield the alert of a raise while the advice waits for a level, or asks about one.

    Where no level was ever taken, nothing speaks against the raise but that: a caution.
    A loading dose is left out: it comes with the start or the raise that is checked itself.
    """
    state = state_at(record, max(prescription.since, now))
    is_raise = step_to(state, prescription.daily_mg) is DoseStep.RAISE
    if prescription.loading or state.kind is StateKind.ON_HOLD or not is_raise:
        return
    passed = prescription.override_by
    override = Override(prescription.override_reason, passed) if passed else None
    reason = raise_barred_by(record, now, override)
    if reason is None:
        return
    if reason.code == NO_LEVEL.code:
        yield RAISE_BEFORE_FIRST_LEVEL.alert()
    else:
        yield RAISE_WITHOUT_LEVEL.alert(fact=reason.fact)


def _after_a_high_level(record: Record, prescription: Prescription, now: Moment) -> Iterator[Alert]:
    """Yield the alert of a dose above the one that led to a level above the target."""
    newest = newest_level(assess_levels(record))
    if newest is None:
        return
    level = newest.level.entry
    then = TreatmentHistory.of(record).period_of(level)
    oldest = record.limits.rule(OLDEST_TO_ADJUST)
    if then is None or now.hours_since(level.sampled) > oldest.value * 24:
        return
    if not (prescription.loading or prescription.daily_mg > then.prescription.entry.daily_mg):
        return
    sampled = short(level.sampled.local.date())
    if newest.is_far_too_high:
        limit = str(record.limits.rule(HOLDING_CONSIDERED_ABOVE))
        yield RAISE_AFTER_VERY_HIGH_LEVEL.alert(level=level, sampled=sampled, limit=limit)
    elif newest.status is Status.ABOVE:
        yield RAISE_AFTER_HIGH_LEVEL.alert(level=level, sampled=sampled)


def _as_given(
    prescription: Prescription, reason: str, alerts: Alerts, now: Moment
) -> CheckedPrescription:
    """Return a dose that was really given: every alert is shown, and none forbids it."""
    if prescription.since > now:
        raise UserError(f"{short(prescription.since)} is in the future. Nothing was given yet.")
    passed = alerts.blocking_codes
    as_cautions = (
        replace(alert, kind=min(alert.kind, AlertKind.CAUTION))
        for alert in alerts.strongest_first()
    )
    return CheckedPrescription(
        prescription=replace(prescription, overridden_alerts=tuple(dict.fromkeys(passed))),
        alerts=Alerts((DOSE_AS_GIVEN.alert(reason=shortened(reason)), *as_cautions)),
    )
