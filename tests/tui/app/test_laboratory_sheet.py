"""The flowsheet on the laboratory tab: names fixed, dates scrolled, and the list below it."""

from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot

from monitoring.laboratory import flowsheet_of
from monitoring.record.entry import Entry
from monitoring.store.opening import Records
from tests.builders import a_laboratory_value, a_patient
from tests.tui.app.shown import open_patient, running, screen_text_of, until, until_shown
from tests.tui.places import new_records
from tui.app.screens.entry_details import DetailsScreen
from tui.app.screens.patient import Entries, PatientScreen
from tui.app.widgets.laboratory_sheet import LaboratorySheet
from tui.app.widgets.list_table import ListTable

NAME = a_patient().name
HOSTILE = "[/x] <img src=x> =1+1"


def records_with(*entries: Entry, folder: Path) -> Records:
    records = new_records(folder / "records.sqlite")
    number = records.store.add_patient(a_patient()).number
    for entry in entries:
        records.store.add(number, entry)
    return records


async def open_laboratory(pilot: Pilot[Any]) -> PatientScreen:
    screen = await open_patient(pilot, NAME)
    await pilot.press("5")
    return screen


async def test_dates_scroll_and_names_stay_and_the_list_is_below(tmp_path: Path) -> None:
    values = [
        a_laboratory_value("ALT", f"{40 + month * 20} U/L", f"2026-{month:02d}-01T08:00",
                           upper="90 U/L")
        for month in range(1, 11)
    ]  # fmt: skip
    records = records_with(*values, a_laboratory_value(HOSTILE, "3 U/L"), folder=tmp_path)
    async with running(records, (80, 24)) as pilot:
        screen = await open_laboratory(pilot)
        await until_shown(pilot, "▲ high G1")
        sheet = screen.query_one(LaboratorySheet)
        found = flowsheet_of(screen.summary.laboratory)
        table = sheet.query_one(ListTable)
        assert (table.row_count, len(table.columns)) == (len(found.rows), len(found.columns) + 2)
        text = screen_text_of(pilot)
        assert "1 Oct 2026" in text.split("At  ")[0]
        assert "1 Jan 2026" not in text.split("At  ")[0]
        assert HOSTILE[:12] in text
        assert "At " in text
        assert screen.query_one(Entries).has_focus
        for _ in range(12):
            await pilot.press("right")
        await until_shown(pilot, "1 Jan 2026")
        head = next(line for line in screen_text_of(pilot).splitlines() if "1 Jan 2026" in line)
        assert "Test" in head
        assert "ALT U/L" in screen_text_of(pilot)
        for _ in range(12):
            await pilot.press("left")
        await until_shown(pilot, "▲ high G1")
        await pilot.press("shift+tab")
        assert table.has_focus
        await pilot.press("enter")  # the flowsheet has no entry under its cursor
        assert not isinstance(pilot.app.screen, DetailsScreen)
        assert all(cell_len(line) <= 80 for line in screen_text_of(pilot).splitlines())


async def test_it_is_there_on_its_tab_alone_and_follows_the_record(tmp_path: Path) -> None:
    records = records_with(a_laboratory_value("ALT", "30 U/L"), folder=tmp_path)
    async with running(records, (120, 35)) as pilot:
        screen = await open_patient(pilot, NAME)
        sheet = screen.query_one(LaboratorySheet)
        assert not sheet.display
        await pilot.press("5")
        await until_shown(pilot, "ALT U/L")
        number = screen.summary.record.number
        records.store.add(number, a_laboratory_value("AST", "31 U/L"))
        pilot.app._look_for_changes()  # type: ignore[attr-defined]  # noqa: SLF001 - its clock waits
        await until_shown(pilot, "AST U/L")
        await pilot.press("2")
        await until(pilot, lambda: not sheet.display)


async def test_without_a_value_there_is_no_flowsheet(tmp_path: Path) -> None:
    async with running(records_with(folder=tmp_path), (80, 24)) as pilot:
        screen = await open_laboratory(pilot)
        await until_shown(pilot, "No laboratory values")
        assert not screen.query_one(LaboratorySheet).display
