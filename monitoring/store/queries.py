"""The queries of the records: patients, whole records, and the changes since a revision."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Row,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from dosing import clean
from dosing.birth_date import may_be_same_birth
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits
from dosing.quantities.text import shortened
from monitoring.record.entries import (
    Author,
    Kind,
    Record,
    StopRecord,
    StoredEntry,
    UnreadableEntry,
    Void,
    of_kind,
    patient_as_last_changed,
)
from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS, NAMES, kind_called
from monitoring.record.limit_set import CLINIC, LimitSet
from monitoring.record.name_keys import is_found
from monitoring.record.patient import Patient
from monitoring.record.removal import Removal
from monitoring.store.audit_log import Link
from monitoring.store.connection import reading
from monitoring.store.errors import NotFoundError, RecordsError
from monitoring.store.known_heads import HeadWatch
from monitoring.store.rows import (
    ROW_ERRORS,
    entry_of_cells,
    not_valid,
    read_moment,
    read_utc,
    whole_text,
)
from monitoring.store.tables import AUDIT, REMOVED, TABLES
from monitoring.store.trail_end import last_link
from monitoring.store.worklist_lines import LineKey, StoredLine, read_lines
from monitoring.times import Moment, short

_BATCH = 500  # patients at a time
_MOST_AUTHORS = 4096  # with their times: those of the entries of a few hundred patients
_PATIENT = TABLES["patient"]
_REMOVAL = TABLES["removal"]
# The author and the time of an entry, under names that no column of its own has.
_WRITTEN = (
    AUDIT.c.by.label("written_by"),
    AUDIT.c.at_utc.label("written_utc"),
    AUDIT.c.at_zone.label("written_zone"),
)

# Made once: building a query takes longer than running it.
_NUMBER = bindparam("number", type_=Integer)
_OF_PATIENT = bindparam("patient", type_=Integer)  # its index finds the row in a large clinic
IS_PATIENT = select(_PATIENT.c.entry).where(
    _PATIENT.c.entry == _NUMBER, _PATIENT.c.patient == _NUMBER
)
MARKS = {
    name: select(AUDIT.c.by, AUDIT.c.at_utc, AUDIT.c.at_zone)
    .join(TABLES[name], TABLES[name].c.entry == AUDIT.c.number)
    .where(TABLES[name].c.of == _NUMBER, TABLES[name].c.patient == _OF_PATIENT)
    for name in ("void", "ending")
}
_LATER = (
    select(AUDIT.c.by, AUDIT.c.at_utc, AUDIT.c.at_zone, AUDIT.c.kind)
    .where(AUDIT.c.patient == _OF_PATIENT, AUDIT.c.number > _NUMBER, AUDIT.c.kind != REMOVED)
    .order_by(AUDIT.c.number)
)
_OF_KIND = {
    name: select(TABLES[name], *_WRITTEN)
    .join(AUDIT, AUDIT.c.number == TABLES[name].c.entry)
    .where(TABLES[name].c.patient.in_(bindparam("patients", expanding=True)))
    for name in KINDS
    if name != _REMOVAL.name  # nothing is left of a removed patient
}

_REMOVALS = (
    select(_REMOVAL, *_WRITTEN)
    .join(AUDIT, AUDIT.c.number == _REMOVAL.c.entry)
    .order_by(_REMOVAL.c.entry)
)


CLINIC_LIMITS = NAMES[LimitSet]
_SIGNED_LIMITS = (
    select(TABLES[CLINIC_LIMITS], *_WRITTEN)
    .join(AUDIT, AUDIT.c.number == TABLES[CLINIC_LIMITS].c.entry)
    .where(TABLES[CLINIC_LIMITS].c.is_signed == 1)
    .order_by(TABLES[CLINIC_LIMITS].c.entry.desc())
    .limit(1)
)


class Queries:
    """The records behind one engine, for reading.

    A row that cannot be read is left out and kept in `Record.unreadable`; a patient whose own rows
    cannot be read has no record. `on_unreadable` is called for both.
    """

    def __init__(self, engine: Engine, watch: HeadWatch | None = None) -> None:
        """Take an engine whose schema is up to date, and the watch over the head of its records."""
        self._engine = engine
        self.watch = watch or HeadWatch()
        self.on_unreadable: Callable[[UnreadableEntry], object] = lambda _entry: None
        """Called with each active entry that was left out."""

    @property
    def engine(self) -> Engine:
        """The engine, for backup, export and verification of whole tables."""
        return self._engine

    @contextmanager
    def _reading(self, doing: str) -> Iterator[Connection]:
        """Give a connection that sees one state of the records, which holds all that was seen."""
        seen = self.watch.last
        with reading(self._engine, doing) as connection:
            found = self.watch.look(connection, seen)
            yield connection
        self.watch.follow(found)

    def removals(self) -> tuple[StoredEntry[Removal], ...]:
        """Return the removals of patients, in their order."""
        with self._reading("read the removals") as connection:
            return removals_in(connection)

    def last_change(self) -> int:
        """Return the number of the last change of all records; 0 in empty records."""
        with self._reading("read the records") as connection:
            return last_link(connection)[0]

    def worklist_lines(self, key: LineKey) -> Iterator[StoredLine]:
        """Yield each patient who is not void, with the line of the worklist if it is up to date.

        All are of one state of the records, which is read until the last one is taken.
        """
        with self._reading("read the worklist") as connection:
            yield from read_lines(connection, key)

    def changes_since(self, patient: int, revision: int) -> str:
        """Return the changes of a patient's record after `revision` in words; empty without any.

        One query by the index of the audit trail, quick enough to be repeated often.
        """
        with self._reading("look for changes") as connection:
            return changes_since_in(connection, patient, revision)

    def head(self) -> str:
        """Return the head of the audit trail: the hash of the last change, or `START`."""
        with self._reading("read the records") as connection:
            return last_link(connection)[1]

    def find(self, record_number: str) -> Record:
        """Return the record of a patient by the record number. Raises `NotFoundError`."""
        record_number = clean(record_number)
        with self._reading("read the record") as connection:
            found = patients_called(connection, record_number)
            limits = limits_in(connection)
            records = [self._reported(_record(connection, each, limits)) for each in found]
        active = [record for record in records if _is_active(record)]
        if not active:
            raise NotFoundError(_not_found(record_number, records))
        return active[0]

    def read(self, patient: int) -> Record:
        """Return the record of a patient by the patient's number. Raises `NotFoundError`."""
        refuse_beyond_database(patient, "patient")
        with self._reading("read the record") as connection:
            return self._reported(_record(connection, patient, limits_in(connection)))

    def read_some(self, patients: Sequence[int]) -> tuple[Record, ...]:
        """Return the records of some patients by their numbers, in that order, as of one moment.

        Unknown numbers are left out. It takes a few queries for any number of patients.
        """
        with self._reading("read the records") as connection:
            found, limits = _entries_of(connection, patients), limits_in(connection)
        read = (self._readable(found[each], limits) for each in patients if found[each])
        return tuple(record for record in read if record is not None)

    def records(self) -> Iterator[Record]:
        """Yield the record of every active patient, in the order they were added.

        A batch of patients is read in a few queries as of one moment; others can write between the
        batches.
        """
        last = 0
        while True:
            with self._reading("read the records") as connection:
                batch = _next_patients(connection, last)
                entries, limits = _entries_of(connection, batch), limits_in(connection)
            for patient in batch:
                record = self._readable(entries[patient], limits)
                if record is not None and _is_active(record):
                    yield record
            if len(batch) < _BATCH:
                return
            last = batch[-1]

    def patient_numbers(self) -> tuple[int, ...]:
        """Return the numbers of the active patients, in the order they were added.

        Nothing else is read: one damaged record does not hide the others.
        """
        query = (
            select(_PATIENT.c.entry)
            .where(_PATIENT.c.entry == _PATIENT.c.patient)
            .where(_PATIENT.c.entry.not_in(select(TABLES["void"].c.of)))
            .order_by(_PATIENT.c.entry)
        )
        with self._reading("read the patients") as connection:
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

        With `voided`, voided patients too; with `born`, only those who may be born then.
        """
        query = (
            _newest_patients(_PATIENT, *_WRITTEN, voided=voided)
            .join(AUDIT, AUDIT.c.number == _PATIENT.c.entry)
            .order_by(_PATIENT.c.name, _PATIENT.c.record_number)
        )
        if limit is not None and not search and born is None:
            query = query.limit(limit)
        if born is not None:
            query = query.where(_PATIENT.c.born.startswith(f"{born.year:04}"))
        with self._reading("read the patients") as connection:
            rows = connection.execute(query).all()
        found = self._patients_of(_found(search, rows))
        if born is not None:
            found = (each for each in found if may_be_same_birth(each.entry.born, born))
        return tuple(islice(found, limit))

    def _patients_of(self, rows: Iterable[Row[Any]]) -> Iterator[StoredEntry[Patient]]:
        """Yield the patients of rows that can be read."""
        for row in rows:
            each = _stored("patient", Patient, row)
            if isinstance(each, UnreadableEntry):
                self.on_unreadable(each)
            else:
                yield each

    def limits(self) -> ClinicLimits:
        """Return the clinic's limits in force: the last set that was signed, else the defaults."""
        with self._reading("read the limits") as connection:
            return limits_in(connection)

    def limit_sets(self) -> tuple[StoredEntry[LimitSet], ...]:
        """Return every set of the clinic's limits that can be read, the oldest first."""
        with self._reading("read the limits") as connection:
            stored = sorted(_entries_of(connection, [CLINIC])[CLINIC], key=lambda e: e.number)
        for each in stored:
            if isinstance(each, UnreadableEntry):
                self.on_unreadable(each)
        return of_kind([each for each in stored if isinstance(each, StoredEntry)], LimitSet)

    def _readable(self, recorded: "Sequence[_Stored]", limits: ClinicLimits) -> Record | None:
        """Return the record, or None for a patient whose own rows cannot be read."""
        found = _record_of(recorded, limits)
        if isinstance(found, UnreadableEntry):
            if found.is_active:
                self.on_unreadable(found)
            return None
        return self._reported(found)

    def _reported(self, record: Record) -> Record:
        for each in record.unreadable:
            if each.is_active:
                self.on_unreadable(each)
        return record

    def count_patients(self, search: str = "") -> int:
        """Return the number of patients that `patients(search)` finds without a limit."""
        columns = (_PATIENT.c.name, _PATIENT.c.record_number) if search else (func.count(),)
        with self._reading("count the patients") as connection:
            found = connection.execute(_newest_patients(*columns))
            if not search:
                return int(found.scalar_one())
            return sum(1 for _ in _found(search, found))


def changes_since_in(connection: Connection, patient: int, revision: int) -> str:
    """Return the changes of a record after `revision` with their authors, in words."""
    later = connection.execute(_LATER, {"patient": patient, "number": revision}).all()
    what = "; ".join(
        f"{row.by} recorded {_with_article(kind_called(row.kind).what)} on "
        f"{short(Moment(read_utc(row.at_utc), row.at_zone))}"
        for row in later[:3]
    )
    return f"{what} and {len(later) - 3} more" if len(later) > 3 else what


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _found(search: str, rows: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
    """Yield the rows of patients whose name or number contains `search`.

    Names are compared here, by their keys, because no database knows how they are spelled.
    """
    return (row for row in rows if is_found(search, row.record_number, row.name))


def _newest_patients(*columns: Any, voided: bool = False) -> Select[Any]:
    """Return the query of patients as last changed."""
    newest, void = _newest_patient_rows().subquery(), TABLES["void"]
    query = select(*columns).select_from(_PATIENT).join(newest, newest.c.entry == _PATIENT.c.entry)
    if not voided:
        query = query.where(_PATIENT.c.patient.not_in(select(void.c.of)))
    return query


def refuse_beyond_database(number: int, what: str) -> None:
    """Raise `NotFoundError` for a number outside the range of our databases."""
    if not 0 < number < 2**31:
        raise NotFoundError(f"{what.capitalize()} {number} is not in these records.")


def patients_called(connection: Connection, record_number: str) -> list[int]:
    """Return the patients who now have this record number, by the index on it."""
    ever = select(_PATIENT.c.patient).where(_PATIENT.c.record_number == record_number)
    newest = _newest_patient_rows().where(_PATIENT.c.patient.in_(ever))
    today = select(_PATIENT.c.patient).where(
        _PATIENT.c.entry.in_(newest), _PATIENT.c.record_number == record_number
    )
    return sorted(connection.execute(today).scalars())


def is_void(connection: Connection, patient: int) -> bool:
    """Return whether the whole patient was voided."""
    which = {"number": patient, "patient": patient}
    return connection.execute(MARKS["void"], which).first() is not None


def record_number_of(connection: Connection, patient: int) -> str:
    """Return the present record number of a patient."""
    newest = _newest_patient_rows().where(_PATIENT.c.patient == patient)
    query = select(_PATIENT.c.record_number).where(_PATIENT.c.entry.in_(newest))
    return str(connection.execute(query).scalar_one())


def _newest_patient_rows() -> Select[tuple[int]]:
    """Return the query of each patient's newest active row.

    The first row is used even if it is void: it identifies the voided patient.
    """
    void = TABLES["void"]
    is_void = exists().where(void.c.patient == _PATIENT.c.patient, void.c.of == _PATIENT.c.entry)
    return (
        select(func.max(_PATIENT.c.entry).label("entry"))
        .where(or_(_PATIENT.c.entry == _PATIENT.c.patient, ~is_void))
        .group_by(_PATIENT.c.patient)
    )


def limits_in(connection: Connection) -> ClinicLimits:
    """Return the clinic's limits in force; a set that cannot be read is marked as such."""
    row = connection.execute(_SIGNED_LIMITS).first()
    if row is None:
        return DEFAULT_LIMITS
    found = _stored(CLINIC_LIMITS, LimitSet, row)
    if isinstance(found, UnreadableEntry):
        return ClinicLimits(is_unread=True)
    return found.entry.limits


def _record(connection: Connection, patient: int, limits: ClinicLimits) -> Record:
    """Return the record of one patient, its entries in the order they were added."""
    recorded = _entries_of(connection, [patient])[patient]
    if not recorded:
        refuse_removed(connection, patient)
        raise NotFoundError(f"Patient {patient} is not in these records.")
    found = _record_of(recorded, limits)
    if isinstance(found, UnreadableEntry):
        raise RecordsError(
            f"The {found} cannot be read: {found.why}. Run `sirolimus verify`, then restore a "
            "backup."
        )
    return found


def refuse_removed(connection: Connection, patient: int | None) -> None:
    """Raise `NotFoundError` for a patient who was removed."""
    for removed in removals_in(connection):
        if removed.patient == patient:
            author = removed.author
            raise NotFoundError(
                f"Patient {patient} was removed on {short(author.at)} by {author.by}."
            )


def removals_in(connection: Connection) -> tuple[StoredEntry[Removal], ...]:
    """Return the removals, in their order."""
    rows = connection.execute(_REMOVALS).all()
    found = (_stored(_REMOVAL.name, Removal, row) for row in rows)
    return tuple(each for each in found if isinstance(each, StoredEntry))


def _is_active(record: Record) -> bool:
    """Return whether the patient's first entry was not voided."""
    first = record.entries[0]
    if first.number == record.number:
        return first.is_active
    return all(each.is_active for each in record.unreadable if each.number == record.number)


def _not_found(record_number: str, voided: Sequence[Record]) -> str:
    """Return why a record number has no active patient, such as the record it was merged into."""
    reasons = [each.entries[0].void.entry.reason for each in voided if each.entries[0].void]
    if reasons:
        return f"Patient {record_number} was voided: {shortened(reasons[-1])}. Check the number."
    return f"No patient has the record number {record_number}. Check the number."


def _next_patients(connection: Connection, last: int) -> list[int]:
    """Return the numbers of the batch of patients after `last`."""
    query = (
        select(_PATIENT.c.entry)
        .where(_PATIENT.c.entry == _PATIENT.c.patient, _PATIENT.c.entry > last)
        .order_by(_PATIENT.c.entry)
        .limit(_BATCH)
    )
    return list(connection.execute(query).scalars())


_Stored = StoredEntry[Entry] | UnreadableEntry


def _entries_of(connection: Connection, patients: Sequence[int]) -> dict[int, list[_Stored]]:
    """Return the entries of each of the patients, in the order they were added."""
    by_patient: dict[int, list[_Stored]] = {patient: [] for patient in patients}
    for each in _entries_about(connection, patients):
        by_patient[each.patient].append(each)
    for entries in by_patient.values():
        entries.sort(key=lambda each: each.number)
    return by_patient


def _record_of(stored: Sequence[_Stored], limits: ClinicLimits) -> Record | UnreadableEntry:
    """Return the record of one patient, made of all entries about them.

    Without a row of the patient that can be read, return the one that cannot.
    """
    recorded = [each for each in stored if isinstance(each, StoredEntry)]
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
    unreadable = tuple(
        replace(
            each,
            record_number=patients[-1].entry.record_number if patients else "",
            is_active=each.number not in voids,
            revision=max(each.number, *(m[each.number].number for m in (voids, endings)
                                        if each.number in m), 0),
        )
        for each in stored
        if isinstance(each, UnreadableEntry)
    )  # fmt: skip
    if not patients:
        own = (each for each in unreadable if each.kind == "patient")
        return next(own, _without_patient(stored[0]))
    newest = patient_as_last_changed(patients)
    return Record(patient=newest, entries=entries, unreadable=unreadable, limits=limits)


def _without_patient(other: _Stored) -> UnreadableEntry:
    return UnreadableEntry(
        number=other.patient, patient=other.patient, kind="patient", why="its row is missing"
    )


def entry_at(connection: Connection, link: Link) -> Entry:
    """Return the entry of a link of the audit trail."""
    table = TABLES[link.kind]
    query = select(table).where(table.c.entry == link.number)
    _, _, *cells = connection.execute(query).one()
    return entry_of_cells(KINDS[link.kind], cells)


def _entries_about(connection: Connection, patients: Sequence[int]) -> Iterator[_Stored]:
    """Yield the entries about some patients, kind by kind."""
    for name, query in _OF_KIND.items():
        for row in connection.execute(query, {"patients": patients}).all():
            yield _stored(name, KINDS[name], row)


def _stored(name: str, kind: type[Kind], row: Sequence[Any]) -> StoredEntry[Kind] | UnreadableEntry:
    """Return the entry of a row of `_OF_KIND`; every value of it is checked again."""
    number, patient, *cells, by, at_utc, at_zone = row
    try:
        return StoredEntry(
            number=number,
            patient=patient,
            entry=cast("Kind", entry_of_cells(kind, cells)),
            author=_author(by, at_utc, at_zone),
        )
    except ROW_ERRORS:
        why = not_valid(kind, cells)
        return UnreadableEntry(number=number, patient=patient, kind=name, why=why)


@lru_cache(_MOST_AUTHORS)
def _author(by: str, at_utc: str, at_zone: str) -> Author:
    return Author(whole_text(by), read_moment(at_utc, at_zone))
