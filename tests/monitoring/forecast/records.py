"""Records for the forecasts: a child of 25 kg on 0.875 mg every 12 hours, as in the reference."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from dosing import Measure, Product, Sex, TargetTrough, read_written
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Author, Ending, Record, Recorded
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level, read_level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.times import Moment
from tests.builders import at

ZONE = "Europe/Paris"
BEGUN = at("2026-01-05T08:00")
SAMPLED = at("2026-03-16T20:00")  # ten weeks on: steady state, and no change of the clocks between
NOW = at("2026-03-17T07:00")
BY = Author("Dr Example", NOW)


def later(moment: Moment, **by: float) -> Moment:
    return replace(moment, utc=moment.utc + timedelta(**by))


def a_dose(
    mg: str = "0.875", since: Moment = BEGUN, times: int = 2, *, loading: bool = False
) -> Prescription:
    return Prescription(
        since=since,
        dose_mg=Decimal(mg),
        times_a_day=times,
        product=Product.SOLUTION,
        protocol="review",
        target=TargetTrough(Decimal(5), Decimal(15)),
        rule_version="0.1.0",
        loading=loading,
    )


def a_level(
    text: str = "14 ng/mL",
    sampled: Moment = SAMPLED,
    *,
    hours: float | None = 12,
    assay: Assay | None = Assay.EMIT,
) -> Level:
    value, comparator = read_level(text)
    return Level(
        sampled=sampled,
        value=value,
        comparator=comparator,
        last_dose=None if hours is None else later(sampled, hours=-hours),
        assay=assay,
    )


def a_weight(text: str = "25 kg", on: date = date(2026, 1, 4)) -> Measurement:
    return Measurement(
        on=on,
        weight=read_written(text, Measure.WEIGHT),
        height=read_written("125 cm", Measure.HEIGHT),
    )


def held(since: Moment, until: Moment) -> MissedDose:
    return MissedDose(at=since, kind=NotGiven.HELD, until=until)


def missed(when: Moment) -> MissedDose:
    return MissedDose(at=when, kind=NotGiven.MISSED)


def a_drug(name: str, since: date) -> CoMedication:
    return CoMedication(drug=name, since=since)


def record_of(
    *entries: Entry, born: date = date(2018, 3, 1), ends: dict[int, Ending] | None = None
) -> Record:
    """Return the record; `ends` are the ends of entries by their place."""
    patient = Patient(
        record_number="00123", name="Sample Child", born=born, sex=Sex.FEMALE,
        anomaly=Anomaly.LYMPHATIC,
    )  # fmt: skip
    who: Recorded[Patient] = Recorded(number=1, patient=1, entry=patient, author=BY)
    rest = []
    for place, entry in enumerate(entries):
        ending = (ends or {}).get(place)
        mark = Recorded(number=90 + place, patient=1, entry=ending, author=BY) if ending else None
        rest.append(Recorded(number=place + 2, patient=1, entry=entry, author=BY, ending=mark))
    return Record(patient=who, entries=(cast("Recorded[Entry]", who), *rest))
