"""Others' changes to the patient on the screen: looked for in a worker, then told in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.message import Message
from textual.screen import Screen

if TYPE_CHECKING:
    from monitoring.store.store import Store
    from monitoring.summary import PatientSummary
    from monitoring.times import Moment


@dataclass
class ChangedByOthers(Message):
    """Somebody else wrote to the patient's record: who wrote what, and where things stand now."""

    told: str
    summary: "PatientSummary"

    @property
    def words(self) -> str:
        """What is told."""
        return f"This record was changed meanwhile: {self.told}. It is shown as it is now."


@dataclass
class CannotLook(Message):
    """The records cannot be read: why; empty where they can."""

    problem: str = ""


@runtime_checkable
class ShowsPatient(Protocol):
    """A screen that shows where a patient stands."""

    summary: "PatientSummary | None"

    @property
    def is_busy(self) -> bool:
        """Whether it reads or writes the record itself just now."""

    def record_changed(self, message: ChangedByOthers) -> None:
        """Show the record as it is now; what was typed stays."""


def showing_patient(screens: Sequence[Screen[Any]]) -> list[ShowsPatient]:
    """Return the screens that show a patient, the uppermost first."""
    shown = (each for each in reversed(screens) if isinstance(each, ShowsPatient))
    return [each for each in shown if each.summary is not None]


def look(store: "Store", known: "PatientSummary", now: "Moment") -> ChangedByOthers | None:
    """Return what others changed in a patient's record since it was read; None where nothing."""
    from monitoring.summary import summarise  # noqa: PLC0415 - only where something changed

    number = known.record.number
    told = store.changes_since(number, known.record.revision)
    return ChangedByOthers(told, summarise(store.read(number), now)) if told else None
