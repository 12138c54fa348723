"""The summaries of the whole clinic: resumable, and one bad record stops no other."""

import gc
import sqlite3
import stat
import tracemalloc
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from dosing import UserError
from monitoring.store.connection import Place, engine_of
from monitoring.store.store import Store
from reports.batch import BatchItem, BatchOutcome, write_summaries
from reports.page import Paper
from tests.reports.pdf_marks import size_of, text_of
from tests.reports.treated import NOW
from tests.stores import fill, prepared, store_of

PATIENTS = 3


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the file of records that is copied for each test."""
    file = tmp_path_factory.mktemp("filled") / "records.sqlite"
    engine = prepared(Place.of(str(file)))
    fill(store_of(engine), patients=PATIENTS)
    engine.dispose()
    return file.read_bytes()


@pytest.fixture
def place(tmp_path: Path, filled: bytes) -> Place:
    file = tmp_path / "records.sqlite"
    file.touch(0o600)
    file.write_bytes(filled)
    return Place.of(str(file))


@pytest.fixture
def store(place: Place) -> Store:
    return store_of(engine_of(place))


def damage(place: Place, statement: str) -> None:
    """Change the file behind the program's back."""
    assert place.file is not None
    with closing(sqlite3.connect(place.file, isolation_level=None)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in found.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)


def written(store: Store, folder: Path, *, force: bool = False) -> list[BatchItem]:
    return list(write_summaries(store, folder, NOW, force=force))


def outcomes(found: list[BatchItem]) -> list[BatchOutcome]:
    return [each.outcome for each in found]


def test_every_patient_has_a_file_named_by_number_and_day(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "summaries"
    found = written(store, folder)
    assert outcomes(found) == [BatchOutcome.WRITTEN] * PATIENTS
    assert sorted(folder.iterdir()) == [each.file for each in found]
    for each, record in zip(found, store.records(), strict=True):
        patient = record.patient.entry
        assert each.file.name == f"sirolimus-summary-2026-11-24-patient-{record.number:06d}.pdf"
        assert stat.S_IMODE(each.file.stat().st_mode) == 0o600
        told = text_of(each.file.read_bytes())
        assert patient.name in told
        assert patient.record_number in told
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_voided_patient_has_none(store: Store, tmp_path: Path) -> None:
    first = next(store.records())
    store.void(first.number, "entered twice")
    found = written(store, tmp_path / "out")
    assert first.number not in {each.patient for each in found}
    assert len(found) == PATIENTS - 1


def test_what_is_there_is_left_and_forced_it_is_made_again(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    first = written(store, folder)[0].file
    first.write_bytes(b"mine")
    assert outcomes(written(store, folder)) == [BatchOutcome.THERE] * PATIENTS
    assert first.read_bytes() == b"mine"
    assert outcomes(written(store, folder, force=True)) == [BatchOutcome.WRITTEN] * PATIENTS
    assert first.read_bytes() != b"mine"


def test_an_interrupted_batch_goes_on_where_it_stopped(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    begun = list(islice(write_summaries(store, folder, NOW), 2))
    assert len(list(folder.iterdir())) == 2  # one at a time, and no part of a file
    found = written(store, folder)
    assert outcomes(found) == [BatchOutcome.THERE] * 2 + [BatchOutcome.WRITTEN] * (PATIENTS - 2)
    assert [each.file for each in found[:2]] == [each.file for each in begun]
    fresh = written(store, tmp_path / "fresh")
    assert [each.file.read_bytes() for each in fresh] == [each.file.read_bytes() for each in found]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE prescription SET dose_mg = 'much' WHERE patient = {}",
        "UPDATE patient SET born = 'yesterday' WHERE patient = {}",
        "UPDATE missed_dose SET at_zone = 'Nowhere/Town' WHERE patient = {}",
        "DELETE FROM patient WHERE patient = {}",
    ],
)
def test_one_damaged_record_stops_no_other(
    store: Store, place: Place, tmp_path: Path, statement: str
) -> None:
    numbers = [record.number for record in store.records()]
    damage(place, statement.format(numbers[1]))
    found = written(store, tmp_path / "out")
    bad = [each for each in found if each.outcome is BatchOutcome.FAILED]
    if "DELETE" not in statement:
        assert [each.patient for each in bad] == [numbers[1]]
        assert bad[0].why
        assert "Łukasz" not in bad[0].why
    good = {each.patient for each in found if each.outcome is BatchOutcome.WRITTEN}
    assert good == {numbers[0], *numbers[2:]}
    assert len(list((tmp_path / "out").iterdir())) == PATIENTS - 1


def test_a_folder_that_cannot_be_made_stops_at_once(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="cannot be made"):
        written(store, tmp_path / "file" / "out")


def test_paper_and_password_reach_every_file(store: Store, tmp_path: Path) -> None:
    letter = list(write_summaries(store, tmp_path / "letter", NOW, paper=Paper.LETTER))
    assert {size_of(each.file.read_bytes()) for each in letter} == {(612, 792)}
    locked = list(write_summaries(store, tmp_path / "locked", NOW, password="word"))  # noqa: S106
    assert all(b"/Encrypt" in each.file.read_bytes() for each in locked)


@pytest.mark.campaign  # a repetition
def test_memory_does_not_grow_with_the_number_of_files(store: Store, tmp_path: Path) -> None:
    written(store, tmp_path / "warm")
    tracemalloc.start()
    sizes = []
    for number in range(3):
        written(store, tmp_path / str(number))
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # Each round prints three summaries of about 60 kB: kept, they would add up to 0.36 MB.
    assert sizes[-1] - sizes[0] < 150_000
