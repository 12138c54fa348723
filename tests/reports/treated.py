"""Patients to be printed: a record made of entries, without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from dosing import Product, Sex, TargetTrough
from monitoring.record.entries import Author, Record, Recorded
from monitoring.record.entry import Entry
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import Prescription
from monitoring.times import Moment

ZONE = "Europe/Paris"
AUTHOR = "Dr Sample"
NOW = Moment.read("2026-11-24T22:00", ZONE)


def patient(name: str = "Sample Child", record_number: str = "00123") -> Patient:
    return Patient(
        record_number=record_number,
        name=name,
        born=date(2016, 5, 1),
        sex=Sex.FEMALE,
        anomaly=Anomaly.LYMPHATIC,
    )


def prescription(
    mg: str = "0.8", times_a_day: int = 2, product: Product = Product.SOLUTION
) -> Prescription:
    return Prescription(
        since=Moment.read("2026-10-20T08:00", ZONE),
        dose_mg=Decimal(mg),
        times_a_day=times_a_day,
        product=product,
        protocol="review",
        target=TargetTrough(Decimal(5), Decimal(15)),
        rule_version="0.1.0",
        proposal="{}",
    )


def record(*entries: Entry, who: Patient | None = None, by: str = AUTHOR) -> Record:
    """Return a record with these entries, written down a second apart."""
    recorded = [
        Recorded(number=number, patient=1, entry=entry, author=Author(by, NOW))
        for number, entry in enumerate((who or patient(), *entries), start=1)
    ]
    return Record(patient=replace(recorded[0]), entries=tuple(recorded))  # type: ignore[arg-type]  # the first is the patient
