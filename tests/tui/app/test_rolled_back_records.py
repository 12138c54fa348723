"""Records that lack a change seen earlier, in the app: a question first, and nothing stored."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from monitoring.store.opening import Records, open_records
from monitoring.store.store import Store
from monitoring.times import Moment
from tests.builders import a_note
from tests.tui.app.dose_screens import (
    SAMPLE,
    DrivenApp,
    fill,
    on_top,
    records_at,
    settle,
    show,
    shown,
    where_stands,
    with_patient,
)
from tests.tui.app.shown import NOW, screen_text_of, until, until_shown
from tui.app.app import SirolimusApp
from tui.app.screens.patient import PatientScreen
from tui.app.screens.verify import Verify
from tui.app.widgets.question import ConfirmScreen


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give records into whose place an older copy was put."""
    records = records_at(tmp_path)
    with_patient(records)
    file = records.place.file
    assert file is not None
    older = file.read_bytes()
    records.store.add(1, a_note("lost"))
    file.write_bytes(older)
    return file


def quietly(file: Path) -> Records:
    """Open records as the app does."""
    return open_records(str(file), "Dr Example", tell=lambda _text: None)


@asynccontextmanager
async def asking(file: Path) -> AsyncIterator[Pilot[None]]:
    """Run the app until it asks."""
    app = SirolimusApp(lambda: quietly(file), lambda: NOW)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        yield pilot


async def test_the_app_asks_before_it_shows_a_patient(file: Path) -> None:
    async with asking(file) as pilot:
        text = " ".join(screen_text_of(pilot).replace("│", " ").split())
        assert "The records end at change 1, and change 2 was seen here on" in text
        assert "Sample" not in text
        await pilot.press("enter")  # the careful answer
        await until_shown(pilot, "Sample Łukasz")
        assert "changes are missing: read only" in screen_text_of(pilot)
        assert isinstance(pilot.app, SirolimusApp)
        assert pilot.app.records.lack is not None
    assert quietly(file).lack is not None


async def test_accepted_records_are_used_as_any_other(file: Path) -> None:
    async with asking(file) as pilot:
        await pilot.press("right", "enter")
        await until_shown(pilot, "Sample Łukasz")
        assert "read only" not in screen_text_of(pilot)
        assert isinstance(pilot.app, SirolimusApp)
        pilot.app.records.store.add(1, a_note())
    assert open_records(str(file)).lack is None  # a warning would be an error


async def test_nothing_is_stored_in_records_that_were_not_accepted(file: Path) -> None:
    records = quietly(file)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("escape")
        screen = PatientScreen(where_stands(records.store.read(1)))
        await show(pilot, screen)
        await until(pilot, lambda: screen.is_read)
        await pilot.press("t")
        await pilot.pause()
        await fill(pilot, text="what I saw")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Nothing was stored." in " ".join(shown(on_top(app)).split())
    assert records.store.last_change() == 1


async def test_verify_finds_what_is_missing(file: Path) -> None:
    app = DrivenApp(quietly(file))
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("escape")
        await show(pilot, Verify())
        await pilot.press("ctrl+s")
        await settle(pilot)
        text = " ".join(shown(on_top(app)).split())
        assert "the records: end at change 1, and change 2 was seen here" in text
        assert "✓" not in text


async def test_an_older_copy_at_a_new_place_is_named(file: Path, tmp_path: Path) -> None:
    copy = shutil.copy(file, tmp_path / "copy.sqlite")
    app = SirolimusApp(lambda: quietly(Path(copy)), lambda: NOW)
    async with app.run_test(size=(160, 30)) as pilot:
        await until_shown(pilot, SAMPLE.name)
        assert "an older copy" in screen_text_of(pilot)
        (said,) = app._notifications  # noqa: SLF001 - Textual has no other way
        assert f"change 2 was seen at {file} on " in said.message


async def test_a_file_put_back_while_the_app_is_open_is_said(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    with_patient(records)
    file = records.place.file
    assert file is not None
    older = shutil.copy(file, tmp_path / "older.sqlite")
    app = SirolimusApp(lambda: records, lambda: NOW)
    async with app.run_test(size=(160, 30)) as pilot:
        await until_shown(pilot, SAMPLE.name)
        records.store.add(1, a_note("lost"))
        shutil.copy(older, file)
        app.on_app_focus()
        await until_shown(pilot, "The records were replaced while they were open")


async def test_a_clock_that_jumped_back_is_shown(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    with_patient(records)
    app = SirolimusApp(lambda: records, lambda: NOW)
    async with app.run_test(size=(160, 30)) as pilot:
        await until_shown(pilot, SAMPLE.name)
        earlier = Moment.read("2001-01-01T08:00", "Europe/Paris")
        store = Store(records.store.engine, "Dr Example", lambda: earlier, records.store.watch)
        store.add(1, a_note())
        await until(pilot, lambda: bool(app._notifications))  # noqa: SLF001 - Textual has no other way
        (said,) = app._notifications  # noqa: SLF001 - as above
        assert said.message.startswith("This entry is dated before the last one, of ")
