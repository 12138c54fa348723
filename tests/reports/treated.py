"""Patients to be printed: a record made of entries, without a database."""

from dosing import Product, Sex
from monitoring.record.entries import Author, Record
from monitoring.record.entry import Entry
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from tests.builders import ZONE, a_dose, a_patient, a_record, at

__all__ = ["AUTHOR", "NOW", "ZONE", "patient", "prescription", "record"]

AUTHOR = "Dr Sample"
NOW = at("2026-11-24T22:00")


def patient(name: str = "Sample Child", record_number: str = "00123") -> Patient:
    return a_patient(
        record_number, name, born="2016-05-01", sex=Sex.FEMALE, diagnosis="", allergies=""
    )


def prescription(
    mg: str = "0.8", times_a_day: int = 2, product: Product = Product.SOLUTION
) -> Prescription:
    return a_dose("2026-10-20T08:00", mg, times_a_day=times_a_day, product=product, proposal="{}")


def record(*entries: Entry, who: Patient | None = None, by: str = AUTHOR) -> Record:
    """Return a record with these entries, all written down now."""
    return a_record(*entries, patient=who or patient(), by=Author(by, NOW))
