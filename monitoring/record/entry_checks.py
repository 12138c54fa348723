"""Entry checks: the alerts of the limits before an entry is stored.

Past events can always be recorded: a stop asks for a reason, it does not refuse. A prescription
is a future event: a stop refuses it. An impossible time is always refused.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from dosing import (
    PROTOCOLS,
    Age,
    Alert,
    AlertKind,
    Alerts,
    Height,
    Quantity,
    UserError,
    Weight,
    allergy_alerts,
    interaction_alerts,
)
from dosing.alerts import NO_ALERTS
from dosing.check_input import check_input, preterm_alerts
from dosing.knowledge.alert_catalogue import (
    BODY_MEASURED_LATER,
    HEIGHT_UNKNOWN,
    LEVEL_ASKED_AGAIN,
    LEVEL_BEFORE_FIRST_DOSE_ASKED,
    WEIGHT_UNKNOWN,
)
from dosing.knowledge.limits import (
    FUTURE_TOLERANCE_MINUTES,
    LEVEL_ASKED_AGAIN_ABOVE_NG_ML,
    WEIGHT_CHANGED,
    CheckInput,
    check,
)
from dosing.knowledge.products import STRENGTH_MG_PER_ML, volume_ml
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.kinds import kind_of
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import Prescription
from monitoring.record.same_entries import same_entry_alerts
from monitoring.state import allergies_of
from monitoring.times import Moment, short
from monitoring.treatment import TreatmentHistory

_COMPARED_DAYS = 183  # six months, the limits' own span for a change of weight


def check_times(
    entry: Entry, born: date, now: Moment, *, planned_until: Moment | None = None
) -> None:
    """Check the times of an entry about a patient born that day.

    A prescription may begin, and held doses may end, in the future; a restart or the end of a dose
    may be planned until the next dose, `planned_until`.
    Raises `UserError` for a time before the birth, or more than 5 minutes after `now`.
    """
    latest = replace(now, utc=now.utc + timedelta(minutes=FUTURE_TOLERANCE_MINUTES))
    latest = max(latest, planned_until or latest)
    for when, may_be_later in kind_of(entry).times(entry):
        day = when.local.date() if isinstance(when, Moment) else when
        is_future = when > latest if isinstance(when, Moment) else day > latest.local.date()
        if is_future and not may_be_later:
            raise UserError(f"{short(when)} is in the future. Check the time.")
        if day < born:
            raise UserError(f"{short(when)} is before the patient's birth. Check the time.")


def measurement_alerts(record: Record, measurement: Measurement) -> Alerts:
    """Return the alerts of a measurement, by itself and compared with earlier ones."""
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
    facts = check_input(weight, height, age, patient.sex, patient.gestation)
    if measurement.as_weight and earlier_weight and last_weight:
        days = (measurement.on - earlier_weight.entry.on).days
        if days <= _COMPARED_DAYS:
            facts = replace(facts, weight_ratio=measurement.as_weight.kg / last_weight.kg)
    if measurement.as_height and last_height:
        facts = replace(facts, shrunk_cm=last_height.cm - measurement.as_height.cm)
    return check(facts, table=record.limits.table) + preterm_alerts(age, patient.gestation)


def is_far_from_last_weight(record: Record, weight: Quantity, on: date) -> bool:
    """Return whether a weight is so far from the last one of six months that it is typed twice.

    Far is what the limits on a change of weight say.
    """
    try:
        alerts = measurement_alerts(record, Measurement(on=on, weight=weight))
    except UserError:  # impossible by itself, which its own check says
        return False
    return any(each.code == WEIGHT_CHANGED for each in alerts)


def with_last_dose(record: Record, level: Level) -> Level:
    """Return a level that has the schedule's last dose, marked as assumed, if none was stated.

    Without a scheduled dose before the sample it stays unknown.
    """
    if level.last_dose is not None:
        return level
    due = TreatmentHistory.of(record).scheduled_dose_before(level.sampled)
    return level if due is None else replace(level, last_dose=due, last_dose_assumed=True)


SAMPLE_ASSUMED = "sampling time assumed from the schedule"


def with_assumed_sample(record: Record, level: Level) -> Level:
    """Return a level whose remark says that nobody stated the time of its sample.

    The remark is its reason. A level that needs a reason gets it only together with one: it does
    not explain the level.
    """
    asks = level_alerts(record, level) + same_entry_alerts(record, level)
    if not level.reason and asks:
        return level
    return replace(level, reason="; ".join(filter(None, [level.reason, SAMPLE_ASSUMED])))


def level_alerts(record: Record, level: Level) -> Alerts:
    """Return the alerts for which a level needs a reason."""
    return Alerts(_level_alerts(record, level))


def _level_alerts(record: Record, level: Level) -> Iterator[Alert]:
    limit = LEVEL_ASKED_AGAIN_ABOVE_NG_ML
    if level.value.value > limit:
        yield LEVEL_ASKED_AGAIN.alert(level=level, highest=limit)
    first = TreatmentHistory.of(record).first_prescribed
    if first is not None and level.sampled < first:
        yield LEVEL_BEFORE_FIRST_DOSE_ASKED.alert(sampled=level.sampled, first=first)


def prescription_alerts(record: Record, prescription: Prescription) -> Alerts:
    """Return the alerts of a dose, the strongest first.

    Checked are the dose for the last weight and height, the step from the dose before, a target
    other than the protocol's, the drugs on its first day, and the allergies. Before the first
    weight or height that one counts; without any, nothing per m² is checked: see `body_alerts`.
    """
    history, day = TreatmentHistory.of(record), prescription.since.local.date()
    facts = replace(
        _dose_facts(history, prescription, day, or_first_after=True),
        largest_day_mg=_largest_day_mg(history, prescription, day),
    )
    alerts = (
        _that_ask_an_override(same_entry_alerts(record, prescription))
        + check(_compared_with_before(facts, history, prescription), table=record.limits.table)
        + record.limits.alerts
        + allergy_alerts(allergies_of(record, day), prescription.product)
        + interaction_alerts(tuple(each.name for each in history.drugs_on(day)))
    )
    return alerts.strongest_first()


def body_alerts(record: Record, day: date) -> Alerts:
    """Return what is to be known of the weight and height that check a dose of a day.

    There is none on the day or before it: a later one is used, or the dose is not checked per m².
    """
    history = TreatmentHistory.of(record)
    if history.weight_on(day, or_first_after=True) is None:
        return Alerts([WEIGHT_UNKNOWN.alert()])
    if history.height_on(day, or_first_after=True) is None:
        return Alerts([HEIGHT_UNKNOWN.alert()])
    return Alerts(_measured_later(history, day))


def _measured_later(history: TreatmentHistory, day: date) -> Iterator[Alert]:
    """Yield the weight and the height of after a day that are used for it; of one day together."""
    weight, height = (
        measured(day, or_first_after=True) for measured in (history.weight_on, history.height_on)
    )
    later: dict[date, list[tuple[str, str]]] = {}
    if weight is not None and weight.entry.on > day:
        later.setdefault(weight.entry.on, []).append(("weight", str(weight.entry.weight)))
    if height is not None and height.entry.on > day:
        later.setdefault(height.entry.on, []).append(("height", str(height.entry.height)))
    for on, found in later.items():
        yield BODY_MEASURED_LATER.alert(
            what=" or ".join(what for what, _ in found),
            body=" and ".join(value for _, value in found),
            day=short(day),
            measured=short(on),
        )


def _that_ask_an_override(alerts: Alerts) -> Alerts:
    """Return alerts of another dose of the same start: a dose is explained by an override."""
    return Alerts(replace(each, kind=AlertKind.OVERRIDE) for each in alerts)


def dose_in_force_alerts(
    history: TreatmentHistory, prescription: Prescription, day: date
) -> Alerts:
    """Return the alerts of the current dose on a day, the strongest first.

    Checked are the dose for the present weight and height, its volume, and the allergies.
    Overridden alerts are left out, but not those of a dose recorded as it was given.
    """
    allergies = allergy_alerts(allergies_of(history.record, day), prescription.product)
    facts = _dose_facts(history, prescription, day)
    alerts = check(facts, table=history.record.limits.table) + allergies
    overridden = prescription.overridden_alerts if prescription.override_by else ()
    return alerts.without(overridden).strongest_first()


def _dose_facts(
    history: TreatmentHistory,
    prescription: Prescription,
    day: date,
    *,
    or_first_after: bool = False,
) -> CheckInput:
    body = history.body_on(day, or_first_after=or_first_after)
    return CheckInput(
        age=body.age,
        weight=body.weight,
        measured_days_ago=body.measured_days_ago,
        daily_mg=prescription.daily_mg,
        largest_day_mg=prescription.dosage.largest_day_mg,
        daily_mg_per_m2=_per_m2(prescription.daily_mg, body.weight, body.height),
        volume_ml=_largest_volume_ml(prescription),
        is_low_intended=bool(prescription.is_taper_step)
        or PROTOCOLS[prescription.protocol].is_low_dose,
    )


def _compared_with_before(
    facts: CheckInput, history: TreatmentHistory, prescription: Prescription
) -> CheckInput:
    """Return the input with the step from the dose before, and a target of the clinic's own."""
    before = history.period_before(prescription.since)
    if before is not None and not prescription.loading:
        ratio = prescription.daily_mg / before.prescription.entry.daily_mg
        former = history.former_daily_mg(prescription.since)
        former_ratio = prescription.daily_mg / former if former else None
        facts = replace(facts, dose_ratio=ratio, former_dose_ratio=former_ratio)
    target = prescription.target
    if target != PROTOCOLS[prescription.protocol].target:
        width = target.high_ng_ml - (target.low_ng_ml or 0)
        facts = replace(facts, target_high_ng_ml=target.high_ng_ml, target_width_ng_ml=width)
    return facts


def _largest_day_mg(history: TreatmentHistory, prescription: Prescription, day: date) -> Decimal:
    """Return the amount on the first day, loading and maintenance dose together."""
    if prescription.loading:
        held = history.period_at(prescription.since)
        with_it = held.prescription.entry.dosage.largest_day_mg if held else Decimal(0)
    else:
        loads = (each.entry for each in history.loading_doses)
        with_it = sum(
            (each.daily_mg for each in loads if each.since.local.date() == day), Decimal(0)
        )
    return prescription.dosage.largest_day_mg + with_it


def _largest_volume_ml(prescription: Prescription) -> Decimal | None:
    strength = prescription.strength_mg_per_ml or STRENGTH_MG_PER_ML
    largest = max(part.mg for part in prescription.dosage.parts)
    return volume_ml(largest, prescription.product, strength)


def _per_m2(daily_mg: Decimal, weight: Weight | None, height: Height | None) -> Decimal | None:
    if weight is None or height is None:
        return None
    return daily_mg / body_surface_area(MOSTELLER, weight, height)
