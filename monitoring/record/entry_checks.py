"""What the limits say of an entry that is about to be written down.

What really happened can always be recorded: a stop asks for a reason, it does not refuse. A
prescription is what is going to happen: there a stop stands. Only a time that cannot be is refused
outright.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from dosing import (
    PROTOCOLS,
    Age,
    Alert,
    Alerts,
    Height,
    UserError,
    Weight,
    allergy_alerts,
    interaction_alerts,
)
from dosing.alerts import NO_ALERTS
from dosing.check_input import check_input
from dosing.knowledge.alert_catalogue import LEVEL_ASKED_AGAIN, LEVEL_BEFORE_FIRST_DOSE_ASKED
from dosing.knowledge.limits import (
    FUTURE_TOLERANCE_MINUTES,
    LEVEL_ASKED_AGAIN_ABOVE_NG_ML,
    CheckInput,
    check,
)
from dosing.knowledge.products import volume_ml
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.kinds import kind_of
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

_COMPARED_DAYS = 183  # six months, the limits' own span for a change of weight


def check_times(entry: Entry, born: date, now: Moment) -> None:
    """Check that what an entry tells can have happened, to a patient born that day.

    A prescription may begin in the future, and doses may be held until then.
    Raises `UserError` for a time before the birth, or more than 5 minutes after `now`.
    """
    latest = replace(now, utc=now.utc + timedelta(minutes=FUTURE_TOLERANCE_MINUTES))
    for when, may_be_later in kind_of(entry).times(entry):
        day = when.local.date() if isinstance(when, Moment) else when
        is_future = when > latest if isinstance(when, Moment) else day > latest.local.date()
        if is_future and not may_be_later:
            raise UserError(f"{when} lies in the future: enter the time again.")
        if day < born:
            raise UserError(f"{when} lies before the patient was born: enter the time again.")


def measurement_alerts(record: Record, measurement: Measurement) -> Alerts:
    """Return what the limits find in a measurement, alone and beside the earlier ones."""
    patient = record.patient.entry
    age = Age.between(patient.born, measurement.on)
    history = TreatmentHistory.of(record)
    earlier_weight = history.weight_on(measurement.on)
    earlier_height = history.height_on(measurement.on)
    last_weight = earlier_weight.entry.as_weight if earlier_weight else None
    last_height = earlier_height.entry.as_height if earlier_height else None
    weight = measurement.as_weight or last_weight
    height = measurement.as_height or last_height
    if weight is None:
        return NO_ALERTS
    facts = check_input(weight, height, age, patient.sex)
    if measurement.as_weight and earlier_weight and last_weight:
        days = (measurement.on - earlier_weight.entry.on).days
        if days <= _COMPARED_DAYS:
            facts = replace(facts, weight_ratio=measurement.as_weight.kg / last_weight.kg)
    if measurement.as_height and last_height:
        facts = replace(facts, shrunk_cm=last_height.cm - measurement.as_height.cm)
    return check(facts)


def level_alerts(record: Record, level: Level) -> Alerts:
    """Return why a level is asked about again before it is recorded."""
    return Alerts(_level_alerts(record, level))


def _level_alerts(record: Record, level: Level) -> Iterator[Alert]:
    limit = LEVEL_ASKED_AGAIN_ABOVE_NG_ML
    if level.value.value > limit:
        yield LEVEL_ASKED_AGAIN.alert(level=level, highest=limit)
    first = TreatmentHistory.of(record).first_prescribed
    if first is not None and level.sampled < first:
        yield LEVEL_BEFORE_FIRST_DOSE_ASKED.alert(sampled=level.sampled, first=first)


def prescription_alerts(record: Record, prescription: Prescription) -> Alerts:
    """Return what is to be said of a dose, the strongest first.

    The limits look at it on the body measured last, beside the dose before, and at a target other
    than the protocol's; then the drugs in force on its first day, and the allergies. Without a
    weight nothing can be said per m²; the caller tells so.
    """
    history, day = TreatmentHistory.of(record), prescription.since.local.date()
    facts = replace(
        _dose_facts(history, prescription, day),
        largest_day_mg=_largest_day_mg(history, prescription, day),
    )
    alerts = (
        check(_beside_what_was(facts, history, prescription))
        + allergy_alerts(record.patient.entry.allergies, prescription.product)
        + interaction_alerts(tuple(each.name for each in history.drugs_on(day)))
    )
    return alerts.strongest_first()


def dose_in_force_alerts(
    history: TreatmentHistory, prescription: Prescription, day: date
) -> Alerts:
    """Return what is to be said on a day of a dose that is in force, the strongest first.

    The limits look at it on the body as it is measured by now, and at how it is measured out; then
    the allergies. What an override has passed is not said again.
    """
    patient = history.record.patient.entry
    allergies = allergy_alerts(patient.allergies, prescription.product)
    alerts = check(_dose_facts(history, prescription, day)) + allergies
    return alerts.without(prescription.overridden_alerts).strongest_first()


def _dose_facts(history: TreatmentHistory, prescription: Prescription, day: date) -> CheckInput:
    body = history.body_on(day)
    return CheckInput(
        age=body.age,
        weight=body.weight,
        measured_days_ago=body.measured_days_ago,
        daily_mg=prescription.daily_mg,
        largest_day_mg=prescription.daily_mg,
        daily_mg_per_m2=_per_m2(prescription.daily_mg, body.weight, body.height),
        volume_ml=volume_ml(prescription.dose_mg, prescription.product),
    )


def _beside_what_was(
    facts: CheckInput, history: TreatmentHistory, prescription: Prescription
) -> CheckInput:
    """Return the facts with the step from the dose before, and a target of the clinic's own."""
    before = history.period_before(prescription.since)
    if before is not None and not prescription.loading:
        ratio = prescription.daily_mg / before.prescription.entry.daily_mg
        facts = replace(facts, dose_ratio=ratio)
    target = prescription.target
    if target != PROTOCOLS[prescription.protocol].target:
        width = target.high_ng_ml - (target.low_ng_ml or 0)
        facts = replace(facts, target_high_ng_ml=target.high_ng_ml, target_width_ng_ml=width)
    return facts


def _largest_day_mg(history: TreatmentHistory, prescription: Prescription, day: date) -> Decimal:
    """Return what is given on the first day, a loading dose and the maintenance dose together."""
    if prescription.loading:
        held = history.period_at(prescription.since)
        beside = held.prescription.entry.daily_mg if held else Decimal(0)
    else:
        loads = (each.entry for each in history.loading_doses)
        beside = sum(
            (each.daily_mg for each in loads if each.since.local.date() == day), Decimal(0)
        )
    return prescription.daily_mg + beside


def _per_m2(daily_mg: Decimal, weight: Weight | None, height: Height | None) -> Decimal | None:
    if weight is None or height is None:
        return None
    return daily_mg / body_surface_area(MOSTELLER, weight, height)
