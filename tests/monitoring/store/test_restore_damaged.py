"""Restoring to a place whose records cannot be opened, are empty, or are gone."""

import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from monitoring.store.backup import back_up, restore
from monitoring.store.connection import Place, engine_of, reading
from monitoring.store.errors import BusyError, NewerError, RecordsError
from monitoring.store.schema import HEAD, REVISIONS, _revision
from monitoring.store.store import Store
from monitoring.store.verify import Verification, verify
from tests.campaign import sizes
from tests.monitoring.store.damage import DAMAGES
from tests.stores import OF_0002, changes_of, fill, filled_before, prepared, store_of


@pytest.fixture
def backup(filled_store: Store, tmp_path: Path) -> Path:
    file = tmp_path / "away" / "backup.sqlite"
    back_up(filled_store.engine, file)
    return file


def whole(file: Path) -> Verification:
    found = verify(engine_of(Place.of(str(file))))
    assert found.is_whole, found.findings
    return found


@sizes(9, 20, 200)
def test_a_backup_is_restored_over_any_damage(
    backup: Path, filled_place: Place, tmp_path: Path, size: int
) -> None:
    random, outcomes, expected = Random(11), Counter[str](), whole(backup)
    assert filled_place.file is not None
    content = filled_place.file.read_bytes()
    for number in range(size):
        damage = DAMAGES[number % len(DAMAGES)]
        folder = tmp_path / str(number)
        folder.mkdir()
        file = folder / "records.sqlite"
        damaged = damage(content, random)
        file.touch(0o600)
        file.write_bytes(damaged)
        restored, kept = restore(Place.of(str(file)), backup)
        assert restored == expected == whole(file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        if kept is None:
            assert damaged == b""
        elif kept.name.endswith("-damaged.sqlite"):
            assert kept.read_bytes() == damaged
        else:  # a page that nothing used
            assert kept.name.endswith("-before-restore.sqlite")
            assert whole(kept) == expected
        assert {each.name for each in folder.iterdir()} <= {"records.sqlite", "backups"}
        outcomes[damage.__name__] += 1
        shutil.rmtree(folder)
    print(f"\n{size} restores over damage: {dict(outcomes)}, every one whole, the damaged kept")


@pytest.mark.parametrize("place", ["records.sqlite", "gone/with/its folder/records.sqlite"])
def test_a_backup_is_restored_where_the_records_are_gone(
    place: str, backup: Path, tmp_path: Path
) -> None:
    file = tmp_path / "clinic" / place
    restored, kept = restore(Place.of(str(file)), backup)
    assert (restored, kept) == (whole(backup), None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert whole(file) == restored


def test_a_foreign_file_is_kept_aside(backup: Path, tmp_path: Path) -> None:
    file = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    content = file.read_bytes()
    _, kept = restore(Place.of(str(file)), backup)
    assert kept is not None
    assert kept.read_bytes() == content
    assert whole(file) == whole(backup)


def test_records_of_a_newer_version_are_not_replaced(
    backup: Path, filled_store: Store, filled_place: Place
) -> None:
    with filled_store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerError, match="Update the program"):
        restore(filled_place, backup)


def test_records_that_are_in_use_are_not_taken_for_damaged(
    backup: Path, filled_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.store.connection._SETTINGS", ("busy_timeout = 1",))
    assert filled_place.file is not None
    content = filled_place.file.read_bytes()
    with closing(sqlite3.connect(filled_place.file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError, match="Try again"):
            restore(filled_place, backup)
    assert filled_place.file.read_bytes() == content


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_backup_of_an_older_schema_is_restored_and_never_written(
    revision: str, new_sqlite: Callable[[], Place], sqlite_place: Place, tmp_path: Path
) -> None:
    source = prepared(new_sqlite())
    fill(store_of(source), entries=OF_0002)
    old = tmp_path / "away" / "old.sqlite"
    old.parent.mkdir()
    filled_before(Place.of(str(old)), changes_of(source), revision)
    content = old.read_bytes()
    restored, _ = restore(sqlite_place, old)
    assert restored == verify(source)
    assert old.read_bytes() == content
    assert [each.name for each in old.parent.iterdir()] == ["old.sqlite"]
    with reading(engine_of(sqlite_place), "look at the revision") as connection:
        assert _revision(connection) == HEAD


def test_a_backup_that_is_damaged_changes_nothing(backup: Path, filled_place: Place) -> None:
    backup.write_bytes(backup.read_bytes()[:9000])
    assert filled_place.file is not None
    content = filled_place.file.read_bytes()
    with pytest.raises(RecordsError):
        restore(filled_place, backup)
    assert filled_place.file.read_bytes() == content


def test_a_hot_journal_of_damaged_records_goes_with_them(
    backup: Path, filled_place: Place, tmp_path: Path
) -> None:
    """A writer was killed within a transaction, and then the first page was overwritten."""
    assert filled_place.file is not None
    file, journal = tmp_path / "hot.sqlite", tmp_path / "hot.sqlite-journal"
    shutil.copy(filled_place.file, file)
    with closing(sqlite3.connect(filled_place.file, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("CREATE TABLE theirs (a)")
        writer.executemany("INSERT INTO theirs VALUES (?)", [("x" * 900,)] * 100)
        hot = Path(f"{filled_place.file}-journal").read_bytes()
        writer.execute("ROLLBACK")
    journal.write_bytes(hot)
    damaged = b"\xff" * 4096 + file.read_bytes()[4096:]
    file.write_bytes(damaged)
    restored, kept = restore(Place.of(str(file)), backup)
    assert kept is not None
    assert kept.read_bytes() == damaged
    assert kept.with_name(f"{kept.name}-journal").read_bytes() == hot
    assert not journal.exists()
    assert whole(file) == restored == whole(backup)
