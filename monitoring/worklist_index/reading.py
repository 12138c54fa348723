"""The summary of one patient, read when its row is opened."""

from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.store.store import Store
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment


def summary_of(
    store: Store, number: int, now: Moment, clinic: ClinicChoices = USUAL_CHOICES
) -> PatientSummary:
    """Return the summary of a patient by the number in the store. Raises `NotFoundError`."""
    return summarise(store.read(number), now, clinic)
