"""The lock: over encrypted records it drops the key, over plain ones it is a blank screen."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from monitoring.record.note import Note
from monitoring.store.connection import Place, is_plain
from monitoring.store.encryption.in_place import encrypt
from monitoring.store.encryption.key_ring import KEY_RING
from monitoring.store.errors import LockedError
from monitoring.store.opening import Records, open_records
from tests.encrypted import PASSPHRASE, a_key_file
from tests.tui.app.dose_screens import (
    GIVEN,
    MEASURED,
    NOW,
    SAMPLE,
    DrivenApp,
    fill,
    on_top,
    records_at,
    settle,
    shown,
    typed,
    with_patient,
)
from tui.app.all_actions import ACTIONS
from tui.app.app import SirolimusApp
from tui.app.screens.encrypt import EncryptScreen
from tui.app.screens.entry_form import EntryForm
from tui.app.screens.export import Export
from tui.app.screens.lock import LockScreen, UnlockScreen
from tui.app.screens.new_patient import NewPatientForm
from tui.app.screens.patient import PatientScreen
from tui.app.screens.void_entry import VoidScreen
from tui.app.screens.worklist import WorklistScreen
from tui.app.unsaved_form import UnsavedForm
from tui.app.widgets.question import ConfirmScreen

pytestmark = pytest.mark.usefixtures("empty_key_ring")


class EncryptedApp(DrivenApp):
    """The app over records that it opens itself."""

    def __init__(self, place: Place) -> None:
        SirolimusApp.__init__(
            self, lambda: open_records(str(place.file), "Dr Example"), lambda: NOW
        )
        self.stored: list[str] = []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return encrypted records of one patient; their key is not held."""
    records = records_at(tmp_path)
    with_patient(records, MEASURED, GIVEN)
    made, key, _ = a_key_file()
    encrypt(records.place, made, key)
    KEY_RING.lock()
    return records.place


async def until(pilot: Pilot[Any], is_so: Any) -> None:
    for _ in range(200):
        if is_so():
            return
        await settle(pilot)
        await pilot.pause(0.01)
    raise AssertionError(shown(pilot.app.screen))


def is_shown(app: DrivenApp, text: str) -> bool:
    return text in shown(on_top(app))


def said(app: DrivenApp) -> list[str]:
    return [each.message for each in app._notifications]  # noqa: SLF001 - no other way


async def give(pilot: Pilot[Any], passphrase: str) -> None:
    pilot.app.screen.query_one(Input).value = passphrase
    await pilot.press("enter")
    await settle(pilot)


@asynccontextmanager
async def unlocked(place: Place) -> AsyncIterator[tuple[EncryptedApp, Pilot[Any]]]:
    """Give the app on the worklist, with the patient listed."""
    app = EncryptedApp(place)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        await give(pilot, PASSPHRASE)
        await until(pilot, lambda: "Sample Łukasz" in shown(on_top(app)))
        yield app, pilot


@asynccontextmanager
async def in_form(place: Place, action: str) -> AsyncIterator[tuple[EncryptedApp, Pilot[Any]]]:
    """Give the app in a form about the patient."""
    async with unlocked(place) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(on_top(app), PatientScreen))
        await settle(pilot)
        await pilot.press(ACTIONS[action].key)
        await until(pilot, lambda: isinstance(on_top(app), EntryForm))
        yield app, pilot


async def test_encrypted_records_ask_for_the_passphrase_at_the_start(place: Place) -> None:
    app = EncryptedApp(place)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        assert "Passphrase, or recovery code" in shown(on_top(app))
        await give(pilot, "not the passphrase")
        await until(pilot, lambda: "The passphrase is wrong" in shown(on_top(app)))
        assert typed_secret(app) == ""
        await give(pilot, PASSPHRASE)
        await until(pilot, lambda: "Sample Łukasz" in shown(on_top(app)))
        assert isinstance(on_top(app), WorklistScreen)


def typed_secret(app: DrivenApp) -> str:
    return on_top(app).query_one(Input).value


async def test_the_passphrase_is_never_shown(place: Place) -> None:
    app = EncryptedApp(place)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        on_top(app).query_one(Input).value = PASSPHRASE
        await pilot.pause()
        assert PASSPHRASE not in shown(on_top(app))


async def test_the_lock_drops_the_key_and_shows_and_keeps_no_patient(place: Place) -> None:
    async with unlocked(place) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(on_top(app), PatientScreen))
        store = app.records.store
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        with pytest.raises(LockedError):
            store.read(1)
        assert [type(each) for each in app.screen_stack] == [WorklistScreen, UnlockScreen]
        for screen in app.screen_stack:
            assert "Sample" not in shown(screen)
            assert "00123" not in shown(screen)
        await pilot.press("x", "ctrl+p", "question_mark", "f1", "escape", "ctrl+s")
        assert isinstance(on_top(app), UnlockScreen)
        await give(pilot, PASSPHRASE)
        await until(pilot, lambda: "Sample Łukasz" in shown(on_top(app)))


async def test_unsaved_text_is_kept_encrypted_and_comes_back(place: Place) -> None:
    async with in_form(place, "note") as (app, pilot):
        text = "Łukasz [/] =1+1 refuses the syrup"
        await fill(pilot, text=text)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        hidden = app._unsaved_form  # noqa: SLF001 - what is in memory
        assert len(hidden) > len(text)
        assert b"syrup" not in hidden
        await give(pilot, PASSPHRASE)
        await until(pilot, lambda: isinstance(on_top(app), EntryForm))
        await until(pilot, lambda: typed(on_top(app), "text") == text)
        assert app._unsaved_form == b""  # noqa: SLF001 - as above
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(on_top(app), PatientScreen))
        (note,) = (each.entry for each in app.records.store.read(1).of(Note))
        assert note.text == text


async def test_choices_come_back_too(place: Place) -> None:
    async with in_form(place, "level") as (app, pilot):
        form = on_top(app)
        assert isinstance(form, EntryForm)
        choice = form.query("Choice").first()
        choice.chosen_number = 1  # type: ignore[attr-defined]
        await fill(pilot, value="7.2 ng/mL")
        await pilot.pause()
        before = UnsavedForm.of(form)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        await give(pilot, PASSPHRASE)
        await until(pilot, lambda: isinstance(on_top(app), EntryForm))
        await until(pilot, lambda: UnsavedForm.of(on_top(app)) == before)  # type: ignore[arg-type]


async def test_a_new_patient_comes_back(place: Place) -> None:
    async with unlocked(place) as (app, pilot):
        await pilot.press("n")
        await until(pilot, lambda: isinstance(on_top(app), NewPatientForm))
        await fill(pilot, name="Sample Child")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        await give(pilot, PASSPHRASE)
        await until(pilot, lambda: isinstance(on_top(app), NewPatientForm))
        await until(pilot, lambda: typed(on_top(app), "name") == "Sample Child")


async def test_the_text_of_a_form_that_cannot_be_opened_again_is_shown(place: Place) -> None:
    async with unlocked(place) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(on_top(app), PatientScreen))
        await settle(pilot)
        await pilot.press("6")
        await settle(pilot)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(on_top(app), VoidScreen))
        await fill(pilot, reason="another patient's weight")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))
        await give(pilot, PASSPHRASE)
        await until(pilot, lambda: "another patient's weight" in " ".join(said(app)))
        assert len(said(app)) == 1


async def test_over_plain_records_the_screen_is_blank_and_says_so(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    with_patient(records)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: SAMPLE.name in shown(on_top(app)))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(on_top(app), LockScreen))
        text = " ".join(shown(on_top(app)).split())
        assert "blank screen" in text
        assert "locks nothing: the records are not encrypted" in text
        assert "Sample" not in text
        await pilot.press("x")
        await until(pilot, lambda: SAMPLE.name in shown(on_top(app)))


async def test_idle_time_locks(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.app.app._IDLE_SEEN_AFTER_S", 0.01)
    async with unlocked(place) as (app, pilot):
        app._last_touch -= 60 * app._settings.idle_minutes  # noqa: SLF001 - time passes
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))


async def test_suspending_locks_before_the_process_stops(place: Place) -> None:
    """The driver's own handler would stop this process: one that looks has its place."""
    seen: list[bool] = []

    def stop(*_: object) -> None:
        with pytest.raises(LockedError):
            KEY_RING.encryption_by(Path(f"{place.file}.key"))
        seen.append(isinstance(app.screen, UnlockScreen))

    before = signal.signal(signal.SIGTSTP, stop)
    try:
        async with unlocked(place) as (app, pilot):
            os.kill(os.getpid(), signal.SIGTSTP)
            await until(pilot, lambda: bool(seen))
    finally:
        signal.signal(signal.SIGTSTP, before)
    assert seen == [True]


async def test_an_entry_that_is_being_stored_is_stored_before_the_lock(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with in_form(place, "note") as (app, pilot):
        form = on_top(app)
        assert isinstance(form, EntryForm)
        monkeypatch.setattr(form, "_is_working", True)  # as while storing
        await pilot.press("ctrl+l")
        assert on_top(app) is form
        monkeypatch.undo()
        await until(pilot, lambda: isinstance(on_top(app), UnlockScreen))


def test_records_of_a_fixture_are_encrypted(place: Place) -> None:
    with pytest.raises(LockedError):
        open_records(str(place.file))
    KEY_RING.ask_with(lambda _: PASSPHRASE)
    opened: Records = open_records(str(place.file))
    assert opened.store.count_patients() == 1


async def test_an_export_of_encrypted_records_is_plain_only_behind_a_question(
    place: Place, tmp_path: Path
) -> None:
    async with unlocked(place) as (app, pilot):
        await pilot.press(ACTIONS["export"].key)
        await until(pilot, lambda: isinstance(on_top(app), Export))
        await fill(pilot, folder=str(tmp_path / "out"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(on_top(app), ConfirmScreen))
        await pilot.press("enter")  # the careful answer has the focus
        await until(pilot, lambda: isinstance(on_top(app), Export))
        assert not (tmp_path / "out").exists()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(on_top(app), ConfirmScreen))
        await pilot.press("right", "enter")
        await until(pilot, (tmp_path / "out" / "records.json").exists)


async def test_empty_plain_records_offer_to_be_encrypted(tmp_path: Path) -> None:
    app = DrivenApp(records_at(tmp_path))
    app._open_records = lambda: open_records(str(tmp_path / "records.sqlite"))  # noqa: SLF001 - opens again
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: "they are not encrypted" in shown(on_top(app)))
        await pilot.press("ctrl+e")
        await until(pilot, lambda: isinstance(on_top(app), EncryptScreen))
        for passphrase, again, words in (
            ("too short", "too short", "too short"),
            (PASSPHRASE, PASSPHRASE.upper(), "differ"),
        ):
            await fill(pilot, passphrase=passphrase, again=again)
            await pilot.press("ctrl+s")
            await until(pilot, partial(is_shown, app, words))
        assert PASSPHRASE not in shown(on_top(app))
        await fill(pilot, passphrase=PASSPHRASE, again=PASSPHRASE)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Recovery code:" in shown(on_top(app)))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(on_top(app), WorklistScreen))
        await until(pilot, lambda: "they are not encrypted" not in shown(on_top(app)))
        assert not is_plain(tmp_path / "records.sqlite")
        with_patient(app.records)
        assert app.records.store.count_patients() == 1


async def test_plain_records_are_said_to_be_plain_once(tmp_path: Path, state_folder: Path) -> None:
    with_patient(records_at(tmp_path))
    (state_folder / "said-once.json").unlink()
    place = tmp_path / "records.sqlite"
    said: list[str] = []
    for _ in range(2):
        app = SirolimusApp(lambda: open_records(str(place), "Dr Example"), lambda: NOW)
        async with app.run_test() as pilot:
            await settle(pilot)
            said += [each.message for each in app._notifications]  # noqa: SLF001 - Textual has no public way
    assert said == [
        "These records are not encrypted. Run sirolimus encrypt. Encrypt the disk, too."
    ]
