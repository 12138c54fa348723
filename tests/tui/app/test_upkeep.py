"""Backup and verify from the screen."""

import sqlite3
from pathlib import Path

import pytest

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
from tui.app.upkeep.backup import BackUp
from tui.app.upkeep.verify import Verify


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
        assert "A file is needed" in words(app)
        await fill(pilot, file=str(file))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"Head {records.store.head()}." in words(app)
        assert "✓ Backed up 1 changes" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "exists already" in words(app)
    assert open_records(str(file)).store.find("00123").patient.entry == SAMPLE


async def test_whole_records_are_told_with_their_head(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, Verify())
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert f"✓ All 1 changes are whole. Head {records.store.head()}." in words(app)


async def test_a_record_changed_behind_the_programs_back_is_found(
    records: Records, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "data" / "records.sqlite") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE patient SET name = 'Somebody Else'")
    database.close()
    assert not verify(records.store.engine).is_whole
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, Verify())
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "patient 1: was changed behind the program's back" in words(app)
        assert "✓" not in words(app)


async def test_a_head_that_is_not_in_the_trail_is_found(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = Verify()
        await show(pilot, screen)
        await fill(pilot, head="f" * 64)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "does not hold the head that was given" in words(app)
        for text in ("[/]", "a\x1b[31mb", "=1+1"):
            await fill(pilot, head=text)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert "The head cannot be read" in words(app)
            assert "\x1b" not in shown(screen)
