"""Who a patient is, written down anew; what stood before stays in the history."""

from monitoring.record.patient import Patient
from monitoring.summary import PatientSummary
from tui.app.screens.new_patient import NewPatientForm


class ChangePatientForm(NewPatientForm):
    """Change what is known of a patient: name, record number, birth, diagnosis, allergies."""

    TITLE = "Change the patient"
    summary: PatientSummary

    def write(self, patient: Patient) -> None:
        """Write the patient down anew."""
        record = self.summary.record
        self.session.records.store.change_patient(record.number, patient, revision=record.revision)
