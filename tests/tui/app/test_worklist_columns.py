"""The rows of the worklist: columns at every width, order, filters, levels and their targets."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from dosing import Sex
from monitoring.record.patient import Patient
from monitoring.summary import summarise_all
from monitoring.terms import StateKind, Status, Urgency
from monitoring.worklist_index.row import LevelPoint, WorklistRow, row_of
from tests.builders import a_side_effect
from tests.tui.app.shown import NOW, demo_at, painted, running, screen_text_of, until
from tests.tui.places import new_records
from tui.app.line_breaks import parts_of
from tui.app.text import wrapped_cell
from tui.app.widgets.worklist_columns import (
    COLUMNS,
    USUAL_ORDER,
    columns_for,
    details_of,
    due_words,
    in_order,
    needs_of,
    spark,
)
from tui.app.widgets.worklist_table import WorklistTable
from tui.app.worklist_filters import ALL, FILTERS, counts_of, filter_named, kept_by

DAY = NOW.local.date()
WIDTHS = (60, 72, 80, 92, 100, 120, 140, 170)
HOSTILE = (
    "[/]", "[red]x[/red]", "<img src=x>", "=1+1", "שלום", "\x1b[31mred",
    "\N{RIGHT-TO-LEFT OVERRIDE}abc", "two\nlines\tand a tab", "漢字", "Łukasz[/]" * 34,
)  # fmt: skip


def a_point(ng_ml: str, status: Status, **changes: Any) -> LevelPoint:
    usual = LevelPoint(
        text=f"{ng_ml} ng/mL", ng_ml=Decimal(ng_ml), on=date(2026, 11, 20), status=status,
        is_evaluable=True, mark="● within", low=Decimal(5), high=Decimal(15),
    )  # fmt: skip
    return replace(usual, **changes)


def a_row(patient: int = 1, **changes: Any) -> WorklistRow:
    usual = WorklistRow(
        patient=patient, record_number=f"{patient:05}", name=f"Sample {patient:03}",
        born=date(2020, 11, 24), diagnosis="kaposiform haemangioendothelioma",
        urgency=Urgency.LATER, gravity=0, reason="", urgent=0, overdue=0, due=0, next_due=None,
        overdue_days=0, state=StateKind.ON, is_on_hold=False, dose="0.44 mg × 2",
        protocol="review 5-15", daily_mg=Decimal("0.88"), mg_per_m2_per_day=Decimal("1.6"),
        levels=(), grade=None, authors=("Dr Example",),
    )  # fmt: skip
    return replace(usual, **changes)


@pytest.fixture(scope="module")
def demo_rows(tmp_path_factory: pytest.TempPathFactory) -> list[WorklistRow]:
    """Return the rows of the synthetic clinic."""
    records = demo_at(tmp_path_factory.mktemp("rows"))
    return [row_of(each) for each in summarise_all(list(records.store.records()), NOW)]


# --- columns


@pytest.mark.parametrize("width", WIDTHS)
def test_every_column_fits_and_no_word_is_cut(demo_rows: list[WorklistRow], width: int) -> None:
    placed = columns_for(width, demo_rows, DAY)
    assert placed[-1].start + placed[-1].width <= width - 3
    for each in placed:
        assert cell_len(each.column.heading) <= each.room
        for row in demo_rows:
            text = each.column.text(row, DAY)
            lines = wrapped_cell(text, each.room, each.column.lines).plain.split("\n")
            assert len(lines) <= each.column.lines
            assert all(cell_len(line) <= each.room for line in lines)
            whole = set(parts_of(text))
            shown = {word for line in lines for word in parts_of(line.removesuffix("…"))}
            assert shown <= whole, (each.column.name, lines)
            if each.column.name != "diagnosis":  # it is in full at the foot
                assert "…" not in "".join(lines), (each.column.name, text)


@pytest.mark.parametrize(
    ("width", "more"),
    [
        (60, set()),
        (80, {"due", "grade"}),
        (100, {"due", "grade", "dose", "trend"}),
        (120, {"due", "grade", "dose", "trend", "age", "level-age"}),
        (140, {"due", "grade", "dose", "trend", "age", "level-age", "diagnosis"}),
    ],
)
def test_wider_screens_have_more_columns(width: int, more: set[str]) -> None:
    shown = {each.column.name for each in columns_for(width, [a_row()], DAY)}
    assert shown == {"needs", "name", "record-number", "level"} | more


def test_a_long_record_number_has_its_room() -> None:
    rows = [a_row(record_number="1234567890")]
    placed = columns_for(80, rows, DAY)
    number = next(each for each in placed if each.column.name == "record-number")
    assert number.room == 10


def test_every_rank_has_a_sign_and_a_word_of_its_own() -> None:
    needs = [needs_of(a_row(urgency=each)) for each in Urgency]
    assert [each.text for each in needs] == ["■ urgent", "▲ overdue", "● due", "· later"]
    assert len({each.meaning for each in needs}) == len(needs)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"overdue": 1, "overdue_days": 1}, "1 d late"),
        ({"overdue": 1, "overdue_days": 999}, "999 d late"),
        ({"overdue": 1, "overdue_days": 1000}, "2 y late"),
        ({"urgent": 1}, "now"),
        ({"due": 1}, "now"),
        ({"next_due": DAY + timedelta(days=20)}, "14 Dec"),
        ({"next_due": DAY + timedelta(days=364)}, "23 Nov"),
        ({"next_due": DAY + timedelta(days=365)}, "Nov 2027"),
        ({}, "–"),
    ],
)
def test_when_something_is_due(changes: dict[str, Any], words: str) -> None:
    assert due_words(a_row(**changes), DAY) == words


@pytest.mark.parametrize(
    ("point", "sign"),
    [
        (a_point("4.9", Status.BELOW), "▁"),
        (a_point("5", Status.WITHIN), "▃"),
        (a_point("8.3", Status.WITHIN), "▃"),
        (a_point("8.4", Status.WITHIN), "▄"),
        (a_point("11.7", Status.WITHIN), "▅"),
        (a_point("15", Status.WITHIN), "▅"),
        (a_point("15.1", Status.ABOVE), "▇"),
        (a_point("22.5", Status.ABOVE), "▇"),
        (a_point("22.6", Status.ABOVE), "█"),
        (a_point("9", Status.WITHIN, is_evaluable=False), "·"),
        (a_point("9", Status.NOT_ASSESSED), "·"),
        (a_point("9", Status.WITHIN, low=None, high=None), "·"),
        (a_point("2", Status.WITHIN, low=None), "▃"),
        (a_point("15", Status.WITHIN, low=Decimal(15)), "▄"),
    ],
)
def test_the_height_of_a_level_says_where_it_is_without_colour(
    point: LevelPoint, sign: str
) -> None:
    assert spark(point) == sign


def test_the_facts_of_a_patient_are_in_a_line() -> None:
    row = a_row(levels=(a_point("9", Status.WITHIN),), overdue=2, due=1)
    assert list(details_of(row, DAY)) == [
        "6 years", "kaposiform haemangioendothelioma", "0.44 mg × 2, 1.6 mg/m² a day",
        "target review 5-15 ng/mL", "level of 20 Nov 2026", "2 overdue, 1 due checks",
    ]  # fmt: skip
    held = a_row(dose="on hold", is_on_hold=True, urgent=1)
    assert "on hold" in list(details_of(held, DAY))
    assert list(details_of(a_row(dose="", protocol=""), DAY))[2:] == ["no dose"]


# --- order


def test_the_urgent_come_first_then_overdue_due_and_the_rest() -> None:
    rows = [
        a_row(1), a_row(2, urgency=Urgency.DUE), a_row(3, urgency=Urgency.OVERDUE, overdue_days=2),
        a_row(4, urgency=Urgency.OVERDUE, overdue_days=9), a_row(5, urgency=Urgency.URGENT),
        a_row(6, urgency=Urgency.URGENT, gravity=9), a_row(7, name="A first by name"),
    ]  # fmt: skip
    found = in_order(rows, USUAL_ORDER)
    assert [each.patient for each in found] == [6, 5, 4, 3, 2, 7, 1]
    assert in_order(rows, USUAL_ORDER, is_reversed=True) == found[::-1]


@pytest.mark.parametrize("column", COLUMNS[1:], ids=lambda column: column.name)
def test_every_column_sorts_both_ways_with_nothing_last(column: Any) -> None:
    full = {
        "levels": (a_point("9", Status.WITHIN),), "grade": 2, "due": 1,
        "next_due": DAY + timedelta(days=3),
    }  # fmt: skip
    rows = [
        a_row(1, **full),
        a_row(
            2, name="b", record_number="2", born=date(2010, 1, 1), diagnosis="b", dose="1 mg × 1",
            protocol="transplant 4-12", daily_mg=Decimal(1), mg_per_m2_per_day=Decimal(1), grade=3,
            levels=(a_point("20", Status.ABOVE, on=date(2026, 1, 1)),), overdue=1, overdue_days=4,
        ),
        a_row(3, dose="", protocol="", daily_mg=None, mg_per_m2_per_day=None, diagnosis="",
              born=date(2015, 1, 1)),
    ]  # fmt: skip
    forwards = [each.patient for each in in_order(rows, column)]
    backwards = [each.patient for each in in_order(rows, column, is_reversed=True)]
    assert sorted(forwards) == [1, 2, 3]
    if column.order(rows[2]) is None:
        assert (forwards[-1], backwards[-1]) == (3, 3)
        assert forwards[:2] == backwards[:2][::-1]
    else:
        assert forwards == backwards[::-1]


# --- filters


def test_each_filter_keeps_its_patients_and_counts_them() -> None:
    above = a_point("20", Status.ABOVE)
    rows = [
        a_row(1, urgency=Urgency.URGENT, urgent=1), a_row(2, overdue=1), a_row(3, due=1),
        a_row(4, is_on_hold=True), a_row(5, levels=(above,)),
        a_row(6, levels=(above, a_point("3", Status.BELOW))), a_row(7, authors=("Another",)),
        a_row(8, levels=(above,), dose=""),  # not treated: nothing is above
    ]  # fmt: skip
    kept = {each.title: [row.patient for row in kept_by(each, rows, "Another")] for each in FILTERS}
    assert kept == {
        "All": [1, 2, 3, 4, 5, 6, 7, 8], "Urgent": [1], "Due": [2, 3], "On hold": [4],
        "Above": [5], "Below": [6], "Mine": [7],
    }  # fmt: skip
    counts = counts_of(rows, "Another")
    assert {each.title: counts[each.action] for each in FILTERS} == {
        title: len(patients) for title, patients in kept.items()
    }
    assert filter_named(ALL.action) is ALL
    assert kept_by(filter_named("my-patients"), rows, "nobody") == ()


# --- the widget


class Listing(App[None]):
    """The list alone."""

    def compose(self) -> ComposeResult:
        yield WorklistTable()


async def test_ten_thousand_patients_are_all_there_and_only_those_in_sight_are_drawn() -> None:
    rows = [a_row(number) for number in range(10_000)]
    app = Listing()
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.query_one(WorklistTable)
        table.list_rows(rows, DAY)
        await pilot.pause()
        assert table.row_count == 10_000
        assert table.in_sight == range(23)
        await pilot.press("end")
        assert (table.cursor_row, table.chosen) == (9_999, table.shown[-1])
        assert table.in_sight == range(9_977, 10_000)
        assert painted(app.screen)[-1].text.lstrip().startswith("· later   Sample 9999")
        await pilot.press("pageup", "up")
        assert table.cursor_row == 9_999 - 22 - 1
        await pilot.press("home", "down", "pagedown")
        assert table.cursor_row == 1 + 22
        table.list_rows([each for each in rows if each.patient != 0], DAY)
        assert table.chosen is not None
        assert table.chosen.patient == 23  # the cursor stays on its patient
        table.move_cursor(9_000)
        for few in (rows[:1], [], rows[5:7]):  # fewer than the place of the cursor
            table.list_rows(few, DAY)
            assert table.chosen in few if few else table.chosen is None
            await pilot.pause()


async def test_hostile_names_are_shown_and_do_nothing() -> None:
    app = Listing()
    rows = [
        a_row(number, name=text, record_number=text, diagnosis=text, reason=text,
              urgency=Urgency.URGENT)
        for number, text in enumerate(HOSTILE)
    ]  # fmt: skip
    async with app.run_test(size=(140, 60)) as pilot:
        table = app.query_one(WorklistTable)
        for width in (60, 80, 140):
            await pilot.resize_terminal(width, 60)
            table.list_rows(rows, DAY)
            await pilot.pause()
            strips = painted(app.screen)
            assert all(strip.cell_length == width for strip in strips)
            shown = "".join(strip.text for strip in strips)
            assert all(sign.isprintable() for sign in shown)
            for text in ("[/]", "[red]x[/red]", "<img", "=1+1", "שלום", "漢字"):
                assert text in shown, (width, text)


async def test_the_pneumonitis_of_patient_450_of_500_is_first(tmp_path: Path) -> None:
    records = new_records(tmp_path / "many.sqlite")
    for number in range(500):
        added = records.store.add_patient(
            Patient(record_number=f"{number:05}", name=f"Sample {number:03}",
                    born=date(2024, 1, 1), sex=Sex.MALE)
        )  # fmt: skip
        if number == 450:
            severe = a_side_effect("Pneumonitis", grade=3, since="2026-11-20")
            records.store.add(added.number, severe)
    async with running(records) as pilot:
        table = pilot.app.screen.query_one(WorklistTable)
        await until(pilot, lambda: table.row_count == 500)
        assert table.shown[0].name == "Sample 450"
        await until(pilot, lambda: "Pneumonitis" in screen_text_of(pilot))
        lines = screen_text_of(pilot).splitlines()
        heading = next(at for at, line in enumerate(lines) if "Needs ▾" in line)
        assert "■ urgent  Sample 450" in lines[heading + 1]
        assert "Pneumonitis" in lines[heading + 2]
        await pilot.press("2")
        await until(pilot, lambda: "1 of 500 patients, urgent" in screen_text_of(pilot))
        assert table.row_count == 1
