"""The whole backups near records that cannot be opened: found, verified, never written to."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.store.backup import automatic_backup, back_up
from monitoring.store.connection import Place
from monitoring.store.recovery.nearby_backups import nearby_backups
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import a_note, at
from tests.stores import OF_0002, changes_of, fill, filled_before, prepared, store_of


def test_the_whole_backups_nearby_are_listed_the_newest_first(
    filled_store: Store, filled_place: Place, tmp_path: Path
) -> None:
    automatic = automatic_backup(filled_store.engine, filled_place, "before-import")
    first = verify(filled_store.engine)
    later = at("2026-12-01T08:00")
    Store(filled_store.engine, "Dr Late", lambda: later).add(1, a_note("later"))
    second = back_up(filled_store.engine, tmp_path / "copy.bin")
    damaged = (tmp_path / "copy.bin").read_bytes()
    (tmp_path / "backups" / "torn.sqlite").write_bytes(damaged[:9000])
    (tmp_path / "other.sqlite").write_bytes(damaged.replace(b"University", b"Unwversity"))
    (tmp_path / "notes.txt").write_text("no records")
    shutil.copy(tmp_path / "copy.bin", tmp_path / ".copy.bin.part")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert [(each.file, each.changes, each.head) for each in nearby_backups(filled_place)] == [
        (tmp_path / "copy.bin", second.changes, second.head),
        (automatic, first.changes, first.head),
    ]
    assert nearby_backups(filled_place)[0].last_change == later
    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}


def test_a_backup_of_an_older_schema_is_listed_and_not_upgraded(
    new_sqlite: Callable[[], Place], tmp_path: Path
) -> None:
    source = prepared(new_sqlite())
    fill(store_of(source), entries=OF_0002)
    folder = tmp_path / "clinic"
    folder.mkdir()
    filled_before(Place.of(str(folder / "old.sqlite")), changes_of(source))
    content = (folder / "old.sqlite").read_bytes()
    (found,) = nearby_backups(Place.of(str(folder / "records.sqlite")))
    assert (found.changes, found.head) == (verify(source).changes, verify(source).head)
    assert (folder / "old.sqlite").read_bytes() == content


@pytest.mark.parametrize("place", ["none/records.sqlite", "records.sqlite"])
def test_no_folder_or_an_empty_one_has_no_backups(place: str, tmp_path: Path) -> None:
    assert nearby_backups(Place.of(str(tmp_path / place))) == ()
    assert list(tmp_path.iterdir()) == []
