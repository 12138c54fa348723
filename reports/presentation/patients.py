"""A patient in a line, by which nobody is taken for somebody else."""

from dosing.quantities.formatting import short_date
from monitoring.record.patient import Patient


def patient_line(patient: Patient) -> str:
    """Return who a patient is: the name, the record number and the date of birth."""
    return f"{patient.name}, record number {patient.record_number}, born {short_date(patient.born)}"
