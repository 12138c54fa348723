"""The store: adding and changing entries, each change one link of the audit trail.

Nothing is changed or removed here; `monitoring.store.removing` removes a whole patient. A patient's
new name is a new row of the patient; a stop record and a void are entries of their own. An entry's
number is its place in the audit trail.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, select

from monitoring.record.entries import Author, Kind, StopRecord, StoredEntry, Void
from monitoring.record.entry import Entry
from monitoring.record.kinds import MARKS as KINDS_OF_MARKS
from monitoring.record.kinds import check_ending
from monitoring.record.limit_set import CLINIC, LimitSet
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.store.audit_log import Chain, Link, link_of
from monitoring.store.connection import writing
from monitoring.store.errors import ConflictError, NotFoundError, RecordsError
from monitoring.store.known_heads import HeadWatch, ends_after, is_behind
from monitoring.store.queries import (
    IS_PATIENT,
    MARKS,
    Queries,
    changes_since_in,
    entry_at,
    is_void,
    patients_called,
    record_number_of,
    refuse_beyond_database,
)
from monitoring.store.rows import read_utc
from monitoring.store.server.connecting import author_on_server
from monitoring.store.tables import AUDIT, REMOVED
from monitoring.store.worklist_lines import LineKey, StoredLine, keep_lines
from monitoring.times import Moment, local_zone, short

_BATCH = 500  # entries at a time
_NOT_MARKED = {REMOVED, *(each.name for each in KINDS_OF_MARKS)}
"""The kinds that have neither end nor void."""
_NO_ENDS: Mapping[int, StopRecord] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Trail:
    """The end of the chain in one transaction, with the author and the moment of its additions."""

    chain: Chain
    author: Author

    def add(self, entry: Kind, patient: int | None) -> StoredEntry[Kind]:
        """Add one row and its link; without a patient's number the entry is a new patient."""
        link = self.chain.append(entry, patient)
        return StoredEntry(
            number=link.number, patient=link.patient, entry=entry, author=self.author
        )


class Store(Queries):
    """The records behind one engine. `author` makes the changes, `clock` gives their moment.

    On a server the author is the login, on behalf of `author` where that is another name.
    """

    def __init__(
        self,
        engine: Engine,
        author: str,
        clock: Callable[[], Moment],
        watch: HeadWatch | None = None,
    ) -> None:
        """Take an engine whose schema is up to date; see `monitoring.store.open_records`."""
        super().__init__(engine, watch)
        self._author = author
        self._clock = clock
        self._author_on_server: str | None = None

    @property
    def author(self) -> str:
        """The name under which changes are made."""
        return self._author

    @contextmanager
    def _writing(self, doing: str) -> Iterator[Connection]:
        """Give the only connection that may write, to records that hold all that was seen.

        Raises `RolledBackError` for others. A clock that jumped back is shown once it is stored.
        """
        self.watch.refuse_writing()
        seen = self.watch.last
        with writing(self._engine, doing) as connection:
            before = self.watch.look(connection, seen)
            yield connection
            after = ends_after(connection, before)
        self.watch.follow(after, is_own=True)
        if is_behind(after.at_utc, before.at_utc):
            last = Moment(read_utc(before.at_utc), local_zone())
            self.watch.tell(
                f"This entry is dated before the last one, of {short(last)}. "
                "Check date and time of this computer."
            )

    def add_patient(self, patient: Patient) -> StoredEntry[Patient]:
        """Add a patient. Raises `RecordsError` if the record number is taken."""
        with self._writing("store the patient") as connection:
            self._refuse_taken_number(connection, patient.record_number, own=None)
            return self._append(connection, patient, patient=None)

    def change_patient(self, number: int, patient: Patient, revision: int) -> StoredEntry[Patient]:
        """Change the name, sex or other particulars of a patient.

        Raises `ConflictError` for a later change than `revision`, the last one read.
        """
        with self._writing("change the patient") as connection:
            self._require_patient(connection, number)
            self._refuse_unseen(connection, number, revision)
            self._refuse_taken_number(connection, patient.record_number, own=number)
            return self._append(connection, patient, patient=number)

    def add(
        self, patient: int, entry: Kind, revision: int | None = None, ended_on: date | None = None
    ) -> StoredEntry[Kind]:
        """Add an entry about a patient, by the patient's number, and its end if it is over.

        Raises `UserError` for the end of a kind that does not last, and for an end before the
        beginning. With `revision`, the last change read, raises `ConflictError` for a later one.
        """
        with self._writing("store the entry") as connection:
            self._require_patient(connection, patient)
            if revision is not None:
                self._refuse_unseen(connection, patient, revision)
            return self._append_with_end(self._trail(connection), entry, ended_on, patient)

    def add_together(
        self, patient: int, entries: Sequence[tuple[Entry, date | None]], revision: int
    ) -> tuple[StoredEntry[Any], ...]:
        """Add entries about one patient, each with its last day or None, in one transaction.

        They have one moment, by which they are known as one input. Raises `UserError` for the end
        of a kind that does not last, and `ConflictError` for a later change than `revision`, the
        last one read of the patient.
        """
        with self._writing("store the entries") as connection:
            self._require_patient(connection, patient)
            self._refuse_unseen(connection, patient, revision)
            trail = self._trail(connection)
            return tuple(
                self._append_with_end(trail, entry, ended_on, patient)
                for entry, ended_on in entries
            )

    def add_course(
        self,
        patient: int,
        doses: Sequence[Prescription],
        ends: Moment,
        reason: str,
        revision: int,
    ) -> StoredEntry[StopRecord]:
        """Add doses that follow each other, and the end of the last one, in one transaction.

        Raises `ConflictError` for a later change than `revision`, the last one read.
        """
        with self._writing("store the doses") as connection:
            self._require_patient(connection, patient)
            self._refuse_unseen(connection, patient, revision)
            trail = self._trail(connection)
            *_, last = [trail.add(each, patient) for each in doses]
            ending = StopRecord(of=last.number, at=ends, reason=reason)
            check_ending(last.entry, ending)
            return trail.add(ending, patient)

    def add_limits(self, limits: LimitSet, revision: int) -> StoredEntry[LimitSet]:
        """Add a set of the clinic's limits, about no patient; on a server the owner alone may.

        Raises `ConflictError` for a later set than `revision`, the number of the last one read.
        """
        with self._writing("store the limits") as connection:
            if changes_since_in(connection, CLINIC, revision):
                raise ConflictError(
                    "Somebody changed the limits meanwhile. Nothing was stored. Look at them again."
                )
            return self._append(connection, limits, CLINIC)

    def end(
        self, number: int, ending: StopRecord, revision: int | None = None
    ) -> StoredEntry[StopRecord]:
        """Add the end of an entry. Raises `RecordsError` if it has ended or is void.

        Raises `UserError` if the entry does not last, or began later.
        With `revision`, the last change read, raises `ConflictError` for a later one.
        """
        if ending.of != number:
            raise RecordsError(f"The end belongs to entry {ending.of}, not to {number}.")
        with self._writing("store the end") as connection:
            link = self._link(connection, number)
            if revision is not None:
                self._refuse_unseen(connection, link.patient, revision)
            self._refuse_marked(connection, number, link.patient, "void")
            self._refuse_marked(connection, number, link.patient, "ending")
            check_ending(entry_at(connection, link), ending)
            return self._append(connection, ending, link.patient)

    def void(self, number: int, reason: str) -> StoredEntry[Void]:
        """Mark an entry as wrong. Raises `RecordsError` if it is already void.

        Voiding a patient's first row voids the whole patient. Voiding a later change of the patient
        restores the particulars before it, unless their record number is taken by now.
        """
        with self._writing("void the entry") as connection:
            link = self._link(connection, number)
            self._refuse_marked(connection, number, link.patient, "void")
            recorded = self._append(connection, Void(of=number, reason=reason), link.patient)
            self._refuse_number_taken_since(connection, link)
            return recorded

    def void_together(
        self, patient: int, numbers: Sequence[int], reason: str, revision: int
    ) -> None:
        """Mark entries of one patient as wrong in one transaction, the last first.

        Raises `RecordsError` if one is already void, of another patient, or of an input about
        several patients, and `ConflictError` for a later change than `revision`, the last one read
        of the patient.
        """
        with self._writing("void the entries") as connection:
            self._refuse_unseen(connection, patient, revision)
            trail = self._trail(connection)
            for number in sorted(numbers, reverse=True):
                link = self._link(connection, number)
                if link.patient != patient:
                    raise RecordsError(f"Entry {number} is of another patient. Check the number.")
                self._refuse_marked(connection, number, patient, "void")
                trail.add(Void(of=number, reason=reason), patient)
                self._refuse_number_taken_since(connection, link)
            _refuse_shared_input(connection, patient, numbers)

    def author_in_trail(self) -> str:
        """Return the author as the audit trail has it: on a server with the login."""
        with self._reading("read the author") as connection:
            return self._author_in(connection)

    def author_now(self, connection: Connection) -> Author:
        """Return the author of a change in a transaction, with its time."""
        return Author(self._author_in(connection), self._clock())

    def _author_in(self, connection: Connection) -> str:
        """Return the author as the database knows it: a server asks for the login, once."""
        if connection.dialect.name != "postgresql":
            return self._author
        if self._author_on_server is None:
            self._author_on_server = author_on_server(connection, self._author)
        return self._author_on_server

    def _append(
        self, connection: Connection, entry: Kind, patient: int | None
    ) -> StoredEntry[Kind]:
        """Add one row and its link to the chain."""
        return self._trail(connection).add(entry, patient)

    def _trail(self, connection: Connection) -> "_Trail":
        """Return the end of the chain, for additions of one moment."""
        author = self.author_now(connection)
        return _Trail(Chain(connection, author.by, author.at), author)

    def _append_with_end(
        self, trail: "_Trail", entry: Kind, ended_on: date | None, patient: int
    ) -> StoredEntry[Kind]:
        recorded = trail.add(entry, patient)
        if ended_on is None:
            return recorded
        ending = StopRecord(of=recorded.number, on=ended_on)
        check_ending(entry, ending)
        return replace(recorded, ending=trail.add(ending, patient))

    def add_all(  # noqa: PLR0913 - one transaction with all that belongs to it
        self,
        entries: Sequence[tuple[int | Patient, Entry]],
        revision: int,
        progress: Callable[[int, int], object] = lambda _done, _all: None,
        *,
        patients: Sequence[Patient] = (),
        ends: Mapping[int, StopRecord] = _NO_ENDS,
        together: Callable[[Connection, Author], object] = lambda _connection, _author: None,
    ) -> None:
        """Add patients and entries in one transaction, each entry with its patient or its number.

        An entry may be the void or the end of an earlier one. `ends` has the ends of new entries by
        their index; `together` writes what the audit trail does not cover. `revision` is the last
        change of all records that was read: raises `ConflictError` for a later one. `progress` is
        called with the entries stored, and all of them.
        """
        with self._writing("store the entries") as connection:
            author = self.author_now(connection)
            chain = Chain(connection, author.by, author.at)
            if chain.last > revision:
                raise ConflictError(
                    "Somebody changed the records meanwhile. Nothing was stored. Please try again."
                )
            added: dict[Patient, int] = {}
            for new in patients:
                self._refuse_taken_number(connection, new.record_number, own=None)
                added[new] = chain.append(new, None).patient
            for known in {each for each, _ in entries if isinstance(each, int)}:
                self._require_patient(connection, known)
            for start in range(0, len(entries), _BATCH):
                batch: list[tuple[int, Entry]] = []
                for index, (whose, entry) in enumerate(entries[start : start + _BATCH], start):
                    number = added[whose] if isinstance(whose, Patient) else whose
                    batch.append((number, entry))
                    if index in ends:
                        ending = replace(ends[index], of=chain.last + len(batch))
                        check_ending(entry, ending)
                        batch.append((number, ending))
                chain.append_all(batch)
                progress(min(start + _BATCH, len(entries)), len(entries))
            together(connection, author)

    def keep_worklist_lines(self, lines: Sequence[StoredLine], key: LineKey) -> None:
        """Store lines of the worklist, in a transaction of its own; raises `RecordsError`."""
        self.write_beside(
            "keep the worklist", lambda connection, _author: keep_lines(connection, lines, key)
        )

    def write_beside(self, doing: str, write: Callable[[Connection, Author], object]) -> None:
        """Write what the audit trail does not cover, in one transaction of its own."""
        self.watch.refuse_writing()
        with writing(self._engine, doing, has_trail=False) as connection:
            write(connection, self.author_now(connection))

    # --- refusing

    def _require_patient(self, connection: Connection, number: int) -> None:
        refuse_beyond_database(number, "patient")
        if connection.execute(IS_PATIENT, {"number": number}).first() is None:
            raise NotFoundError(f"Patient {number} is not in these records.")
        self._refuse_marked(connection, number, number, "void")

    def _refuse_unseen(self, connection: Connection, patient: int, revision: int) -> None:
        what = changes_since_in(connection, patient, revision)
        if what:
            raise ConflictError(
                f"The record was changed meanwhile: {what}. Nothing was stored. Check it again."
            )

    def _refuse_taken_number(
        self, connection: Connection, record_number: str, own: int | None
    ) -> None:
        taken = patients_called(connection, record_number)
        others = [number for number in taken if number != own]
        if any(not is_void(connection, number) for number in others):
            raise RecordsError(
                f"Record number {record_number} belongs to another patient. Check the number."
            )

    def _refuse_number_taken_since(self, connection: Connection, voided: Link) -> None:
        """Refuse to restore a record number that another patient has by now."""
        if voided.kind == "patient" and not is_void(connection, voided.patient):
            record_number = record_number_of(connection, voided.patient)
            self._refuse_taken_number(connection, record_number, own=voided.patient)

    def _refuse_marked(self, connection: Connection, number: int, patient: int, name: str) -> None:
        which = {"number": number, "patient": patient}
        found = connection.execute(MARKS[name], which).first()
        if found is not None:
            done = "voided" if name == "void" else "ended"
            at = Moment(read_utc(found.at_utc), found.at_zone)
            raise RecordsError(f"Entry {number} was already {done} by {found.by} on {short(at)}.")

    def _link(self, connection: Connection, number: int) -> Link:
        refuse_beyond_database(number, "entry")
        query = select(AUDIT).where(AUDIT.c.number == number)
        found = connection.execute(query).mappings().first()
        if found is None or found["kind"] in _NOT_MARKED:
            raise NotFoundError(
                f"Entry {number} cannot be ended or voided. Check the number in the list."
            )
        return link_of(found)


def _refuse_shared_input(connection: Connection, patient: int, numbers: Sequence[int]) -> None:
    """Refuse entries whose input wrote about other patients too, as a merge does.

    A merge voids the former record: without its entries here they would count nowhere.
    """
    own = select(AUDIT.c.by, AUDIT.c.at_utc).where(AUDIT.c.number.in_(numbers)).subquery()
    others = select(AUDIT.c.number).where(
        AUDIT.c.number >= min(numbers, default=1) - 1,
        AUDIT.c.patient != patient,
        AUDIT.c.by == own.c.by,
        AUDIT.c.at_utc == own.c.at_utc,
    )
    if connection.execute(others.limit(1)).first() is not None:
        raise RecordsError(
            "This input wrote about other patients too, as a merge or an import does. Void its "
            "entries in their lists."
        )
