"""One patient to be exported: the summary, and the ids of the resources."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dosing import clean
from monitoring.exchange.fhir.extensions import record_entry
from monitoring.exchange.fhir.writing.elements import Element, to
from monitoring.record.entries import Record, StoredEntry
from monitoring.store.known_heads import Ends
from monitoring.summary import PatientSummary
from monitoring.times import Moment, short

_LETTERS_OF_RECORDS = 16
PROGRAM = "Device/sirolimus-assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A patient's summary at the moment of the export, and where the record comes from.

    The id of a resource is made of the first change of the records, which is the same in every
    copy, and of the number of the entry: it is the same in every export.
    """

    summary: PatientSummary
    ends: Ends
    by: str
    """The name of the user who exports; may be empty."""

    @property
    def record(self) -> Record:
        """The record."""
        return self.summary.record

    @property
    def now(self) -> Moment:
        """The moment of the export."""
        return self.summary.made

    @property
    def today(self) -> date:
        """The day of the export."""
        return self.now.local.date()

    @property
    def patient(self) -> Element:
        """The reference to the patient."""
        return to(f"Patient/{self.id(self.record.number)}")

    def id(self, number: int, part: str = "") -> str:
        """Return the id of the resource of an entry, or of a part of it, such as its height."""
        whole = f"{self.ends.first[:_LETTERS_OF_RECORDS]}-{number}"
        return f"{whole}-{part}" if part else whole


def stated(stored: StoredEntry[Any]) -> Element:
    """Return the extension with the whole entry and its end, no digit lost."""
    return record_entry(stored.entry, stored.ending.entry if stored.ending else None)


def why_voided(stored: StoredEntry[Any]) -> str:
    """Return who voided an entry, when and why; empty for an active one."""
    if stored.void is None:
        return ""
    mark = stored.void
    return f"Voided by {clean(mark.author.by)} on {short(mark.author.at)}: {mark.entry.reason}"
