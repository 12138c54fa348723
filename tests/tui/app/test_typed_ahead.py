"""Keys typed ahead: none is lost, and none goes to another field or screen than it was for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Tabs

from monitoring.record.co_medication import CoMedication
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.store.opening import Records
from monitoring.worklist_index import reading
from tests.tui.app.shown import burst, demo_at, open_patient, running, until, until_shown
from tests.tui.places import new_records
from tui.app.all_actions import ACTIONS, PATIENT_ACTIONS
from tui.app.screens.after_level import AfterLevel
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.entry_forms import LevelForm, MeasurementForm
from tui.app.screens.form_screen import FormScreen
from tui.app.screens.lock import LockScreen
from tui.app.screens.new_patient import NewPatientForm
from tui.app.screens.opening_patient import OpeningPatient
from tui.app.screens.patient import PatientScreen
from tui.app.screens.worklist import WorklistScreen
from tui.app.widgets.field import Field
from tui.app.widgets.question import ConfirmScreen


@asynccontextmanager
async def at_a_patient(records: Records) -> AsyncIterator[tuple[Pilot[Any], PatientScreen]]:
    async with running(records) as pilot:
        yield pilot, await open_patient(pilot, "Łukasz")


def first_text(form: FormScreen) -> str:
    return form.query(Field).first().text


async def until_on(pilot: Pilot[Any], kind: type[Any]) -> Any:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await pilot.pause()
    return pilot.app.screen


async def test_every_form_of_a_patient_takes_what_was_typed_before_it_stood(tmp_path: Path) -> None:
    """One burst a form: its key, a text, and the key to the next field with another text."""
    async with at_a_patient(demo_at(tmp_path)) as (pilot, patient):
        tried = []
        for action in PATIENT_ACTIONS:
            if not patient.check_action("open", (action.name,)) or len(action.key) > 1:
                continue
            burst(pilot, action.key, "9.5 n", "tab", "7")
            form = await until_on(pilot, FormScreen)
            if not form.query(Field):  # nothing to type: a question, or a list
                await pilot.press("escape")
                await until(pilot, lambda: pilot.app.screen is patient)
                continue
            await until(pilot, lambda: pilot.app._typed_ahead.is_idle)  # type: ignore[attr-defined]  # noqa: SLF001
            second = form.focus_chain.index(form.focused)
            for place, text in ((second - 1, "9.5 n"), (second, "7")):
                taker = form.focus_chain[place]  # a list takes letters of its own
                if isinstance(taker, Input):
                    assert taker.value == text, (action.name, place)
            assert patient.query_one(Tabs).active == "now"
            tried.append(action.name)
            pilot.app.pop_screen()
            await until(pilot, lambda: pilot.app.screen is patient)
            await pilot.pause()
        assert {"level", "event", "laboratory", "measurement", "drug", "missed", "note",
                "condition", "prescribe", "end-dose", "taper"} <= set(tried)  # fmt: skip


async def test_a_burst_that_stores_is_stored_and_goes_on_at_the_patient(tmp_path: Path) -> None:
    records = demo_at(tmp_path)
    async with at_a_patient(records) as (pilot, patient):
        burst(pilot, "t", "seen today", "ctrl+s", "m", "30 k")
        form = await until_on(pilot, MeasurementForm)
        await until(pilot, lambda: first_text(form) == "30 k")
        record = records.store.read(patient.summary.record.number)
        assert record.of(Note)[-1].entry.text == "seen today"
        assert form.summary.record == patient.summary.record == record
        assert record.of(Measurement)[-1].entry.weight != form.query_one("#weight", Field).value


async def test_what_was_typed_before_an_answer_decides_nothing_and_is_shown(tmp_path: Path) -> None:
    records = demo_at(tmp_path)
    async with at_a_patient(records) as (pilot, _):
        seen: list[str] = []
        pilot.app.show_message = lambda text, **_: seen.append(text)  # type: ignore[attr-defined]
        burst(pilot, "g", "clarithromycin", "tab", "-3d", "ctrl+s", "enter", "m", "9")
        answer = await until_on(pilot, AnswerScreen)
        await until(pilot, lambda: bool(seen))
        await pilot.pause()
        assert pilot.app.screen is answer
        assert "enter m9" in " ".join(seen)
        assert "typed before this was shown" in " ".join(seen)
        burst(pilot, "enter")  # typed now, it closes
        patient = await until_on(pilot, PatientScreen)
        number = patient.summary.record.number
        assert records.store.read(number).of(CoMedication)[-1].entry.drug == "clarithromycin"


async def test_what_was_typed_behind_a_refused_store_goes_into_no_field(tmp_path: Path) -> None:
    async with at_a_patient(demo_at(tmp_path)) as (pilot, _):
        seen: list[str] = []
        pilot.app.show_message = lambda text, **_: seen.append(text)  # type: ignore[attr-defined]
        burst(pilot, "l", "9.5", "ctrl+s", "m", "30 kg")  # no unit
        form = await until_on(pilot, LevelForm)
        await until(pilot, lambda: bool(seen))
        assert first_text(form) == "9.5"
        assert "m30 kg" in seen[0]
        assert "not stored" in seen[0]
        burst(pilot, " ng/mL")  # typed now, it goes into the field with the problem
        await until(pilot, lambda: first_text(form) == "9.5 ng/mL")


async def test_from_the_worklist_a_form_takes_what_was_typed(tmp_path: Path) -> None:
    async with running(new_records(tmp_path / "empty.sqlite")) as pilot:
        burst(pilot, "n", "00123", "enter", "Ann Sample", "tab", "2024-08-23")
        form = await until_on(pilot, NewPatientForm)
        await until(pilot, lambda: form.query_one("#born", Field).text == "2024-08-23")
        texts = [each.text for each in form.query(Field)][:3]
        assert texts == ["00123", "Ann Sample", "2024-08-23"]


async def test_what_was_searched_is_listed_before_the_next_key(tmp_path: Path) -> None:
    """Enter behind a search opens the patient found, not the first one of before."""
    async with running(demo_at(tmp_path)) as pilot:
        burst(pilot, "/", "Side Eff", "enter", "enter", "m", "30 kg")
        form = await until_on(pilot, MeasurementForm)
        await until(pilot, lambda: first_text(form) == "30 kg")
        assert form.summary.record.patient.entry.name == "Sample Side Effects"


async def test_from_the_worklist_a_patient_takes_what_was_typed(tmp_path: Path) -> None:
    async with running(demo_at(tmp_path)) as pilot:
        burst(pilot, "enter", "l", "9.5 ng/mL", "tab", "8:00")
        form = await until_on(pilot, LevelForm)
        await until(pilot, lambda: form.query_one("#sampled", Field).text == "8:00")
        assert first_text(form) == "9.5 ng/mL"


async def test_escape_and_the_key_behind_it_are_for_the_screen_below(tmp_path: Path) -> None:
    async with at_a_patient(demo_at(tmp_path)) as (pilot, _):
        burst(pilot, "l", "escape", "m", "30 kg")
        form = await until_on(pilot, MeasurementForm)
        await until(pilot, lambda: first_text(form) == "30 kg")


async def test_a_level_goes_to_its_advice_and_on_to_the_dose_without_a_screen_between(
    tmp_path: Path,
) -> None:
    records = demo_at(tmp_path)
    async with at_a_patient(records) as (pilot, patient):
        seen: list[str] = []
        pilot.app.screen_change_signal.subscribe(
            pilot.app, lambda screen: seen.append(type(screen).__name__), immediate=True
        )
        burst(pilot, "l", "21.5 ng/mL", "ctrl+s")
        after = await until_on(pilot, AfterLevel)
        assert patient.summary.record == after.summary.record  # current before it is seen again
        assert patient.summary.last_level is not None
        burst(pilot, "f4")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Prescribe")
        assert seen == ["LevelForm", "AfterLevel", "Prescribe"]
        assert pilot.app.screen_stack[:-1] == [pilot.app.screen_stack[0], patient]
        level = records.store.read(patient.summary.record.number).of(Level)[-1].entry
        assert str(level) == "21.5 ng/mL"


@pytest.mark.parametrize("name", ["end-dose", "void"])
async def test_the_patient_is_current_before_it_is_seen_again(tmp_path: Path, name: str) -> None:
    records = demo_at(tmp_path)
    async with running(records) as pilot:
        patient = await open_patient(pilot, "Łukasz")
        before = patient.summary.record
        shown: list[bool] = []

        def comes(screen: Screen[Any]) -> None:
            if screen is patient:
                shown.append(patient.summary.record.revision > before.revision)

        if name == "void":
            await pilot.press("2")
            patient.action_void()
        else:
            pilot.app.push_screen(ACTIONS[name].screen(patient.summary))
        form = await until_on(pilot, FormScreen)
        pilot.app.screen_change_signal.subscribe(pilot.app, comes, immediate=True)
        form.query_one("#reason", Field).text = "as agreed"
        await pilot.pause()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pilot.app.screen is patient)
        assert shown == [True]
        await until_shown(pilot, patient.summary.record.patient.entry.name)


async def test_what_was_typed_behind_the_key_to_the_next_patient_is_for_that_one(
    tmp_path: Path,
) -> None:
    async with running(demo_at(tmp_path)) as pilot:
        home = pilot.app.screen_stack[0]
        assert isinstance(home, WorklistScreen)
        order = home._table.patients_in_order  # noqa: SLF001 - as it is listed
        await pilot.press("enter")
        await until_on(pilot, PatientScreen)
        burst(pilot, ">", ">", "l", "9.5 n")
        form = await until_on(pilot, LevelForm)
        await until(pilot, lambda: first_text(form) == "9.5 n")
        assert form.summary.record.number == order[2]


async def test_what_was_typed_before_a_question_does_not_answer_it(tmp_path: Path) -> None:
    async with at_a_patient(demo_at(tmp_path)) as (pilot, patient):
        seen: list[str] = []
        pilot.app.show_message = lambda text, **_: seen.append(text)  # type: ignore[attr-defined]
        burst(pilot, "t", "seen", "escape", "right", "enter")  # to discard it, unread
        question = await until_on(pilot, ConfirmScreen)
        await until(pilot, lambda: bool(seen))
        assert "typed before this was shown" in seen[0]
        assert pilot.app.screen is question
        burst(pilot, "right", "enter")  # typed now, it answers
        await until(pilot, lambda: pilot.app.screen is patient)


async def test_a_patient_read_behind_a_blank_screen_opens_once_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the name alone would be shown, and no key would be taken any more."""
    may_go_on = Event()
    usual = reading.summary_of

    def held_up(*about: Any) -> Any:
        may_go_on.wait(30)
        return usual(*about)

    monkeypatch.setattr(reading, "summary_of", held_up)
    async with running(demo_at(tmp_path)) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, OpeningPatient))
        pilot.app.lock()  # type: ignore[attr-defined]  # of the app
        await until(pilot, lambda: isinstance(pilot.app.screen, LockScreen))
        may_go_on.set()
        reads = [each for each in pilot.app.workers if each.group == "open-patient"]
        await until(pilot, lambda: all(each.is_finished for each in reads))
        burst(pilot, "x")  # any key takes the blank screen away
        patient = await until_on(pilot, PatientScreen)
        await until(pilot, lambda: patient.is_read)
        burst(pilot, "escape")
        await until_on(pilot, WorklistScreen)
