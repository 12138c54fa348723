"""The second check on the patient's screen: offered by the setting, and blind to the dose."""

from monitoring.clinic_choices import ClinicChoices
from monitoring.record.dose_check import DoseCheck
from monitoring.store.opening import Records
from tests.tui.app.dose_screens import (
    GIVEN,
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
from tui.app.screens.patient import PatientScreen
from tui.app.screens.second_check import SecondCheck
from tui.app.settings import Settings

SIZE = (120, 35)


async def test_a_second_person_confirms_the_dose(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    app._settings = Settings(clinic=ClinicChoices(second_check=True))  # noqa: SLF001 - before it runs
    async with app.run_test(size=SIZE) as pilot:
        await show(pilot, PatientScreen(where_stands(record)))
        await settle(pilot)
        await pilot.press("D")
        await settle(pilot)
        assert isinstance(on_top(app), SecondCheck)
        assert "0.44 mg × 2" not in shown(on_top(app))
        await fill(pilot, dose="4.4 mg", volume="4.4 mL", every="12 h", by="Nurse [/] Łukasz")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "the dose in mg and the volume in mL differ" in " ".join(shown(on_top(app)).split())
        assert records.store.find("00123").of(DoseCheck) == ()
        await fill(pilot, dose="0.44 mg", volume="0.44 mL")
        await pilot.press("ctrl+s")
        await settle(pilot)
        await settle(pilot)
        assert not isinstance(on_top(app), SecondCheck)
    (check,) = records.store.find("00123").of(DoseCheck)
    assert check.entry.checked_by == "Nurse [/] Łukasz"


async def test_without_the_setting_it_is_not_offered(records: Records) -> None:
    record = with_patient(records, MEASURED, GIVEN)
    app = DrivenApp(records)
    async with app.run_test(size=SIZE) as pilot:
        await show(pilot, PatientScreen(where_stands(record)))
        await settle(pilot)
        await pilot.press("D")
        await settle(pilot)
        assert isinstance(on_top(app), PatientScreen)
