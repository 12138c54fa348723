"""The worklist and the patient's screen, driven by their keys over real records."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input, Static, Tabs

from dosing import Sex
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.store.opening import Records, open_records
from tests.tui.app.dose_screens import settle
from tests.tui.app.shown import (
    NOW,
    demo_at,
    open_patient,
    running,
    screen_text_of,
    until,
    until_shown,
)
from tests.tui.places import new_records
from tui.app.actions import CLINIC_ACTIONS
from tui.app.all_actions import PATIENT_ACTIONS
from tui.app.app import SirolimusApp
from tui.app.messages import EntryStored
from tui.app.screens.cohort import CohortScreen
from tui.app.screens.dose_calculator import DoseCalculator
from tui.app.screens.end_entry import EndOfEntry
from tui.app.screens.entry_form import EntryForm
from tui.app.screens.help import keys_of
from tui.app.screens.new_patient import ChangePatientForm
from tui.app.screens.patient import PatientScreen
from tui.app.screens.void_entry import VoidScreen
from tui.app.settings import Settings
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.worklist_columns import USUAL_ORDER
from tui.app.widgets.worklist_table import WorklistTable
from tui.app.worklist_filters import FILTERS, counts_of

OFFERED = [
    each
    for each in PATIENT_ACTIONS
    if each.name not in {"restart", "treated-before", "second-check"}
]
"""The actions about a patient whose doses are given: only those on hold are restarted, and a second
check is for a clinic that asks for one."""

HOSTILE = "[/] [red]x[/red] [@click=app.quit]y[/] <img src=x> =1+1 Łukasz שלום"


@pytest.fixture
def demo(tmp_path: Path) -> Records:
    return demo_at(tmp_path)


def names_shown(pilot: Any) -> list[str]:
    table = pilot.app.screen_stack[0].query_one(WorklistTable)
    return [row.name for row in table.shown]


async def test_the_search_is_the_databases(demo: Records) -> None:
    async with running(demo) as pilot:
        await pilot.press("slash", *"demo-0")
        await until_shown(pilot, 'search "demo-0": 9 of 17 patients; esc ends the search')
        assert len(names_shown(pilot)) == 9
        await pilot.press("escape")
        await until_shown(pilot, "\n 17 patients\n")
        await pilot.press("2", "slash", *"xyz")
        await until_shown(pilot, 'search "xyz": no patient found, urgent')
        await pilot.press("escape", "escape")
        await until_shown(pilot, "\n 17 patients\n")
        await pilot.press("slash", *"zzz")
        await until_shown(pilot, "no patient found")


async def test_a_search_hides_nobody_in_silence(demo: Records) -> None:
    """The counts stay those of the clinic, and a patient who was found ends the search."""
    async with running(demo) as pilot:
        await until_shown(pilot, "2 Urgent 3")
        before = names_shown(pilot)
        await pilot.press("slash", *"side eff", "enter")
        await until_shown(pilot, 'search "side eff": 1 of 17 patients')
        shown = screen_text_of(pilot)
        assert "1 All 17  2 Urgent 3  3 Due 16  4 On hold 2" in shown
        assert pilot.app.screen.query_one("#search").has_class("-on")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientScreen))
        await pilot.press("escape")
        await until(pilot, lambda: names_shown(pilot) == before)
        assert not pilot.app.screen.query_one(Input).value
        await until_shown(pilot, "\n 17 patients\n")
        assert not pilot.app.screen.query_one("#search").has_class("-on")


async def test_every_column_sorts_by_key_and_the_other_way_round(demo: Records) -> None:
    async with running(demo, (170, 40)) as pilot:
        table = pilot.app.screen.query_one(WorklistTable)
        await until(pilot, lambda: table.row_count == 17)
        by_need, orders = names_shown(pilot), set()
        for placed in table.columns:
            assert table.sorted_by is placed.column
            forwards = names_shown(pilot)
            orders.add(tuple(forwards))
            await pilot.press("r")
            values = {placed.column.order(row) for row in table.shown} - {None}
            assert (names_shown(pilot) != forwards) is (len(values) > 1), placed.column.name
            assert sorted(names_shown(pilot)) == sorted(by_need)
            await pilot.press("r")
            assert names_shown(pilot) == forwards
            await pilot.press("s")
        assert table.sorted_by is USUAL_ORDER
        assert names_shown(pilot) == by_need
        assert len(orders) > 9


async def test_every_column_sorts_by_the_mouse(demo: Records) -> None:
    async with running(demo, (170, 40)) as pilot:
        table = pilot.app.screen.query_one(WorklistTable)
        for placed in table.columns[1:]:
            await pilot.click(WorklistTable, offset=(1 + placed.start, 0))
            await until_shown(pilot, f"sorted by {placed.column.heading.lower()}\n")
            await pilot.click(WorklistTable, offset=(placed.start + placed.room, 0))
            await until_shown(pilot, f"sorted by {placed.column.heading.lower()}, reversed\n")
        await pilot.click(WorklistTable, offset=(1, 0))
        await until(pilot, lambda: "sorted by" not in screen_text_of(pilot))


async def test_the_filters_by_key_and_mouse_with_their_counts(demo: Records) -> None:
    async with running(demo) as pilot:
        table = pilot.app.screen.query_one(WorklistTable)
        await until_shown(pilot, "1 All 17  2 Urgent 3  3 Due 16  4 On hold 2  5 Above 1  6 Below")
        counts = counts_of(table.shown, "Dr Example")
        for key, each in enumerate(FILTERS[1:], start=2):
            await pilot.press(str(key))
            await until_shown(pilot, f"▸{key} {each.title} {counts[each.action]}")
            assert table.row_count == counts[each.action]
            shown = f"{table.row_count} of 17 patients, {each.in_words}\n"
            await until_shown(pilot, shown)
            await pilot.press(str(key))  # chosen again it shows all
            await until_shown(pilot, "17 patients\n")
        bar = screen_text_of(pilot).splitlines()[2]
        await pilot.click("#filters", offset=(bar.index("Urgent"), 0))
        assert names_shown(pilot)[0] == "Sample Side Effects"
        assert len(names_shown(pilot)) == 3
        await pilot.press("escape")
        assert len(names_shown(pilot)) == 17


async def test_my_patients_are_those_with_an_entry_of_mine(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Łukasz")
        demo.store.add(screen.summary.record.number, Note(on=date(2026, 11, 24), text="mine"))
        await pilot.press("escape", "escape", "7")
        await until_shown(pilot, "7 Mine 1")
        assert names_shown(pilot) == ["Sample Łukasz"]


async def test_keys_pressed_while_a_patient_is_opened_go_to_the_patient(demo: Records) -> None:
    async with running(demo) as pilot:
        home = pilot.app.screen
        home.query_one(WorklistTable).action_choose()
        await pilot.press("4", "2")  # two tabs there, two filters here
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientScreen))
        patient = pilot.app.screen
        assert isinstance(patient, PatientScreen)
        await until(pilot, lambda: patient.query_one(Tabs).active == "levels")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is home)
        assert "▸1 All" in screen_text_of(pilot)


async def test_a_patient_who_is_left_while_opened_is_not_shown(demo: Records) -> None:
    async with running(demo) as pilot:
        home = pilot.app.screen
        home.query_one(WorklistTable).action_choose()
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen is home


async def test_what_another_person_stored_is_seen(demo: Records) -> None:
    async with running(demo) as pilot:
        demo.store.add_patient(
            Patient(record_number="9", name="A new one", born=date(2024, 1, 1), sex=Sex.MALE)
        )
        pilot.app.post_message(EntryStored("9"))
        await until(pilot, lambda: "A new one" in names_shown(pilot))
        screen = await open_patient(pilot, "A new")
        demo.store.add(screen.summary.record.number, Note(on=date(2026, 11, 24), text="seen now"))
        pilot.app.post_message(EntryStored("9"))
        await until(pilot, lambda: bool(screen.summary.record.of(Note)))


async def test_each_action_of_a_patient_opens_with_the_patient_in_sight(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Side Eff")  # on hold: every action applies
        before = demo.store.last_change()
        for action in OFFERED:
            await pilot.press(action.key)
            await until(pilot, lambda: pilot.app.screen is not screen)
            opened = type(pilot.app.screen)
            banner = pilot.app.screen.query_one(PatientBanner)
            assert "Sample Side Effects" in str(banner.render()), (action.name, opened)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is screen)
        assert demo.store.last_change() == before


async def test_each_action_of_the_clinic_opens_and_goes_back(demo: Records) -> None:
    async with running(demo) as pilot:
        home = pilot.app.screen
        before = demo.store.last_change()
        for action in CLINIC_ACTIONS:
            await pilot.press(action.key)
            await until(pilot, lambda: pilot.app.screen is not home)
            await settle(pilot)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is home)
        assert demo.store.last_change() == before


async def test_the_palette_offers_what_applies_and_no_screenshot(demo: Records) -> None:
    async with running(demo) as pilot:
        app = pilot.app
        titles = [each.title for each in app.get_system_commands(app.screen)]
        assert {each.title for each in CLINIC_ACTIONS} <= set(titles)
        assert "Level" not in titles
        assert "Screenshot" not in titles
        await open_patient(pilot, "Side Eff")  # on hold: every action applies
        titles = [each.title for each in app.get_system_commands(app.screen)]
        assert {each.title for each in OFFERED} <= set(titles)


async def test_an_entry_is_voided_with_a_reason_and_stays(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Łukasz")
        await pilot.press("2", "j", "v")
        await until(pilot, lambda: isinstance(pilot.app.screen, VoidScreen))
        await pilot.press("ctrl+s")
        await until_shown(pilot, "Reason is missing.")
        await pilot.press(*"wrong tube [/]", "ctrl+s")
        await until(pilot, lambda: pilot.app.screen is screen)
        await until(pilot, lambda: any(not each.level.is_active for each in screen.summary.levels))
        (voided,) = [each for each in screen.summary.levels if not each.level.is_active]
        assert str(voided.level.entry) == "8.8 ng/mL"
        assert voided.level.void is not None
        assert voided.level.void.entry.reason == "wrong tube [/]"
        assert voided.level.void.author.by == "Dr Example"
        await until_shown(pilot, "voided")


async def test_a_side_effect_is_ended_with_its_last_day(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Side Eff")
        await pilot.press("2", "f")
        assert pilot.app.screen is screen
        await pilot.press("4")
        await pilot.pause()
        row = screen._row  # noqa: SLF001 - what is under the cursor is told nowhere else
        assert row is not None
        assert row.entry is not None
        number, began = row.entry.number, row.entry.entry.since
        assert row.entry.ending is None
        await pilot.press("f")
        await until(pilot, lambda: isinstance(pilot.app.screen, EndOfEntry))
        ending: Any = pilot.app.screen
        for day, told in (
            ("2026-11-25", "is in the future"),
            (str(began - timedelta(days=1)), "before the beginning"),
            ("", "missing"),
        ):
            ending.query_one("#on Input", Input).value = day
            await pilot.press("ctrl+s")
            await until_shown(pilot, told)
        ending.query_one("#on Input", Input).value = "2026-11-24"
        ending.query_one("#reason Input", Input).value = "healed [/]"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pilot.app.screen is screen)
    record = demo.store.read(screen.summary.record.number)
    (ended,) = [each for each in record.of(AdverseEvent) if each.number == number]
    assert ended.ending is not None
    assert (ended.ending.entry.on, ended.ending.entry.reason) == (NOW.local.date(), "healed [/]")


async def test_a_patients_allergies_are_changed_and_the_rest_stays(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Łukasz")
        before = screen.summary.record.patient.entry
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChangePatientForm))
        form: Any = pilot.app.screen
        form.query_one("#allergies Input", Input).value = "soya"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pilot.app.screen is screen)
        await until_shown(pilot, "! allergies: soya")
    record = demo.store.read(screen.summary.record.number)
    assert record.patient.entry == replace(before, allergies="soya")
    assert len(record.of(Patient)) == 2


async def test_what_was_voided_by_another_is_told_and_the_reason_stays(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Łukasz")
        await pilot.press("2", "v")
        await until(pilot, lambda: isinstance(pilot.app.screen, VoidScreen))
        demo.store.void(screen.summary.levels[-1].level.number, "first")
        await pilot.press(*"second", "ctrl+s")
        await until_shown(pilot, "already")
        assert pilot.app.screen.query_one(Input).value == "second"
        assert isinstance(pilot.app.screen, VoidScreen)


@pytest.mark.campaign  # test_hostile_text.py shows it on every screen in the usual run
async def test_hostile_text_is_shown_as_it_is_stored(tmp_path: Path) -> None:
    records = new_records(tmp_path / "hostile.sqlite", HOSTILE)
    patient = records.store.add_patient(
        Patient(
            record_number="[b]1[/b]",
            name=HOSTILE,
            born=date(2020, 1, 1),
            sex=Sex.FEMALE,
            diagnosis=HOSTILE,
            allergies=HOSTILE,
        )
    )
    for entry in (
        AdverseEvent(term=HOSTILE, since=date(2026, 11, 1), text=HOSTILE),
        CoMedication(drug=HOSTILE, since=date(2026, 11, 1), text=HOSTILE),
        Note(on=date(2026, 11, 1), text=HOSTILE),
    ):
        records.store.add(patient.number, entry)
    async with running(records, (160, 50)) as pilot:
        assert "[b]1[/b]" in screen_text_of(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientScreen))
        assert HOSTILE[:40] in str(pilot.app.screen.query_one(PatientBanner).render())
        for tab in "123456789":
            await pilot.press(tab)
            await pilot.press("enter")
            await pilot.pause()
            if not isinstance(pilot.app.screen, PatientScreen):
                await pilot.press("escape")
            await pilot.press("f1", "escape", "question_mark", "escape")
        await pilot.press("4", "v")
        await until(pilot, lambda: isinstance(pilot.app.screen, VoidScreen))
        assert HOSTILE[:40] in screen_text_of(pilot)


async def test_a_key_of_the_settings_replaces_the_usual_one(demo: Records) -> None:
    settings = Settings(keys={"new-patient": "ctrl+n", "level": "f2"})
    async with running(demo, settings=settings) as pilot:
        home = pilot.app.screen
        await pilot.press("n")
        assert pilot.app.screen is home
        await pilot.press("ctrl+n")
        await until(pilot, lambda: pilot.app.screen is not home)
        await pilot.press("escape")
        screen: Screen[Any] = await open_patient(pilot, "Łukasz")
        await pilot.press("f2")
        await until(pilot, lambda: pilot.app.screen is not screen)


async def test_keys_that_are_swapped_and_the_keys_of_a_form(demo: Records) -> None:
    keys = {"level": "d", "dose": "l", "store": "ctrl+g", "back": "f12", "down": "Z"}
    async with running(demo, settings=Settings(keys=keys)) as pilot:
        screen = await open_patient(pilot, "Łukasz")
        await pilot.press("l")
        await until(pilot, lambda: isinstance(pilot.app.screen, DoseCalculator))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, DoseCalculator)
        await pilot.press("f12")
        await until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(pilot.app.screen, EntryForm))
        before = demo.store.last_change()
        await pilot.press(*"ZZZ", "ctrl+s")
        await pilot.pause()
        assert demo.store.last_change() == before
        await pilot.press("ctrl+g")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert demo.store.read(screen.summary.record.number).of(Note)[-1].entry.text == "ZZZ"
        assert ("d", "Record a trough level", "level") in list(keys_of(screen))


async def test_the_clinics_figures_are_reached_from_a_patient(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Łukasz")
        offered = {each.name for each, _ in pilot.app.offered(screen)}  # type: ignore[attr-defined]
        assert "cohort" in offered
        assert "import" not in offered
        titles = [each.title for each in pilot.app.get_system_commands(screen)]
        assert "Cohort" in titles
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CohortScreen))
        await until_shown(pilot, "patients")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)


async def test_every_key_of_a_patient_works_in_its_lists(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Side Eff")  # on hold: every action applies
        await pilot.press("2")
        for action in OFFERED:
            await pilot.press(action.key)
            await until(pilot, lambda: pilot.app.screen is not screen)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is screen)


async def test_the_screen_is_blanked_when_it_is_left_alone(
    demo: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    monkeypatch.setattr("tui.app.app.monotonic", lambda: seconds[0])
    async with running(demo, settings=Settings(idle_minutes=5)) as pilot:
        seconds[0] = 5 * 60 - 1
        await pilot.pause(1.2)
        assert "Sample Side" in screen_text_of(pilot)
        seconds[0] = 5 * 60
        await until_shown(pilot, "Press any key")
        assert "Sample" not in screen_text_of(pilot)
        await pilot.press("x")
        await until_shown(pilot, "Sample Side")


async def test_records_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    place = tmp_path / "records.sqlite"
    place.write_text("not a database, but long enough to be taken for one " * 20)
    app = SirolimusApp(lambda: open_records(str(place)), lambda: NOW)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "is not a records file" in screen_text_of(pilot))


async def test_the_demo_is_offered_where_there_is_nothing(tmp_path: Path) -> None:
    async with running(new_records(tmp_path / "empty.sqlite")) as pilot:
        await until_shown(pilot, "Welcome")
        await pilot.press("t")
        await until_shown(pilot, "Sample Side")
        assert "synthetic patients" in screen_text_of(pilot)


async def test_every_tab_lists_its_entries(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Side Eff")
        for key, text in (
            ("2", "15.0 ng/mL"), ("3", "0.9 mg × 2"), ("4", "Pneumonitis"), ("5", "ALT"),
            ("6", "43 kg"), ("7", "No other drug"), ("8", "No response"), ("9", "added the"),
        ):  # fmt: skip
            await pilot.press(key)
            await until_shown(pilot, text)
        assert screen.query_one(Tabs).active == "history"
        await pilot.press("1")
        await until_shown(pilot, "Alerts")


def failing(where: str) -> Callable[..., Any]:
    def fail(*_arguments: object, **_named: object) -> None:
        name = "Sample Secret"
        raise ValueError(f"{where}: {name}")

    return fail


async def test_a_fault_shows_no_data(
    demo: Records, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = SirolimusApp(lambda: demo, lambda: NOW)

    async def fail() -> None:
        async with app.run_test() as pilot:
            await until(pilot, lambda: "Sample Side" in screen_text_of(pilot))
            monkeypatch.setattr(Static, "update", failing("update"))
            await pilot.press("s")
            await pilot.pause()

    with pytest.raises(ValueError, match="Secret"):
        await fail()
    printed = capsys.readouterr().err
    assert "the program failed" in printed
    assert "ValueError" in printed
    assert "Sample" not in printed


async def test_the_first_patient_is_opened_by_the_next_key(tmp_path: Path) -> None:
    records = new_records(tmp_path / "new.sqlite")
    async with running(records) as pilot:
        await until_shown(pilot, "Welcome.")
        records.store.add_patient(
            Patient(record_number="1", name="Sample First", born=date(2024, 1, 1), sex=Sex.MALE)
        )
        pilot.app.post_message(EntryStored("1"))
        await until_shown(pilot, "1 patient\n")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientScreen))
