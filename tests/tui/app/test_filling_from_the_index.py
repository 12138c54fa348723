"""The filling of the worklist with and without an index: the same rows, each a patient's own."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import date

import pytest
from textual.message import Message

import monitoring.summary
from dosing import QuantityKind, Sex, read_quantity
from monitoring.record.level import Level
from monitoring.record.patient import Patient
from monitoring.store.opening import Records
from monitoring.times import Moment
from monitoring.worklist_index.row import WorklistRow
from tests.tui.app.shown import NOW
from tests.tui.places import new_records
from tui.app.worklist_filling import RowsReady, WorklistRequest, fill

MANY = 203


def level_of(number: int) -> str:
    """Return the level of one patient, which no other has; by name they are in no order."""
    return f"{number * 37 % MANY / 10 + 1:.1f} ng/mL"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Return many patients, each with a level of their own."""
    records = new_records(tmp_path_factory.mktemp("many") / "many.sqlite")
    sampled = Moment.read("2026-11-05T08:00", "UTC")
    new = [
        Patient(
            record_number=f"{number:05}",
            name=f"Sample {number:03}",
            born=date(2024, 1, 1),
            sex=Sex.MALE,
        )
        for number in range(MANY)
    ]
    levels = [
        (each, Level(sampled=sampled, value=read_quantity(level_of(at), QuantityKind.LEVEL)))
        for at, each in enumerate(new)
    ]
    records.store.add_all(levels, revision=0, patients=new)
    return records


@pytest.fixture
def many(clinic: Records) -> Records:
    """Return them without an index."""
    with clinic.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM worklist_line")
    return clinic


def told(
    records: Records, search: str = "", *, stops_after: int = 1000, now: Moment = NOW
) -> list[RowsReady]:
    """Return what filling posts, cancelled after so many messages."""
    messages: list[Message] = []
    request = WorklistRequest(search=search, now=now)
    fill(records.store, request, messages.append, lambda: len(messages) >= stops_after)
    found = [each for each in messages if isinstance(each, RowsReady)]
    assert len(found) == len(messages)
    return found


def assert_own_figures(rows: Sequence[WorklistRow]) -> None:
    """Hold each level to be the patient's own, and each patient to be there once."""
    for each in rows:
        assert [level.text for level in each.levels] == [level_of(int(each.name.split()[1]))]
    assert len({each.patient for each in rows}) == len(rows)


def test_every_patient_has_a_row_from_the_records_and_then_from_the_index(
    many: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = told(many)
    sizes = [len(each.rows) for each in made]
    assert sizes[0] < 50  # those that fill a screen come first
    assert sizes == sorted(sizes)
    assert len(sizes) < 20  # the list is not drawn again for each batch
    assert [each.is_last for each in made] == [False] * (len(made) - 1) + [True]
    assert {(each.total, each.unreadable) for each in made} == {(MANY, 0)}
    assert_own_figures(made[-1].rows)
    monkeypatch.setattr(monitoring.summary, "summarise_all", None)
    (again,) = told(many)
    assert (sorted(again.rows, key=lambda each: each.patient), again.total) == (
        sorted(made[-1].rows, key=lambda each: each.patient), MANY,
    )  # fmt: skip
    assert again.is_last


@pytest.mark.parametrize("search", ["Sample 19", "0019", "sample 19", "SAMPLE 019"])
def test_a_search_finds_the_same_with_and_without_an_index(many: Records, search: str) -> None:
    made, again = told(many, search)[-1], told(many, search)[-1]
    assert made.rows
    assert {each.name for each in made.rows} == {each.name for each in again.rows}
    assert made.total == again.total == len(made.rows)
    assert_own_figures(made.rows)
    told(many)
    assert {each.name for each in told(many, search)[-1].rows} == {e.name for e in made.rows}


def test_nobody_found_is_posted_at_once(many: Records) -> None:
    for _ in range(2):
        first = told(many, "zzz")[0]
        assert (first.rows, first.total, first.is_last) == ((), 0, True)
        told(many)


@pytest.mark.parametrize("messages", [0, 1, 2])
def test_it_stops_where_it_is_cancelled_and_goes_on_from_there(
    many: Records, messages: int
) -> None:
    begun = told(many, stops_after=messages)
    assert len(begun) == messages
    first = told(many)[0]
    assert len(first.rows) >= sum(len(each.rows) for each in begun[:-1])


def test_a_patient_who_cannot_be_read_is_counted_and_hides_nobody(many: Records) -> None:
    told(many)
    lost = many.store.find("00007").number
    with many.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM worklist_line WHERE patient = ?", (lost,))
        connection.exec_driver_sql("DROP TRIGGER patient_no_update")
        connection.exec_driver_sql("UPDATE patient SET sex = '?' WHERE entry = ?", (lost,))
    try:
        for _ in range(2):
            last = told(many)[-1]
            assert (len(last.rows), last.unreadable, last.is_last) == (MANY - 1, 1, True)
    finally:
        with many.store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE patient SET sex = 'male' WHERE entry = ?", (lost,))


def test_the_rows_of_the_index_need_neither_units_nor_summaries(many: Records) -> None:
    told(many)
    script = (
        "import sys\n"
        "from monitoring.store.opening import open_records\n"
        "from monitoring.times import Moment\n"
        "from tui.app.worklist_filling import WorklistRequest, fill\n"
        f"store = open_records({str(many.place.file)!r}, 'Dr Example').store\n"
        f"now = Moment.read({str(NOW)!r}, {NOW.zone!r})\n"
        "told = []\n"
        "fill(store, WorklistRequest(search='', now=now), told.append, lambda: False)\n"
        "print(len(told[-1].rows), len(told), *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    rows, messages, *modules = done.stdout.split()
    assert (int(rows), int(messages)) == (MANY, 1)
    heavy = {"pint", "numpy", "pandas", "alembic", "reportlab", "monitoring.summary"}
    assert not heavy & set(modules)
