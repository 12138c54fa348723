"""Backup and verify from the screen."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Static

from dosing.quantities.formatting import short_date
from monitoring.exchange.export import export
from monitoring.store.opening import Records, open_records
from monitoring.store.verify import verify
from tests.tui.app.dose_screens import (
    SAMPLE,
    DrivenApp,
    fill,
    on_top,
    records_at,
    settle,
    show,
    shown,
    with_patient,
)
from tui.app.screens.backup import BackUp
from tui.app.screens.export import Export
from tui.app.screens.restore_export import RestoreExport
from tui.app.screens.verify import Verify
from tui.app.widgets.question import ConfirmScreen


@pytest.fixture
def records(tmp_path: Path) -> Records:
    opened = records_at(tmp_path / "data")
    with_patient(opened)
    return opened


def words(app: DrivenApp) -> str:
    return " ".join(shown(on_top(app)).split())


async def test_a_backup_holds_the_records_and_its_head_is_shown(
    records: Records, tmp_path: Path
) -> None:
    app, file = DrivenApp(records), tmp_path / "copy.sqlite"
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, BackUp())
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Enter a new file" in words(app)
        await fill(pilot, file=str(file))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"Head {records.store.head()}." in words(app)
        assert "✓ Backed up 1 change" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "already exists" in words(app)
    assert open_records(str(file)).store.find("00123").patient.entry == SAMPLE


async def test_whole_records_are_told_with_their_head(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, Verify())
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ 1 change is whole. Head {records.store.head()}." in words(app)


async def test_a_record_changed_behind_the_programs_back_is_found(
    records: Records, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / "records.sqlite")) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE patient SET name = 'Somebody Else'")
        database.commit()
    assert not verify(records.store.engine).is_whole
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, Verify())
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "patient 1: was changed outside the program" in words(app)
        assert "✓" not in words(app)


async def test_a_head_that_is_not_in_the_trail_is_found(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = Verify()
        await show(pilot, screen)
        await fill(pilot, head="f" * 64)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "does not contain the given head" in words(app)
        for text in ("[/]", "a\x1b[31mb", "=1+1"):
            await fill(pilot, head=text)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert "The head is not valid" in words(app)
            assert "\x1b" not in shown(screen)


async def test_an_export_is_previewed_and_taken_over_into_empty_records(
    records: Records, tmp_path: Path
) -> None:
    folder, empty = tmp_path / "out", records_at(tmp_path / "empty")
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, Export())
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Enter a new folder" in words(app)
        await fill(pilot, folder=str(folder))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "✓ Exported 1 change" in words(app)
    app = DrivenApp(empty)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = RestoreExport()
        await show(pilot, screen)
        await fill(pilot, folder=str(folder))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Preview the export first." in words(app)
        await pilot.press("f5")
        await settle(pilot)
        assert "+ to add: 1 patient with 1 change; the export is whole." in words(app)
        assert f"{SAMPLE.record_number}, born {short_date(SAMPLE.born)}" in words(app)
        assert empty.store.last_change() == 0
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(on_top(app), ConfirmScreen)
        await pilot.press("escape")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ Imported and verified 1 change. Head {records.store.head()}." in words(app)
        assert app.stored == [""]
    assert empty.store.find("00123").patient.entry == SAMPLE


async def test_what_cannot_be_taken_over_is_told_and_nothing_written(
    records: Records, tmp_path: Path
) -> None:
    folder, empty = tmp_path / "out", records_at(tmp_path / "empty")
    export(records.store.engine, folder)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, RestoreExport())
        await fill(pilot, folder=str(folder))
        await pilot.press("f5")
        await settle(pilot)
        assert "restored into empty records" in words(app)
    app, file = DrivenApp(empty), folder / "records.json"
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, RestoreExport())
        await fill(pilot, folder=str(folder))
        await pilot.press("f5")
        await settle(pilot)
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole.replace("Łukasz", "Lukasz"), encoding="utf-8")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The export is damaged" in words(app)
        for text in (str(tmp_path / "nowhere"), "[/]\x1b[31m", "=1+1"):
            await fill(pilot, folder=text)
            await pilot.press("f5")
            await settle(pilot)
            assert on_top(app).query_one("#problem", Static).has_class("-shown")
    assert empty.store.last_change() == 0


@pytest.mark.parametrize("said", ["Other users can read it.", ""])
async def test_the_app_says_once_that_others_can_read_the_records(
    said: str, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.store.file_modes.open_to_others", lambda _file: said)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        shown_at_once = [each.message for each in app._notifications]  # noqa: SLF001 - as elsewhere
    assert shown_at_once == ([said] if said else [])
