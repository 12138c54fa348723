"""A list that gets its first row shows it at once: every list of a patient, and of the clinic."""

from pathlib import Path

import pytest
from textual.widgets import DataTable

from monitoring.record.entry import Entry
from monitoring.store.opening import Records
from tests.builders import (
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_note,
    a_side_effect,
)
from tests.tui.app.dose_screens import (
    SAMPLE,
    DrivenApp,
    fill,
    show,
    shown,
    where_stands,
    with_patient,
)
from tests.tui.app.shown import until
from tests.tui.app.walks import laboratory_files
from tui.app.entry_lists import LISTS
from tui.app.screens.patient import Entries, PatientScreen

FIRST: dict[str, Entry] = {
    "levels": a_level("7.2 ng/mL", "2026-11-04T07:50"),
    "doses": a_dose("2026-10-01T08:00", "0.44"),
    "events": a_side_effect(),
    "laboratory": a_laboratory_value(),
    "measures": a_measurement(on="2026-10-20"),
    "drugs": a_drug(),
    "response": a_note(),
}
"""An entry for each list of the table; the history has one from the beginning."""


def test_every_list_is_tried() -> None:
    assert {*FIRST, "history"} == {each.name for each in LISTS}


@pytest.mark.parametrize("size", [(80, 24), (140, 60)], ids=["short", "tall"])
async def test_every_list_of_a_patient_shows_its_first_row(
    records: Records, size: tuple[int, int]
) -> None:
    app, record = DrivenApp(records), with_patient(records, patient=SAMPLE)
    async with app.run_test(size=size) as pilot:
        screen = PatientScreen(where_stands(record))
        await show(pilot, screen)
        await until(pilot, lambda: screen.is_read and not screen.is_busy)
        table, empty = screen.query_one(Entries), screen.query_one("#empty")
        for name, entry in FIRST.items():
            screen.action_tab(name)
            await pilot.pause()
            assert (table.display, empty.display) == (False, True), name
            records.store.add(record.number, entry)
            screen.read_again()
            await until(pilot, lambda: not screen.is_busy)
            assert (table.display, empty.display, table.row_count) == (True, False, 1), name
            assert screen.focused is table, name
            await pilot.press("enter")  # the key of the row works at once
            assert len(app.screen_stack) == 3, name
            await pilot.press("escape")
        screen.action_tab("now")
        await pilot.pause()
        assert table.display is (size[1] > 34)


async def test_the_first_row_takes_no_focus_from_the_overview(records: Records) -> None:
    app, record = DrivenApp(records), with_patient(records, patient=SAMPLE)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = PatientScreen(where_stands(record))
        await show(pilot, screen)
        await until(pilot, lambda: screen.is_read and not screen.is_busy)
        before = screen.focused
        records.store.add(record.number, FIRST["levels"])
        screen.read_again()
        await until(pilot, lambda: not screen.is_busy)
        assert screen.focused is before
        assert not screen.query_one(DataTable).display


async def test_the_lists_of_the_clinic_show_their_first_row(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        home = app.screen
        await until(pilot, lambda: "Welcome" in shown(home))
        with_patient(records, patient=SAMPLE)
        home.look_again()  # type: ignore[attr-defined]
        await until(pilot, lambda: SAMPLE.name in shown(home))
        assert "Welcome" not in shown(home)
        await pilot.press("i")
        assert app.screen.query_one(DataTable).row_count == 0
        await fill(pilot, file="results.csv", mapping="laboratory.toml")
        await pilot.press("f5")
        await until(pilot, lambda: "refused" in shown(app.screen))
        assert "DEMO-11" in shown(app.screen)
        await pilot.press("escape", "right", "enter")
        await until(pilot, lambda: app.screen is home)
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query_one(DataTable).row_count > 0)
        await until(pilot, lambda: "of patients" in shown(app.screen))
