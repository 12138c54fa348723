"""The records: adding entries and reading them, each change one link of the audit trail.

Nothing is ever changed or removed. A patient's new name is a new row of the patient; an end and a
void are entries of their own. An entry's number is its place in the audit trail.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Select,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
)

from dosing import clean
from monitoring.record.entries import Author, Kind, Record, StopRecord, StoredEntry, Void, of_kind
from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS, NAMES, check_ending
from monitoring.record.patient import Patient
from monitoring.store.audit_log import START, Link, hash_of
from monitoring.store.connection import reading, writing
from monitoring.store.errors import ConflictError, NotFoundError, RecordsError
from monitoring.store.rows import Cell, Row, entry_of, read_utc, row_of, utc_text
from monitoring.store.tables import AUDIT, TABLES
from monitoring.times import Moment

_BATCH = 500  # entries or patients at a time
_PATIENT = TABLES["patient"]
# Who wrote an entry and when, beside its own columns, some of which have times of the same name.
_WRITTEN = (
    AUDIT.c.by.label("written_by"),
    AUDIT.c.at_utc.label("written_utc"),
    AUDIT.c.at_zone.label("written_zone"),
)

# What every entry asks, made once: to make a query costs more than to run it.
_NUMBER = bindparam("number", type_=Integer)
_OF_PATIENT = bindparam("patient", type_=Integer)  # whose index finds the row in a large clinic
_LAST_LINK = select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)
_IS_PATIENT = select(_PATIENT.c.entry).where(
    _PATIENT.c.entry == _NUMBER, _PATIENT.c.patient == _NUMBER
)
_MARKS = {
    name: select(AUDIT.c.by, AUDIT.c.at_utc, AUDIT.c.at_zone)
    .join(TABLES[name], TABLES[name].c.entry == AUDIT.c.number)
    .where(TABLES[name].c.of == _NUMBER, TABLES[name].c.patient == _OF_PATIENT)
    for name in ("void", "ending")
}
_OF_KIND = {
    name: select(TABLES[name], *_WRITTEN)
    .join(AUDIT, AUDIT.c.number == TABLES[name].c.entry)
    .where(TABLES[name].c.patient.in_(bindparam("patients", expanding=True)))
    for name in KINDS
}
_INSERTS = {table.name: insert(table) for table in (AUDIT, *TABLES.values())}


class Store:
    """The records behind one engine. `author` is who writes, `clock` gives the moment."""

    def __init__(self, engine: Engine, author: str, clock: Callable[[], Moment]) -> None:
        """Take an engine whose schema is up to date; see `monitoring.store.open_records`."""
        self._engine = engine
        self._author = author
        self._clock = clock

    @property
    def engine(self) -> Engine:
        """The engine, for what reads and writes whole tables: backup, export, verify."""
        return self._engine

    # --- writing

    def add_patient(self, patient: Patient) -> StoredEntry[Patient]:
        """Write down a new patient. Raises `RecordsError` where the record number is taken."""
        with writing(self._engine, "store the patient") as connection:
            self._refuse_taken_number(connection, patient.record_number, own=None)
            return self._append(connection, patient, patient=None)

    def change_patient(self, number: int, patient: Patient, revision: int) -> StoredEntry[Patient]:
        """Write down who a patient is anew.

        Raises `ConflictError` where there is a later change than `revision`, the last one read.
        """
        with writing(self._engine, "change the patient") as connection:
            self._require_patient(connection, number)
            self._refuse_unseen(connection, number, revision)
            self._refuse_taken_number(connection, patient.record_number, own=number)
            return self._append(connection, patient, patient=number)

    def add(
        self, patient: int, entry: Kind, revision: int | None = None, ended_on: date | None = None
    ) -> StoredEntry[Kind]:
        """Write down an entry about a patient, by the patient's number, and its end if it is over.

        Raises `UserError` for an end of what does not last, or before it began.
        With `revision`, the last change that was read, raises `ConflictError` where one is later.
        """
        with writing(self._engine, "store the entry") as connection:
            self._require_patient(connection, patient)
            if revision is not None:
                self._refuse_unseen(connection, patient, revision)
            recorded = self._append(connection, entry, patient)
            if ended_on is None:
                return recorded
            ending = StopRecord(of=recorded.number, on=ended_on)
            check_ending(entry, ending)
            return replace(recorded, ending=self._append(connection, ending, patient))

    def end(
        self, number: int, ending: StopRecord, revision: int | None = None
    ) -> StoredEntry[StopRecord]:
        """Write down the end of an entry. Raises `RecordsError` where it has ended or is void.

        Raises `UserError` where the entry does not last, or began later.
        With `revision`, the last change that was read, raises `ConflictError` where one is later.
        """
        if ending.of != number:
            raise RecordsError(f"The end is of entry {ending.of}, not of {number}.")
        with writing(self._engine, "store the end") as connection:
            link = self._link(connection, number)
            if revision is not None:
                self._refuse_unseen(connection, link.patient, revision)
            self._refuse_marked(connection, number, link.patient, "void")
            self._refuse_marked(connection, number, link.patient, "ending")
            check_ending(_entry_at(connection, link), ending)
            return self._append(connection, ending, link.patient)

    def void(self, number: int, reason: str) -> StoredEntry[Void]:
        """Mark an entry as wrong. Raises `RecordsError` where it is void already.

        Voiding how a patient was first written down voids the whole patient; voiding a change of
        the patient brings back what stood before it, unless its record number is taken by now.
        """
        with writing(self._engine, "void the entry") as connection:
            link = self._link(connection, number)
            self._refuse_marked(connection, number, link.patient, "void")
            recorded = self._append(connection, Void(of=number, reason=reason), link.patient)
            if link.kind == "patient" and not _is_void(connection, link.patient):
                record_number = _record_number(connection, link.patient)
                self._refuse_taken_number(connection, record_number, own=link.patient)
            return recorded

    def _append(
        self, connection: Connection, entry: Kind, patient: int | None
    ) -> StoredEntry[Kind]:
        """Add one row and its link to the chain."""
        chain = self._chain(connection)
        link, row, hashed = chain.link(entry, patient)
        append_link(connection, link, hashed, row)
        author = Author(link.by, chain.moment)
        return StoredEntry(number=link.number, patient=link.patient, entry=entry, author=author)

    def add_all(
        self,
        entries: Sequence[tuple[int, Entry]],
        revision: int,
        progress: Callable[[int, int], object] = lambda _done, _all: None,
    ) -> None:
        """Write down entries, each with its patient's number, in one transaction.

        `revision` is the last change of all records that was read: raises `ConflictError` where one
        is later. `progress` is told how many entries of how many were stored.
        """
        with writing(self._engine, "store the entries") as connection:
            chain = self._chain(connection)
            if chain.last > revision:
                raise ConflictError(
                    "The records were changed since they were read. Nothing was stored; do it "
                    "again."
                )
            for patient in {patient for patient, _ in entries}:
                self._require_patient(connection, patient)
            for start in range(0, len(entries), _BATCH):
                _append_all(connection, chain, entries[start : start + _BATCH])
                progress(min(start + _BATCH, len(entries)), len(entries))

    def _chain(self, connection: Connection) -> "_Chain":
        last = connection.execute(_LAST_LINK).first()
        number, hashed = (last.number, last.hash) if last else (0, START)
        return _Chain(number, hashed, self._author, self._clock())

    # --- refusing

    def _require_patient(self, connection: Connection, number: int) -> None:
        _refuse_beyond_database(number, "patient")
        if connection.execute(_IS_PATIENT, {"number": number}).first() is None:
            raise NotFoundError(f"There is no patient {number} in these records.")
        self._refuse_marked(connection, number, number, "void")

    def _refuse_unseen(self, connection: Connection, patient: int, revision: int) -> None:
        what = _changes_since(connection, patient, revision)
        if what:
            raise ConflictError(
                f"The record was changed since it was read: {what}. Nothing was stored; look at it "
                "again."
            )

    def _refuse_taken_number(
        self, connection: Connection, record_number: str, own: int | None
    ) -> None:
        taken = _patients_called(connection, record_number)
        others = [number for number in taken if number != own]
        if any(not _is_void(connection, number) for number in others):
            raise RecordsError(f"The record number {record_number} is taken by another patient.")

    def _refuse_marked(self, connection: Connection, number: int, patient: int, name: str) -> None:
        asked = {"number": number, "patient": patient}
        found = connection.execute(_MARKS[name], asked).first()
        if found is not None:
            done = "voided" if name == "void" else "ended"
            at = Moment(read_utc(found.at_utc), found.at_zone)
            raise RecordsError(f"Entry {number} was {done} by {found.by} on {at} already.")

    def _link(self, connection: Connection, number: int) -> Link:
        _refuse_beyond_database(number, "entry")
        query = select(AUDIT).where(AUDIT.c.number == number)
        found = connection.execute(query).mappings().first()
        if found is None or found["kind"] in {"void", "ending"}:
            raise NotFoundError(f"There is no entry {number} that could be ended or voided.")
        return link_of(found)

    # --- reading

    def last_change(self) -> int:
        """Return the number of the last change of all records; 0 where there is none."""
        with reading(self._engine, "read the records") as connection:
            return self._chain(connection).last

    def changes_since(self, patient: int, revision: int) -> str:
        """Return in words what was changed in a patient's record after `revision`; else nothing.

        One query by the index of the audit trail: cheap enough to be asked again and again.
        """
        with reading(self._engine, "look for changes") as connection:
            return _changes_since(connection, patient, revision)

    def head(self) -> str:
        """Return the head of the audit trail: the hash of the last change, or `START`."""
        with reading(self._engine, "read the records") as connection:
            last = connection.execute(_LAST_LINK).first()
        return last.hash if last else START

    def find(self, record_number: str) -> Record:
        """Return the record of a patient by the record number. Raises `NotFoundError`."""
        record_number = clean(record_number)
        with reading(self._engine, "read the record") as connection:
            found = _patients_called(connection, record_number)
            records = [_record(connection, number) for number in found]
        standing = [record for record in records if record.entries[0].is_active]
        if not standing:
            raise NotFoundError(f"There is no patient with the record number {record_number}.")
        return standing[0]

    def read(self, patient: int) -> Record:
        """Return the record of a patient by the patient's number. Raises `NotFoundError`."""
        _refuse_beyond_database(patient, "patient")
        with reading(self._engine, "read the record") as connection:
            return _record(connection, patient)

    def read_some(self, patients: Sequence[int]) -> tuple[Record, ...]:
        """Return the records of some patients by their numbers, in that order, as of one state.

        Those that are not there are left out. It takes a few queries, however many patients.
        """
        with reading(self._engine, "read the records") as connection:
            found = _entries_of(connection, patients)
        return tuple(_record_of(found[each]) for each in patients if found[each])

    def records(self) -> Iterator[Record]:
        """Yield the record of every patient who stands, in the order they were first written down.

        A batch of patients is read in a few queries and is one state of the records; between the
        batches others can write.
        """
        last = 0
        while True:
            with reading(self._engine, "read the records") as connection:
                batch = _next_patients(connection, last)
                entries = _entries_of(connection, batch)
            for patient in batch:
                record = _record_of(entries[patient])
                if record.entries[0].is_active:
                    yield record
            if len(batch) < _BATCH:
                return
            last = batch[-1]

    def patient_numbers(self) -> tuple[int, ...]:
        """Return the numbers of the patients who stand, in the order they were written down.

        Nothing else of them is read, so that one damaged record hides no other.
        """
        query = (
            select(_PATIENT.c.entry)
            .where(_PATIENT.c.entry == _PATIENT.c.patient)
            .where(_PATIENT.c.entry.not_in(select(TABLES["void"].c.of)))
            .order_by(_PATIENT.c.entry)
        )
        with reading(self._engine, "read the patients") as connection:
            return tuple(connection.execute(query).scalars())

    def patients(
        self,
        search: str = "",
        limit: int | None = None,
        *,
        voided: bool = False,
        born: date | None = None,
    ) -> tuple[StoredEntry[Patient], ...]:
        """Return the patients as last changed, by name; `search` is part of a name or number.

        With `voided`, the voided patients too; with `born`, only those born on that day.
        """
        query = (
            _patients_like(search, _PATIENT, *_WRITTEN, voided=voided)
            .join(AUDIT, AUDIT.c.number == _PATIENT.c.entry)
            .order_by(_PATIENT.c.name, _PATIENT.c.record_number)
        )
        if limit is not None:
            query = query.limit(limit)
        if born is not None:
            query = query.where(_PATIENT.c.born == born.isoformat())
        with reading(self._engine, "read the patients") as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(_recorded(Patient, row) for row in rows)

    def count_patients(self, search: str = "") -> int:
        """Return how many patients `patients(search)` would find without a limit."""
        query = _patients_like(search, func.count())
        with reading(self._engine, "count the patients") as connection:
            return int(connection.execute(query).scalar_one())


def _changes_since(connection: Connection, patient: int, revision: int) -> str:
    """Return who changed what in a patient's record after `revision`; nothing where nobody did."""
    later = connection.execute(
        select(AUDIT.c.by, AUDIT.c.at_utc, AUDIT.c.at_zone, AUDIT.c.kind)
        .where(AUDIT.c.patient == patient, AUDIT.c.number > revision)
        .order_by(AUDIT.c.number)
    ).all()
    what = "; ".join(
        f"{row.by} wrote a {row.kind.replace('_', ' ')} on "
        f"{Moment(read_utc(row.at_utc), row.at_zone)}"
        for row in later[:3]
    )
    return f"{what} and {len(later) - 3} more" if len(later) > 3 else what


def _patients_like(search: str, *columns: Any, voided: bool = False) -> Select[Any]:
    """Return the query of patients as last changed, whose name or number has `search` in it."""
    search = clean(search)
    newest, void = _newest_patient_rows().subquery(), TABLES["void"]
    query = select(*columns).select_from(_PATIENT).join(newest, newest.c.entry == _PATIENT.c.entry)
    if not voided:
        query = query.where(_PATIENT.c.patient.not_in(select(void.c.of)))
    if search:
        query = query.where(
            or_(
                _PATIENT.c.name.icontains(search, autoescape=True),
                _PATIENT.c.record_number.icontains(search, autoescape=True),
            )
        )
    return query


class _Chain:
    """The end of the audit trail, to which one author hangs changes at one moment."""

    def __init__(self, last: int, hashed: str, author: str, moment: Moment) -> None:
        self.last = last
        self.moment = moment
        self._hash = hashed
        self._author = author

    def link(self, entry: Entry, patient: int | None) -> tuple[Link, Row, str]:
        """Return the next link, its row and its hash; without a patient the entry is a new one."""
        self.last += 1
        link = Link(
            number=self.last,
            at_utc=utc_text(self.moment.utc),
            at_zone=self.moment.zone,
            by=self._author,
            kind=NAMES[type(entry)],
            patient=self.last if patient is None else patient,
        )
        row = row_of(entry)
        self._hash = hash_of(self._hash, link, row)
        return link, row, self._hash


def _audit_row(link: Link, hashed: str) -> dict[str, Cell]:
    return {**asdict(link), "hash": hashed}


def _append_all(
    connection: Connection, chain: _Chain, entries: Sequence[tuple[int, Entry]]
) -> None:
    """Add rows and their links to the chain, with one statement a table."""
    links: list[dict[str, Cell]] = []
    rows: dict[str, list[dict[str, Cell]]] = {}
    for patient, entry in entries:
        link, row, hashed = chain.link(entry, patient)
        links.append(_audit_row(link, hashed))
        rows.setdefault(link.kind, []).append({"entry": link.number, "patient": patient, **row})
    connection.execute(_INSERTS[AUDIT.name], links)
    for kind, table_rows in rows.items():
        connection.execute(_INSERTS[kind], table_rows)


def _refuse_beyond_database(number: int, what: str) -> None:
    """Raise `NotFoundError` for a number that no database of ours could hold."""
    if not 0 < number < 2**31:
        raise NotFoundError(f"There is no {what} {number} in these records.")


def _patients_called(connection: Connection, record_number: str) -> list[int]:
    """Return the patients who have this record number today, by the index on it."""
    ever = select(_PATIENT.c.patient).where(_PATIENT.c.record_number == record_number)
    newest = _newest_patient_rows().where(_PATIENT.c.patient.in_(ever))
    today = select(_PATIENT.c.patient).where(
        _PATIENT.c.entry.in_(newest), _PATIENT.c.record_number == record_number
    )
    return sorted(connection.execute(today).scalars())


def _is_void(connection: Connection, patient: int) -> bool:
    """Return whether the whole patient was voided."""
    asked = {"number": patient, "patient": patient}
    return connection.execute(_MARKS["void"], asked).first() is not None


def _record_number(connection: Connection, patient: int) -> str:
    """Return the record number that a patient has today."""
    newest = _newest_patient_rows().where(_PATIENT.c.patient == patient)
    query = select(_PATIENT.c.record_number).where(_PATIENT.c.entry.in_(newest))
    return str(connection.execute(query).scalar_one())


def _newest_patient_rows() -> Select[tuple[int]]:
    """Return the query of each patient's newest row that stands.

    The first row counts even where it is void: it says who the voided patient was.
    """
    void = TABLES["void"]
    is_void = exists().where(void.c.patient == _PATIENT.c.patient, void.c.of == _PATIENT.c.entry)
    return (
        select(func.max(_PATIENT.c.entry).label("entry"))
        .where(or_(_PATIENT.c.entry == _PATIENT.c.patient, ~is_void))
        .group_by(_PATIENT.c.patient)
    )


def append_link(connection: Connection, link: Link, link_hash: str, row: Row) -> None:
    """Add a link to the audit trail, and its row."""
    connection.execute(_INSERTS[AUDIT.name], _audit_row(link, link_hash))
    columns = {"entry": link.number, "patient": link.patient, **row}
    connection.execute(_INSERTS[link.kind], columns)


def link_of(row: Mapping[Any, Any]) -> Link:
    """Return the link that a row of the audit trail holds."""
    return Link(
        number=row["number"],
        at_utc=row["at_utc"],
        at_zone=row["at_zone"],
        by=row["by"],
        kind=row["kind"],
        patient=row["patient"],
    )


def _record(connection: Connection, patient: int) -> Record:
    """Return everything about one patient, in the order it was written down."""
    recorded = _entries_of(connection, [patient])[patient]
    if not recorded:
        raise NotFoundError(f"There is no patient {patient} in these records.")
    return _record_of(recorded)


def _next_patients(connection: Connection, last: int) -> list[int]:
    """Return the numbers of the batch of patients after `last`."""
    query = (
        select(_PATIENT.c.entry)
        .where(_PATIENT.c.entry == _PATIENT.c.patient, _PATIENT.c.entry > last)
        .order_by(_PATIENT.c.entry)
        .limit(_BATCH)
    )
    return list(connection.execute(query).scalars())


def _entries_of(
    connection: Connection, patients: Sequence[int]
) -> dict[int, list[StoredEntry[Entry]]]:
    """Return the entries of each of the patients, in the order they were written down."""
    found: dict[int, list[StoredEntry[Entry]]] = {patient: [] for patient in patients}
    for each in _entries_about(connection, patients):
        found[each.patient].append(each)
    for entries in found.values():
        entries.sort(key=lambda each: each.number)
    return found


def _record_of(recorded: Sequence[StoredEntry[Entry]]) -> Record:
    """Return the record that all entries about one patient make."""
    voids = {each.entry.of: each for each in of_kind(recorded, Void)}
    endings = {each.entry.of: each for each in of_kind(recorded, StopRecord)}
    marked = voids.keys() | endings.keys()
    entries = tuple(
        replace(each, void=voids.get(each.number), ending=endings.get(each.number))
        if each.number in marked
        else each
        for each in recorded
        if not isinstance(each.entry, Void | StopRecord)
    )
    patients = of_kind(entries, Patient)
    newest = next((each for each in reversed(patients) if each.is_active), patients[0])
    return Record(patient=newest, entries=entries)


def _entry_at(connection: Connection, link: Link) -> Entry:
    """Return the entry of a link of the audit trail."""
    table = TABLES[link.kind]
    query = select(table).where(table.c.entry == link.number)
    row = connection.execute(query).mappings().one()
    return entry_of(KINDS[link.kind], cast("Row", row))


def _entries_about(connection: Connection, patients: Sequence[int]) -> Iterator[StoredEntry[Entry]]:
    """Yield the entries about some patients, kind by kind."""
    for name, kind in KINDS.items():
        rows = connection.execute(_OF_KIND[name], {"patients": patients})
        yield from (_recorded(kind, row) for row in rows.mappings())


def _recorded(kind: type[Kind], row: Mapping[Any, Any]) -> StoredEntry[Kind]:
    return StoredEntry(
        number=row["entry"],
        patient=row["patient"],
        entry=cast("Kind", entry_of(kind, cast("Row", row))),
        author=Author(row["written_by"], Moment(read_utc(row["written_utc"]), row["written_zone"])),
    )
