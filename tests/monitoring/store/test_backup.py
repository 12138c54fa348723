"""Backups: consistent while others write, checked before they count, restored all or nothing."""

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import Engine

from monitoring.store.backup import (
    _replace,
    automatic_backup,
    back_up,
    restore,
    to_thin,
)
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import RecordsError
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import a_note
from tests.stores import OF_0002, fill, prepared, store_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Writing(threading.Thread):
    """Somebody who goes on writing notes until told to stop."""

    def __init__(self, engine: Engine, patient: int) -> None:
        super().__init__()
        self._store, self._patient = store_of(engine, author="Dr Other"), patient
        self._stop_now = threading.Event()
        self.written = 0
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            while not self._stop_now.wait(0.02):
                self._store.add(self._patient, a_note())
                self.written += 1
        except RecordsError as error:
            self.fault = error

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_now.set()
        self.join()


def test_a_backup_is_the_same_records(engine: Engine, tmp_path: Path) -> None:
    fill(store_of(engine), patients=2)
    file = tmp_path / "backups" / "backup.sqlite"
    copied = back_up(engine, file)
    assert copied == verify(engine) == verify(engine_of(Place.of(str(file))))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert store_of(engine_of(Place.of(str(file)))).read(1) == store_of(engine).read(1)


def test_a_backup_while_somebody_writes_is_consistent(engine: Engine, tmp_path: Path) -> None:
    (patient,) = fill(store_of(engine), entries=OF_0002)
    with Writing(engine, patient) as other:
        copies = [back_up(engine, tmp_path / f"{number}.sqlite") for number in range(3)]
    assert other.fault is None
    assert other.written
    assert all(copy.is_whole for copy in copies)
    assert sorted(copy.changes for copy in copies) == [copy.changes for copy in copies]
    assert verify(engine).changes == 12 + other.written


def test_an_existing_file_is_refused_and_left_alone(sqlite_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite"
    file.write_text("mine")
    with pytest.raises(RecordsError, match="already exists"):
        back_up(sqlite_store.engine, file)
    assert file.read_text() == "mine"


def test_a_backup_of_damaged_records_leaves_no_file(
    sqlite_store: Store, sqlite_place: Place, tmp_path: Path
) -> None:
    fill(sqlite_store, patients=5)
    damage(sqlite_place)
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(RecordsError):
        back_up(sqlite_store.engine, folder / "backup.sqlite")
    assert list(folder.iterdir()) == []


def damage(place: Place) -> None:
    """Change one letter of a name in the file."""
    assert place.file is not None
    content = place.file.read_bytes()
    assert b"University" in content
    place.file.write_bytes(content.replace(b"University", b"Unwversity"))


def test_restore_replaces_the_records_and_keeps_the_old_ones(
    engine: Engine, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    store = store_of(engine)
    fill(store)
    backup = tmp_path / "backup.sqlite"
    copied = back_up(engine, backup)
    store.add(1, a_note("written after the backup"))
    later = verify(engine)
    restored, kept = restore(place, backup)
    assert restored == copied == verify(engine)
    assert kept is not None
    assert verify(engine_of(Place.of(str(kept)))) == later
    store.add(1, a_note("written after the restore"))
    assert verify(engine).is_whole
    restore(place, kept)
    assert verify(engine) == later


def test_restore_into_empty_records_keeps_nothing(
    new_place: Callable[[], Place], filled_store: Store, tmp_path: Path
) -> None:
    back_up(filled_store.engine, tmp_path / "backup.sqlite")
    place = new_place()
    restored, kept = restore(place, tmp_path / "backup.sqlite")
    assert restored == verify(filled_store.engine)
    assert kept is None


@pytest.mark.parametrize(
    "wrong",
    [
        "missing",
        "folder",
        "text",
        "foreign",
        "changed",
        "cut",
        "empty",
    ],
)
def test_restore_of_a_wrong_file_changes_nothing(
    filled_store: Store, filled_place: Place, tmp_path: Path, wrong: str
) -> None:
    file = tmp_path / "backup.sqlite"
    if wrong in {"changed", "cut"}:
        back_up(filled_store.engine, file)
        damage(Place.of(str(file)))
        if wrong == "cut":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif wrong == "foreign":
        with engine_of(Place.of(str(file)), create=True).begin() as connection:
            connection.exec_driver_sql("CREATE TABLE theirs (a)")
    elif wrong == "folder":
        file.mkdir()
    elif wrong != "missing":
        file.write_text("no records" * 100 if wrong == "text" else "")
    before = verify(filled_store.engine)
    content = file.read_bytes() if file.is_file() else None
    with pytest.raises(RecordsError) as refused:
        restore(filled_place, file)
    assert len(str(refused.value).splitlines()) == 1
    assert verify(filled_store.engine) == before
    assert not (tmp_path / "backups").exists()
    assert content == (file.read_bytes() if file.is_file() else None)


def test_damaged_records_can_be_replaced_by_a_backup(
    filled_store: Store, filled_place: Place, tmp_path: Path
) -> None:
    copied = back_up(filled_store.engine, tmp_path / "backup.sqlite")
    damage(filled_place)
    assert filled_place.file is not None
    damaged = filled_place.file.read_bytes()
    assert not verify(filled_store.engine).is_whole
    restored, kept = restore(filled_place, tmp_path / "backup.sqlite")
    assert restored == copied
    assert kept is not None
    assert kept.read_bytes() == damaged
    assert kept.name.endswith("-damaged.sqlite")
    for file in (kept, filled_place.file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [file for file in tmp_path.iterdir() if file.name.endswith((".part", "-journal"))]


def test_damaged_records_stay_where_the_new_ones_cannot_be_made(
    filled_store: Store, filled_place: Place, tmp_path: Path
) -> None:
    back_up(filled_store.engine, tmp_path / "backup.sqlite")
    damage(filled_place)
    assert filled_place.file is not None
    damaged = filled_place.file.read_bytes()
    (tmp_path / "backups").write_text("no folder")  # where the damaged ones would be kept
    with pytest.raises(RecordsError, match="cannot be replaced"):
        restore(filled_place, tmp_path / "backup.sqlite")
    assert filled_place.file.read_bytes() == damaged
    assert not [file for file in tmp_path.iterdir() if ".part" in file.name]


def test_the_journal_of_damaged_records_is_not_played_into_the_new_ones(
    filled_store: Store, tmp_path: Path
) -> None:
    """The journal of a writer that was killed, where SQLite could not take it back."""
    copied = back_up(filled_store.engine, tmp_path / "backup.sqlite")
    file = tmp_path / "damaged.sqlite"
    journal = tmp_path / "damaged.sqlite-journal"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.executemany("INSERT INTO theirs VALUES (?)", [("x" * 900,)] * 100)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE theirs SET a = 'y'")
        hot = journal.read_bytes()
    journal.write_bytes(hot)
    kept = _replace(file, engine_of(Place.of(str(tmp_path / "backup.sqlite"))))
    assert verify(engine_of(Place.of(str(file)))) == copied
    assert kept is not None
    assert kept.with_name(f"{kept.name}-journal").read_bytes() == hot
    assert not journal.exists()


def test_records_go_from_file_to_server_and_back(
    filled_store: Store, new_postgres: Callable[[], Place], new_sqlite: Callable[[], Place],
    tmp_path: Path,
) -> None:  # fmt: skip
    head = back_up(filled_store.engine, tmp_path / "1.sqlite").head
    server = new_postgres()
    on_server = prepared(server)
    assert restore(server, tmp_path / "1.sqlite")[0].head == head
    assert back_up(on_server, tmp_path / "2.sqlite").head == head
    back = new_sqlite()
    assert restore(back, tmp_path / "2.sqlite")[0].head == head
    assert store_of(on_server).read(1) == filled_store.read(1)


def test_an_automatic_backup_lies_beside_the_records(
    sqlite_store: Store, sqlite_place: Place, tmp_path: Path
) -> None:
    assert automatic_backup(sqlite_store.engine, sqlite_place, "before-import") is None
    fill(sqlite_store)
    file = automatic_backup(sqlite_store.engine, sqlite_place, "before-import")
    assert file is not None
    assert file.parent == tmp_path / "backups"
    assert file.name.endswith("Z-before-import.sqlite")
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_an_automatic_backup_thins_the_old_ones(
    filled_store: Store, filled_place: Place, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    two = [f"records-2020010{day}T080000000000Z-a.sqlite" for day in (1, 2)]
    for name in (*two, "records-mine.sqlite", "other.sqlite"):
        (folder / name).touch()
    made = automatic_backup(filled_store.engine, filled_place, "before-import")
    assert made is not None
    assert {file.name for file in folder.iterdir()} == {
        made.name,
        two[1],
        "records-mine.sqlite",
        "other.sqlite",
    }


def test_half_backups_are_removed_after_a_day(
    filled_store: Store, filled_place: Place, tmp_path: Path
) -> None:
    """As a program leaves them that is killed during an automatic backup."""
    folder = tmp_path / "backups"
    folder.mkdir()
    names = (".records-20261120T080000000000Z-before-import.sqlite.part",
             ".records-20261120T080000000000Z-before-import.sqlite.part-journal")  # fmt: skip
    now = datetime.now(UTC).timestamp()
    for name in names:
        (folder / name).touch()
        os.utime(folder / name, (now - 86_500, now - 86_500))
    being_made = folder / ".records-20261121T080000000000Z-before-import.sqlite.part"
    being_made.touch()
    mine = folder / ".mine.part"
    mine.touch()
    os.utime(mine, (0, 0))
    made = automatic_backup(filled_store.engine, filled_place, "before-import")
    assert set(folder.iterdir()) == {made, being_made, mine}


def test_a_backup_below_a_file_is_refused_in_words(filled_store: Store, tmp_path: Path) -> None:
    (tmp_path / "stick").touch()
    target = tmp_path / "stick" / "copy.sqlite"
    with pytest.raises(RecordsError, match=r"copy\.sqlite cannot be written \(.*\)\. Choose"):
        back_up(filled_store.engine, target)


def made_at(age: timedelta) -> Path:
    return Path(f"records-{NOW - age:%Y%m%dT%H%M%S%f}Z-before-restore.sqlite")


def thinned(*ages: timedelta) -> set[timedelta]:
    files = {made_at(age): age for age in ages}
    return {files[file] for file in to_thin(files, NOW)}


DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)


def test_all_backups_of_the_last_seven_days_are_kept() -> None:
    assert thinned(*(timedelta(hours=hours) for hours in range(7 * 24 + 1))) == set()


def test_at_seven_days_and_an_instant_one_a_day_is_kept_the_newest() -> None:
    edge = 7 * DAY
    assert thinned(edge, edge + INSTANT, edge + 2 * INSTANT) == {edge + 2 * INSTANT}


def test_up_to_thirty_days_one_a_day_is_kept() -> None:
    ages = [8 * DAY + timedelta(hours=hours) for hours in range(1, 22 * 24 + 1)]
    kept = set(ages) - thinned(*ages)
    days = {(NOW - age).date() for age in ages}
    assert {(NOW - age).date() for age in kept} == days
    assert len(kept) == len(days)


def test_at_thirty_days_and_an_instant_one_a_month_is_kept() -> None:
    edge = 30 * DAY  # 24 October, noon
    assert thinned(edge, edge + INSTANT, edge + 2 * INSTANT) == {edge + 2 * INSTANT}
    assert thinned(31 * DAY, 32 * DAY, 40 * DAY) == {32 * DAY, 40 * DAY}
    assert thinned(40 * DAY, 70 * DAY, 400 * DAY, 405 * DAY) == {405 * DAY}


def test_a_backup_from_the_future_and_other_files_are_left_alone() -> None:
    assert thinned(-DAY, -2 * DAY) == set()
    files = [Path("records-mine.sqlite"), Path("records-20269999T000000000000Z-x.sqlite")]
    assert to_thin(files, NOW) == ()


def test_thinning_again_removes_nothing_more() -> None:
    ages = [timedelta(hours=7 * hours) for hours in range(400)]
    kept = set(ages) - thinned(*ages)
    assert thinned(*kept) == set()
