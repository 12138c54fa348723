"""Changes by others to the patient on the screen: looked for in a worker, then put in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.message import Message
from textual.screen import Screen

if TYPE_CHECKING:
    from monitoring.record.entries import Record
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary
    from monitoring.times import Moment


@dataclass
class ChangedByOthers(Message):
    """Somebody else changed the patient's record: the changes, and the new summary."""

    changes: str
    summary: "PatientSummary"

    @property
    def text(self) -> str:
        """The message to the user."""
        return f"This record was changed meanwhile: {self.changes}. The screen is up to date."


@dataclass
class LookFailed(Message):
    """The records cannot be read: the reason; empty once they can."""

    problem: str = ""


@runtime_checkable
class ShowsPatient(Protocol):
    """A screen that shows a patient."""

    summary: "PatientSummary | None"

    @property
    def is_busy(self) -> bool:
        """True while the screen itself reads or writes the record."""

    def record_changed(self, message: ChangedByOthers) -> None:
        """Show the changed record; typed text stays."""


def showing_patient(screens: Sequence[Screen[Any]]) -> list[ShowsPatient]:
    """Return the screens that show a patient, the uppermost first."""
    shown = (each for each in reversed(screens) if isinstance(each, ShowsPatient))
    return [each for each in shown if each.summary is not None]


def changes_by_others(store: "Store", record: "Record") -> str:
    """Return what was changed since a record was read, in words; empty without a change.

    The limits of the clinic are part of what was read: every dose is checked by them.
    """
    others = store.changes_since(record.number, record.revision)
    limits = "" if store.limits() == record.limits else "other limits of the clinic are in force"
    return "; ".join(filter(None, (others, limits)))


def look(store: "Store", known: "PatientSummary", now: "Moment") -> ChangedByOthers | None:
    """Return what others changed in a patient's record since it was read; None without a change."""
    from monitoring.summary import summarise  # noqa: PLC0415 - only after a change

    number = known.record.number
    changes = changes_by_others(store, known.record)
    return (
        ChangedByOthers(changes, summarise(store.read(number), now, known.clinic))
        if changes
        else None
    )
