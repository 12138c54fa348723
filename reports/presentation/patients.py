"""A patient in one line that identifies them."""

from dosing.quantities.formatting import short_date
from monitoring.record.patient import Patient


def patient_line(patient: Patient) -> str:
    """Return the name, the record number and the date of birth of a patient."""
    return f"{patient.name}, record number {patient.record_number}, born {short_date(patient.born)}"
