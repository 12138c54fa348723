"""From the record to a proposed starting dose, and from an accepted proposal to a prescription."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from dosing import (
    MOSTELLER,
    ORAL_SOLUTION,
    REVIEW,
    VERSION,
    Alert,
    AlertKind,
    Alerts,
    Formula,
    LiverImpairment,
    Override,
    Product,
    Proposal,
    Protocol,
    Request,
    TargetTrough,
    UserError,
    measure_out,
    propose_starting_dose,
)
from dosing.proposal import override_where_needed
from monitoring.record.entries import Record
from monitoring.record.entry_checks import (
    check_times,
    prescription_alerts,
)
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory


def starting_request(  # noqa: PLR0913 - what a dose rests on beside the record
    record: Record,
    since: Moment,
    *,
    protocol: Protocol = REVIEW,
    product: Product = ORAL_SOLUTION,
    formula: Formula = MOSTELLER,
    liver: LiverImpairment = LiverImpairment.NONE,
) -> Request:
    """Return what a dose from `since` on is asked for, as the record has it on that day.

    That is the weight and height measured last, the age, the sex and the drugs in force.
    Raises `UserError` where no weight is written down.
    """
    history, day = TreatmentHistory.of(record), since.local.date()
    body = history.body_on(day)
    if body.weight is None or body.measured_days_ago is None:
        raise UserError(
            f"No weight is written down up to {day}: log first what was measured by then."
        )
    return Request(
        weight=body.weight,
        height=body.height,
        age=body.age,
        sex=record.patient.entry.sex,
        protocol=protocol,
        formula=formula,
        product=product,
        drugs=tuple(each.name for each in history.drugs_on(day)),
        liver=liver,
        measured_days_ago=body.measured_days_ago,
    )


def propose(request: Request, override: Override | None) -> Proposal:
    """Return the starting dose; the override is used only where the dose needs one."""

    def with_override(given: Override | None) -> Proposal:
        return propose_starting_dose(replace(request, override=given))

    return override_where_needed(with_override, override)[0]


def accept(
    proposal: Proposal,
    since: Moment,
    *,
    target: TargetTrough | None = None,
    override: Override | None = None,
    reason: str = "",
) -> Prescription:
    """Return the prescription of a proposal that somebody accepted, with its inputs and version.

    `target` is another one than the protocol's. `override` is kept whether the proposal needed it
    or something else in the record does. Raises `UserError` for a proposal that was stopped.
    """
    if proposal.dose is None:
        raise UserError("A proposal that was stopped cannot be prescribed.")
    override = proposal.override or override
    return Prescription(
        since=since,
        dose_mg=proposal.dose.measured.mg,
        times_a_day=proposal.dose.times_a_day,
        product=proposal.request.product,
        protocol=proposal.request.protocol.key,
        target=target or proposal.target,
        rule_version=proposal.version,
        proposal=proposal.to_json(),
        override_reason=override.reason if override else "",
        override_by=override.by if override else "",
        reason=reason,
        overridden_alerts=proposal.overridden,
    )


def typed_prescription(  # noqa: PLR0913 - what a person types
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
) -> Prescription:
    """Return the prescription of a dose as it was typed; without a target the protocol's.

    Raises `UserError` for a dose that the product cannot be measured out in.
    """
    if measure_out(dose_mg, product).mg != dose_mg:
        raise UserError(f"{dose_mg} mg of {product.value} cannot be measured out exactly.")
    return Prescription(
        since=since,
        dose_mg=dose_mg,
        times_a_day=times_a_day,
        product=product,
        protocol=protocol.key,
        target=target or protocol.target,
        rule_version=VERSION,
        loading=loading,
        reason=reason,
        override_reason=override.reason if override else "",
        override_by=override.by if override else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPrescription:
    """A prescription held against the record: what is to be said of it before it is stored."""

    prescription: Prescription
    """With the codes of the alerts that its override passed."""
    alerts: Alerts
    """The strongest first."""

    @property
    def stopped(self) -> bool:
        """Whether a stop stands against it, or one that only an override passes."""
        return self.alerts.forbid(self.prescription.override_by)

    @property
    def awaits_override(self) -> bool:
        """Whether a documented override would let it through."""
        return self.stopped and self.alerts.awaits_override


def check_prescription(
    record: Record, prescription: Prescription, now: Moment, *, known: Iterable[Alert] = ()
) -> CheckedPrescription:
    """Return what the record says of a dose that is about to be prescribed.

    `known` are alerts that were found before, as a proposal's. Raises `UserError` for a dose before
    the patient was born.
    """
    check_times(prescription, record.patient.entry.born, now)
    known = Alerts(known)
    alerts = known + prescription_alerts(record, prescription).beyond(known)
    if prescription.override_by:
        prescription = replace(prescription, overridden_alerts=alerts.codes_of(AlertKind.OVERRIDE))
    return CheckedPrescription(prescription=prescription, alerts=alerts.strongest_first())
