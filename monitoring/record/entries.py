"""What every entry of the record has in common: its number, who made it and when, and its fate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Generic, TypeVar, cast

from dosing import UserError
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.record.response import Response
from monitoring.record.wording import free_text, keep, name_text
from monitoring.times import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Entry):
    """The end of a prescription (a moment) or of an event or a drug (a day).

    Raises `UserError` unless exactly one of the two is there.
    """

    of: int
    at: Moment | None = None
    on: date | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Check that there is one end, and keep the reason cleaned."""
        keep(self, "reason", free_text(self.reason, "The reason"))
        if (self.at is None) == (self.on is None):
            raise UserError("An end is a moment or a day.")


def check_ending(entry: Entry, ending: Ending) -> None:
    """Check that an entry can end so.

    Raises `UserError` for a kind that does not last, for a moment where a day is needed or the
    other way round, and for an end before the beginning.
    """
    if isinstance(entry, Prescription):
        if ending.at is None:
            raise UserError("A prescription ends at a time, not on a day.")
        is_early = ending.at < entry.since
    elif isinstance(entry, AdverseEvent | CoMedication):
        if ending.on is None:
            raise UserError("A side-effect or a drug ends on a day, not at a time.")
        is_early = ending.on < entry.since
    else:
        raise UserError("Only prescriptions, side-effects and drugs last and can be ended.")
    if is_early:
        raise UserError(
            f"The end ({ending.at or ending.on}) lies before the beginning ({entry.since})."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Void(Entry):
    """The mark that an entry is wrong. The entry stays; raises `UserError` without a reason."""

    of: int
    reason: str

    def __post_init__(self) -> None:
        """Keep the reason cleaned."""
        keep(self, "reason", name_text(self.reason, "The reason to void"))


Kind = TypeVar("Kind", bound=Entry)

KINDS: dict[str, type[Entry]] = {
    "patient": Patient,
    "measurement": Measurement,
    "prescription": Prescription,
    "missed_dose": MissedDose,
    "level": Level,
    "adverse_event": AdverseEvent,
    "laboratory_value": LaboratoryValue,
    "co_medication": CoMedication,
    "response": Response,
    "note": Note,
    "ending": Ending,
    "void": Void,
}
"""Each kind of entry by the name of its table."""

NAMES: dict[type[Entry], str] = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something down, and when."""

    by: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[Kind]):
    """An entry as it stands in the record."""

    number: int
    """The entry's number in the whole store, which the audit trail counts by."""
    patient: int
    """The number of the entry by which the patient was first written down."""
    entry: Kind
    author: Author
    ending: "Recorded[Ending] | None" = None
    void: "Recorded[Void] | None" = None

    def __repr__(self) -> str:
        """Return the kind and the number; what it says of the patient is shown when asked for."""
        return f"<{type(self).__name__} {type(self.entry).__name__} {self.number}>"

    @property
    def stands(self) -> bool:
        """Whether the entry was not voided."""
        return self.void is None


def of_kind(entries: Iterable[Recorded[Entry]], kind: type[Kind]) -> tuple[Recorded[Kind], ...]:
    """Return the entries of one kind, in their order."""
    found = (each for each in entries if isinstance(each.entry, kind))
    return tuple(cast("Recorded[Kind]", each) for each in found)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A patient and every entry about them, in the order they were written down."""

    patient: Recorded[Patient]
    """The patient as last changed; a change that was voided does not count."""
    entries: tuple[Recorded[Entry], ...]

    def __repr__(self) -> str:
        """Return the patient's number in the store, and no name: it may end in a log."""
        return f"<{type(self).__name__} patient {self.number}, {len(self.entries)} entries>"

    @property
    def number(self) -> int:
        """The patient's number in the store."""
        return self.patient.patient

    @property
    def seen(self) -> int:
        """The number of the last change, by which a later writer can tell what was known."""
        return max(
            change.number
            for each in self.entries
            for change in (each, each.ending, each.void)
            if change is not None
        )

    def of(self, kind: type[Kind]) -> tuple[Recorded[Kind], ...]:
        """Return the entries of one kind, voided ones too."""
        return cast("tuple[Recorded[Kind], ...]", self._by_kind.get(kind, ()))

    def standing(self, kind: type[Kind]) -> tuple[Recorded[Kind], ...]:
        """Return the entries of one kind that were not voided."""
        return cast("tuple[Recorded[Kind], ...]", self._standing_by_kind.get(kind, ()))

    @cached_property
    def _by_kind(self) -> dict[type[Entry], tuple[Recorded[Entry], ...]]:
        """The entries by their kind, for a summary asks a hundred times."""
        found: dict[type[Entry], list[Recorded[Entry]]] = {}
        for each in self.entries:
            found.setdefault(type(each.entry), []).append(each)
        return {kind: tuple(entries) for kind, entries in found.items()}

    @cached_property
    def _standing_by_kind(self) -> dict[type[Entry], tuple[Recorded[Entry], ...]]:
        return {
            kind: tuple(each for each in entries if each.stands)
            for kind, entries in self._by_kind.items()
        }
