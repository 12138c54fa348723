"""What every entry of the record has in common: its number, who made it and when, and its fate."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from dosing import UserError
from monitoring.record.entry import Entry, free_text, keep, name_text
from monitoring.record.patient import Patient
from monitoring.times import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecord(Entry):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Void(Entry):
    """The mark that an entry is wrong. The entry stays; raises `UserError` without a reason."""

    of: int
    reason: str

    def __post_init__(self) -> None:
        """Keep the reason cleaned."""
        keep(self, "reason", name_text(self.reason, "The reason to void"))


Kind = TypeVar("Kind", bound=Entry)
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something down, and when."""

    by: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry(Generic[Kind]):
    """An entry as it stands in the record."""

    number: int
    """The entry's number in the whole store, which the audit trail counts by."""
    patient: int
    """The number of the entry by which the patient was first written down."""
    entry: Kind
    author: Author
    ending: "StoredEntry[StopRecord] | None" = None
    void: "StoredEntry[Void] | None" = None

    def __repr__(self) -> str:
        """Return the kind and the number; what it says of the patient is shown when asked for."""
        return f"<{type(self).__name__} {type(self.entry).__name__} {self.number}>"

    @property
    def is_active(self) -> bool:
        """Whether the entry was not voided."""
        return self.void is None


def of_kind(
    entries: Iterable[StoredEntry[Entry]], kind: type[Kind]
) -> tuple[StoredEntry[Kind], ...]:
    """Return the entries of one kind, in their order."""
    found = (each for each in entries if isinstance(each.entry, kind))
    return tuple(cast("StoredEntry[Kind]", each) for each in found)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A patient and every entry about them, in the order they were written down."""

    patient: StoredEntry[Patient]
    """The patient as last changed; a change that was voided does not count."""
    entries: tuple[StoredEntry[Entry], ...]

    def __repr__(self) -> str:
        """Return the patient's number in the store, and no name: it may end in a log."""
        return f"<{type(self).__name__} patient {self.number}, {len(self.entries)} entries>"

    @property
    def number(self) -> int:
        """The patient's number in the store."""
        return self.patient.patient

    @property
    def revision(self) -> int:
        """The number of the last change, by which a later writer can tell what was known."""
        return max(
            change.number
            for each in self.entries
            for change in (each, each.ending, each.void)
            if change is not None
        )

    def of(self, kind: type[Kind]) -> tuple[StoredEntry[Kind], ...]:
        """Return the entries of one kind, voided ones too."""
        return cast("tuple[StoredEntry[Kind], ...]", self._by_kind.get(kind, ()))

    def active(self, kind: type[Kind]) -> tuple[StoredEntry[Kind], ...]:
        """Return the entries of one kind that were not voided."""
        return cast("tuple[StoredEntry[Kind], ...]", self._active_by_kind.get(kind, ()))

    def with_entry(self, entry: Entry, at: Moment, *, ended_on: date | None = None) -> "Record":
        """Return the record as it would be with one more entry, its last, which is not stored.

        So what an entry will mean is known before it is stored, by the same functions.
        """
        number, author = self.revision + 1, Author("", at)
        added = StoredEntry(number=number, patient=self.number, entry=entry, author=author)
        if ended_on:
            end = StopRecord(of=number, on=ended_on)
            ending = StoredEntry(number=number + 1, patient=self.number, entry=end, author=author)
            added = replace(added, ending=ending)
        return replace(self, entries=(*self.entries, added))

    def once(self, make: Callable[["Record"], Made]) -> Made:
        """Return what `make` makes of the record: made when first asked for, and kept with it."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("Made", self._made[make])

    @cached_property
    def _made(self) -> dict[Callable[["Record"], Any], Any]:
        return {}

    @cached_property
    def _by_kind(self) -> dict[type[Entry], tuple[StoredEntry[Entry], ...]]:
        """The entries by their kind, for a summary asks a hundred times."""
        found: dict[type[Entry], list[StoredEntry[Entry]]] = {}
        for each in self.entries:
            found.setdefault(type(each.entry), []).append(each)
        return {kind: tuple(entries) for kind, entries in found.items()}

    @cached_property
    def _active_by_kind(self) -> dict[type[Entry], tuple[StoredEntry[Entry], ...]]:
        return {
            kind: tuple(each for each in entries if each.is_active)
            for kind, entries in self._by_kind.items()
        }
