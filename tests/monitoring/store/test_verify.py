"""Whatever is changed outside the program is found, and its place is named."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dosing import UserError
from monitoring.store.connection import Place, engine_of
from monitoring.store.copying import Change
from monitoring.store.schema import HEAD
from monitoring.store.store import Store
from monitoring.store.trail_end import START
from monitoring.store.verify import Verification, verify
from tests.builders import a_note
from tests.stores import OF_0002, changes_of, fill, store_of

FLIPS = 20


def file_of(place: Place) -> Path:
    assert place.file is not None
    return place.file


def tamper(place: Place, *statements: str, keep_triggers: bool = True) -> Verification:
    """Change the file as someone with SQLite at hand could, and verify it."""
    with closing(sqlite3.connect(file_of(place), isolation_level=None)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, made in triggers if keep_triggers else ():
            connection.execute(made)
    return verify(engine_of(place))


def places_of(found: Verification) -> set[str]:
    return {finding.where for finding in found.findings}


def test_an_untouched_store_is_whole(engine: Engine) -> None:
    assert verify(engine).is_whole
    fill(store_of(engine), 2, OF_0002)
    told: list[tuple[int, int]] = []
    found = verify(engine, lambda done, everything: told.append((done, everything)))
    assert (found.is_whole, found.changes, len(found.head)) == (True, 24, 64)
    assert told[-1] == (24, 24)


def test_the_same_changes_have_the_same_head_on_both_databases(
    store: Store, sqlite_store: Store
) -> None:
    fill(store, entries=OF_0002)
    fill(sqlite_store, entries=OF_0002)
    assert verify(store.engine).head == verify(sqlite_store.engine).head


def test_a_tail_that_was_cut_off_is_found_by_a_head_written_down(
    sqlite_store: Store, sqlite_place: Place
) -> None:
    """The last change and its link removed together leave a whole, shorter chain."""
    fill(sqlite_store, entries=OF_0002)
    heads = [change.hash for change in changes_of(sqlite_store.engine)]
    assert tamper(
        sqlite_place, "DELETE FROM void WHERE entry = 12", "DELETE FROM audit WHERE number = 12"
    ).is_whole
    for head in (START, *heads[:-1]):
        assert verify(sqlite_store.engine, known_head=head).is_whole
    found = verify(sqlite_store.engine, known_head=heads[-1])
    assert not found.is_whole
    assert (places_of(found), found.changes) == ({"the trail"}, 11)
    assert "changes were removed" in found.findings[0].what


def test_a_head_is_looked_for_on_both_databases(store: Store) -> None:
    fill(store, entries=OF_0002)
    head = verify(store.engine).head
    fill_more = store.add(1, a_note())
    assert verify(store.engine, known_head=head).changes == fill_more.number
    assert verify(store.engine, known_head=head).is_whole
    assert not verify(store.engine, known_head="f" * 64).is_whole


# With `fill`: 1 patient, 2 measurement, 3 prescription, 4 missed dose, 5 level, 6 adverse event,
# 7 laboratory value, 8 co-medication, 9 response, 10 note, 11 ending, 12 void; then 13 patient …
@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        ("UPDATE level SET value_number = '7.2' WHERE entry = 5", "level 5", "changed"),
        ("UPDATE level SET comparator = NULL WHERE entry = 5", "level 5", "changed"),
        ("UPDATE level SET last_dose_zone = 'UTC' WHERE entry = 5", "level 5", "changed"),
        ("UPDATE patient SET name = 'Anna' WHERE entry = 1", "patient 1", "changed"),
        ("UPDATE prescription SET loading = 1 WHERE entry = 3", "prescription 3", "changed"),
        ("UPDATE void SET of = 4 WHERE entry = 12", "void 12", "changed"),
        ("UPDATE note SET text = '' WHERE entry = 10", "note 10", "changed"),
        ("UPDATE note SET patient = 13 WHERE entry = 10", "note 10", "another patient"),
        ("UPDATE audit SET patient = 13 WHERE number = 10", "note 10", "changed"),
        ("UPDATE audit SET by = 'Dr Nobody' WHERE number = 5", "level 5", "changed"),
        ("UPDATE audit SET at_utc = '2026-11-05T07:00:05Z' WHERE number = 5", "level 5", "changed"),
        ("UPDATE audit SET at_zone = 'UTC' WHERE number = 5", "level 5", "changed"),
        ("UPDATE audit SET at_utc = 'never' WHERE number = 5", "level 5", "changed"),
        ("UPDATE audit SET kind = 'note' WHERE number = 5", "note 5", "row is missing"),
        ("UPDATE audit SET kind = 'unknown' WHERE number = 5", "unknown 5", "row is missing"),
        ("UPDATE audit SET hash = upper(hash) WHERE number = 5", "level 5", "changed"),
        ("DELETE FROM note WHERE entry = 10", "note 10", "row is missing"),
        ("DELETE FROM void WHERE entry = 12", "void 12", "row is missing"),
        ("DELETE FROM audit WHERE number = 10", "change 10", "missing from the audit trail"),
        ("DELETE FROM audit WHERE number = 1", "change 1", "missing from the audit trail"),
        ("DELETE FROM audit WHERE number = 24", "void 24", "not in the audit trail"),
        (
            "INSERT INTO note (entry, patient, \"on\", text) VALUES (5, 1, '2026-11-05', 'added')",
            "note 5",
            "not in the audit",
        ),
        (
            "INSERT INTO note (entry, patient, \"on\", text) VALUES (99, 1, '2026-11-05', 'added')",
            "note 99",
            "not in the audit",
        ),
    ],
)
def test_tampering_is_found_and_named(
    filled_place: Place, statement: str, where: str, what: str
) -> None:
    found = tamper(filled_place, statement)
    named = [finding for finding in found.findings if finding.where == where]
    assert any(what in finding.what for finding in named)


def test_swapped_rows_are_found_and_both_named(filled_place: Place) -> None:
    found = tamper(
        filled_place,
        "UPDATE level SET entry = -1 WHERE entry = 5",
        "UPDATE level SET value_number = '8.8', entry = 5 WHERE entry = 17",
        "UPDATE level SET entry = 17 WHERE entry = -1",
    )
    assert places_of(found) >= {"level 5", "level 17"}


def test_swapped_links_are_found(filled_place: Place) -> None:
    found = tamper(
        filled_place,
        "UPDATE audit SET number = 99 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = 5",
        "UPDATE audit SET number = 5 WHERE number = 99",
    )
    assert places_of(found) >= {"level 4", "missed_dose 5"}


def test_a_removed_change_is_found_even_with_its_row(filled_place: Place) -> None:
    found = tamper(
        filled_place,
        "DELETE FROM note WHERE entry = 10",
        "DELETE FROM audit WHERE number = 10",
    )
    assert places_of(found) == {"change 10", "ending 11"}


_NOTE = 'INSERT INTO note (entry, patient, "on", text)'


def forged(number: int) -> tuple[str, str]:
    """Return what adds a note and its link to the trail."""
    who = "'2026-11-05T07:00:00Z', 'UTC', 'Forger', 'note', 1"
    return (
        f"INSERT INTO audit VALUES ({number}, {who}, '{START}')",  # noqa: S608 - our own names
        f"{_NOTE} VALUES ({number}, 1, '2026-11-05', 'forged')",
    )


@pytest.mark.parametrize(
    "number",
    [
        0,
        -7,
        25,
    ],
)
def test_a_forged_change_is_found(sqlite_place: Place, number: int) -> None:
    store = store_of(engine_of(sqlite_place))
    fill(store, 2, OF_0002)
    found = tamper(sqlite_place, *forged(number))
    assert len(store.read(1).entries) == 11  # it would be shown
    assert f"note {number}" in places_of(found)


def test_a_change_with_a_huge_number_does_not_keep_verify_busy(sqlite_place: Place) -> None:
    fill(store_of(engine_of(sqlite_place)), entries=OF_0002)
    with closing(sqlite3.connect(file_of(sqlite_place), isolation_level=None)) as connection:
        for statement in forged(10**15):
            connection.execute(statement)

    def impatient(done: int, _everything: int) -> None:
        assert done < 10_000

    assert f"note {10**15}" in places_of(verify(engine_of(sqlite_place), impatient))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (a)",
        "CREATE INDEX more ON note (text)",
        "ALTER TABLE note ADD COLUMN more TEXT",
        "DROP INDEX note_by_patient",
        "CREATE TRIGGER more AFTER INSERT ON note BEGIN SELECT 1; END",
        "CREATE VIEW more AS SELECT 1",
        "DROP TABLE response",
        "DROP TABLE audit",
        "ALTER TABLE note RENAME COLUMN text TO words",
    ],
)
def test_a_changed_schema_is_found(sqlite_place: Place, statement: str) -> None:
    fill(store_of(engine_of(sqlite_place)), entries=OF_0002)
    with closing(sqlite3.connect(file_of(sqlite_place), isolation_level=None)) as connection:
        connection.execute(statement)
    assert places_of(verify(engine_of(sqlite_place))) & {"the schema", "the file"}


def test_a_dropped_trigger_is_found(sqlite_place: Place) -> None:
    fill(store_of(engine_of(sqlite_place)), entries=OF_0002)
    assert places_of(tamper(sqlite_place, keep_triggers=False)) == {"the schema"}


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        (
            "INSERT INTO alembic_version VALUES ('0001')",
            "the schema",
            f"is marked as {HEAD}, 0001",
        ),
        ("DELETE FROM alembic_version", "the schema", "is marked as nothing, and"),
        ("UPDATE alembic_version SET version_num = '0001'", "the schema", "is marked as 0001, and"),
        ("PRAGMA application_id = 0", "the file", "has application_id 0"),
        ("PRAGMA application_id = 1397314126", "the file", "has application_id 1397314126"),
        ("PRAGMA user_version = 7", "the file", "has user_version 7"),
    ],
)
def test_a_changed_mark_of_the_records_is_found(
    filled_place: Place, statement: str, where: str, what: str
) -> None:
    with closing(sqlite3.connect(file_of(filled_place), isolation_level=None)) as connection:
        connection.execute(statement)
    (found,) = verify(engine_of(filled_place)).findings
    assert (found.where, found.what.startswith(what)) == (where, True)


@pytest.mark.parametrize(
    "statement",
    [
        (
            "CREATE OR REPLACE FUNCTION rows_stay() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        ),
        (
            "CREATE OR REPLACE FUNCTION rows_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF current_user <> 'forger' THEN RAISE EXCEPTION 'rows are never changed'; END IF; "
            "RETURN NEW; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER note_no_update BEFORE UPDATE ON note FOR EACH ROW "
            "WHEN (OLD.entry < 0) EXECUTE FUNCTION rows_stay()"
        ),
        (
            "CREATE OR REPLACE TRIGGER note_no_update BEFORE UPDATE OF patient ON note "
            "FOR EACH ROW EXECUTE FUNCTION rows_stay()"
        ),
        (
            "CREATE OR REPLACE TRIGGER note_no_update AFTER UPDATE ON note FOR EACH STATEMENT "
            "EXECUTE FUNCTION rows_stay()"
        ),
        "ALTER TABLE note DISABLE TRIGGER note_no_update",
        "ALTER TABLE note ENABLE REPLICA TRIGGER note_no_update",
        "CREATE RULE hidden AS ON INSERT TO note DO INSTEAD NOTHING",
        "INSERT INTO alembic_version VALUES ('0001')",
    ],
)
def test_a_changed_guard_is_found_on_postgresql(new_postgres: object, statement: str) -> None:
    assert callable(new_postgres)
    engine = engine_of(new_postgres())
    assert verify(engine).is_whole
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert places_of(verify(engine)) == {"the schema"}


def test_a_dropped_trigger_is_found_on_postgresql(new_postgres: object) -> None:
    assert callable(new_postgres)
    engine = engine_of(new_postgres())
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER note_no_update ON note"))
    assert places_of(verify(engine)) == {"the schema"}


def test_tampering_is_found_on_postgresql(new_postgres: object) -> None:
    assert callable(new_postgres)
    engine = engine_of(new_postgres())
    fill(store_of(engine), entries=OF_0002)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE level DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE level SET value_number = '7.2'"))
    assert places_of(verify(engine)) >= {"level 5"}


def _verified(place: str) -> tuple[list[Change] | None, Verification | None]:
    """Return what can still be read and what verify finds; None where it cannot be opened."""
    try:
        engine = engine_of(Place.of(place))
    except UserError:
        return None, None
    try:
        changes: list[Change] | None = changes_of(engine)
    except UserError:
        changes = None
    return changes, verify(engine)


def test_every_bit_flip_that_changes_data_is_found(sqlite_place: Place, tmp_path: Path) -> None:
    engine = engine_of(sqlite_place)
    fill(store_of(engine), 3, OF_0002)
    before, content = changes_of(engine), file_of(sqlite_place).read_bytes()
    chance = random.Random(3)
    written = [offset for offset, byte in enumerate(content) if byte]
    changed = 0
    for number, offset in enumerate(chance.sample(written, FLIPS)):
        bit = 1 << chance.randrange(8)
        file = tmp_path / f"flipped-{number}.sqlite"
        file.write_bytes(content[:offset] + bytes([content[offset] ^ bit]) + content[offset + 1 :])
        after, found = _verified(str(file))
        if after != before:
            changed += 1
            assert found is None or not found.is_whole, f"bit {bit} of byte {offset}"
    assert changed > FLIPS / 8
