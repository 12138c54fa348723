"""What the course of a treatment asks of the app: restarts, causes, settled checks, odd doses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from dosing import TABLETS, QuantityKind, read_quantity
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level, LevelCause, LevelCauseAnswer
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.record.settlement import Settlement
from monitoring.restarting import check_restart
from monitoring.state import StateKind, state_at
from monitoring.store.opening import Records
from tests.builders import a_level, a_patient, at, held_doses
from tests.tui.app.dose_screens import (
    GIVEN,
    LOW,
    MEASURED,
    DrivenApp,
    fill,
    on_top,
    settle,
    show,
    shown,
    where_stands,
    with_patient,
)
from tui.app.screens.after_level import AfterLevel
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.dose_calculator import DoseCalculator
from tui.app.screens.entry_forms import AdverseEventForm, LevelForm
from tui.app.screens.level_cause import CauseOfLevel
from tui.app.screens.patient import PatientScreen
from tui.app.screens.prescribe import Prescribe
from tui.app.screens.restart import EndOfHold, Restart
from tui.app.screens.settle_check import SettleCheck
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar

HELD = held_doses("2026-11-03T08:00", None, is_open=True)
SEVERE = AdverseEvent(term="pneumonitis", grade=3, since=date(2026, 11, 2))
HIGH = a_level("26 ng/mL", "2026-11-04T07:50", last_dose="2026-11-03T20:00")
"""It does not fit: more than 20 ng/mL, and far above the target."""
SIZE = (140, 60)


def words(app: DrivenApp) -> str:
    return " ".join(shown(on_top(app)).replace("│", " ").split())


def read_back(app: DrivenApp, selector: str = "#read-back Static") -> str:
    return " ".join(str(on_top(app).query_one(selector, Static).render()).split())


def ends(record: Record) -> list[Any]:
    return [each.ending and each.ending.entry.at for each in record.of(MissedDose)]


def keys(app: DrivenApp) -> set[str | None]:
    return {each.binding.id for each in on_top(app).active_bindings.values() if each.enabled}


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until what was stored is read and shown again."""
    await settle(pilot)
    await settle(pilot)


async def choose(app: DrivenApp, pilot: Pilot[Any], name: str, value: object) -> None:
    on_top(app).query_one(f"#{name}", Choice).value = value
    await settle(pilot)


async def open_patient(pilot: Pilot[Any], record: Record, tab: str = "1") -> PatientScreen:
    screen = PatientScreen(where_stands(record))
    await show(pilot, screen)
    await settled(pilot)
    await pilot.press(tab)
    await settled(pilot)
    return screen


# --- restart


async def test_a_hold_is_ended_on_the_patients_screen(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, HELD)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await open_patient(pilot, record)
        await pilot.press("R")
        await pilot.pause()
        assert isinstance(on_top(app), Restart)
        # now it is 08:00, the time of a dose: the next one is that of the evening
        assert "given again from 5 Nov 2026, 20:00" in words(app)
        assert "(the next dose of the schedule)" in words(app)
        assert "The dose is 0.44 mg × 2 a day." in words(app)
        await fill(pilot, at="2026-11-04T20:00", reason="fever over")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert not isinstance(on_top(app), Restart)
    found = records.store.find("00123")
    assert ends(found) == [at("2026-11-04T20:00")]
    assert where_stands(found).state.kind is StateKind.ON


async def test_a_restart_may_be_planned_for_the_next_dose(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, HELD)
    planned = check_restart(record, at("2026-11-05T20:00"), at("2026-11-05T10:00"))
    assert not planned.stopped
    (ending,) = planned.endings
    records.store.end(ending.of, ending)
    found = records.store.find("00123")
    before, after = (state_at(found, at(f"2026-11-05T{hour}:00")) for hour in (19, 20))
    assert (before.kind, before.until) == (StateKind.ON_HOLD, at("2026-11-05T20:00"))
    assert after.kind is StateKind.ON


async def test_a_restart_is_offered_only_while_doses_are_held(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await open_patient(pilot, record)
        assert "restart" not in keys(app)
        await pilot.press("R")
        await pilot.pause()
        assert isinstance(on_top(app), PatientScreen)
        records.store.add(record.number, HELD)
        on_top(app).read_again()  # type: ignore[attr-defined]  # the patient's screen
        await settled(pilot)
        assert "restart" in keys(app)


@pytest.mark.parametrize("screen", ["restart", "end"])
async def test_what_forbids_a_restart_forbids_it_here(records: Records, screen: str) -> None:
    record = with_patient(records, MEASURED, GIVEN, HELD, SEVERE)
    (hold,) = record.of(MissedDose)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        summary = where_stands(record)
        form = Restart(summary) if screen == "restart" else EndOfHold(summary, hold)
        await show(pilot, form)
        assert "Cannot be stored" in words(app)
        assert "neumonitis" in words(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert on_top(app) is form
        assert "The restart is stopped." in words(app)
    assert ends(records.store.find("00123")) == [None]


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("2026-11-03T07:59", "They are held from 3 Nov 2026, 08:00"),
        ("2026-11-07T08:00", "is in the future"),
        ("yesterday", "Enter the time of the first dose."),
    ],
)
async def test_a_time_that_cannot_be_is_told(records: Records, time: str, told: str) -> None:
    record = with_patient(records, MEASURED, GIVEN, HELD)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        form = Restart(where_stands(record))
        await show(pilot, form)
        await fill(pilot, at=time)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert on_top(app) is form
        assert told in words(app)
    assert ends(records.store.find("00123")) == [None]


async def test_a_hold_of_the_list_of_doses_is_ended_by_a_time(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, HELD)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await open_patient(pilot, record, "3")
        assert "end-entry" in keys(app)
        await pilot.press("down")
        await settle(pilot)
        assert "end-entry" not in keys(app), "a prescription ends by its own key"
        await pilot.press("up", "f")
        await settle(pilot)
        assert isinstance(on_top(app), EndOfHold)
        await fill(pilot, at="2026-11-03T20:00")
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert ends(records.store.find("00123")) == [at("2026-11-03T20:00")]


# --- the cause of a level


async def after(pilot: Pilot[Any], records: Records, level: Level) -> None:
    """Store a level in its form, and go on to the screen after it."""
    await show(pilot, LevelForm(where_stands(records.store.find("00123"))))
    value, zone = str(level.value), "%Y-%m-%dT%H:%M"
    await fill(pilot, value=value, sampled=f"{level.sampled.local:{zone}}")
    await fill(pilot, **{"last-dose": f"{level.last_dose.local:{zone}}" if level.last_dose else ""})
    await settled(pilot)
    await pilot.press("ctrl+s")
    await settled(pilot)
    assert isinstance(pilot.app.screen, AfterLevel)


@pytest.mark.parametrize(
    ("cause", "is_excluded"), [(LevelCause.GIVEN_TWICE, True), (LevelCause.NOT_FOUND, False)]
)
async def test_the_cause_of_a_level_that_does_not_fit_is_asked_and_the_advice_follows(
    records: Records,
    cause: LevelCause,
    is_excluded: bool,  # noqa: FBT001 - of a table
) -> None:
    with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await after(pilot, records, HIGH)
        screen = on_top(app)
        assert screen.query_one("#cause", Choice).display
        await choose(app, pilot, "cause", cause)
        assert "^s Store the cause" in str(screen.query_one(KeyBar).render())
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert on_top(app) is screen
        assert not screen.query_one("#cause", Choice).display
        assert f"cause of the level: {cause.value.replace('-', ' ')}." in words(app)
    record = records.store.find("00123")
    (level,) = record.of(Level)
    (answer,) = record.of(LevelCauseAnswer)
    assert answer.entry == LevelCauseAnswer(
        of=level.number, on=date(2026, 11, 5), cause=cause, is_excluded=is_excluded
    )


async def test_a_level_that_fits_is_not_asked_about(records: Records) -> None:
    with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await after(pilot, records, LOW)
        assert not on_top(app).query_one("#cause", Choice).display


async def test_the_dose_is_not_changed_before_a_chosen_cause_is_stored(records: Records) -> None:
    with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await after(pilot, records, HIGH)
        await choose(app, pilot, "cause", LevelCause.VOMITED)
        await pilot.press("f4")
        await settle(pilot)
        assert "Store the cause first" in words(app)


async def test_any_level_of_the_list_has_its_cause_recorded(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, LOW)
    (level,) = record.of(Level)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await open_patient(pilot, record, "2")
        await pilot.press("q")
        await settle(pilot)
        assert isinstance(on_top(app), CauseOfLevel)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Choose the cause." in words(app)
        await choose(app, pilot, "cause", LevelCause.GRAPEFRUIT)
        await choose(app, pilot, "exclude", value=True)
        await fill(pilot, text="[/] two glasses")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "excluded: grapefruit ([/] two glasses)" in words(app)
    (answer,) = records.store.find("00123").of(LevelCauseAnswer)
    assert answer.entry == LevelCauseAnswer(
        of=level.number,
        on=date(2026, 11, 5),
        cause=LevelCause.GRAPEFRUIT,
        is_excluded=True,
        text="[/] two glasses",
    )


async def test_only_an_active_level_has_a_cause(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, LOW)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await open_patient(pilot, record, "3")
        assert "cause" not in keys(app)
    records.store.void(record.of(Level)[0].number, "another patient's")
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await open_patient(pilot, records.store.find("00123"), "2")
        assert "cause" not in keys(app)


# --- settling


async def test_a_due_check_is_settled_with_a_reason(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    what = "blood pressure"
    assert what in {each.what for each in where_stands(record).due}
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await open_patient(pilot, record)
        await pilot.press("S")
        await settle(pilot)
        form = on_top(app)
        assert isinstance(form, SettleCheck)
        await fill(pilot, reason="no cuff fits")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Choose the check." in words(app)
        await choose(app, pilot, "what", what)
        await fill(pilot, reason="")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert on_top(app) is form
        await fill(pilot, reason="no cuff fits")
        await pilot.press("ctrl+s")
        await settled(pilot)
    found = records.store.find("00123")
    assert [each.entry for each in found.of(Settlement)] == [
        Settlement(what=what, on=date(2026, 11, 5), reason="no cuff fits")
    ]


async def test_what_is_urgent_for_safety_cannot_be_settled(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, SEVERE)
    urgent = {each.what for each in where_stands(record).due if each.is_urgent}
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await show(pilot, SettleCheck(where_stands(record)))
        offered = {name for _, name in on_top(app).query_one("#what Select")._options}  # type: ignore[attr-defined]  # noqa: SLF001 - Textual tells them nowhere else
    assert "blood pressure" in offered
    assert urgent - {"trough level"}
    assert not (urgent - {"trough level"}) & offered


# --- odd doses


def newest_dose(records: Records) -> Prescription:
    return records.store.find("00123").of(Prescription)[-1].entry


async def stored_dose(records: Records, **typed: Any) -> str:
    """Type a dose into the form, store it, and return what was shown before."""
    interval, fields = typed.pop("times", None), {"since": "8:00", **typed}
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await show(pilot, Prescribe(where_stands(records.store.find("00123"))))
        if interval:
            await choose(app, pilot, "times", interval)
        await fill(pilot, **fields)
        await settle(pilot)
        text = f"{read_back(app)} {read_back(app, '#problem')}"
        await pilot.press("ctrl+s")
        await settle(pilot)
        return text


async def test_a_dose_every_48_hours(records: Records) -> None:
    with_patient(records, MEASURED)
    text = await stored_dose(records, times=48, dose="0.5 mg")
    assert "To be stored: 0.5 mg every 48 hours, 0.25 mg per day" in text
    dose = newest_dose(records)
    assert (dose.dose_mg, dose.interval_hours, dose.times_a_day) == (Decimal("0.5"), 48, 1)


async def test_another_dose_in_the_evening(records: Records) -> None:
    with_patient(records, MEASURED)
    text = await stored_dose(records, dose="0.4 mg", evening="0.3 mg")
    assert "0.4 mg in the morning, 0.3 mg at night, 0.7 mg per day" in text
    dose = newest_dose(records)
    assert (dose.dose_mg, dose.evening_mg) == (Decimal("0.4"), Decimal("0.3"))


async def test_an_evening_dose_needs_two_doses_a_day(records: Records) -> None:
    with_patient(records, MEASURED)
    text = await stored_dose(records, dose="0.4 mg", evening="0.3 mg", times=24)
    assert "An evening dose needs two doses a day" in text
    assert not records.store.find("00123").of(Prescription)


async def test_the_strength_of_a_dilution_is_kept_for_the_next_dose(records: Records) -> None:
    with_patient(records, MEASURED)
    text = await stored_dose(records, dose="0.4 mg", strength="0.5 mg/mL")
    assert "oral solution 1 mg/mL, diluted to 0.5 mg/mL, from" in text
    assert newest_dose(records).strength_mg_per_ml == Decimal("0.5")
    await stored_dose(records, dose="0.42 mg")
    assert newest_dose(records).strength_mg_per_ml == Decimal("0.5")


async def test_a_dose_that_was_really_given_is_past_every_limit(records: Records) -> None:
    with_patient(records, MEASURED)
    refused = await stored_dose(records, dose="44 mg")
    assert "Cannot be stored" in refused
    assert not records.store.find("00123").of(Prescription)
    text = await stored_dose(records, dose="44 mg", given="misread by the ward")
    assert "To be stored: 44 mg" in text
    assert "misread by the ward" in text
    assert newest_dose(records).given_reason == "misread by the ward"


async def test_what_is_advised_replaces_an_evening_dose(records: Records) -> None:
    with_patient(records, MEASURED, GIVEN, LOW)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await show(pilot, Prescribe(where_stands(records.store.find("00123"))))
        await fill(pilot, dose="0.4 mg", evening="0.3 mg")
        await pilot.press("f5")
        await settle(pilot)
        form = on_top(app)
        assert form.query_one("#evening", Field).text == ""
        assert form.query_one("#times", Choice).value == 12


async def test_the_calculator_shows_the_doses_of_whole_tablets(records: Records) -> None:
    grown = a_patient("00123", born="2014-05-01")
    size = replace(MEASURED, weight=read_quantity("50 kg", QuantityKind.WEIGHT), height=None)
    record = with_patient(records, size, patient=grown)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await show(pilot, DoseCalculator(where_stands(record)))
        await fill(pilot, height="150 cm")
        assert "Doses of whole tablets" not in words(app)
        await choose(app, pilot, "product", TABLETS)
        assert "Doses of whole tablets" in words(app)
        assert "mg per day [proposed]" in words(app)


# --- an event and the hold that it led to


async def record_event(
    app: DrivenApp, pilot: Pilot[Any], records: Records, action: ActionTaken, **typed: str
) -> None:
    await show(pilot, AdverseEventForm(where_stands(records.store.find("00123"))))
    await fill(pilot, term="mouth sores", grade="2", since="2026-11-04")
    await choose(app, pilot, "action", action)
    await fill(pilot, **typed)
    await settled(pilot)


@pytest.mark.parametrize("action", [ActionTaken.HELD, ActionTaken.STOPPED])
async def test_an_event_records_the_hold_or_the_end_with_it(
    records: Records, action: ActionTaken
) -> None:
    with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await record_event(app, pilot, records, action, **{"action-at": "2026-11-04T20:00"})
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "but doses go on" not in words(app)
    record = records.store.find("00123")
    assert [each.entry.action for each in record.of(AdverseEvent)] == [action]
    state = where_stands(record).state
    if action is ActionTaken.HELD:
        (hold,) = record.of(MissedDose)
        assert hold.entry == MissedDose(
            at=at("2026-11-04T20:00"), kind=NotGiven.HELD, reason="mouth sores", is_open=True
        )
        assert state.kind is StateKind.ON_HOLD
    else:
        (dose,) = record.of(Prescription)
        assert ending_of(dose) == at("2026-11-04T20:00")
        assert state.kind is StateKind.STOPPED
    assert state.conflict is None


def ending_of(dose: StoredEntry[Prescription]) -> Any:
    return dose.ending and dose.ending.entry.at


async def test_without_a_time_the_event_is_recorded_alone_and_the_time_is_proposed(
    records: Records,
) -> None:
    with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await record_event(app, pilot, records, ActionTaken.HELD)
        told = read_back(app, "#read-back Static")
        assert "enter its time, such as 2026-11-04T08:00" in told
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert isinstance(on_top(app), AnswerScreen)
    assert not records.store.find("00123").of(MissedDose)


@pytest.mark.parametrize(
    ("entries", "action", "is_asked"),
    [
        ((GIVEN,), ActionTaken.NONE, False),
        ((GIVEN,), ActionTaken.REDUCED, False),
        ((GIVEN,), ActionTaken.HELD, True),
        ((GIVEN, HELD), ActionTaken.HELD, False),
        ((GIVEN, HELD), ActionTaken.STOPPED, True),
        ((), ActionTaken.STOPPED, False),
    ],
)
async def test_the_time_is_asked_only_where_doses_go_on(
    records: Records,
    entries: tuple[Any, ...],
    action: ActionTaken,
    is_asked: bool,  # noqa: FBT001 - of a table
) -> None:
    with_patient(records, MEASURED, *entries)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await record_event(app, pilot, records, action)
        field = on_top(app).query_one("#action-at", Field)
        assert field.has_class("-gone") is not is_asked


async def test_a_time_without_a_dose_stores_nothing(records: Records) -> None:
    with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        early = {"action-at": "2026-09-30T08:00"}
        await record_event(app, pilot, records, ActionTaken.HELD, **early)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "No dose is recorded at" in words(app)
    assert not records.store.find("00123").of(AdverseEvent)
