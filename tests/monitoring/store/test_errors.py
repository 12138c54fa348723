"""What goes wrong with disk and server: one clear sentence, nothing half written, no patient."""

import multiprocessing
import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from monitoring.store.backup import back_up
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import RecordsError
from monitoring.store.opening import open_records
from monitoring.store.schema import HEAD, REVISIONS
from monitoring.store.store import Store
from monitoring.store.tables import TABLES
from monitoring.store.verify import verify
from monitoring.times import Moment, local_zone
from tests.builders import AUTHOR, Ticking, a_note, a_patient
from tests.stores import fill, prepared, store_of

NOBODY = 65534


@contextmanager
def told(*words: str) -> Iterator[None]:
    """Expect one sentence with these words and without a patient's data."""
    with pytest.raises(RecordsError) as refused:
        yield
    check(str(refused.value), *words)


def check(message: str, *words: str) -> None:
    assert len(message.splitlines()) == 1
    assert message.endswith(".")
    assert [word for word in words if word not in message] == []
    assert [each for each in ("Łukasz", "00123", "Seen in clinic") if each in message] == []


# --- what is found where the records should be


@pytest.mark.parametrize("revision", ["9999", f"{int(HEAD) + 1:04d}"])
def test_records_of_a_newer_version_are_refused(place: Place, revision: str) -> None:
    engine = prepared(place)
    fill(store_of(engine))
    before = verify(engine)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608
    with told("newer version of the program", f"schema {revision}", "Update the program"):
        open_records(place.url, AUTHOR)
    assert verify(engine) == before


def test_records_of_an_unknown_older_version_are_refused(sqlite_place: Place) -> None:
    with engine_of(sqlite_place).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with told():
        open_records(sqlite_place.url, AUTHOR)


def test_a_foreign_database_is_left_alone(place: Place) -> None:
    engine = engine_of(place)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA application_id = 7")
    content = place.file.read_bytes() if place.file else b""
    with told("not made by this program"):
        open_records(place.url, AUTHOR)
    assert content == (place.file.read_bytes() if place.file else b"")


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    "theirs",
    [
        ("CREATE TABLE theirs (a integer)",),
        ("CREATE TABLE audit (number integer, hash text)", "CREATE TABLE patient (a integer)"),
        (
            *(f"CREATE TABLE {name} (a integer)" for name in TABLES),
            "CREATE TABLE audit (number integer, hash text)",
            "CREATE FUNCTION rows_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$",
        ),
    ],
)
def test_a_foreign_database_whose_revision_is_called_like_ours_is_left_alone(
    new_postgres: Callable[[], Place], theirs: tuple[str, ...], revision: str
) -> None:
    place = new_postgres()
    engine = engine_of(place)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num text)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")  # noqa: S608
        for statement in theirs:
            connection.exec_driver_sql(statement)
    before = set(inspect(engine).get_table_names())
    with told("not made by this program"):
        open_records(place.url, AUTHOR)
    assert set(inspect(engine).get_table_names()) == before
    with engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert found == revision


@pytest.mark.parametrize("content", [b"no records at all\n" * 100, b"a", b"SQLite format 2\0"])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "records.sqlite"
    file.write_bytes(content)
    with told("not a records file"):
        open_records(str(file), AUTHOR)
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with told("cannot be opened"):
        open_records(str(tmp_path), AUTHOR)


@pytest.mark.parametrize("keep", [20, 200, 4096, 5000, 40_000])
def test_a_file_that_was_cut_is_told_in_one_sentence(sqlite_place: Place, keep: int) -> None:
    fill(store_of(prepared(sqlite_place)))
    assert sqlite_place.file is not None
    sqlite_place.file.write_bytes(sqlite_place.file.read_bytes()[:keep])
    try:
        store = open_records(str(sqlite_place.file), AUTHOR).store
    except RecordsError as error:
        check(str(error))
        return
    found = verify(store.engine)
    assert not found.is_whole
    with told():
        store.find("00123")


def test_a_damaged_page_is_told_in_one_sentence(sqlite_place: Place) -> None:
    fill(store_of(prepared(sqlite_place)))
    assert sqlite_place.file is not None
    content = sqlite_place.file.read_bytes()
    sqlite_place.file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with told("damaged", "restore a backup"):
        open_records(str(sqlite_place.file), AUTHOR).store.find("00123")


# --- read-only, full


def _in_child(work: Callable[[Path], object], file: Path, answer: Connection) -> None:
    try:
        work(file)
        answer.send("")
    except RecordsError as error:
        answer.send(str(error))


def told_in_child(work: Callable[[Path], object], file: Path) -> str:
    """Run in a process of its own, and return the sentence it was told."""
    processes = multiprocessing.get_context("forkserver")
    receiver, sender = processes.Pipe(duplex=False)
    child = processes.Process(target=_in_child, args=(work, file, sender))
    child.start()
    sender.close()
    message: str = receiver.recv()
    child.join()
    assert child.exitcode == 0
    return message


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that another user of this machine can reach."""
    folder = Path(tempfile.mkdtemp(prefix="records-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _as_nobody() -> None:
    local_zone()  # while this user may still read the machine's libraries
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _add_as_nobody(file: Path) -> None:
    open_records(str(file), AUTHOR).store.find("00123")  # imports what the other user may not
    _as_nobody()
    store = open_records(str(file), AUTHOR).store
    assert store.find("00123").number == 1
    store.add(1, a_note())


def _make_as_nobody(file: Path) -> None:
    _as_nobody()
    open_records(str(file), AUTHOR, create=True)


def _back_up_as_nobody(file: Path) -> None:
    _as_nobody()
    engine = open_records(str(file), AUTHOR).store.engine
    back_up(engine, file.parent / "copy.sqlite")


def test_a_backup_to_a_read_only_folder_is_refused_in_words(open_folder: Path) -> None:
    file = open_folder / "records.sqlite"
    prepared(Place.of(str(file)))
    file.chmod(0o666)
    open_folder.chmod(0o555)
    message = told_in_child(_back_up_as_nobody, file)
    check(message, f"{open_folder / 'copy.sqlite'} cannot be written (Permission denied)")
    assert list(open_folder.iterdir()) == [file]


@pytest.mark.parametrize("file_mode", [0o444, 0o666])
def test_records_in_a_read_only_folder_can_be_read_and_not_written(
    open_folder: Path, file_mode: int
) -> None:
    file = open_folder / "records.sqlite"
    engine = prepared(Place.of(str(file)))
    store_of(engine).add_patient(a_patient())
    file.chmod(file_mode)
    open_folder.chmod(0o555)
    message = told_in_child(_add_as_nobody, file)
    check(message, "Could not store the entry", "Nothing was stored")
    assert verify(engine).changes == 1
    assert verify(engine).is_whole


def test_records_cannot_be_made_in_a_read_only_folder(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    check(told_in_child(_make_as_nobody, open_folder / "records.sqlite"), "Permission denied")
    assert list(open_folder.iterdir()) == []


def _add_until_full(file: Path) -> None:
    limit = file.stat().st_size + 4096
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    store = open_records(str(file), AUTHOR).store
    for _ in range(1000):
        store.add(1, a_note("Seen in clinic" * 100))


def test_a_full_disk_is_told_and_leaves_whole_entries(sqlite_place: Place) -> None:
    engine = prepared(sqlite_place)
    store_of(engine).add_patient(a_patient())
    assert sqlite_place.file is not None
    check(told_in_child(_add_until_full, sqlite_place.file), "disk", "Nothing was stored")
    found = verify(engine)
    assert found.is_whole
    assert len(store_of(engine).read(1).entries) == found.changes
    store_of(engine).add(1, a_note())


# --- the server


class HangingUp(Ticking):
    """A clock, asked in the middle of a write, at which the server goes away."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def __call__(self) -> Moment:
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        return super().__call__()


def test_a_server_that_goes_away_in_mid_write_leaves_nothing_half_written(
    new_postgres: Callable[[], Place],
) -> None:
    engine = prepared(new_postgres())
    fill(store_of(engine))
    before = verify(engine)
    with told("Could not store the entry", "server", "Nothing was stored"):
        Store(engine, AUTHOR, HangingUp(engine)).add(1, a_note())
    assert verify(engine) == before
    assert before.is_whole
    store_of(engine).add(1, a_note())
    assert verify(engine).changes == before.changes + 1


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    with told("server cannot be reached"):
        open_records(f"postgresql://ann:secret@/records?host={tmp_path}", AUTHOR)


def test_records_that_another_program_holds_are_told(
    sqlite_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.store.connection._SETTINGS", ("busy_timeout = 50",))
    engine = prepared(sqlite_place)
    store_of(engine).add_patient(a_patient())
    assert sqlite_place.file is not None
    with closing(sqlite3.connect(sqlite_place.file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with told("another program is using the records"):
            store_of(engine).add(1, a_note())
    assert verify(engine).changes == 1
