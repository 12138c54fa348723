"""The worklist while it fills: rows in sight first, and never another patient's figures."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import DataTable

import monitoring.summary
from dosing import QuantityKind, Sex, read_quantity
from monitoring.clinic_choices import ClinicChoices
from monitoring.record.entries import Record
from monitoring.record.level import Level
from monitoring.record.patient import Patient
from monitoring.store.opening import Records
from monitoring.summary import PatientSummary, summarise_all
from monitoring.times import Moment
from tests.tui.app.shown import NOW, running, screen_text_of, until
from tests.tui.places import new_records
from tui.app.screens.worklist import WorklistScreen
from tui.app.worklist_filling import (
    LIMIT,
    PatientsFound,
    SummariesReady,
    Wanted,
    WorklistRequest,
    fill,
)

MANY = LIMIT + 3


def level_of(number: int) -> str:
    """Return the level of one patient, which no other has; by name they are in no order."""
    return f"{number * 37 % MANY / 10 + 1:.1f} ng/mL"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Return more patients than are listed, each with a level of their own."""
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
    return records


_PATIENCE_S = 30
"""So that a test that fails with a closed gate ends."""


class Gate:
    """Lets the filling go on by one batch at a time."""

    def __init__(self) -> None:
        self._batches = threading.Semaphore(0)

    def let(self, batches: int) -> None:
        self._batches.release(batches)

    def summarise_all(
        self, records: Sequence[Record], now: Moment, clinic: ClinicChoices
    ) -> list[PatientSummary]:
        assert self._batches.acquire(timeout=_PATIENCE_S), "the gate was never opened"
        return summarise_all(records, now, clinic)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    made.let(1)
    monkeypatch.setattr(monitoring.summary, "summarise_all", made.summarise_all)
    yield made
    made.let(1000)


def home_of(pilot: Pilot[Any]) -> WorklistScreen:
    home = pilot.app.screen_stack[0]
    assert isinstance(home, WorklistScreen)
    return home


def rows_of(pilot: Pilot[Any]) -> list[tuple[int, str]]:
    """Return the number in each row's name, and the level beside it."""
    table = pilot.app.screen.query_one(DataTable)
    level = table.get_column_index("level")
    rows = [table.get_row_at(row) for row in range(table.row_count)]
    return [(int(str(row[0]).split()[1]), str(row[level])) for row in rows]


def assert_own_figures(rows: list[tuple[int, str]], known: int) -> None:
    """Hold each level that is shown to be the patient's own; so many are shown."""
    shown = [(number, text) for number, text in rows if text != "…"]
    assert len(shown) == known
    assert all(level_of(number) in text for number, text in shown)


async def test_it_is_filled_when_the_rows_in_sight_are(many: Records, gate: Gate) -> None:
    async with running(many) as pilot:
        home = home_of(pilot)
        rows = rows_of(pilot)
        first = sum(1 for _, text in rows if text != "…")
        assert 15 < first < 24  # the lines of the screen, but for title, search, heading and foot
        assert_own_figures(rows[:first], known=first)
        assert "…" not in "".join(text for _, text in rows[:first])
        assert home.is_filled
        assert not home.is_complete
        assert "search to narrow …" in screen_text_of(pilot)
        gate.let(1000)
        await until(pilot, lambda: home.is_complete)
        assert_own_figures(rows_of(pilot), known=LIMIT)
        assert "search to narrow …" not in screen_text_of(pilot)


async def test_a_row_scrolled_to_is_filled_with_its_own(many: Records, gate: Gate) -> None:
    async with running(many) as pilot:
        await pilot.press("ctrl+end")
        assert rows_of(pilot)[-1] == (LIMIT - 1, "…")
        gate.let(1000)
        await until(pilot, lambda: home_of(pilot).is_complete)
        number, text = rows_of(pilot)[-1]
        assert (number, level_of(number) in text) == (LIMIT - 1, True)
        table = pilot.app.screen.query_one(DataTable)
        assert table.cursor_row == LIMIT - 1


async def test_what_is_sorted_while_it_fills_is_sorted_in_the_end(
    many: Records, gate: Gate
) -> None:
    async with running(many) as pilot:
        first = sum(1 for _, text in rows_of(pilot) if text != "…")
        await pilot.press("s", "s", "s")
        assert_own_figures(rows_of(pilot), known=first)
        gate.let(1)
        await pilot.pause(0.3)
        assert_own_figures(rows_of(pilot), known=first + 50)
        gate.let(1000)
        await until(pilot, lambda: home_of(pilot).is_complete)
        rows = rows_of(pilot)
        assert_own_figures(rows, known=LIMIT)
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


def told(records: Records, asked: WorklistRequest, *, stops_after: int = 1000) -> list[Message]:
    """Return what filling tells, cancelled after so many messages."""
    messages: list[Message] = []
    fill(records.store, asked, messages.append, lambda: len(messages) > stops_after)
    return messages


def asked(
    search: str = "", rows: int = 20, in_sight: frozenset[int] = frozenset()
) -> WorklistRequest:
    return WorklistRequest(wanted=Wanted(search), now=NOW, rows=rows, in_sight=in_sight)


def test_the_rows_in_sight_come_first_and_each_patient_once(many: Records) -> None:
    numbers = [each.patient for each in many.store.patients("", LIMIT)]
    in_sight = frozenset(numbers[150:160])
    found, *batches = told(many, asked(rows=10, in_sight=in_sight))
    assert isinstance(found, PatientsFound)
    summaries = [each for each in batches if isinstance(each, SummariesReady)]
    assert {each.record.number for each in summaries[0].summaries} == in_sight
    every = [each.record.number for batch in summaries for each in batch.summaries]
    assert sorted(every) == sorted(numbers)
    assert [each.is_last for each in summaries] == [False] * (len(summaries) - 1) + [True]


@pytest.mark.parametrize("rows", [199, 200, 201])
def test_the_last_batch_says_so(many: Records, rows: int) -> None:
    _, *batches = told(many, asked(rows=rows))
    is_last = [each.is_last for each in batches if isinstance(each, SummariesReady)]
    assert is_last == ([False, True] if rows < LIMIT else [True])


def test_nobody_found_is_told_at_once(many: Records) -> None:
    found, last = told(many, asked("zzz"))
    assert isinstance(found, PatientsFound)
    assert isinstance(last, SummariesReady)
    assert (found.patients, last.summaries, last.is_last) == ((), [], True)


def test_it_stops_where_it_is_cancelled(many: Records) -> None:
    assert len(told(many, asked(), stops_after=2)) == 3


def test_the_summary_of_a_row_is_that_of_the_record_alone(many: Records) -> None:
    _, *batches = told(many, asked("Sample 00"))
    for batch in batches:
        assert isinstance(batch, SummariesReady)
        for each in batch.summaries:
            record = many.store.read(each.record.number)
            assert each == summarise_all([record], NOW)[0]


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
        "from tui.app.worklist_filling import Wanted, WorklistRequest, fill\n"
        f"store = open_records({str(file)!r}, 'Dr Example').store\n"
        "asked = WorklistRequest(wanted=Wanted(), now=Moment.now('UTC'),"
        " rows=20, in_sight=frozenset())\n"
        "told = []\n"
        "fill(store, asked, told.append, lambda: False)\n"
        "print(sum(len(each.summaries) for each in told[1:]), *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    summarised, *modules = done.stdout.split()
    assert int(summarised) == LIMIT
    assert not {"pint", "pandas", "alembic", "reportlab", "pygrowup"} & set(modules)
