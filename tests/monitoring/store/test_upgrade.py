"""Records of an earlier version are brought up to date with every row and hash as it was."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.store.connection import Place, engine_of, reading
from monitoring.store.opening import open_records
from monitoring.store.schema import HEAD, _revision
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import AUTHOR, a_prescription
from tests.stores import changes_of, fill, filled_0001

PATIENTS = 3


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the backups of a server go."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_a_filled_database_of_the_first_schema_is_upgraded(
    bare_place: Place, sqlite_store: Store, data_folder: Path
) -> None:
    fill(sqlite_store, PATIENTS)
    before, head = changes_of(sqlite_store.engine), verify(sqlite_store.engine).head
    filled_0001(bare_place, before)
    store = open_records(bare_place.url, AUTHOR).store
    with reading(store.engine, "look at the revision") as connection:
        assert _revision(connection) == HEAD
    found = verify(store.engine)
    assert (found.findings, found.head, found.changes) == ((), head, len(before))
    assert changes_of(store.engine) == before
    assert [store.read(each) for each in (1, 13, 25)] == [
        sqlite_store.read(each) for each in (1, 13, 25)
    ]
    (kept,) = data_folder.rglob("*-before-upgrade.sqlite")
    assert verify(engine_of(Place.of(str(kept)))).head == head


def test_what_is_new_can_be_written_after_the_upgrade(
    bare_place: Place, sqlite_store: Store
) -> None:
    fill(sqlite_store)
    filled_0001(bare_place, changes_of(sqlite_store.engine))
    store = open_records(bare_place.url, AUTHOR).store
    overridden_alerts = replace(a_prescription(), overridden_alerts=("dose-high", "interaction"))
    number = store.add(1, overridden_alerts).number
    assert store.read(1).entries[-1].number == number
    assert store.read(1).entries[-1].entry == overridden_alerts
    assert verify(store.engine).is_whole


def test_an_old_backup_can_be_restored(
    sqlite_store: Store, sqlite_place: Place, data_folder: Path
) -> None:
    from monitoring.store.backup import restore  # noqa: PLC0415 - one test needs it

    fill(sqlite_store)
    head = verify(sqlite_store.engine).head
    old = data_folder / "old.sqlite"
    filled_0001(Place.of(str(old)), changes_of(sqlite_store.engine))
    restored, _ = restore(sqlite_store.engine, sqlite_place, old)
    assert (restored.head, restored.is_whole) == (head, True)
