"""The forms: what is typed is what is stored, and nothing is stored that is not meant."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path, PurePath
from typing import Any, cast

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList, Select, Static, TextArea

import tui.app
from dosing import QuantityKind, Sex, clean, read_quantity
from dosing.gestational_age import GestationalAge
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Cyp3a5, Patient
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.record.response import Criterion, Response
from monitoring.store.opening import open_records
from monitoring.store.store import Store
from monitoring.summary import PatientSummary, summarise
from tests.builders import (
    AUTHOR,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_prescription,
    a_side_effect,
    at,
    held_doses,
)
from tests.tui.app.dose_screens import settle
from tests.tui.app.shown import until
from tests.tui.places import new_records
from tui.app.app import SirolimusApp
from tui.app.messages import EntryStored
from tui.app.screens.after_level import AfterLevel
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.entry_form import EntryForm
from tui.app.screens.entry_forms import (
    AdverseEventForm,
    GradedAnswer,
    LaboratoryForm,
    LevelForm,
    MeasurementForm,
    form_of,
)
from tui.app.screens.new_patient import ChangePatientForm, NewPatientForm
from tui.app.screens.prescribe import Prescribe
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.question import ConfirmScreen

NOW = at("2026-11-25T10:00")
HOSTILE = ("[/]", "[red]x[/red] <img src=x>", "Łukasz =1+1", "שלום עולם", "[@click=app.quit]x[/]")


_STYLES: list[str | PurePath] = [Path(tui.app.__file__).with_name("app.tcss")]


class AppUnderTest(SirolimusApp):
    """The app, which remembers what it was told."""

    CSS_PATH = _STYLES

    def __init__(self, place: Path) -> None:
        super().__init__(lambda: open_records(str(place), AUTHOR), lambda: NOW)
        self.posted: list[Message] = []

    def on_entry_stored(self, message: EntryStored) -> None:
        self.posted.append(message)


class Driver:
    """Types into the form that is shown."""

    def __init__(self, app: AppUnderTest, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> Any:
        return self.app.screen

    @property
    def store(self) -> Store:
        return self.app.records.store

    @property
    def record(self) -> Record:
        return self.store.find("00123")

    @property
    def newest(self) -> Any:
        return self.record.entries[-1].entry

    @property
    def summary(self) -> PatientSummary:
        return summarise(self.record, NOW)

    async def show(self, form: Screen[Any]) -> None:
        self.app.push_screen(form)
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is read, weighed or stored any more."""
        await self.pilot.pause()
        # That a worker is a thread is told nowhere else; the others wait for an answer.
        while any(w.is_running and w._thread_worker for w in self.app.workers):  # noqa: SLF001
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def type(self, **texts: str) -> None:
        """Type into fields; the underscores of a name are hyphens of its id."""
        for name, text in texts.items():
            field = self.screen.query_one(f"#{name.replace('_', '-')}", Field)
            field.begin()
            field.text = ""
            await self.pilot.pause()
            typed = field.query_one("Input, TextArea")
            if isinstance(typed, TextArea):
                typed.insert(text)
            else:
                cast("Input", typed).insert_text_at_cursor(text)
            await self.settle()

    async def choose(self, name: str, value: object) -> None:
        self.screen.query_one(f"#{name}").query_one(Select).value = value
        await self.settle()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()
        await self.settle()

    def shown(self, selector: str = "#read-back Static") -> str:
        return str(self.screen.query_one(selector, Static).render())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("monitoring.store.opening.local_zone", lambda: "Europe/Paris")
    return tmp_path / "records.sqlite"


@asynccontextmanager
async def driving(
    place: Path, *entries: Entry, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Driver]:
    """Show the app over records with one patient and these entries."""
    store = new_records(place, AUTHOR).store
    number = store.add_patient(a_patient()).number
    for entry in entries:
        store.add(number, entry)
    app = AppUnderTest(place)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app._records is not None)  # noqa: SLF001 - told nowhere else
        await settle(pilot)
        yield Driver(app, pilot)


async def test_a_level_is_stored_as_it_was_typed_with_the_last_dose_of_the_schedule(
    place: Path,
) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.pilot.press(*"7.20 ug/L")
        await drive.pilot.press("tab", *"2026-11-24T07:45")
        await drive.settle()
        assert drive.screen.query_one("#last-dose", Field).text == "2026-11-23T20:00"
        await drive.choose("assay", Assay.LC_MS_MS)
        await drive.type(laboratory="University laboratory")
        shown = drive.shown()
        assert "Will be stored" in shown
        assert "7.20 ug/L sampled 24 Nov 2026, 07:45" in shown
        assert "● within: 7.20 ug/L is within the target (5-15.0 ng/mL)." in shown
        assert "It is a trough (11 h 45 min after the dose, assumed), at steady state" in shown
        await drive.press("ctrl+s")
        assert drive.newest == Level(
            sampled=at("2026-11-24T07:45"),
            value=read_quantity("7.20 ug/L", QuantityKind.LEVEL),
            last_dose=at("2026-11-23T20:00"),
            assay=Assay.LC_MS_MS,
            laboratory="University laboratory",
            last_dose_assumed=True,
        )
        assert drive.app.posted == [EntryStored("00123")]
        assert isinstance(drive.screen, AfterLevel)
        assert "Keep the dose." in drive.shown("#answer Static")


ON_HOLD = (a_prescription(), held_doses("2026-11-20T08:00", None, is_open=True))


async def on_hold_typed(drive: Driver) -> None:
    """Type a level whose last dose is of a time on hold, and try to store it."""
    await drive.show(LevelForm(drive.summary))
    assert not drive.screen.query_one("#while-held").display
    await drive.type(value="6 ng/mL", sampled="2026-11-24T07:45", last_dose="2026-11-23T20:00")
    await drive.press("ctrl+s")
    await drive.press("ctrl+s")


async def test_a_last_dose_while_on_hold_is_asked_about_and_may_be_the_restart(place: Path) -> None:
    async with driving(place, *ON_HOLD) as drive:
        await on_hold_typed(drive)
        assert isinstance(drive.screen, LevelForm)
        assert "Choose whether they are given again." in drive.screen.problem
        await drive.choose("while-held", value=True)
        assert "doses given again from 23 Nov 2026, 20:00" in drive.shown()
        await drive.press("ctrl+s")
        (held,) = drive.record.of(MissedDose)
        assert held.ending is not None
        assert held.ending.entry.at == at("2026-11-23T20:00")
        assert drive.summary.state.conflict is None
        assert drive.summary.state.is_given


async def test_a_last_dose_while_on_hold_may_leave_the_hold_open(place: Path) -> None:
    async with driving(place, *ON_HOLD) as drive:
        await on_hold_typed(drive)
        await drive.choose("while-held", value=False)
        assert "The doses stay held since 20 Nov 2026, 08:00" in drive.shown()
        await drive.press("ctrl+s")
        assert isinstance(drive.newest, Level)
        assert drive.record.of(MissedDose)[0].ending is None


async def test_a_restart_that_the_record_forbids_is_not_stored_with_a_level(place: Path) -> None:
    severe = a_side_effect("mouth ulcers", "2026-11-19", 3)
    async with driving(place, *ON_HOLD, severe) as drive:
        await on_hold_typed(drive)
        await drive.choose("while-held", value=True)
        await drive.press("ctrl+s")
        assert "Grade 3 is open" in drive.screen.problem
        assert not drive.record.of(Level)


async def test_a_last_dose_that_was_typed_is_not_filled_in_again(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="<2.0 ng/mL", sampled="2026-11-24T07:45")
        await drive.type(last_dose="2026-11-24T06:00", sampled="2026-11-24T08:45")
        assert drive.screen.query_one("#last-dose", Field).text == "2026-11-24T06:00"
        assert "not a trough" in drive.shown()
        await drive.press("ctrl+s")
        assert drive.newest == Level(
            sampled=at("2026-11-24T08:45"),
            value=read_quantity("2.0 ng/mL", QuantityKind.LEVEL),
            comparator=Comparator.BELOW,
            last_dose=at("2026-11-24T06:00"),
        )


async def test_it_is_told_that_the_last_dose_is_the_schedules_until_it_is_changed(
    place: Path,
) -> None:
    told = "Last dose assumed from the schedule. Please confirm."
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        assert told in drive.shown()  # today's trough is assumed, and the dose before it
        await drive.type(sampled="2026-11-24T07:45")
        assert told in drive.shown()
        await drive.type(value="7.2 ng/mL")
        assert "Will be stored" in drive.shown()
        assert told in drive.shown()
        await drive.type(last_dose="2026-11-23T21:00")
        assert "Will be stored" in drive.shown()
        assert told not in drive.shown()


async def test_a_last_dose_that_somebody_confirmed_is_not_assumed(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="7.2 ng/mL", sampled="2026-11-24T07:45")
        assert "(assumed from the schedule)" in drive.shown()
        await drive.choose("confirmed", True)  # noqa: FBT003 - the value of an option
        assert "assumed" not in drive.shown()
        await drive.press("ctrl+s")
        level = cast("Level", drive.newest)
        assert (level.last_dose, level.last_dose_assumed) == (at("2026-11-23T20:00"), None)


async def test_a_last_dose_that_was_emptied_is_the_schedules_again(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="7.2 ng/mL", sampled="2026-11-24T07:45")
        await drive.type(last_dose="")
        assert "(assumed from the schedule)" in drive.shown()
        await drive.press("ctrl+s")
        level = cast("Level", drive.newest)
        assert (level.last_dose, level.last_dose_assumed) == (at("2026-11-23T20:00"), True)


async def test_the_same_level_typed_twice_is_told_and_needs_a_reason(place: Path) -> None:
    again = a_level("7.2 ng/mL", "2026-11-24T07:45", last_dose="2026-11-23T20:00", assay=None)
    async with driving(place, a_prescription(), again) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="7.2 ng/mL", sampled="2026-11-24T07:45")
        await drive.choose("confirmed", True)  # noqa: FBT003 - the value of an option
        assert "The same entry was recorded at" in drive.shown()
        await drive.press("ctrl+s")
        assert len(drive.summary.record.active(Level)) == 1
        await drive.type(reason="two samples of one draw")
        await drive.press("ctrl+s")
        assert cast("Level", drive.newest).reason == "two samples of one draw"


async def test_against_the_advice_the_dose_is_kept_only_with_a_reason(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="18 ng/mL", sampled="2026-11-24T07:45")
        await drive.press("ctrl+s")
        assert isinstance(drive.screen, AfterLevel)
        assert "Calculation" in drive.shown("#answer Static")
        await drive.press("ctrl+s")
        assert "Enter the reason to keep this one" in drive.shown("#problem")
        await drive.type(why="sampled during [/] fever")
        await drive.press("ctrl+s")
        level = "the level of 24 Nov 2026, 07:45"
        note = f"Dose kept after {level}: sampled during [/] fever"
        assert drive.newest == Note(on=date(2026, 11, 25), text=note)
        assert not isinstance(drive.screen, AfterLevel)


async def test_where_no_other_dose_is_advised_it_is_called_going_on(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="7.2 ng/mL", sampled="2026-11-24T07:45")
        await drive.press("ctrl+s")
        keys = str(drive.screen.query_one(KeyBar).render())
        assert "^s Continue" in keys
        assert "Keep the dose" not in keys
        await drive.press("ctrl+s")
        assert not isinstance(drive.screen, AfterLevel)
        assert drive.record.of(Note) == ()


async def test_a_pressing_alert_is_left_only_with_a_reason(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="250.1 ng/mL", sampled="2026-11-24T07:45", reason="called them")
        await drive.press("ctrl+s")
        after = drive.screen
        assert isinstance(after, AfterLevel)
        await drive.press("ctrl+s")
        assert "Enter the reason" in drive.shown("#problem")
        await drive.type(why="held until the level is repeated")
        await drive.press("ctrl+s")
        assert drive.screen is not after
        (note,) = drive.record.of(Note)
        assert "held until the level is repeated" in note.entry.text


async def test_the_adjustment_of_the_dose_takes_the_place_of_the_advice(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="18 ng/mL", sampled="2026-11-24T07:45")
        await drive.press("ctrl+s")
        await drive.press("f4")
        assert drive.app.posted == [EntryStored("00123")]
        assert isinstance(drive.screen, Prescribe)
        assert not any(isinstance(each, AfterLevel) for each in drive.app.screen_stack)
        assert cast("PatientSummary", drive.screen.summary).last_level is not None


async def test_a_limit_asks_for_the_reason_in_the_form(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="250.1 ng/mL", sampled="2026-11-24T07:45")
        reason = drive.screen.query_one("#reason", Field)
        assert reason.display
        assert "If it is right, enter the reason." in drive.shown()
        before = drive.record.revision
        await drive.press("ctrl+s")
        assert drive.record.revision == before
        assert isinstance(drive.screen, LevelForm)
        await drive.type(reason="called the laboratory")
        assert reason.display
        await drive.press("ctrl+s")
        stored = drive.newest
        assert isinstance(stored, Level)
        assert (stored.reason, stored.overridden_alerts) == (
            "called the laboratory",
            ("level-asked-again",),
        )


async def test_a_wrong_level_stays_as_it_was_typed_and_is_not_stored(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        before = drive.record.revision
        await drive.show(LevelForm(drive.summary))
        await drive.type(sampled="2026-11-24T07:45")
        field = drive.screen.query_one("#value", Field)
        for wrong in ("2,5 ng/mL", "nan", "7.2", "7.2 mg", "７.2 ng/mL", "<=2 ng/mL"):
            await drive.type(value="7.2 ng/mL")
            assert not field.has_class("-wrong")
            await drive.type(value=wrong)
            await drive.press("ctrl+s")
            assert field.text == wrong
            assert field.problem
            assert field.has_class("-wrong")
            assert drive.record.revision == before


async def test_a_sample_in_the_future_is_refused_in_words(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        before = drive.record.revision
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="7.2 ng/mL", sampled="2026-11-26T07:45")
        assert "is in the future" in drive.shown()
        await drive.press("ctrl+s")
        assert "is in the future" in drive.shown("#problem")
        assert drive.record.revision == before


async def test_a_side_effect_is_found_by_everyday_words(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(AdverseEventForm(drive.summary))
        found = drive.screen.query_one("#terms", OptionList)
        first = str(found.get_option_at_index(0).prompt)
        assert first.startswith("mouth sores")
        assert "of 60" in first
        await drive.pilot.press(*"mouth s", "down", "enter")
        await drive.settle()
        assert drive.screen.query_one("#term", Field).text == "mouth sores"
        assert "moderate pain; eats, with a modified diet" in drive.shown()
        await drive.type(grade="2", since="2026-11-20", until="2026-11-23", text="painful")
        await drive.choose("action", ActionTaken.REDUCED)
        await drive.press("ctrl+s")
        (event,) = drive.record.of(AdverseEvent)
        assert event.entry == AdverseEvent(
            term="mouth sores",
            since=date(2026, 11, 20),
            grade=2,
            action=ActionTaken.REDUCED,
            text="painful",
        )
        assert event.ending is not None
        assert event.ending.entry.on == date(2026, 11, 23)
        assert isinstance(drive.screen, AnswerScreen)


async def test_a_serious_side_effect_answers_at_once(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(AdverseEventForm(drive.summary))
        await drive.type(term="pneumonitis", grade="3", since="2026-11-24")
        assert "URGENT" in drive.shown()
        await drive.press("ctrl+s")
        answered = "\n".join(str(each.render()) for each in drive.screen.query("#body Static"))
        assert "▲ URGENT" in answered
        assert "Rapalimus label" in answered
        await drive.press("enter")
        assert not isinstance(drive.screen, AnswerScreen)


async def test_what_is_no_grade_is_not_stored(place: Path) -> None:
    async with driving(place) as drive:
        before = drive.record.revision
        await drive.show(AdverseEventForm(drive.summary))
        await drive.type(term="mouth sores", since="2026-11-20")
        for grade in ("0", "6", "2.0", "two", "1,5"):
            await drive.type(grade=grade)
            await drive.press("ctrl+s")
            assert drive.record.revision == before
            assert drive.screen.query_one("#grade", Field).text == grade


async def test_a_graded_value_offers_its_side_effect_filled_in(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LaboratoryForm(drive.summary))
        await drive.type(test="ALT", value="150 U/L", sampled="2026-11-24T07:45", upper="40 U/L")
        assert "Grade 2" in drive.shown()
        await drive.press("ctrl+s")
        assert drive.newest == LaboratoryValue(
            test="ALT",
            at=at("2026-11-24T07:45"),
            value=LaboratoryQuantity.read("150 U/L"),
            upper_limit=LaboratoryQuantity.read("40 U/L"),
        )
        assert isinstance(drive.screen, GradedAnswer)
        await drive.press("ctrl+e")
        assert isinstance(drive.screen, AdverseEventForm)
        await drive.press("ctrl+s")
        assert drive.newest == AdverseEvent(
            term="raised liver enzymes", since=date(2026, 11, 24), grade=2
        )


async def test_both_pressures_of_a_reading_keep_their_alerts_once_stored(place: Path) -> None:
    """Of 160/50 the first alone is severe."""
    async with driving(place, a_measurement(), a_prescription()) as drive:
        await drive.show(LaboratoryForm(drive.summary))
        await drive.type(test="blood pressure", value="160/50 mmHg", sampled="2026-11-24T07:45")
        assert "160" in drive.shown().split("Alerts")[1]
        await drive.press("ctrl+s")
        answered = "\n".join(str(each.render()) for each in drive.screen.query("#body Static"))
        assert "160" in answered.split("Alerts")[1]
        assert "recorded as the adverse event hypertension" in answered


async def test_what_forbids_the_dose_is_shown_before_and_after_it_is_stored(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(form_of("condition", drive.summary))
        await drive.type(name="pregnancy", since="2026-11-20")
        assert "contraindicated in pregnancy" in drive.shown().split("Alerts")[1]
        await drive.press("ctrl+s")
        answered = "\n".join(str(each.render()) for each in drive.screen.query("#body Static"))
        assert "contraindicated in pregnancy" in answered.split("Alerts")[1]


async def test_a_first_weight_is_typed_twice_and_read_back_in_both_units(place: Path) -> None:
    async with driving(place) as drive:
        await drive.show(MeasurementForm(drive.summary))
        await drive.type(weight="27 lb", again="28 lb", height="88 cm")
        assert "The two weights differ: 27 lb and 28 lb" in drive.shown()
        before = drive.record.revision
        await drive.press("ctrl+s")
        assert drive.record.revision == before
        await drive.type(again="27 lb")
        assert "12.247 kg = 27 lb, 88 cm on 25 Nov 2026" in drive.shown()
        await drive.press("ctrl+s")
        assert drive.newest == Measurement(
            on=date(2026, 11, 25),
            weight=read_quantity("27 lb", QuantityKind.WEIGHT),
            height=read_quantity("88 cm", QuantityKind.HEIGHT),
        )


async def test_a_later_weight_is_typed_once(place: Path) -> None:
    first = Measurement(on=date(2026, 11, 1), weight=read_quantity("12.4 kg", QuantityKind.WEIGHT))
    async with driving(place, first) as drive:
        await drive.show(MeasurementForm(drive.summary))
        again = drive.screen.query_one("#again")
        for weight, is_asked in (("21.4 kg", True), ("12.6 kg", False)):
            await drive.type(weight=weight)
            assert again.display is is_asked
        await drive.type(weight="12.6 kg")
        await drive.press("ctrl+s")
        assert drive.newest == Measurement(
            on=date(2026, 11, 25), weight=read_quantity("12.6 kg", QuantityKind.WEIGHT)
        )


async def test_a_drug_tells_its_interaction_before_it_is_stored(place: Path) -> None:
    async with driving(place) as drive:
        await drive.show(form_of("co_medication", drive.summary))
        await drive.type(drug="clarithromycin", since="2026-11-20", until="2026-11-24", text="bd")
        assert "clarithromycin" in drive.shown().split("Alerts")[1].lower()
        await drive.press("ctrl+s")
        (drug,) = drive.record.of(CoMedication)
        assert drug.entry == CoMedication(
            drug="clarithromycin", since=date(2026, 11, 20), text="bd"
        )
        assert drug.ending is not None
        assert drug.ending.entry.on == date(2026, 11, 24)


async def test_another_entry_about_the_same_needs_a_reason_in_the_form(place: Path) -> None:
    known = CoMedication(drug="fluconazole", since=date(2026, 11, 20))
    async with driving(place, known) as drive:
        await drive.show(form_of("co_medication", drive.summary))
        assert not drive.screen.query_one("#reason").has_class("-asked")
        await drive.type(drug="Diflucan", since="2026-11-22")
        assert "Drug 2 is about the same time: fluconazole from 20 Nov 2026" in drive.shown()
        assert drive.screen.query_one("#reason").has_class("-asked")
        await drive.press("ctrl+s")
        assert len(drive.record.of(CoMedication)) == 1
        await drive.type(reason="a second course")
        assert drive.screen.query_one("#reason").has_class("-asked")
        assert "Will be stored" in drive.shown()
        await drive.press("ctrl+s")
        assert cast("CoMedication", drive.newest).reason == "a second course"


async def test_a_hold_within_a_hold_asks_the_reason_that_its_form_has(place: Path) -> None:
    held = MissedDose(at=at("2026-11-20T08:00"), kind=NotGiven.HELD, is_open=True)
    async with driving(place, held) as drive:
        await drive.show(form_of("missed_dose", drive.summary))
        await drive.choose("kind", NotGiven.HELD)
        await drive.type(at="2026-11-22T08:00")
        assert "Missed dose 2 is about the same time" in drive.shown()
        assert not drive.screen.query_one("#reason").has_class("-asked")
        await drive.press("ctrl+s")
        assert len(drive.record.of(MissedDose)) == 1
        await drive.type(why="fever as well")
        await drive.press("ctrl+s")
        assert cast("MissedDose", drive.newest).reason == "fever as well"


async def test_of_two_pressures_neither_is_stored_where_one_contradicts(place: Path) -> None:
    known = a_laboratory_value("diastolic blood pressure", "60 mmHg", "2026-11-24T07:45")
    async with driving(place, known) as drive:
        await drive.show(LaboratoryForm(drive.summary))
        await drive.type(test="blood pressure", value="120/70 mmHg", sampled="2026-11-24T07:45")
        await drive.press("ctrl+s")
        assert len(drive.record.of(LaboratoryValue)) == 1
        await drive.type(reason="measured twice")
        await drive.press("ctrl+s")
        assert [each.entry.reason for each in drive.record.of(LaboratoryValue)] == [
            None, "measured twice", "measured twice",
        ]  # fmt: skip


async def test_the_gestational_age_is_typed_and_changed(place: Path) -> None:
    async with driving(place) as drive:
        await drive.show(ChangePatientForm(drive.summary))
        await drive.type(gestation="31+2")
        assert "born after 31 weeks 2 days" in drive.shown()
        await drive.press("ctrl+s")
        assert drive.record.patient.entry.gestation == GestationalAge(219)
        await drive.show(ChangePatientForm(drive.summary))
        assert drive.screen.query_one("#gestation", Field).text == "31 weeks 2 days"
        await drive.type(gestation="31.2")
        await drive.press("ctrl+s")
        assert drive.record.patient.entry.gestation == GestationalAge(219)


async def test_a_genotype_is_chosen_and_changed(place: Path) -> None:
    async with driving(place) as drive:
        for genotype in (Cyp3a5.ONE, Cyp3a5.NEITHER):
            await drive.show(ChangePatientForm(drive.summary))
            await drive.choose("cyp3a5", genotype)
            assert f"CYP3A5: {genotype.value}" in drive.shown()
            await drive.press("ctrl+s")
            assert drive.record.patient.entry.cyp3a5 is genotype


async def test_a_birth_date_known_to_the_month_is_typed_and_kept(place: Path) -> None:
    async with driving(place) as drive:
        await drive.show(NewPatientForm())
        await drive.type(record_number="2", name="Sample", born="2024-05")
        await drive.choose("sex", Sex.UNKNOWN)
        assert "born May 2024: 2 years 5 months to 2 years 6 months old" in drive.shown()
        await drive.press("ctrl+s")
        patient = drive.store.find("2")
        assert str(patient.patient.entry.born) == "2024-05"
        await drive.show(ChangePatientForm(summarise(patient, NOW)))
        assert drive.screen.query_one("#born", Field).text == "2024-05"
        await drive.type(name="Sample Changed")
        await drive.press("ctrl+s")
        assert str(drive.store.find("2").patient.entry.born) == "2024-05"


async def test_a_patient_in_another_spelling_is_asked_about(place: Path) -> None:
    async with driving(place) as drive:  # Łukasz O'Neil
        await drive.show(NewPatientForm())
        await drive.type(record_number="2", name="Lukasz ONeil", born="2024-02-29")
        await drive.choose("sex", Sex.UNKNOWN)
        assert "Already on record" in drive.shown()
        await drive.press("ctrl+s")
        assert isinstance(drive.screen, ConfirmScreen)


async def test_held_doses_a_response_and_a_note_are_stored(place: Path) -> None:
    async with driving(place) as drive:
        await drive.show(form_of("missed_dose", drive.summary))
        await drive.choose("kind", NotGiven.HELD)
        await drive.type(at="2026-11-20T08:00", until="2026-11-22T20:00", why="fever")
        await drive.press("ctrl+s")
        assert drive.newest == MissedDose(
            at=at("2026-11-20T08:00"),
            kind=NotGiven.HELD,
            until=at("2026-11-22T20:00"),
            reason="fever",
        )
        await drive.show(form_of("response", drive.summary))
        assert "Choose whether it improved." in drive.shown()
        await drive.choose("criterion", Criterion.IMAGING)
        await drive.choose("improved", value=False)
        await drive.press("ctrl+s")
        assert drive.newest == Response(
            on=date(2026, 11, 25), criterion=Criterion.IMAGING, improved=False
        )
        await drive.show(form_of("note", drive.summary))
        await drive.type(text="moved <img src=x>")
        await drive.press("ctrl+s")
        assert drive.newest == Note(on=date(2026, 11, 25), text="moved <img src=x>")
        assert drive.app.posted == [EntryStored("00123")] * 3


async def test_a_new_patient_with_every_field(place: Path) -> None:
    async with driving(place) as drive:
        await drive.show(NewPatientForm())
        await drive.type(record_number="1E5", name="Sample [/] Toddler", born="2026-12-01")
        await drive.choose("sex", Sex.FEMALE)
        assert "is in the future" in drive.shown()
        await drive.type(born="2024-11-25", diagnosis="=1+1", allergies="penicillin")
        await drive.choose("anomaly", Anomaly.VENOUS)
        assert "born 25 Nov 2024: 2 years old" in drive.shown()
        await drive.press("ctrl+s")
        assert drive.store.find("1E5").patient.entry == Patient(
            record_number="1E5",
            name="Sample [/] Toddler",
            born=date(2024, 11, 25),
            sex=Sex.FEMALE,
            anomaly=Anomaly.VENOUS,
            diagnosis="=1+1",
            allergies="penicillin",
        )
        assert drive.app.posted == [EntryStored("1E5")]


async def test_a_record_number_that_is_taken_is_told_and_the_text_stays(place: Path) -> None:
    async with driving(place) as drive:
        await drive.show(NewPatientForm())
        await drive.type(record_number="00123", name="Sample Child", born="2024-11-25")
        await drive.choose("sex", Sex.FEMALE)
        await drive.press("ctrl+s")
        assert "belongs to another patient" in drive.shown("#problem")
        assert drive.screen.query_one("#name", Field).text == "Sample Child"


async def test_a_patient_who_may_be_on_record_is_asked_about(place: Path) -> None:
    async with driving(place) as drive:
        known = drive.record.patient.entry
        form = NewPatientForm()
        await drive.show(form)
        await drive.type(record_number="9", name=known.name.upper(), born="2024-03-01")
        await drive.choose("sex", Sex.MALE)
        assert "on record" not in drive.shown()
        await drive.type(born=str(known.born))
        told = f"A patient with this name and birth date is on record: {known.name}, record number"
        assert told in drive.shown()
        await drive.press("ctrl+s")
        assert isinstance(drive.app.screen, ConfirmScreen)
        await drive.press("enter")
        assert drive.screen is form
        assert "Nothing was stored." in drive.shown("#problem")
        assert len(drive.store.patients()) == 1
        await drive.press("ctrl+s")
        await drive.pilot.click("#yes")
        await drive.settle()
        await drive.settle()
        assert drive.store.find("9").patient.entry.name == known.name.upper()
        assert drive.app.posted == [EntryStored("9")]


async def test_escape_asks_before_it_drops_what_was_typed(place: Path) -> None:
    async with driving(place) as drive:
        form = form_of("note", drive.summary)
        await drive.show(form)
        await drive.type(text="seen")
        await drive.press("escape")
        assert isinstance(drive.app.screen, ConfirmScreen)
        await drive.press("escape")
        assert drive.screen is form
        assert form.query_one("#text", Field).text == "seen"
        await drive.press("escape")
        await drive.pilot.click("#yes")
        await drive.settle()
        assert drive.screen is not form
        assert not drive.record.of(Note)


async def test_escape_leaves_an_untouched_form_at_once(place: Path) -> None:
    async with driving(place) as drive:
        form = form_of("note", drive.summary)
        await drive.show(form)
        await drive.press("escape")
        assert drive.screen is not form


async def test_a_change_by_somebody_else_is_told_before_anything_is_stored(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="7.2 ng/mL", sampled="2026-11-24T07:45")
        drive.store.add(drive.record.number, Note(on=date(2026, 11, 25), text="between"))
        await drive.press("ctrl+s")
        assert "The record was changed" in drive.shown("#problem")
        assert drive.screen.query_one("#value", Field).text == "7.2 ng/mL"
        assert not drive.record.of(Level)
        await drive.press("ctrl+s")
        assert len(drive.record.of(Level)) == 1


FORMS: tuple[tuple[Callable[[PatientSummary], EntryForm], dict[str, str]], ...] = (
    (LevelForm, {"value": "7 ng/mL", "sampled": "2026-11-24T07:45", "laboratory": ""}),
    (AdverseEventForm, {"since": "2026-11-20", "term": "", "text": ""}),
    (LaboratoryForm, {"sampled": "2026-11-24T07:45", "value": "35 U/L", "test": "",
                      "laboratory": ""}),
    (partial(form_of, "co_medication"), {"since": "2026-11-20", "drug": "", "text": ""}),
    (partial(form_of, "missed_dose"), {"at": "2026-11-20T08:00", "why": ""}),
    (partial(form_of, "note"), {"text": ""}),
)  # fmt: skip


@pytest.mark.campaign  # test_hostile_text.py types it into every field in the usual run
async def test_hostile_text_is_shown_and_stored_as_it_is(place: Path) -> None:
    hostile = " ".join(HOSTILE)
    async with driving(place, a_prescription()) as drive:
        for form, texts in FORMS:
            await drive.show(form(drive.summary))
            free = [name for name, text in texts.items() if not text]
            await drive.type(**{name: text or f"a{hostile}" for name, text in texts.items()})
            await drive.press("ctrl+s")
            stored = drive.newest
            kept = [str(getattr(stored, each)) for each in stored.__dataclass_fields__]
            assert clean(f"a{hostile}") in kept, (form, kept)
            assert len(free) == sum(clean(f"a{hostile}") in each for each in kept)
            while len(drive.app.screen_stack) > 1:
                await drive.press("escape")


@pytest.mark.campaign  # all sizes
async def test_the_patient_and_the_keys_are_in_sight_at_every_size(place: Path) -> None:
    async with driving(place, a_prescription()) as drive:
        for form, _ in FORMS:
            await drive.show(form(drive.summary))
            banner = drive.screen.query_one(PatientBanner)
            assert "Łukasz O'Neil" in str(banner.render())
            for width, height in ((60, 20), (80, 24), (140, 40)):
                await drive.pilot.resize_terminal(width, height)
                await drive.pilot.pause()
                assert banner.region.bottom <= height
                first = drive.screen.query(Field).first()
                assert first.region.height > 0
                assert drive.screen.query_one(KeyBar).region.bottom == height
            await drive.press("escape")


async def test_the_read_back_scrolls_while_the_focus_stays_in_the_field(place: Path) -> None:
    async with driving(place, a_prescription(), size=(60, 20)) as drive:
        await drive.show(LevelForm(drive.summary))
        await drive.type(value="90 ng/mL", sampled="2026-11-24T07:45")
        focused = drive.app.focused
        await drive.press("pagedown")
        assert drive.screen.query_one("#read-back").scroll_offset.y > 0
        assert drive.app.focused is focused
        await drive.press("pageup")
        assert drive.screen.query_one("#read-back").scroll_offset.y == 0
