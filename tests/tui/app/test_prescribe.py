"""A dose that is typed, the advice beside it, and the end of a dose."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dosing import QuantityKind, Sex, TargetTrough, read_quantity
from dosing.build import this_build
from monitoring.record.entries import Record
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.store.opening import Records
from monitoring.times import Moment
from tests.builders import a_level
from tests.tui.app.dose_screens import (
    GIVEN,
    LOW,
    MEASURED,
    NOW,
    SAMPLE,
    ZONE,
    DrivenApp,
    fill,
    on_top,
    settle,
    show,
    shown,
    typed,
    where_stands,
    with_patient,
)
from tui.app.screens.end_dose import EndOfDose
from tui.app.screens.prescribe import Prescribe
from tui.app.widgets.choice import Choice
from tui.app.widgets.question import ConfirmScreen

HOSTILE = ("[/]", "<img src=x>", "=1+1", "\u202eabc", "a\x1b[31mb", "[@click=app.quit]x[/]")


def treated(records: Records, patient: Patient = SAMPLE) -> Record:
    """Return a patient whose last level is below the target."""
    return with_patient(records, MEASURED, GIVEN, LOW, patient=patient)


def words(app: DrivenApp) -> str:
    return " ".join(shown(on_top(app)).replace("│", " ").split())


def prescribed(records: Records, number: str = "00123") -> list[Prescription]:
    return [each.entry for each in records.store.find(number).of(Prescription)]


async def test_the_advised_dose_is_taken_into_the_form_and_stored(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        await show(pilot, Prescribe(where_stands(treated(records))))
        # 0.44 mg × 2 × 10 / 4 = 2.2 mg a day, capped at 1.5 times 0.88 mg: 0.66 mg twice a day
        assert "0.88 mg/day × 10 / 4 = 2.2 mg/day, factor 2.5" in words(app)
        await pilot.press("f5")
        await pilot.pause()
        assert typed(on_top(app), "dose") == "0.66 mg"
        assert len(prescribed(records)) == 1
        await fill(pilot, since="2026-11-05T20:00", reason="below the target")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.stored == ["00123"]
    assert prescribed(records)[1:] == [
        replace(
            GIVEN,
            rule_version=this_build().label,
            since=Moment.read("2026-11-05T20:00", ZONE),
            dose_mg=Decimal("0.66"),
            reason="below the target",
        )
    ]


async def test_the_keys_read_on_beside_the_fields(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = Prescribe(where_stands(treated(records)))
        await show(pilot, screen)
        focused, before = screen.focused, shown(screen)
        await pilot.press("pagedown")
        await pilot.pause()
        assert shown(screen) != before
        assert screen.focused is focused
        await pilot.press("pageup")
        await pilot.pause()
        assert shown(screen) == before


async def test_a_dose_is_typed_read_back_and_stored(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        await show(pilot, Prescribe(where_stands(with_patient(records, MEASURED))))
        assert "No level is recorded." in words(app)
        await fill(
            pilot, dose="0.4mg", target="4-10 ng/mL", since="8:00", reason="as before the transfer"
        )
        on_top(app).query_one("#times", Choice).value = 24
        await pilot.pause()
        assert "To be stored: 0.4 mg × 1 a day, 0.4 mg per day" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
    assert prescribed(records) == [
        replace(
            GIVEN,
            rule_version=this_build().label,
            since=NOW,
            dose_mg=Decimal("0.4"),
            times_a_day=1,
            target=TargetTrough(Decimal(4), Decimal(10)),
            reason="as before the transfer",
        )
    ]


UNREADABLE = {
    "": "missing",
    "0,4 mg": "comma",
    "0.4": "no unit",
}


async def test_a_dose_off_the_marks_is_told_and_stored(records: Records) -> None:
    record = with_patient(records, MEASURED)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        await show(pilot, Prescribe(where_stands(record)))
        await fill(pilot, dose="0.415 mg", since="8:00")
        await settle(pilot)
        assert "is off the marks" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
    assert [str(each.dose_mg) for each in prescribed(records)] == ["0.415"]


async def test_what_cannot_be_read_is_told_and_stays(records: Records) -> None:
    record = with_patient(records, MEASURED)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        screen = Prescribe(where_stands(record))
        await show(pilot, screen)
        for dose, told in UNREADABLE.items():
            await fill(pilot, dose=dose, reason="kept")
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert on_top(app) is screen
            assert told in words(app)
            assert "To be stored" not in words(app)
            assert (typed(screen, "dose"), typed(screen, "reason")) == (dose, "kept")
    assert prescribed(records) == []


async def test_a_stop_cannot_be_stored_whatever_is_typed(records: Records) -> None:
    record = with_patient(records, MEASURED)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        screen = Prescribe(where_stands(record))
        await show(pilot, screen)
        await fill(pilot, dose="44 mg", override="sure", by="Dr Sample")
        assert "■ STOP" in words(app)  # at once, before a start is typed
        await fill(pilot, since="8:00")
        assert "■ STOP" in words(app)
        assert not screen.query_one("#override").display
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert on_top(app) is screen
        assert "This dose is stopped. It cannot be stored." in words(app)
    assert prescribed(records) == []


async def test_an_override_needs_both_its_fields_and_is_kept(records: Records) -> None:
    infant = Patient(record_number="7", name="Infant", born=date(2026, 8, 5), sex=Sex.FEMALE)
    size = Measurement(
        on=date(2026, 11, 1),
        weight=read_quantity("6.2 kg", QuantityKind.WEIGHT),
        height=read_quantity("61 cm", QuantityKind.HEIGHT),
    )
    record = with_patient(records, size, patient=infant)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        screen = Prescribe(where_stands(record))
        await show(pilot, screen)
        await fill(pilot, dose="0.26 mg")
        assert "▲ OVERRIDE" in words(app)
        await fill(pilot, since="8:00")
        for half in ({"override": "agreed"}, {"override": "", "by": "Dr Sample"}):
            await fill(pilot, **half)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert on_top(app) is screen
        await fill(pilot, override="agreed")
        await pilot.press("ctrl+s")
        await settle(pilot)
    (stored,) = prescribed(records, "7")
    assert (stored.override_reason, stored.override_by) == ("agreed", "Dr Sample")
    assert stored.overridden_alerts == ("age-under-7-months",)


async def test_a_raise_beside_a_stop_is_not_stored_by_the_same_key_twice(records: Records) -> None:
    """The advice waits for a level: the form asks for what `prescribe` asks for."""
    no_trough = a_level("4 ng/mL", "2026-11-04T12:00", hours=4)
    record = with_patient(records, MEASURED, GIVEN, no_trough)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        screen = Prescribe(where_stands(record))
        await show(pilot, screen)
        await fill(pilot, dose="0.48 mg")
        assert screen.query_one("#override").display
        for _ in range(3):
            await pilot.press("ctrl+s")
            await settle(pilot)
        assert on_top(app) is screen
        assert len(prescribed(records)) == 1
        await fill(pilot, override="pain, agreed", by="Dr Sample")
        await pilot.press("ctrl+s")
        await settle(pilot)
    assert prescribed(records)[-1].overridden_alerts == ("raise-without-level",)


async def test_a_record_changed_meanwhile_is_told_and_what_was_typed_stays(
    records: Records,
) -> None:
    record = with_patient(records, MEASURED)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        screen = Prescribe(where_stands(record))
        await show(pilot, screen)
        await fill(pilot, dose="0.44 mg", since="8:00")
        records.store.add(record.number, Note(on=date(2026, 11, 5), text="somebody else"))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The record was changed" in words(app)
        assert typed(screen, "dose") == "0.44 mg"
        assert prescribed(records) == []
        await pilot.press("ctrl+s")
        await settle(pilot)
    assert len(prescribed(records)) == 1


async def test_stopping_the_treatment_needs_a_reason(records: Records) -> None:
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, Prescribe(where_stands(treated(records))))
        await pilot.press("f8")
        await pilot.pause()
        ending = on_top(app)
        assert isinstance(ending, EndOfDose)
        assert "0.44 mg × 2 a day" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert on_top(app) is ending
        await fill(pilot, at="2026-09-01T08:00", reason="swallowing fails")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "is before the beginning" in words(app)
        await fill(pilot, at="2026-11-05T07:00")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.stored == ["00123"]
    (ended,) = records.store.find("00123").of(Prescription)
    assert ended.ending is not None
    assert ended.ending.entry.at == Moment.read("2026-11-05T07:00", ZONE)
    assert ended.ending.entry.reason == "swallowing fails"


async def test_an_end_beside_somebody_elses_change_is_not_stored(records: Records) -> None:
    record = treated(records)
    app = DrivenApp(records)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, EndOfDose(where_stands(record)))
        later = replace(GIVEN, since=Moment.read("2026-11-05T07:00", ZONE), dose_mg=Decimal("0.5"))
        records.store.add(record.number, later)
        await fill(pilot, reason="fever")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The record was changed" in words(app)
        assert "0.5 mg × 2 a day" in words(app)
    assert all(each.ending is None for each in records.store.find("00123").of(Prescription))


@pytest.mark.campaign  # test_hostile_text.py types it into every field in the usual run
async def test_hostile_text_in_every_field(records: Records) -> None:
    record = treated(records)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        screen = Prescribe(where_stands(record))
        await show(pilot, screen)
        for text in HOSTILE:
            fields = ("dose", "target", "since", "reason", "override", "by")
            await fill(pilot, **dict.fromkeys(fields, text))
            assert "\x1b" not in shown(screen)
            assert "\u202e" not in shown(screen)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert on_top(app) is screen
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(on_top(app), ConfirmScreen)
    assert len(prescribed(records)) == 1
