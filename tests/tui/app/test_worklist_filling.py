"""The worklist while it fills: rows as they are made, and never another patient's figures."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot

from dosing import QuantityKind, Sex, read_quantity
from monitoring.record.level import Level
from monitoring.record.patient import Patient
from monitoring.store.opening import Records, open_records
from monitoring.summary import PatientSummary, summarise_all
from monitoring.times import Moment
from monitoring.worklist_index.index import WorklistIndex
from monitoring.worklist_index.row import row_of
from tests.tui.app.shown import NOW, running, screen_text_of, until, until_shown
from tests.tui.places import new_records, put
from tui.app.screens.worklist import WorklistScreen
from tui.app.widgets.worklist_table import WorklistTable
from tui.app.worklist_filling import RowsReady, WorklistRequest, fill

MANY = 203
FIRST = 20
"""The rows of the first batch."""


def level_of(number: int) -> str:
    """Return the level of one patient, which no other has; by name they are in no order."""
    return f"{number * 37 % MANY / 10 + 1:.1f} ng/mL"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return records of many patients, each with a level of their own, without an index."""
    records = new_records(tmp_path_factory.mktemp("many") / "many.sqlite")
    levels = []
    for number in range(MANY):
        name = f"Sample {number:03}"
        patient = records.store.add_patient(
            Patient(record_number=f"{number:05}", name=name, born=date(2024, 1, 1), sex=Sex.MALE)
        )
        value = read_quantity(level_of(number), QuantityKind.LEVEL)
        sampled = Moment.read("2026-11-05T08:00", "UTC")
        levels.append((patient.number, Level(sampled=sampled, value=value)))
    records.store.add_all(levels, revision=records.store.last_change())
    records.store.engine.dispose()
    file = records.place.file
    assert file is not None
    return file.read_bytes()


@pytest.fixture
def many(tmp_path: Path, written: bytes) -> Records:
    """Give these records, of which no line is in the index yet."""
    return open_records(str(put(tmp_path / "records.sqlite", written)), "Dr Example")


_PATIENCE_S = 30
"""A test that fails with a closed gate ends after it."""


class Gate:
    """Lets the filling go on by one batch at a time."""

    def __init__(self) -> None:
        self._batches = threading.Semaphore(0)
        self._real = WorklistIndex.summaries_of

    def let(self, batches: int) -> None:
        self._batches.release(batches)

    def summaries_of(self, index: WorklistIndex, patients: Sequence[int]) -> list[PatientSummary]:
        assert self._batches.acquire(timeout=_PATIENCE_S), "the gate was never opened"
        return self._real(index, patients)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    made.let(1)

    def gated(index: WorklistIndex, patients: Sequence[int]) -> list[PatientSummary]:
        return made.summaries_of(index, patients)

    monkeypatch.setattr(WorklistIndex, "summaries_of", gated)
    yield made
    made.let(1000)


def home_of(pilot: Pilot[Any]) -> WorklistScreen:
    home = pilot.app.screen_stack[0]
    assert isinstance(home, WorklistScreen)
    return home


def rows_of(pilot: Pilot[Any]) -> list[tuple[int, str]]:
    """Return the number in each row's name, and the level in its line."""
    table = pilot.app.screen.query_one(WorklistTable)
    numbers = [int(row.name.split()[1]) for row in table.shown]
    return [(number, table.text_of(row, "level")) for row, number in enumerate(numbers)]


def assert_own_figures(rows: list[tuple[int, str]], known: int) -> None:
    """Hold each level that is shown to be the patient's own; so many are shown."""
    assert len(rows) == known
    assert all(level_of(number) in text for number, text in rows)


async def test_it_is_filled_when_the_rows_in_sight_are(many: Records, gate: Gate) -> None:
    async with running(many) as pilot:
        home = home_of(pilot)
        assert_own_figures(rows_of(pilot), known=FIRST)
        assert home.is_filled
        assert not home.is_complete
        await until_shown(pilot, f"203 patients; {FIRST} read …")
        gate.let(1000)
        await until(pilot, lambda: home.is_complete)
        assert_own_figures(rows_of(pilot), known=MANY)
        await until(pilot, lambda: "read …" not in screen_text_of(pilot))


async def test_a_row_scrolled_to_is_filled_with_its_own(many: Records, gate: Gate) -> None:
    async with running(many) as pilot:
        await pilot.press("end")
        table = pilot.app.screen.query_one(WorklistTable)
        chosen = table.chosen
        gate.let(1000)
        await until(pilot, lambda: home_of(pilot).is_complete)
        assert table.chosen == chosen  # the cursor stays on its patient as others come
        await pilot.press("end")
        assert table.cursor_row == MANY - 1
        number, text = rows_of(pilot)[-1]
        assert level_of(number) in text
        assert f"Sample {number:03}" in screen_text_of(pilot)


async def test_what_is_sorted_while_it_fills_is_sorted_in_the_end(
    many: Records, gate: Gate
) -> None:
    async with running(many) as pilot:
        table = pilot.app.screen.query_one(WorklistTable)
        while table.sorted_by.name != "level":
            await pilot.press("s")
        assert_own_figures(rows_of(pilot), known=FIRST)
        gate.let(1)
        await until(pilot, lambda: table.row_count == FIRST + 50)
        assert_own_figures(rows_of(pilot), known=FIRST + 50)
        gate.let(1000)
        await until(pilot, lambda: home_of(pilot).is_complete)
        rows = rows_of(pilot)
        assert_own_figures(rows, known=MANY)
        levels = [float(level_of(number).split()[0]) for number, _ in rows]
        assert levels == sorted(levels, reverse=True)


async def test_what_is_searched_while_it_fills_is_found(many: Records, gate: Gate) -> None:
    async with running(many) as pilot:
        home = home_of(pilot)
        await pilot.press("slash", *"sample 19")
        await pilot.pause(0.3)
        gate.let(1000)
        await until(pilot, lambda: home.is_complete and len(rows_of(pilot)) == 10)
        rows = rows_of(pilot)
        assert [number for number, _ in rows] == list(range(190, 200))
        assert_own_figures(rows, known=10)
        old = RowsReady("another search", (), 0, many.store.last_change(), is_last=True)
        home.post_message(old)  # of a filling that was overtaken
        await pilot.pause()
        assert_own_figures(rows_of(pilot), known=10)


def said(records: Records, search: str = "", *, stops_after: int = 1000) -> list[RowsReady]:
    """Return what filling says, cancelled after so many messages."""
    messages: list[Message] = []
    request = WorklistRequest(search=search, now=NOW)
    fill(records.store, request, messages.append, lambda: len(messages) > stops_after)
    assert all(isinstance(each, RowsReady) for each in messages)
    return [each for each in messages if isinstance(each, RowsReady)]


def test_each_patient_comes_once_and_the_last_message_says_so(many: Records) -> None:
    messages = said(many)
    assert [each.is_last for each in messages] == [False] * (len(messages) - 1) + [True]
    assert [len(each.rows) for each in messages] == sorted(len(each.rows) for each in messages)
    assert len({each.patient for each in messages[-1].rows}) == MANY
    assert {each.total for each in messages} == {MANY}
    (again,) = said(many)  # from the index
    assert again.is_last
    assert sorted(again.rows, key=lambda row: row.order) == sorted(
        messages[-1].rows, key=lambda row: row.order
    )


def test_nobody_found_is_said_at_once(many: Records) -> None:
    first, *_, whole = said(many, "zzz")
    assert (first.rows, first.total, first.is_last, first.everyone) == ((), 0, True, None)
    assert whole.rows == ()
    assert len(whole.everyone or ()) == many.store.count_patients("")


def test_it_stops_where_it_is_cancelled(many: Records) -> None:
    assert len(said(many, stops_after=2)) == 3


def test_the_row_is_that_of_the_record_alone(many: Records) -> None:
    for _ in ("made from the record", "read from the index"):
        rows = said(many, "Sample 00")[-1].rows
        assert len(rows) == 10
        for each in rows:
            assert each == row_of(summarise_all([many.store.read(each.patient)], NOW)[0])


_FIRST_FRAME = """
import os, sys, threading
from tui.app.app import SirolimusApp
from dosing import UserError
gate = threading.Event()
def opened():
    assert gate.wait(timeout=30)
    raise UserError("never")
def now():
    from monitoring.times import Moment
    return Moment.read("2026-11-24T10:00", "UTC")
async def look(pilot):
    strips = []
    while not any(strip.text.strip() for strip in strips):
        await pilot.pause(0)
        strips = pilot.app.screen._compositor.render_strips()
    print("\\n".join(strip.text for strip in strips))
    print(",".join(sorted(sys.modules)))
    sys.stdout.flush()
    os._exit(0)
SirolimusApp(opened, now).run(headless=True, size=(80, 24), auto_pilot=look)
"""


def test_the_first_frame_waits_for_no_heavy_import() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", _FIRST_FRAME],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    *screen, modules = done.stdout.rstrip("\n").split("\n")
    shown = "\n".join(screen)
    assert "Sirolimus  worklist  24 Nov 2026" in shown
    assert "Opening the records …" in shown
    assert "f1 Help" in shown
    imported = set(modules.split(","))
    assert "tui.app.app" in imported
    assert not imported & {
        "pint", "numpy", "pandas", "sqlalchemy", "alembic", "reportlab", "pygrowup",
        "dosing.knowledge.protocols", "monitoring.summary", "monitoring.record.entries",
    }  # fmt: skip


def test_the_worklist_of_metric_records_needs_neither_units_nor_tables(many: Records) -> None:
    file = many.place.file
    script = (
        "import sys\n"
        "from monitoring.store.opening import open_records\n"
        "from monitoring.times import Moment\n"
        "from tui.app.worklist_filling import WorklistRequest, fill\n"
        f"store = open_records({str(file)!r}, 'Dr Example').store\n"
        "asked = WorklistRequest(search='', now=Moment.now('UTC'))\n"
        "told = []\n"
        "fill(store, asked, told.append, lambda: False)\n"
        "print(len(told[-1].rows), *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    summarised, *modules = done.stdout.split()
    assert int(summarised) == MANY
    assert not {"pint", "pandas", "alembic", "reportlab", "pygrowup"} & set(modules)
