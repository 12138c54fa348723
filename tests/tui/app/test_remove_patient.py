"""Removing a patient from the screen: the reason, the number typed again, and one more question."""

from pathlib import Path

import pytest

from monitoring.exchange.export import preview_export
from monitoring.store.opening import Records
from monitoring.store.verify import verify
from monitoring.summary import summarise
from tests.tui.app.dose_screens import (
    SAMPLE,
    DrivenApp,
    fill,
    on_top,
    records_at,
    settle,
    show,
    shown,
    with_patient,
)
from tui.app.screens.patient import PatientScreen
from tui.app.screens.remove_patient import RemovePatient
from tui.app.widgets.question import ConfirmScreen


@pytest.fixture
def records(tmp_path: Path) -> Records:
    opened = records_at(tmp_path / "data")
    with_patient(opened)
    return opened


async def test_a_patient_is_removed_after_both_questions(records: Records, tmp_path: Path) -> None:
    app, folder = DrivenApp(records), tmp_path / "out"
    record = records.store.find(SAMPLE.record_number)
    async with app.run_test(size=(140, 40)) as pilot:
        summary = summarise(record, app.now())
        await show(pilot, PatientScreen(summary))
        await show(pilot, RemovePatient(summary))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Enter the reason and a new folder." in shown(on_top(app))
        await fill(pilot, reason="ended [/] =1+1", folder=str(folder), again="00124")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The record number differs. Nothing was removed." in shown(on_top(app))
        await fill(pilot, again=SAMPLE.record_number)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(on_top(app), ConfirmScreen)
        await pilot.press("enter")  # the careful answer has the focus
        await settle(pilot)
        assert records.store.find(SAMPLE.record_number)
        assert not folder.exists()
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("right", "enter")
        await settle(pilot)
        assert records.store.patients(voided=True) == ()
    found = verify(records.store.engine)
    assert found.is_whole
    assert "ended [/] =1+1" in found.remarks[0].what
    assert preview_export(None, folder).patients == (SAMPLE,)
