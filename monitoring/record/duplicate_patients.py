"""Duplicate patients: the same name, in any spelling, and the same date of birth.

A record number may be one of a removed patient, too.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dosing.quantities.text import quoted
from monitoring.record.entries import StoredEntry
from monitoring.record.name_keys import words_of
from monitoring.record.patient import Patient
from monitoring.record.removal import sign_of
from monitoring.times import short

if TYPE_CHECKING:
    from monitoring.store.store import Store


def duplicate_patients(store: "Store", patient: Patient) -> tuple[StoredEntry[Patient], ...]:
    """Return the patients on record with the same name and date of birth."""
    born_then = store.patients(born=patient.born)
    return tuple(each for each in born_then if words_of(each.entry.name) == words_of(patient.name))


def duplicates_text(duplicates: Sequence[StoredEntry[Patient]]) -> str:
    """Return the patients on record in one sentence."""
    patients = ", ".join(
        f"{each.entry.name}, record number {each.entry.record_number}" for each in duplicates
    )
    return f"A patient with this name and birth date is on record: {patients}."


def removed_before(store: "Store", record_number: str) -> str:
    """Return that a record number may be one of a removed patient, in words; else nothing."""
    sign = sign_of(record_number)
    days = [each.author.at.local.date() for each in store.removals() if sign in each.entry.signs]
    if not days:
        return ""
    return (
        f"Record number {quoted(record_number)} may be of a patient removed on "
        f"{short(max(days))}: its sign is the same. Look for the export made then."
    )
