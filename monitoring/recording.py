"""What the limits say of an entry that is about to be written down.

What really happened can always be recorded: a stop asks for a reason, it does not refuse. A
prescription is what is going to happen: there a stop stands.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from dosing import Age, Alert, Height, Weight
from dosing.body_facts import body_facts
from dosing.body_size import MOSTELLER, body_surface_area
from dosing.limits import Facts, check
from monitoring.record.entries import Record, Recorded
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription

_COMPARED_DAYS = 183  # six months, the limits' own span for a change of weight


def latest_weight(record: Record, until: date) -> Recorded[Measurement] | None:
    """Return the last measurement with a weight up to a day, or None."""
    return _latest(record, until, "weight")


def latest_height(record: Record, until: date) -> Recorded[Measurement] | None:
    """Return the last measurement with a height up to a day, or None."""
    return _latest(record, until, "height")


def _latest(record: Record, until: date, what: str) -> Recorded[Measurement] | None:
    found = [
        each
        for each in record.standing(Measurement)
        if each.entry.on <= until and getattr(each.entry, what) is not None
    ]
    return max(found, key=lambda each: (each.entry.on, each.number), default=None)


def measurement_alerts(record: Record, measurement: Measurement) -> tuple[Alert, ...]:
    """Return what the limits find in a measurement, alone and beside the earlier ones."""
    patient = record.patient.entry
    age = Age.between(patient.born, measurement.on)
    earlier_weight = latest_weight(record, measurement.on)
    earlier_height = latest_height(record, measurement.on)
    last_weight = earlier_weight.entry.as_weight if earlier_weight else None
    last_height = earlier_height.entry.as_height if earlier_height else None
    weight = measurement.as_weight or last_weight
    height = measurement.as_height or last_height
    if weight is None:
        return ()
    facts = body_facts(weight, height, age, patient.sex)
    if measurement.as_weight and earlier_weight and last_weight:
        days = (measurement.on - earlier_weight.entry.on).days
        if days <= _COMPARED_DAYS:
            facts = replace(facts, weight_ratio=measurement.as_weight.kg / last_weight.kg)
    if measurement.as_height and last_height:
        facts = replace(facts, shrunk_cm=last_height.cm - measurement.as_height.cm)
    return check(facts)


def prescription_alerts(record: Record, prescription: Prescription) -> tuple[Alert, ...]:
    """Return what the limits find in a dose, on the body measured last and beside the dose before.

    Without a weight nothing can be said per m²; the caller tells so.
    """
    day = prescription.since.local.date()
    measured, measured_height = latest_weight(record, day), latest_height(record, day)
    weight = measured.entry.as_weight if measured else None
    height = measured_height.entry.as_height if measured_height else None
    if measured is None or weight is None:
        return ()
    facts = Facts(
        weight=weight,
        age=Age.between(record.patient.entry.born, day),
        measured_days_ago=Decimal((day - measured.entry.on).days),
        daily_mg=prescription.daily_mg,
        largest_day_mg=prescription.daily_mg,
        daily_mg_per_m2=_per_m2(prescription.daily_mg, weight, height),
    )
    before = prescription_in_force(record, prescription)
    if before is not None and not prescription.loading:
        facts = replace(facts, dose_ratio=prescription.daily_mg / before.entry.daily_mg)
    return check(facts)


def _per_m2(daily_mg: Decimal, weight: Weight, height: Height | None) -> Decimal | None:
    return daily_mg / body_surface_area(MOSTELLER, weight, height) if height else None


def prescription_in_force(record: Record, later: Prescription) -> Recorded[Prescription] | None:
    """Return the maintenance dose that held when another one begins, or None."""
    earlier = [
        each
        for each in record.standing(Prescription)
        if each.entry.since <= later.since and not each.entry.loading
    ]
    last = max(earlier, key=lambda each: (each.entry.since, each.number), default=None)
    if last is None or (
        last.ending and last.ending.entry.at and last.ending.entry.at < later.since
    ):
        return None
    return last
