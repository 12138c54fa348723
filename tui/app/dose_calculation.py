"""The calculation of a dose from the values of the form, without the screen."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from dosing import (
    Age,
    Alerts,
    Dose,
    Formula,
    Height,
    LiverImpairment,
    Override,
    Product,
    Proposal,
    Protocol,
    Quantity,
    Request,
    Sex,
    UserError,
    Weight,
)
from dosing.alerts import NO_ALERTS
from dosing.knowledge.clinic_limits import ClinicLimits
from dosing.knowledge.products import STANDARD_MARKS, SyringeMarks
from dosing.proposal import override_where_needed
from dosing.quantities.formatting import short_date
from monitoring.prescribing import (
    CheckedPrescription,
    accept,
    check_prescription,
    propose,
    propose_for,
    starting_request,
)
from monitoring.record.entries import Record
from monitoring.record.entry_checks import check_times, measurement_alerts
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription
from monitoring.record.same_entries import same_entry_alerts
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

if TYPE_CHECKING:
    from monitoring.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The values of the form."""

    weight: Quantity
    height: Quantity | None
    protocol: Protocol
    formula: Formula
    product: Product
    liver: LiverImpairment
    drugs: tuple[str, ...]
    """Drugs that are not on record."""
    override: Override | None = None
    marks: SyringeMarks = STANDARD_MARKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """A proposal; for a stored patient with the entries to store and their checks."""

    proposal: Proposal
    measurement: Measurement | None = None
    """A weight or height that is not on record."""
    measurement_alerts: Alerts = NO_ALERTS
    checked: CheckedPrescription | None = None
    """None without a patient, and without a dose."""
    passes_override: bool = False
    """True where the override was needed."""

    @property
    def alerts(self) -> Alerts:
        """All alerts, the strongest first."""
        alerts = self.checked.alerts if self.checked else self.proposal.alerts
        return (alerts + self.measurement_alerts.beyond(alerts)).strongest_first()

    @property
    def dose(self) -> Dose | None:
        """The dose; None where something stops it."""
        is_stopped = self.alerts.stopped or (self.checked is not None and self.checked.stopped)
        return None if is_stopped else self.proposal.dose

    @property
    def awaits_override(self) -> bool:
        """True where a documented override would allow the dose."""
        if self.alerts.stopped:
            return False
        by_record = self.checked is not None and self.checked.awaits_override
        return by_record or self.proposal.awaits_override


def calculate_without_patient(
    entered: Entered, age: Age, sex: Sex | None, limits: ClinicLimits
) -> Calculation:
    """Return the dose for the form alone, by the limits in force.

    Raises `UserError` where the formula needs a height.
    """
    request = Request(
        weight=Weight(entered.weight.value),
        height=Height(entered.height.value) if entered.height else None,
        age=age,
        sex=sex,
        protocol=entered.protocol,
        formula=entered.formula,
        product=entered.product,
        drugs=entered.drugs,
        liver=entered.liver,
        marks=entered.marks,
        limits=limits,
    )
    proposal = propose(request, entered.override)
    return Calculation(proposal=proposal, passes_override=proposal.override is not None)


def calculate_for(
    record: Record, entered: Entered, since: Moment, now: Moment, *, reason: str = ""
) -> Calculation:
    """Return the dose for a patient, from `since` on.

    A weight or height that is not on record counts as measured today. Raises `UserError` where the
    weight or height of the form is not the one of `since`, where the formula needs a height, and
    for a start before birth.
    """

    def with_override(given: Override | None) -> Calculation:
        calculated = _calculated(record, replace(entered, override=given), since, now, reason)
        return replace(calculated, passes_override=given is not None)

    return override_where_needed(with_override, entered.override)[0]


def _calculated(
    record: Record, entered: Entered, since: Moment, now: Moment, reason: str
) -> Calculation:
    measurement = _measured_today(record, entered, now.local.date())
    about = NO_ALERTS
    if measurement is not None:
        if since.local.date() < measurement.on:
            raise _measured_later(since)
        check_times(measurement, record.patient.entry.born, now)
        same = same_entry_alerts(record, measurement)
        measurement = replace(measurement, reason=reason) if same else measurement
        about = same + measurement_alerts(record, measurement)
        record = record.with_entry(measurement, now)
    request = starting_request(
        record,
        since,
        protocol=entered.protocol,
        product=entered.product,
        formula=entered.formula,
        liver=entered.liver,
        marks=entered.marks,
    )
    if request.weight.kg != entered.weight.value or (
        entered.height is not None and request.height != Height(entered.height.value)
    ):
        raise _measured_later(since)
    request = replace(request, drugs=(*request.drugs, *entered.drugs))
    proposal = propose_for(record, request, since, now, entered.override)
    calculation = Calculation(proposal=proposal, measurement=measurement, measurement_alerts=about)
    if proposal.stopped:
        return calculation
    prescription = accept(proposal, since, override=entered.override, reason=reason)
    checked = check_prescription(
        record, prescription, now, known=proposal.alerts, marks=entered.marks
    )
    return replace(calculation, checked=checked)


def _measured_later(since: Moment) -> UserError:
    return UserError(
        f"This weight and height were measured after {short_date(since.local)}. Record the earlier "
        "measurement first, with its own date. A dose given already is recorded as On sirolimus."
    )


def _measured_today(record: Record, entered: Entered, today: date) -> Measurement | None:
    """Return the typed weight and height, if they are not those of the record."""
    history = TreatmentHistory.of(record)
    weight, height = history.weight_on(today), history.height_on(today)
    new_weight = None if weight and entered.weight == weight.entry.weight else entered.weight
    new_height = None if height and entered.height == height.entry.height else entered.height
    if new_weight is None and new_height is None:
        return None
    return Measurement(on=today, weight=new_weight, height=new_height)


def store(calculation: Calculation, record: Record, records: "Store") -> str:
    """Store the measurement and the prescription, both or neither; return what was stored.

    Raises `UserError` for a stopped dose, for another weight or height of the same day without a
    reason, and `ConflictError` where somebody else changed the
    record since it was read.
    """
    checked, measurement = calculation.checked, calculation.measurement
    if calculation.dose is None or checked is None:
        raise UserError("This dose is stopped. It cannot be prescribed.")
    what = "prescription"
    if measurement is not None and not measurement.reason:
        for alert in same_entry_alerts(record, measurement):
            raise UserError(f"{alert.message} If it is right, enter the reason.")
    if measurement is None:
        records.add(record.number, checked.prescription, revision=record.revision)
    else:
        what = "measurement and prescription"
        _store_both(records, record, measurement, checked.prescription)
    return f"Stored for {record.patient.entry.name}: {what}, {checked.prescription}."


def _store_both(
    records: "Store", record: Record, measurement: Measurement, prescription: Prescription
) -> None:
    from monitoring.store.errors import ConflictError  # noqa: PLC0415 - the database is heavy

    last = records.last_change()  # first: a change while the rest is read is a later one
    if records.read(record.number).revision != record.revision:
        raise ConflictError("The record was changed meanwhile. Nothing was stored. Check it again.")
    records.add_all([(record.number, measurement), (record.number, prescription)], last)
