"""The undo of the last entry: a void with a stated reason, for a few minutes, by its author.

All entries of one input are undone together: those of one author and one moment, without a change
between them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dosing import UserError
from monitoring.record.entries import Record, StoredEntry, Void
from monitoring.record.kinds import kind_of
from monitoring.times import Moment, short

if TYPE_CHECKING:
    from monitoring.store.store import Store

UNDONE = "entered by mistake, undone"
"""The reason of the void."""
UNDO_MINUTES = 5


@dataclass(frozen=True, slots=True)
class LastInput:
    """The entries that were recorded last about a patient, by one input."""

    record: Record
    entries: tuple[StoredEntry[Any], ...]
    """The oldest first."""

    @property
    def words(self) -> tuple[str, ...]:
        """Each entry in words."""
        return tuple(_words(self.record, each) for each in self.entries)

    @property
    def before(self) -> Record:
        """The record without them."""
        numbers = {each.number for each in self.entries}
        kept = tuple(each for each in self.record.entries if each.number not in numbers)
        return replace(self.record, entries=kept)

    @property
    def removes_patient(self) -> bool:
        """True where the patient was added by it: the whole record is void then."""
        return any(each.number == self.record.number for each in self.entries)


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of a record: an entry, its end or its void, and the entry that it is about."""

    change: StoredEntry[Any]
    of: StoredEntry[Any]

    @property
    def is_entry(self) -> bool:
        return self.change is self.of


def last_input(record: Record, author: str, now: Moment) -> LastInput:
    """Return what `author` recorded last about a patient, if it may be undone.

    Raises `UserError` where the last change is older than 5 minutes, of somebody else, the void of
    an entry, or the end of an older one. Entries that were undone before are passed over.
    """
    changes = [each for each in _changes(record) if not _is_undone(each.of)]
    if not changes:
        raise UserError("There is nothing to undo. Void an older entry in its list.")
    last = changes[0].change
    if last.author.by != author:
        raise UserError(
            f"The last entry is by {last.author.by}. Only the own last entry can be undone."
        )
    if now.utc - last.author.at.utc > timedelta(minutes=UNDO_MINUTES):
        raise UserError(
            f"The last entry is of {short(last.author.at)}, more than {UNDO_MINUTES} minutes ago. "
            "Void it in its list."
        )
    together = list(_of_one_input(changes))
    numbers = {each.change.number for each in together}
    for each in together:
        is_void = isinstance(each.change.entry, Void)
        if is_void or each.of.number not in numbers:
            what = "void" if is_void else "end"
            raise UserError(
                f"The last input has the {what} of {kind_of(each.of.entry).what} "
                f"{each.of.number}. It cannot be undone."
            )
    entries = [each.of for each in reversed(together) if each.is_entry]
    return LastInput(record, tuple(entries))


def undo(store: "Store", last: LastInput) -> str:
    """Void the entries of the last input in one transaction, and return what was undone.

    Raises `ConflictError` where anything was recorded about the patient since it was read.
    """
    record = last.record
    numbers = [each.number for each in last.entries]
    store.void_together(record.number, numbers, UNDONE, record.revision)
    return f"Undone: {'; '.join(last.words)}. It stays visible as void."


def _changes(record: Record) -> list[_Change]:
    """Return every change of a record, the last first."""

    def each_change() -> Iterator[_Change]:
        for entry in record.entries:
            for change in (entry, entry.ending, entry.void):
                if change is not None:
                    yield _Change(change, entry)

    return sorted(each_change(), key=lambda each: each.change.number, reverse=True)


def _of_one_input(changes: list[_Change]) -> Iterator[_Change]:
    """Yield the last changes of one author and one moment, with no other change between them."""
    last = changes[0].change
    for before, each in enumerate(changes):
        if each.change.author != last.author or each.change.number != last.number - before:
            return
        yield each


def _is_undone(entry: StoredEntry[Any]) -> bool:
    return entry.void is not None and entry.void.entry.reason == UNDONE


def _words(record: Record, stored: StoredEntry[Any]) -> str:
    kind = kind_of(stored.entry)
    if stored.number == record.number:
        return f"the new patient {kind.in_words(stored.entry)}"
    what = "change of the patient" if kind.what == "patient" else kind.what
    return f"{what} {kind.in_words(stored.entry)}"
