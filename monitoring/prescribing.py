"""From the record to a proposed starting dose, and from an accepted proposal to a prescription."""

from dataclasses import replace
from decimal import Decimal

from dosing import (
    MOSTELLER,
    ORAL_SOLUTION,
    REVIEW,
    Age,
    Formula,
    LiverImpairment,
    Override,
    Product,
    Proposal,
    Protocol,
    Request,
    TargetTrough,
    UserError,
    proposal_as_json,
    propose_starting_dose,
)
from monitoring.record.entries import Record
from monitoring.record.prescription import Prescription
from monitoring.recording import latest_height, latest_weight
from monitoring.times import Moment
from monitoring.treatment import drugs_on


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
    patient, day = record.patient.entry, since.local.date()
    measured, measured_height = latest_weight(record, day), latest_height(record, day)
    weight = measured.entry.as_weight if measured else None
    if measured is None or weight is None:
        raise UserError(f"No weight is written down up to {day}: measure first.")
    return Request(
        weight=weight,
        height=measured_height.entry.as_height if measured_height else None,
        age=Age.between(patient.born, day),
        sex=patient.sex,
        protocol=protocol,
        formula=formula,
        product=product,
        drugs=tuple(each.entry.drug for each in drugs_on(record, day)),
        liver=liver,
        measured_days_ago=Decimal((day - measured.entry.on).days),
    )


def propose(request: Request, override: Override | None) -> Proposal:
    """Return the starting dose; the override is used only where the dose needs one."""
    proposal = propose_starting_dose(request)
    if proposal.awaits_override and override is not None:
        return propose_starting_dose(replace(request, override=override))
    return proposal


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
        proposal=proposal_as_json(proposal),
        override_reason=override.reason if override else "",
        override_by=override.by if override else "",
        reason=reason,
        passed=proposal.overridden,
    )
