"""The removal of patients: every row about them is gone, and a sealed stub stays of each change.

Numbers and hashes of the removed changes stay: the chain goes on with them. Their authors, times
and kinds do not. A removal is a change of its own. It names nobody, and commits to the numbers
and hashes of all changes of its patient (`monitoring.record.removal`).

A file is made anew without the rows, and takes the place of the old one in one step; the old one is
overwritten. On a server the rows are deleted in one transaction, and the tables are written anew.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, select, update

from monitoring.record.entries import Author
from monitoring.record.removal import Removal, seal_of, sign_of
from monitoring.store.audit_log import Chain, without_content
from monitoring.store.backup import remove_part
from monitoring.store.connection import Place, encryption_of, engine_of, reading, writing
from monitoring.store.copying import Change, copy_beside_trail, read_changes, write_changes
from monitoring.store.encryption.seal import wrong_seals
from monitoring.store.errors import ConflictError, RecordsError, translate_database_errors
from monitoring.store.known_heads import ends_of
from monitoring.store.known_removals import look_for_removed
from monitoring.store.replacing import replace_file
from monitoring.store.schema import prepare
from monitoring.store.server.roles import become_owner, run
from monitoring.store.store import Store
from monitoring.store.tables import (
    AUDIT,
    METADATA,
    PRINT_LOG,
    REMOVED,
    REPLACED,
    WAITING,
    WAITING_END,
)
from monitoring.store.trail_end import last_link
from monitoring.store.verify import Verification, verify

_DAMAGED = "The records are damaged: nothing can be removed. Run `sirolimus verify`."
_BY_PATIENT = tuple(
    table for table in METADATA.tables.values() if "patient" in table.c and table is not AUDIT
)

WaitingAbout = Callable[[Connection], frozenset[int]]
"""Returns the numbers of the waiting results that are about the removed patients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalOrder:
    """The patients to remove by their numbers, and what was read of them before.

    `revision` is the last change of all records that was read.
    """

    patients: tuple[int, ...]
    record_numbers: tuple[str, ...]
    reason: str
    revision: int


def remove_patients(
    store: Store, place: Place, order: RemovalOrder, waiting_about: WaitingAbout
) -> Verification:
    """Remove patients from the records at a place, all or nothing, and return the verification.

    Raises `ConflictError` if anything was changed after the order's revision, and `RecordsError`
    for damaged records, and on a server for a login without the role owner.
    """
    store.watch.refuse_writing()
    on_file = place.file is not None
    remove = _remove_from_file if on_file else _remove_on_server
    found = remove(store, place, order, waiting_about)
    with reading(store.engine, "read the records") as connection:
        store.watch.follow(ends_of(connection), is_own=True)
        look_for_removed(connection, store.watch.tell)
    return found


def refuse_other_logins(store: Store) -> None:
    """Raise `RecordsError` on a server for a login that does not own the records."""
    with reading(store.engine, "read the rights") as connection:
        if connection.dialect.name != "postgresql":
            return
        owner = connection.exec_driver_sql(
            "SELECT pg_has_role(session_user, relowner, 'MEMBER') FROM pg_class "
            "WHERE oid = 'audit'::regclass"
        ).scalar()
    if not owner:
        raise RecordsError("Only an owner of the records removes a patient. Log in as an owner.")


def _refuse_changed(store: Store, connection: Connection, order: RemovalOrder) -> None:
    store.watch.look(connection, store.watch.last)
    if last_link(connection)[0] != order.revision:
        raise ConflictError(
            "Somebody changed the records meanwhile. Nothing was removed. Please try again."
        )


def _append_removals(connection: Connection, order: RemovalOrder, author: Author) -> None:
    """Add the removal of each patient, whose links have no content any longer."""
    signs = tuple(dict.fromkeys(map(sign_of, order.record_numbers)))
    chain = Chain(connection, author.by, author.at)
    for patient in order.patients:
        removed = select(AUDIT.c.number, AUDIT.c.hash).where(
            AUDIT.c.patient == patient, AUDIT.c.kind == REMOVED
        )
        changes = [
            (row.number, row.hash) for row in connection.execute(removed.order_by(AUDIT.c.number))
        ]
        removal = Removal(
            of=patient,
            changes=len(changes),
            seal=seal_of(changes),
            signs=signs,
            reason=order.reason,
        )
        chain.append(removal, patient)


# --- in a file


def _remove_from_file(
    store: Store, place: Place, order: RemovalOrder, waiting_about: WaitingAbout
) -> Verification:
    if place.file is None:
        raise RecordsError("These records are on a server, and not in a file.")

    def make_copy(connection: Connection, part: Path) -> Verification:
        _refuse_changed(store, connection, order)
        if any(wrong_seals(connection)):  # a copy would be sealed anew
            raise RecordsError(_DAMAGED)
        remove_part(part)
        target = engine_of(Place.of(str(part)), encryption_of(connection), create=True)
        prepare(target, before_upgrade=lambda: None)
        with writing(target, "remove the patient") as copy:
            write_changes(copy, _without(read_changes(connection), order.patients))
            copy_beside_trail(connection, copy, without=_beside(connection, order, waiting_about))
            _append_removals(copy, order, store.author_now(connection))
        copied = verify(target)
        if not copied.is_whole:
            raise RecordsError(_DAMAGED)
        return copied

    opened = writing(store.engine, "remove the patient")
    return replace_file(opened, place.file, make_copy, overwrite=True)


def _beside(
    connection: Connection, order: RemovalOrder, waiting_about: WaitingAbout
) -> dict[str, frozenset[int]]:
    """Return the numbers of the rows about the patients beside the trail, by table."""
    waiting = waiting_about(connection)
    printed = select(PRINT_LOG.c.number).where(PRINT_LOG.c.patient.in_(order.patients))
    return {
        WAITING.name: waiting,
        WAITING_END.name: waiting,
        PRINT_LOG.name: frozenset(connection.scalars(printed)),
    }


def _without(changes: Iterator[Change], patients: Sequence[int]) -> Iterator[Change]:
    for change in changes:
        if change.link.patient in patients:
            yield Change(without_content(change.link), change.hash, {})
        else:
            yield change


# --- on a server


def _remove_on_server(
    store: Store, _place: Place, order: RemovalOrder, waiting_about: WaitingAbout
) -> Verification:
    refuse_other_logins(store)
    engine = store.engine
    if not verify(engine).is_whole:
        raise RecordsError(_DAMAGED)
    with writing(engine, "remove the patient") as connection:
        _refuse_changed(store, connection, order)
        author = store.author_now(connection)
        become_owner(connection)
        waiting = sorted(waiting_about(connection))
        with _guards_down(connection):
            connection.execute(delete(WAITING_END).where(WAITING_END.c.of.in_(waiting)))
            connection.execute(delete(WAITING).where(WAITING.c.number.in_(waiting)))
            for table in _BY_PATIENT:
                connection.execute(delete(table).where(table.c.patient.in_(order.patients)))
            _empty_links(connection, order.patients)
        _append_removals(connection, order, author)
    _write_tables_anew(engine)
    return verify(engine)


@contextmanager
def _guards_down(connection: Connection) -> Iterator[None]:
    """Let the owner change and delete rows in this transaction; readers see none of it."""
    guards = [(table.name, "delete") for table in (*_BY_PATIENT, WAITING, WAITING_END)]
    guards.append((AUDIT.name, "update"))
    guards = [each for each in guards if each[0] not in {table.name for table in REPLACED}]
    for word in ("DISABLE", "ENABLE"):
        for table, event in guards:
            run(connection, f"ALTER TABLE {{}} {word} TRIGGER {{}}", table, f"{table}_no_{event}")
        if word == "DISABLE":
            yield


def _empty_links(connection: Connection, patients: Sequence[int]) -> None:
    emptied = {"at_utc": "", "at_zone": "", "by": "", "kind": REMOVED}
    connection.execute(update(AUDIT).where(AUDIT.c.patient.in_(patients)).values(emptied))


def _write_tables_anew(engine: Engine) -> None:
    """Write the tables without the space of deleted rows, and their statistics, which hold values.

    The removal is stored by then: where this fails, the error names the command.
    """
    names = sorted(METADATA.tables)
    try:
        with (
            translate_database_errors("write the tables anew"),
            engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            for name in names:
                run(connection, "VACUUM (FULL, ANALYZE) {}", name)
    except RecordsError as error:
        raise RecordsError(
            f"The patient is removed, and the server still holds the space of the rows ({error}) "
            "Run VACUUM (FULL, ANALYZE) in the database as its owner."
        ) from None
