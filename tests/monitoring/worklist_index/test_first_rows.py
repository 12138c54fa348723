"""The first rows: what the driver reads before the records are opened, and when it reads none."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.clinic_choices import USUAL_CHOICES
from monitoring.store.connection import Place
from monitoring.store.encryption.key_ring import KEY_RING
from monitoring.store.opening import open_records
from monitoring.store.store import Store
from monitoring.worklist_index.first_rows import first_rows
from monitoring.worklist_index.index import rows_of_all
from tests.builders import a_dose, a_level, a_note, a_patient, a_side_effect, at, later
from tests.encrypted import PASSPHRASE, encrypted_place
from tests.stores import prepared, store_of

NOW = at("2026-11-24T22:00")


def add_patients(store: Store, patients: int) -> None:
    for each in range(patients):
        name = ("\x1b[2J[/] <img src=x>", "=1+1", "עברית", "Łukasz")[each % 4]
        number = store.add_patient(a_patient(f"{each:03}", f"{name} {each}")).number
        store.add(number, a_dose(later(at("2026-08-01T08:00"), days=each)))
        if each == patients - 1:
            store.add(number, a_side_effect("Pneumonitis", "2026-11-20", 3))
        else:
            store.add(number, a_level(f"{each + 3} ng/mL", "2026-11-20T08:00"))


@pytest.fixture
def place(new_sqlite: Callable[[], Place]) -> Place:
    made = new_sqlite()
    store = store_of(prepared(made))
    add_patients(store, 7)
    rows_of_all(store, NOW)
    return made


@pytest.mark.parametrize("most", [1, 6, 7, 8])
def test_the_first_rows_are_those_of_all(place: Place, most: int) -> None:
    rows = rows_of_all(store_of(prepared(place)), NOW)
    found = first_rows(str(place.file), NOW, USUAL_CHOICES, most=most)
    assert found is not None
    assert (list(found.rows), found.total) == (rows[:most], 7)
    assert found.rows[0].reason.startswith("Pneumonitis")


def test_what_is_not_in_the_index_is_not_among_them(place: Place) -> None:
    store = store_of(prepared(place))
    assert first_rows(str(place.file), NOW) is not None
    rows = rows_of_all(store, NOW)
    store.add(rows[0].patient, a_note("seen"))
    found = first_rows(str(place.file), NOW)
    assert found is not None
    assert (list(found.rows), found.total) == (rows[1:], 7)


def test_records_that_are_not_as_usual_have_none(tmp_path: Path) -> None:
    other, text = tmp_path / "other.sqlite", tmp_path / "text.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE audit (number)")
    text.write_text("no records\x1b[2J")
    for each in (other, text, tmp_path / "missing.sqlite", tmp_path, "~nobody-here/x", "\0"):
        assert first_rows(str(each), NOW) is None
    assert first_rows("postgresql://nobody@localhost/none", NOW) is None
    assert not (tmp_path / "missing.sqlite").exists()


def test_an_encrypted_file_has_them_once_its_key_is_held(tmp_path: Path) -> None:
    place = encrypted_place(tmp_path / "records.sqlite", 0)
    assert place.file is not None
    KEY_RING.unlock(Path(f"{place.file}.key"), PASSPHRASE)
    store = open_records(str(place.file), throw_away=True).store
    add_patients(store, 3)
    rows = rows_of_all(store, NOW)
    found = first_rows(str(place.file), NOW)
    assert found is not None
    assert list(found.rows) == rows
    KEY_RING.lock()
    assert first_rows(str(place.file), NOW) is None


def test_they_need_none_of_the_heavy_libraries(place: Place) -> None:
    script = (
        "import sys\n"
        "from monitoring.times import Moment\n"
        "from monitoring.worklist_index.first_rows import first_rows\n"
        "now = Moment.read('2026-11-24T22:00', 'Europe/Paris')\n"
        f"print(len(first_rows({str(place.file)!r}, now).rows), *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    rows, *modules = done.stdout.split()
    assert int(rows) == 7
    heavy = {"sqlalchemy", "pint", "numpy", "pandas", "cryptography", "monitoring.summary",
             "monitoring.record.entries", "monitoring.due"}  # fmt: skip
    assert not heavy & set(modules)
