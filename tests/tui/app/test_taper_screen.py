"""The screen of the taper: its steps, storing them, and what comes first."""

from pathlib import Path

import pytest

from dosing import Sex
from dosing.knowledge.products import FINE_MARKS
from monitoring.clinic_choices import ClinicChoices
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.store.opening import Records
from tests.builders import a_dose, held_doses, later
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
    show,
    shown,
    where_stands,
    with_patient,
)
from tui.app.screens.taper import Taper
from tui.app.settings import Settings


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return records_at(tmp_path)


def words(app: DrivenApp) -> str:
    return " ".join(shown(on_top(app)).replace("│", " ").split())


def steps_in(records: Records) -> list[Prescription]:
    doses = records.store.find("00123").of(Prescription)
    return [each.entry for each in doses if each.entry.is_taper_step]


async def test_the_plan_is_shown_and_stored(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        await show(pilot, Taper(where_stands(record)))
        # the next dose at eight o'clock is that of now, 5 November
        assert "5 Nov 2026, 08:00 0.4 mg (0.4 mL of 1 mg/mL) every 12 hours 91 %" in words(app)
        assert "33 of 61 relapsed" in words(app)
        await fill(pilot, since="2026-12-01T20:00")
        assert "1 Dec 2026, 20:00 0.4 mg" in words(app)
        assert steps_in(records) == []
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.stored == ["00123"]
    assert [each.reason for each in steps_in(records)][-1] == "taper step 10 of 10"
    assert str(steps_in(records)[0].since) == "2026-12-01T20:00+01:00"


async def test_escape_stores_nothing(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=(100, 40)) as pilot:
        await show(pilot, Taper(where_stands(record)))
        await pilot.press("escape")
        await settle(pilot)
    assert steps_in(records) == []


async def test_a_hold_comes_first(records: Records) -> None:
    held = held_doses(later(NOW, days=-3), None, is_open=True)
    record = with_patient(records, MEASURED, GIVEN, held)
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        await show(pilot, Taper(where_stands(record)))
        assert "Decide on the restart at the former dose first" in words(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Something comes first" in words(app)
    assert steps_in(records) == []


@pytest.mark.parametrize("since", ["", "yesterday"])
async def test_without_a_dose_or_a_time_nothing_is_stored(records: Records, since: str) -> None:
    record = with_patient(records, MEASURED, *([GIVEN] if since else []))
    app = DrivenApp(records)
    async with app.run_test(size=(140, 60)) as pilot:
        await show(pilot, Taper(where_stands(record)))
        await fill(pilot, since=since)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "has no time of day" in words(app) if since else "No dose is given" in words(app)
    assert steps_in(records) == []


async def test_a_hostile_name_and_the_clinics_marks(records: Records) -> None:
    patient = Patient(record_number="00123", name="[/] <img> =1+1", born=SAMPLE.born, sex=Sex.MALE)
    record = with_patient(records, MEASURED, a_dose(GIVEN.since, "0.1"), patient=patient)
    app = DrivenApp(records)
    app._settings = Settings(clinic=ClinicChoices(marks=FINE_MARKS))  # noqa: SLF001 - set before it runs
    async with app.run_test(size=(140, 60)) as pilot:
        await show(pilot, Taper(where_stands(record)))
        assert "0.09 mg (0.09 mL of 1 mg/mL)" in words(app)
        assert "[/] <img> =1+1" in words(app)
