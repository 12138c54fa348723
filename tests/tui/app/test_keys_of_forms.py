"""The keys of the forms, as who has never read a manual presses them."""

from pathlib import Path

from textual.widgets import Button, Input

from tests.builders import a_note
from tests.tui.app.shown import demo_at, open_patient, running, screen_text_of, until, until_shown
from tests.tui.places import new_records
from tui.app.screens.entry_forms import LevelForm
from tui.app.screens.new_patient import NewPatientForm
from tui.app.widgets.field import Field
from tui.app.widgets.question import ConfirmScreen


async def test_enter_and_tab_go_on_before_the_keys_that_follow(tmp_path: Path) -> None:
    async with running(new_records(tmp_path / "empty.sqlite")) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, NewPatientForm))
        # In one burst, as a scanner or a slow line delivers them: nothing waits between the keys.
        await pilot.press("1", "2", "enter", "A", "n", "n", "tab", "x")
        fields = pilot.app.screen.query(Field)
        assert [field.text for field in fields][:3] == ["12", "Ann", "x"]


async def test_what_was_wrong_is_gone_to_and_is_no_longer_told_once_mended(tmp_path: Path) -> None:
    async with running(new_records(tmp_path / "empty.sqlite")) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, NewPatientForm))
        form = pilot.app.screen
        assert isinstance(form, NewPatientForm)
        await pilot.press("1", "enter", "A", "enter", "5", "tab", "ctrl+s")
        assert "is not a date" in form.problem
        assert form.focused is form.field("born").query_one(Input)
        await pilot.press("ctrl+u")
        await pilot.pause()
        assert form.problem == ""


async def test_the_keys_of_an_empty_worklist_work_after_a_form_was_left(tmp_path: Path) -> None:
    async with running(new_records(tmp_path / "empty.sqlite")) as pilot:
        for _ in range(2):
            await pilot.press("n")
            await until(pilot, lambda: isinstance(pilot.app.screen, NewPatientForm))
            await pilot.press("escape")
            await until_shown(pilot, "add the first patient")


async def test_the_arrows_choose_an_answer(tmp_path: Path) -> None:
    async with running(new_records(tmp_path / "empty.sqlite")) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, NewPatientForm))
        await pilot.press("1", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        for key, answer in (("right", "yes"), ("left", "no"), ("right", "yes")):
            await pilot.press(key)
            assert pilot.app.screen.focused is pilot.app.screen.query_one(f"#{answer}", Button)
        await pilot.press("enter")
        await until_shown(pilot, "add the first patient")


async def test_help_the_main_key_and_back_come_first(tmp_path: Path) -> None:
    async with running(demo_at(tmp_path)) as pilot:
        screen = await open_patient(pilot, "Side Eff")
        screen.action_open("level")
        await until(pilot, lambda: isinstance(pilot.app.screen, LevelForm))
        await until_shown(pilot, " f1 Help  ^s Store  esc Back  pgdn Scroll down")
        assert "^q Quit" in screen_text_of(pilot).splitlines()[-1]


async def test_what_is_opened_while_the_record_is_read_waits_for_it(tmp_path: Path) -> None:
    records = demo_at(tmp_path)
    async with running(records) as pilot:
        screen = await open_patient(pilot, "Side Eff")
        before = screen.summary
        records.store.add(before.record.number, a_note())
        screen.read_again()
        screen.action_open("level")
        assert not isinstance(pilot.app.screen, LevelForm)
        await until(pilot, lambda: isinstance(pilot.app.screen, LevelForm))
        form = pilot.app.screen
        assert isinstance(form, LevelForm)
        assert form.summary is screen.summary is not before
