"""A visit on one page, a treatment that began elsewhere, and the undo of either."""

from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from dosing import Sex
from monitoring.levels import Status
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.entries import Record
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.store.opening import Records
from monitoring.store.store import Store
from monitoring.summary import summarise
from tests.builders import a_dose, a_level, a_measurement, a_note, held_doses, later
from tests.tui.app.dose_screens import (
    GIVEN,
    MEASURED,
    NOW,
    DrivenApp,
    fill,
    on_top,
    settle,
    show,
    shown,
    where_stands,
    with_patient,
)
from tests.tui.app.shown import until
from tui.app.screens.after_level import AfterLevel
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.entry_forms import GradedAnswer
from tui.app.screens.new_patient import NewPatientForm
from tui.app.screens.patient import PatientScreen
from tui.app.screens.treated_before import TreatedBefore
from tui.app.screens.undo_entry import UndoEntry
from tui.app.screens.visit_form import VisitForm
from tui.app.unsaved_form import UnsavedForm
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field

VISIT = {
    "measure-weight": "12.9 kg",
    "pressure-value": "96/58 mmHg",
    "level-value": "9.5 ng/mL",
    "level-sampled": "2026-11-05T07:50",
    "test-1-test": "ALT",
    "test-1-value": "35 U/L",
    "event-1-term": "mouth sores [/] <img src=x>",
    "event-1-since": "2026-11-03",
    "note-text": "=1+1 seen with both parents",
}


@pytest.fixture(autouse=True)
def _at_the_moment_of_the_tests(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the store's clock be that of the app, a second later with each change."""
    moment = NOW

    def clock() -> Any:
        nonlocal moment
        moment = later(moment, seconds=1)
        return moment

    monkeypatch.setattr(records.store, "_clock", clock)


def read(store: Store, record: Record) -> list[Any]:
    return [each.entry for each in store.read(record.number).entries[len(record.entries) :]]


def read_back(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one("#read-back Static", Static).visual)


async def typed_into(pilot: Pilot[Any], **texts: str) -> None:
    await fill(pilot, **texts)
    await settle(pilot)


def _is_there(pilot: Pilot[Any], name: str) -> bool:
    return bool(pilot.app.screen.query(f"#{name} > *"))


async def in_rows(pilot: Pilot[Any], **texts: str) -> None:
    """Type into rows that open one after the other."""
    for name, text in texts.items():
        await until(pilot, partial(_is_there, pilot, name))
        await fill(pilot, **{name: text})
    await settle(pilot)


async def stored(pilot: Pilot[Any]) -> None:
    await pilot.press("ctrl+s")
    await settle(pilot)


async def test_a_visit_is_stored_in_one_go_and_answered_on_one_page(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(120, 35)) as pilot:
        await show(pilot, PatientScreen(where_stands(record)))
        await settle(pilot)
        await pilot.press("V")
        await settle(pilot)
        form = on_top(app)
        assert isinstance(form, VisitForm)
        assert form.focused is form.field("measure-weight").query_one("Input")
        await typed_into(pilot, **VISIT)
        assert "last dose 4 Nov 2026, 20:00 (assumed from the schedule)" in " ".join(
            read_back(pilot).split()
        )
        await stored(pilot)
        assert isinstance(on_top(app), AfterLevel)  # as after the level's own form
        page = " ".join(str(app.screen.query_one("#answer Static", Static).visual).split())
        for once in (
            "12.9 kg",
            "Level: 9.5 ng/mL sampled",
            "ALT 35 U/L",
            "=1+1 ",
            "within: 9.5",
        ):
            assert page.count(once) == 1, once
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen.query_one("#stands", Static)  # the patient, with the new level
        assert "last level 9.5 ng/mL" in shown(app.screen)
    entries = read(records.store, record)
    assert [type(each) for each in entries] == [
        Measurement, AdverseEvent, LaboratoryValue, LaboratoryValue, LaboratoryValue, Level, Note,
    ]  # fmt: skip
    authors = [each.author for each in records.store.read(record.number).entries[-7:]]
    assert len(set(authors)) == 1
    level = entries[5]
    assert level == a_level(
        "9.5 ng/mL", "2026-11-05T07:50", last_dose="2026-11-04T20:00", assay=None,
        last_dose_assumed=True,
    )  # fmt: skip
    assert entries[2].at == entries[3].at == NOW
    assert entries[4].at == level.sampled  # the laboratory's sample is that of the level
    assert entries[-1].text == "=1+1 seen with both parents"


async def test_a_visit_of_one_part_is_that_part_alone(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        for texts, answer in (
            ({"note-text": "seen"}, AnswerScreen),
            ({"test-1-test": "ALT", "test-1-value": "300 U/L", "test-1-upper": "40 U/L",
              "tests-sampled": "2026-11-04T08:00"}, GradedAnswer),
            ({"measure-height": "89 cm"}, AnswerScreen),
        ):  # fmt: skip
            await show(pilot, VisitForm(where_stands(records.store.read(record.number))))
            await typed_into(pilot, **texts)
            await stored(pilot)
            assert type(app.screen) is answer
            app.pop_screen()
    assert [type(each) for each in read(records.store, record)] == [
        Note, LaboratoryValue, Measurement,
    ]  # fmt: skip


async def test_nothing_of_a_visit_is_stored_while_a_part_is_incomplete(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    wrong = {
        "event-1-term": "rash",
        "level-value": "9 ng/mL",
        "test-1-test": "ALT",
        "pressure-value": "96/58",
        "seen": "2026-13-01",
    }
    async with app.run_test(size=(80, 24)) as pilot:
        for name, text in wrong.items():
            form = VisitForm(where_stands(record))
            await show(pilot, form)
            await typed_into(pilot, **{"measure-weight": "12.9 kg", name: text})
            await stored(pilot)
            assert app.screen is form
            assert form.problem, name
            app.pop_screen()
        await show(pilot, VisitForm(where_stands(record)))
        await stored(pilot)
        assert "Nothing was entered" in shown(app.screen)
    assert read(records.store, record) == []


async def test_each_part_asks_for_its_own_reason(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN, a_note("seen", "2026-11-05"))
    app = DrivenApp(records)
    async with app.run_test(size=(120, 35)) as pilot:
        form = VisitForm(where_stands(record))
        await show(pilot, form)
        texts = {"note-text": "seen", "level-value": "420 ng/mL",
                 "level-sampled": "2026-11-04T07:50", "measure-height": "89 cm"}  # fmt: skip
        await typed_into(pilot, **texts)
        asked = [each.id for each in form.query(Field) if each.has_class("-asked")]
        assert asked == ["level-reason", "note-reason"]
        await stored(pilot)
        assert "If it is right, enter the reason" in form.problem
        await typed_into(pilot, **{"level-reason": "measured twice"})
        await stored(pilot)
        assert read(records.store, record) == []
        await typed_into(pilot, **{"note-reason": "seen again"})
        await stored(pilot)
        assert isinstance(app.screen, AfterLevel)
    assert [each.reason for each in read(records.store, record)] == [
        "", "measured twice", "seen again",
    ]  # fmt: skip


async def test_a_hold_of_a_visit_is_stored_with_its_event(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        form = VisitForm(where_stands(record))
        await show(pilot, form)
        assert form.field("event-1-hold").has_class("-gone")
        await typed_into(pilot, **{"event-1-term": "fever", "event-1-since": "2026-11-04"})
        form.query_one("#event-1-action", Choice).value = ActionTaken.HELD
        await pilot.pause()
        assert not form.field("event-1-hold").has_class("-gone")
        await typed_into(pilot, **{"event-1-hold": "2026-11-04T20:00"})
        await stored(pilot)
    event, hold = read(records.store, record)
    assert event.action is ActionTaken.HELD
    assert isinstance(hold, MissedDose)
    assert hold.is_open


async def test_a_last_dose_of_a_visit_while_on_hold_is_asked_about(records: Records) -> None:
    record = with_patient(
        records, MEASURED, GIVEN, held_doses("2026-11-01T08:00", None, is_open=True)
    )
    app = DrivenApp(records)
    async with app.run_test(size=(120, 35)) as pilot:
        await show(pilot, VisitForm(where_stands(record)))
        times = {"level-sampled": "2026-11-05T07:45", "level-last-dose": "2026-11-04T20:00"}
        await fill(pilot, **{"level-value": "6 ng/mL"}, **times)
        form = on_top(app)
        assert isinstance(form, VisitForm)
        await pilot.press("ctrl+s")
        assert "Choose whether they are given again." in form.problem
        form.query_one("#level-while-held", Choice).value = True
        await pilot.pause()
        await pilot.press("ctrl+s")
        assert "Record the restart first" in form.problem
        assert read(records.store, record) == []
        form.query_one("#level-while-held", Choice).value = False
        await pilot.pause()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(read(records.store, record)))
    assert isinstance(read(records.store, record)[0], Level)


async def test_rows_open_one_after_the_other(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        form = VisitForm(where_stands(record))
        await show(pilot, form)

        def open_rows() -> list[int]:
            return [at for at in range(1, 14) if form.query(f"#test-{at}-test")]

        assert open_rows() == [1]
        for number in range(1, 13):
            await fill(pilot, **{f"test-{number}-test": "ALT"})
            await pilot.pause()
            assert open_rows() == list(range(1, min(number + 1, 12) + 1))


async def test_the_undo_takes_back_all_parts_of_a_visit(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(120, 35)) as pilot:
        await show(pilot, PatientScreen(where_stands(record)))
        await show(pilot, VisitForm(where_stands(record)))
        await typed_into(pilot, **VISIT)
        await stored(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "last level 9.5 ng/mL" in shown(app.screen)
        await pilot.press("U")
        await until(pilot, lambda: "Undo this" in shown(app.screen))
        assert isinstance(app.screen, UndoEntry)
        assert "mouth sores [/] <img src=x>" in shown(app.screen)
        await pilot.press("enter")
        await settle(pilot)
        await until(pilot, lambda: isinstance(app.screen, PatientScreen))
        await until(pilot, lambda: "no level yet" in shown(app.screen))
        await pilot.press("U")  # what is left was recorded before, and is undone one by one
        await until(pilot, lambda: "prescription 0.44 mg" in shown(app.screen))
    entries = records.store.read(record.number).entries
    assert [each.is_active for each in entries] == [True] * 3 + [False] * 7
    assert {each.void.entry.reason for each in entries if each.void} == {
        "entered by mistake, undone"
    }


async def test_the_undo_says_why_it_cannot(records: Records) -> None:
    record = with_patient(records, MEASURED)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        app.now = lambda: later(NOW, minutes=6)
        await show(pilot, UndoEntry(where_stands(record)))
        await settle(pilot)
        assert "more than 5 minutes ago" in " ".join(shown(app.screen).split())
        await pilot.press("enter", "ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, UndoEntry)
    assert all(each.is_active for each in records.store.read(record.number).entries)


async def test_undoing_a_new_patient_leaves_the_patient(records: Records) -> None:
    record = with_patient(records)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, PatientScreen(where_stands(record)))
        await settle(pilot)
        await pilot.press("U")
        await until(pilot, lambda: "the new patient" in shown(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
    assert records.store.count_patients() == 0


TREATED = {
    "dose-now-mg": "0.44 mg",
    "dose-now-since": "2026-10-01T08:00",
    "dose-1-mg": "9 mg",
    "dose-1-since": "2026-06-01T08:00",
    "dose-1-target": "4-8 ng/mL",
    "by": "University clinic [/]",
    "level-1-value": "12 ng/mL",
    "level-1-sampled": "2026-10-25T07:50",
    "level-2-value": "12 ng/mL",
    "level-2-sampled": "2026-07-25T07:50",
}


async def test_a_new_patient_on_sirolimus_is_recorded_to_the_levels_of_before(
    records: Records,
) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(120, 35)) as pilot:
        await show(pilot, NewPatientForm())
        await fill(pilot, **{"record-number": "9", "name": "Sample Treated", "born": "2023-05-01"})
        app.screen.query_one("#sex", Choice).value = Sex.FEMALE
        app.screen.query_one("#treated", Choice).value = True
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, TreatedBefore))
        await settle(pilot)
        body = {"body-1-weight": "12.4 kg", "body-1-again": "12.4 kg", "body-1-on": "2026-11-05",
                "body-2-weight": "11 kg", "body-2-height": "85 cm",
                "body-2-on": "2026-05-20"}  # fmt: skip
        await in_rows(pilot, **TREATED, **body)
        told = " ".join(read_back(pilot).split())
        assert "The dose is recorded as it was given: prescribed elsewhere" in told
        assert "mg/m²/day" in told  # the limits say that 9 mg was too much, and stop nothing
        await stored(pilot)
        assert isinstance(app.screen, AnswerScreen)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, PatientScreen))
        await until(pilot, lambda: "On 0.44 mg × 2 a day since 1 Oct 2026" in shown(app.screen))
        await pilot.press("A")  # not offered once there is a dose
        assert isinstance(app.screen, PatientScreen)
    record = records.store.find("9")
    doses = [each.entry for each in record.of(Prescription)]
    assert [(str(each.dose_mg), each.given_reason, each.proposal) for each in doses] == [
        (mg, "prescribed elsewhere: University clinic [/]", "") for mg in ("9", "0.44")
    ]
    assert "dose-high" in doses[0].overridden_alerts
    summary = summarise(record, NOW)
    levels = {str(each.level.entry.sampled.local.date()): each.status for each in summary.levels}
    assert levels == {"2026-07-25": Status.ABOVE, "2026-10-25": Status.WITHIN}
    assert [each.entry.last_dose_assumed for each in record.of(Level)] == [True, True]


WRONG = (
    ({"dose-now-mg": ""}, "Dose being given: Dose is missing"),
    ({"dose-now-since": ""}, "Dose being given: From is missing"),
    ({"dose-1-since": "2026-10-01T08:00"}, "Two doses begin at the same time"),
    ({"dose-1-since": "2026-10-02T08:00"}, "begins after the dose being given"),
    ({"dose-now-since": "2026-11-06T08:00"}, "is in the future"),
    ({"dose-1-since": "2020-01-01T08:00"}, "is before the patient's birth"),
    ({"level-1-sampled": ""}, "Level: Sampled is missing"),
    ({"body-1-weight": "12 kg"}, "Measurement: Measured on is missing"),
)


async def test_a_treatment_of_before_is_stored_whole_or_not_at_all(records: Records) -> None:
    record = with_patient(records, a_measurement(on="2026-11-04"))
    app = DrivenApp(records)
    async with app.run_test(size=(120, 35)) as pilot:
        form = TreatedBefore(where_stands(record))
        await show(pilot, form)
        await in_rows(pilot, **TREATED)
        for texts, problem in WRONG:
            await in_rows(pilot, **texts)
            await stored(pilot)
            assert app.screen is form
            assert problem in form.problem
            await in_rows(pilot, **{name: TREATED.get(name, "") for name in texts})
    assert read(records.store, record) == []


@pytest.mark.parametrize(("weight", "is_asked"), [("12.5 kg", False), ("21.4 kg", True)])
async def test_a_weight_far_from_the_last_one_is_typed_twice(
    records: Records, weight: str, *, is_asked: bool
) -> None:
    record = with_patient(records, MEASURED)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        form = VisitForm(where_stands(record))
        await show(pilot, form)
        assert not form.field("again").display
        await typed_into(pilot, **{"measure-weight": weight})
        assert form.field("again").display is is_asked
        await stored(pilot)
        assert (app.screen is form) is is_asked
        if is_asked:
            assert "The weight is far from the last one. Enter it twice." in form.problem
            await typed_into(pilot, again="12.4 kg")
            await stored(pilot)
            assert "The two weights differ" in form.problem
            await typed_into(pilot, again=weight)
            await stored(pilot)
            assert app.screen is not form
    (kept,) = [each.entry for each in records.store.read(record.number).of(Measurement)][1:]
    assert str(kept.weight) == weight


async def test_no_new_row_comes_between_a_field_and_the_next_one(records: Records) -> None:
    """A level must not be typed into a weight that has just appeared."""
    record = with_patient(records, a_measurement(on="2026-11-04"))
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        form = TreatedBefore(where_stands(record))
        await show(pilot, form)
        for last, after, new in (
            ("dose-1-since", "body-1-weight", "dose-2-mg"),
            ("body-1-on", "level-1-value", "body-2-weight"),
        ):
            first = f"{last.rpartition('-')[0]}-{new.rpartition('-')[2]}"
            form.field(first).begin()
            await pilot.pause()
            for _ in range(20):
                await pilot.press("1")
                assert form.focused is not None
                expected = form.focus_chain[form.focus_chain.index(form.focused) + 1]
                is_last = form.field(last).has_the_focus
                assert not form.query(f"#{new}")
                await pilot.press("tab")
                assert form.focused is expected
                if is_last:
                    break
            assert form.field(after).has_the_focus
            await until(pilot, partial(_is_there, pilot, new))
            await pilot.pause()
            sight = form.query_one("#fields").region
            assert form.focused is not None
            assert sight.contains_region(form.focused.region)


async def test_after_a_stop_the_treatment_of_before_can_be_recorded_too(records: Records) -> None:
    """The dead end of the calculator: a later weight is on record, and earlier doses."""
    record = with_patient(records, a_measurement(on="2026-11-05"))
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, PatientScreen(where_stands(record)))
        await settle(pilot)
        await pilot.press("A")
        await settle(pilot)
        assert isinstance(app.screen, TreatedBefore)
        texts = {"dose-now-mg": "0.44 mg", "dose-now-since": "2026-10-01T08:00"}
        await typed_into(pilot, **texts)
        await stored(pilot)
    (dose,) = read(records.store, record)
    assert dose.since == a_dose("2026-10-01T08:00").since
    assert summarise(records.store.read(record.number), NOW).current is not None


async def test_the_app_locks_and_opens_a_visit_again_with_its_text(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        form = VisitForm(where_stands(record))
        await show(pilot, form)
        await in_rows(pilot, **VISIT, **{"test-2-test": "AST"})
        kept = UnsavedForm.of_text(UnsavedForm.of(form).text())
        app.pop_screen()
        again = VisitForm(where_stands(record))
        await show(pilot, again)
        await kept.fill_in(again)
        await pilot.pause()
        assert again.field("test-2-test").text == "AST"
        await pilot.pause()
        assert again.query("#test-3-test")
