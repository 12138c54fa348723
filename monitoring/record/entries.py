"""Stored entries, with their number, author, end and void, and the record they make."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from dosing import UserError
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits
from monitoring.record.entry import Entry, free_text, keep, name_text
from monitoring.record.patient import Patient
from monitoring.times import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecord(Entry):
    """The end of a prescription (a moment), or of an adverse event or a drug (a day).

    Raises `UserError` unless it has exactly one of the two.
    """

    of: int
    at: Moment | None = None
    on: date | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Check that it has one end, and clean the reason."""
        keep(self, "reason", free_text(self.reason, "The reason"))
        if (self.at is None) == (self.on is None):
            raise UserError("An end needs either a time or a day. Give one of them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Void(Entry):
    """The mark of a wrong entry, which stays. Raises `UserError` without a reason."""

    of: int
    reason: str

    def __post_init__(self) -> None:
        """Clean the reason."""
        keep(self, "reason", name_text(self.reason, "The reason"))


Kind = TypeVar("Kind", bound=Entry)
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a change, and its time."""

    by: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry(Generic[Kind]):
    """An entry in the store, with its number, author, end and void."""

    number: int
    """The entry's number in the whole store, and in the audit trail."""
    patient: int
    """The number of the patient's first entry."""
    entry: Kind
    author: Author
    ending: "StoredEntry[StopRecord] | None" = None
    void: "StoredEntry[Void] | None" = None

    def __repr__(self) -> str:
        """Return the kind and the number, without any data of the patient."""
        return f"<{type(self).__name__} {type(self.entry).__name__} {self.number}>"

    @property
    def is_active(self) -> bool:
        """Return whether the entry was not voided."""
        return self.void is None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEntry:
    """A stored row that cannot be read: it was changed outside the program."""

    number: int
    patient: int
    """The number of the patient's first entry."""
    kind: str
    """The kind by its name in the store, such as `adverse_event`."""
    why: str
    record_number: str = ""
    """The patient's record number, where it can be read."""
    is_active: bool = True
    """False once it is voided: then nothing of it counts."""
    revision: int = 0
    """The number of the last change about it."""

    def __str__(self) -> str:
        """Return the kind, the number and the patient, without any other data."""
        return f"{self.kind.replace('_', ' ')} {self.number} of patient {self.whose}"

    @property
    def whose(self) -> str:
        """The patient's record number, or else the number in the store."""
        if self.patient == 0:
            return "none: it is the clinic's"
        return self.record_number or f"number {self.patient}"


def of_kind(
    entries: Iterable[StoredEntry[Entry]], kind: type[Kind]
) -> tuple[StoredEntry[Kind], ...]:
    """Return the entries of one kind, in their order."""
    return tuple(
        cast("StoredEntry[Kind]", each) for each in entries if isinstance(each.entry, kind)
    )


def patient_as_last_changed(rows: Sequence[StoredEntry[Patient]]) -> StoredEntry[Patient]:
    """Return the newest row of a patient that is not void; the first one identifies the patient."""
    return next((each for each in reversed(rows) if each.is_active), rows[0])


@dataclass(frozen=True, kw_only=True)
class Record:
    """A patient and every entry about them, in the order they were added."""

    patient: StoredEntry[Patient]
    """The patient as last changed; a voided change is ignored."""
    entries: tuple[StoredEntry[Entry], ...]
    unreadable: tuple[UnreadableEntry, ...] = ()
    """Entries that are in the store and cannot be read, voided ones too."""
    limits: ClinicLimits = DEFAULT_LIMITS
    """The limits in force in the clinic when the record was read."""

    def __repr__(self) -> str:
        """Return the patient's number in the store, and no name: it may get into a log."""
        return f"<{type(self).__name__} patient {self.number}, {len(self.entries)} entries>"

    @property
    def number(self) -> int:
        """The patient's number in the store."""
        return self.patient.patient

    @property
    def revision(self) -> int:
        """The number of the last change: a later writer is checked against it."""
        read = (
            change.number
            for each in self.entries
            for change in (each, each.ending, each.void)
            if change is not None
        )
        return max(*read, *(each.revision for each in self.unreadable), 0)

    def of(self, kind: type[Kind]) -> tuple[StoredEntry[Kind], ...]:
        """Return the entries of one kind, including voided ones."""
        return cast("tuple[StoredEntry[Kind], ...]", self._by_kind.get(kind, ()))

    def active(self, kind: type[Kind]) -> tuple[StoredEntry[Kind], ...]:
        """Return the entries of one kind that were not voided."""
        return cast("tuple[StoredEntry[Kind], ...]", self._active_by_kind.get(kind, ()))

    def with_entry(self, entry: Entry, at: Moment, *, ended_on: date | None = None) -> "Record":
        """Return the record with one more entry, its last, which is not stored.

        So an entry is assessed before it is stored, by the same functions.
        """
        number, author = self.revision + 1, Author("", at)
        added = StoredEntry(number=number, patient=self.number, entry=entry, author=author)
        if ended_on:
            end = StopRecord(of=number, on=ended_on)
            ending = StoredEntry(number=number + 1, patient=self.number, entry=end, author=author)
            added = replace(added, ending=ending)
        return replace(self, entries=(*self.entries, added))

    def as_of(self, change: int) -> "Record":
        """Return the record as it was after a change: later entries, ends and voids are not there.

        A patient who was added later keeps the first particulars. The limits are those of now.
        """

        def kept(mark: StoredEntry[Kind] | None) -> StoredEntry[Kind] | None:
            return mark if mark is not None and mark.number <= change else None

        entries = tuple(
            replace(each, ending=kept(each.ending), void=kept(each.void))
            for each in self.entries
            if each.number <= change
        )
        patients = of_kind(entries, Patient) or of_kind(self.entries, Patient)[:1]
        return replace(
            self,
            patient=patient_as_last_changed(patients) if patients else self.patient,
            entries=entries,
            unreadable=tuple(each for each in self.unreadable if each.number <= change),
        )

    def once(self, make: Callable[["Record"], Made]) -> Made:
        """Return `make` of the record, computed on the first call and then kept."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("Made", self._made[make])

    @cached_property
    def _made(self) -> dict[Callable[["Record"], Any], Any]:
        return {}

    @cached_property
    def _by_kind(self) -> dict[type[Entry], tuple[StoredEntry[Entry], ...]]:
        """The entries by their kind: a summary needs them a hundred times."""
        by_kind: dict[type[Entry], list[StoredEntry[Entry]]] = {}
        for each in self.entries:
            by_kind.setdefault(type(each.entry), []).append(each)
        return {kind: tuple(entries) for kind, entries in by_kind.items()}

    @cached_property
    def _active_by_kind(self) -> dict[type[Entry], tuple[StoredEntry[Entry], ...]]:
        return {
            kind: tuple(each for each in entries if each.is_active)
            for kind, entries in self._by_kind.items()
        }
