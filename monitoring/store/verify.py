"""Verification of the audit trail: every row is checked against its link of the chain.

The links of a removed patient have no row: they are checked against the removal, which holds their
number, and the hash of their numbers and hashes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, Integer, bindparam, func, or_, select
from sqlalchemy.exc import DBAPIError

from dosing import UserError
from dosing.quantities.formatting import count_of
from monitoring.record.entries import StoredEntry
from monitoring.record.kinds import KINDS
from monitoring.record.removal import Removal, seal_of
from monitoring.store.audit_log import hash_of, link_of, without_content
from monitoring.store.connection import encryption_of, reading
from monitoring.store.encryption.seal import wrong_seals
from monitoring.store.errors import BusyError, LockedError
from monitoring.store.known_heads import is_behind
from monitoring.store.queries import removals_in
from monitoring.store.rows import ROW_ERRORS, columns_of, entry_of_cells
from monitoring.store.schema import schema_findings
from monitoring.store.tables import AUDIT, REMOVED, TABLES
from monitoring.store.trail_end import START
from monitoring.times import short

_BATCH = 1000
_MOST_MISSING = 10_000

# Made once: building a query takes longer than running it.
_SPAN = (bindparam("first", type_=Integer), bindparam("last", type_=Integer))
_LINKS = select(AUDIT).where(AUDIT.c.number.between(*_SPAN))
_OF_KIND = {
    name: select(table).where(table.c.entry.between(*_SPAN)) for name, table in TABLES.items()
}

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: its place, and the problem."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a walk through the records."""

    changes: int
    """The number of changes in the trail."""
    head: str
    """The hash of the last change: two records with the same head are the same."""
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...] = ()
    """What is worth knowing although nothing was changed or removed."""

    @property
    def is_whole(self) -> bool:
        """Return whether nothing wrong was found."""
        return not self.findings


def verify(
    engine: Engine,
    progress: Progress = lambda _done, _all: None,
    *,
    known_head: str | None = None,
) -> Verification:
    """Walk the whole trail; `progress` is called with the changes read, and all of them.

    `known_head` is a head that was noted earlier: it must be one of the trail's links. So the
    removal of the last changes together with their links is found. Raises `BusyError` where another
    program holds the records.
    """
    try:
        with reading(engine, "verify the records") as connection:
            found = verify_within(connection, progress)
            if known_head is None or _is_in_trail(connection, known_head):
                return found
            cut_off = Finding("the trail", "does not contain the given head: changes were removed")
            return replace(found, findings=(*found.findings, cut_off))
    except (BusyError, LockedError):
        raise  # nothing is known of them
    except UserError as error:
        return unopened(error)


def unopened(error: UserError) -> Verification:
    """Return the verification of records that cannot be opened."""
    return Verification(0, START, (Finding("the file", str(error)),))


def verify_within(
    connection: Connection, progress: Progress = lambda _done, _all: None
) -> Verification:
    """Walk the whole trail in the transaction of `connection`."""
    findings, remarks = list(_database_findings(connection)), list[Finding]()
    head, before = START, ""
    last = _last_change(connection)
    for start in range(1, last + 1, _BATCH):
        batch = range(start, min(start + _BATCH, last + 1))
        links = _links_of(connection, batch)
        head = _walk(connection, batch, links, head, findings)
        for number, link in sorted(links.items()):
            if link["kind"] == REMOVED:
                continue
            if is_behind(link["at_utc"], before):
                where = f"{link['kind']} {number}"
                remarks.append(Finding(where, "is dated before the entry before it"))
            before = link["at_utc"]
        progress(batch[-1], last)
    findings += _rows_beyond(connection, last)
    for finding, remark in _removals_checked(connection):
        findings += [finding] if finding else []
        remarks += [remark] if remark else []
    findings += _seal_findings(connection)
    return Verification(last, head, tuple(findings), tuple(remarks))


def _is_in_trail(connection: Connection, head: str) -> bool:
    found = connection.execute(select(AUDIT.c.number).where(AUDIT.c.hash == head)).first()
    return head == START or found is not None


def _last_change(connection: Connection) -> int:
    """Return the last change; a number far beyond all the others is not a change of ours."""
    query = select(func.max(AUDIT.c.number), func.count())
    highest, count = connection.execute(query.select_from(AUDIT)).one()
    return int(highest if highest is not None and highest - count <= _MOST_MISSING else count)


def _links_of(connection: Connection, batch: range) -> dict[int, Mapping[Any, Any]]:
    """Return the links of this batch by their numbers."""
    span = {"first": batch[0], "last": batch[-1]}
    return {row["number"]: row for row in connection.execute(_LINKS, span).mappings().all()}


def _walk(
    connection: Connection,
    batch: range,
    links: Mapping[int, Mapping[Any, Any]],
    previous: str,
    findings: list[Finding],
) -> str:
    """Check one batch of the trail and return its last hash."""
    rows = _rows_of(connection, batch)
    for number in batch:
        here = rows.pop(number, {})
        link = links.get(number)
        if link is None:
            findings.append(Finding(f"change {number}", "is missing from the audit trail"))
            continue
        if link["kind"] == REMOVED:
            findings += _stub_findings(link, here)
        else:
            findings += _link_findings(previous, link, here)
        previous = link["hash"]
    findings += [
        Finding(f"{kind} {number}", "is not in the audit trail")
        for number, kinds in rows.items()
        for kind in kinds
    ]
    return previous


_Cells = Sequence[Any]  # the entry, the patient, and the columns of its kind


def _rows_of(connection: Connection, batch: range) -> dict[int, dict[str, _Cells]]:
    """Return the rows of every table in this batch, by number and kind."""
    rows: dict[int, dict[str, _Cells]] = {}
    span = {"first": batch[0], "last": batch[-1]}
    for kind, query in _OF_KIND.items():
        for row in connection.execute(query, span).all():
            rows.setdefault(row.entry, {})[kind] = tuple(row)
    return rows


def _link_findings(
    previous: str, audited: Mapping[Any, Any], here: dict[str, _Cells]
) -> Iterator[Finding]:
    where = f"{audited['kind']} {audited['number']}"
    row = here.pop(audited["kind"], None)
    for kind in here:
        yield Finding(f"{kind} {audited['number']}", "is not in the audit trail")
    if row is None or audited["kind"] not in KINDS:
        yield Finding(where, "is in the audit trail, but its row is missing")
        return
    link = link_of(audited)
    _, patient, *cells = row
    if patient != link.patient:
        yield Finding(where, "belongs to another patient than the audit trail says")
    try:
        of = KINDS[link.kind]
        named = dict(zip(columns_of(of), cells, strict=True))
        same = hash_of(previous, link, named) == audited["hash"]
        entry_of_cells(of, cells)
    except ROW_ERRORS:
        same = False
    if not same:
        yield Finding(where, "was changed outside the program, or the change before it was")


def _stub_findings(stub: Mapping[Any, Any], here: dict[str, _Cells]) -> Iterator[Finding]:
    """Yield what is wrong with the link of a removed change: a row, or anything but its hash."""
    number = stub["number"]
    for kind in here:
        yield Finding(f"{kind} {number}", "is there although its patient was removed")
    if dict(stub) != {**asdict(without_content(link_of(stub))), "hash": stub["hash"]}:
        yield Finding(f"change {number}", "was removed and holds an author or a time")


def _removals_checked(
    connection: Connection,
) -> Iterator[tuple[Finding | None, Finding | None]]:
    """Yield what is wrong with each removal, or the remark that it was made.

    A removal covers every change of one patient before it. No part of a record can be removed
    under it, and nothing that it does not cover is missing.
    """
    stubs: dict[int, list[tuple[int, str]]] = {}
    removed = select(AUDIT.c.patient, AUDIT.c.number, AUDIT.c.hash)
    for row in connection.execute(removed.where(AUDIT.c.kind == REMOVED).order_by(AUDIT.c.number)):
        stubs.setdefault(row.patient, []).append((row.number, row.hash))
    for each in removals_in(connection):
        changes = stubs.pop(each.patient, [])
        problem = _problem_of(connection, each, changes)
        where = f"removal {each.number}"
        if problem:
            yield Finding(where, problem), None
            continue
        remark = (
            f"removed patient {each.patient} with {count_of(len(changes), 'change')} on "
            f"{short(each.author.at)}, by {each.author.by}: {each.entry.reason}"
        )
        yield None, Finding(where, remark.rstrip("."))
    for patient, changes in stubs.items():
        what = f"of patient {patient} was removed without a removal"
        yield from ((Finding(f"change {number}", what), None) for number, _ in changes)


def _problem_of(
    connection: Connection, removal: StoredEntry[Removal], changes: Sequence[tuple[int, str]]
) -> str:
    """Return what is wrong with a removal, by the changes that were removed; else nothing."""
    entry = removal.entry
    if entry.of != removal.patient:
        return "is of another patient than the audit trail says"
    is_same = len(changes) == entry.changes and seal_of(changes) == entry.seal
    if not is_same or changes[-1][0] > removal.number:
        return "does not cover the changes that are missing"
    others = select(AUDIT.c.number).where(
        AUDIT.c.patient == entry.of, AUDIT.c.kind != REMOVED, AUDIT.c.number != removal.number
    )
    if connection.execute(others.limit(1)).first() is not None:
        return "left changes of its patient"
    return ""


def _rows_beyond(connection: Connection, last: int) -> Iterator[Finding]:
    for kind, table in TABLES.items():
        outside = select(table.c.entry).where(or_(table.c.entry > last, table.c.entry < 1))
        for number in connection.execute(outside).scalars():
            yield Finding(f"{kind} {number}", "is not in the audit trail")
    for number in connection.execute(select(AUDIT.c.number).where(AUDIT.c.number < 1)).scalars():
        yield Finding(f"change {number}", "has a number below 1")


def _seal_findings(connection: Connection) -> Iterator[Finding]:
    try:
        for number, problem in wrong_seals(connection):
            yield Finding(f"change {number}", problem)
    except DBAPIError:
        yield Finding("the seals", "cannot be read")


def _database_findings(connection: Connection) -> Iterator[Finding]:
    """Yield the problems that the database reports, and differences of the schema."""
    if connection.dialect.name == "postgresql":
        yield from (Finding(*each) for each in schema_findings(connection))
        return
    try:
        for (text,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if text != "ok":
                yield Finding("the file", text)
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield Finding(f"{row[0]} {row[1]}", "refers to a change that does not exist")
        if encryption_of(connection) is not None:
            checked = connection.exec_driver_sql("PRAGMA cipher_integrity_check")
            for (problem,) in checked if checked.returns_rows else ():  # a copy in memory: none
                yield Finding("the file", problem)
        yield from (Finding(*each) for each in schema_findings(connection))
    except DBAPIError as error:
        yield Finding("the file", f"cannot be checked: {error.orig}")
