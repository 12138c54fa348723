"""Records of an earlier version are brought up to date with every row and hash as it was."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.level import Level
from monitoring.record.patient import Cyp3a5
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.store.connection import Place, engine_of, reading
from monitoring.store.opening import open_records
from monitoring.store.schema import HEAD, REVISIONS, _revision
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import (
    AUTHOR,
    a_patient,
    a_prescription,
    every_field_of_0003,
    every_field_of_0004,
)
from tests.stores import OF_0002, changes_of, fill, fill_0003, fill_0004, filled_before

PATIENTS = 3

earlier = pytest.mark.parametrize("revision", REVISIONS[:-1])


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the backups of a server go."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@earlier
def test_a_filled_database_of_an_earlier_schema_is_upgraded(
    revision: str, bare_place: Place, sqlite_store: Store, data_folder: Path
) -> None:
    patients = fill(sqlite_store, PATIENTS, OF_0002)
    before, head = changes_of(sqlite_store.engine), verify(sqlite_store.engine).head
    filled_before(bare_place, before, revision)
    store = open_records(bare_place.url, AUTHOR).store
    with reading(store.engine, "look at the revision") as connection:
        assert _revision(connection) == HEAD
    found = verify(store.engine)
    assert (found.findings, found.head, found.changes) == ((), head, len(before))
    assert changes_of(store.engine) == before
    assert [store.read(each) for each in patients] == [sqlite_store.read(each) for each in patients]
    (kept,) = data_folder.rglob("*-before-upgrade.sqlite")
    assert verify(engine_of(Place.of(str(kept)))).head == head


@earlier
def test_rows_from_before_keep_their_meaning(
    revision: str, bare_place: Place, sqlite_store: Store
) -> None:
    (number,) = fill(sqlite_store, entries=OF_0002)
    filled_before(bare_place, changes_of(sqlite_store.engine), revision)
    record = open_records(bare_place.url, AUTHOR).store.read(number)
    assert record.patient.entry.congenital is None
    assert record.patient.entry.severity is None
    assert record.patient.entry.gestation is None
    assert record.patient.entry.cyp3a5 is None
    assert {each.entry.reason for each in record.of(AdverseEvent)} == {None}
    (dose,), (hold,) = record.of(Prescription), record.of(MissedDose)
    assert (dose.entry.interval_hours, dose.entry.daily_mg) == (12, Decimal("0.88"))
    assert (hold.entry.is_open, dose.entry.is_taper_step, dose.entry.given_reason) == (None,) * 3
    (level,) = record.of(Level)
    assert level.entry.last_dose_assumed is None


@earlier
def test_what_is_new_can_be_written_after_the_upgrade(
    revision: str, bare_place: Place, sqlite_store: Store
) -> None:
    fill(sqlite_store, entries=OF_0002)
    filled_before(bare_place, changes_of(sqlite_store.engine), revision)
    store = open_records(bare_place.url, AUTHOR).store
    overridden_alerts = replace(a_prescription(), overridden_alerts=("dose-high", "interaction"))
    number = store.add(1, overridden_alerts).number
    assert store.read(1).entries[-1].number == number
    assert store.read(1).entries[-1].entry == overridden_alerts
    new = store.read(fill_0003(store))
    assert tuple(each.entry for each in new.entries[1:]) == every_field_of_0003()
    newer = store.read(fill_0004(store))
    assert tuple(each.entry for each in newer.entries[1:]) == every_field_of_0004()
    assert str(newer.patient.entry.gestation) == "31 weeks 2 days"
    genotyped = store.read(store.add_patient(a_patient("0007", cyp3a5=Cyp3a5.ONE)).number)
    assert genotyped.patient.entry.cyp3a5 is Cyp3a5.ONE
    assert verify(store.engine).is_whole


@earlier
def test_an_old_backup_can_be_restored(
    revision: str, sqlite_store: Store, sqlite_place: Place, data_folder: Path
) -> None:
    from monitoring.store.backup import restore  # noqa: PLC0415 - one test needs it

    fill(sqlite_store, entries=OF_0002)
    head = verify(sqlite_store.engine).head
    old = data_folder / "old.sqlite"
    filled_before(Place.of(str(old)), changes_of(sqlite_store.engine), revision)
    restored, _ = restore(sqlite_place, old)
    assert (restored.head, restored.is_whole) == (head, True)
