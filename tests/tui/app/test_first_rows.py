"""The worklist while the records are being opened: rows to look at, and nothing is lost or kept."""

from functools import partial
from pathlib import Path
from threading import Event

import pytest

from monitoring.store.errors import RecordsError
from monitoring.store.opening import Records
from monitoring.worklist_index.first_rows import first_rows
from monitoring.worklist_index.index import rows_of_all
from tests.tui.app.shown import NOW, demo_at, screen_text_of, until, until_shown
from tui.app.app import SirolimusApp
from tui.app.screens.patient import PatientScreen

_PATIENCE_S = 60


class Gate:
    """Opens the records once it is let."""

    def __init__(self, records: Records, error: str = "") -> None:
        self._records, self._error, self.may_open = records, error, Event()

    def __call__(self) -> Records:
        assert self.may_open.wait(_PATIENCE_S), "the gate was never opened"
        if self._error:
            raise RecordsError(self._error)
        return self._records


def app_on(records: Records, gate: Gate) -> SirolimusApp:
    app = SirolimusApp(gate, lambda: NOW)
    app.first_rows = partial(first_rows, str(records.place.file))
    return app


@pytest.fixture
def demo(tmp_path: Path) -> Records:
    records = demo_at(tmp_path)
    rows_of_all(records.store, NOW)
    return records


async def test_a_patient_chosen_early_opens_once_the_records_are_open(demo: Records) -> None:
    gate = Gate(demo)
    app = app_on(demo, gate)
    async with app.run_test(size=(100, 24)) as pilot:
        await until_shown(pilot, "Sample Side Effects")
        assert "Opening the records …" in screen_text_of(pilot)
        await pilot.press("2", "slash", *"Side", "enter", "1", "enter")
        assert not isinstance(pilot.app.screen, PatientScreen)
        gate.may_open.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, PatientScreen))
        assert "Sample Side Effects" in screen_text_of(pilot)
        await pilot.press("escape")
        await until_shown(pilot, "17 patients")


async def test_rows_of_records_that_cannot_be_opened_go(demo: Records) -> None:
    gate = Gate(demo, "The records were changed outside the program. Run sirolimus verify.")
    app = app_on(demo, gate)
    async with app.run_test(size=(100, 24)) as pilot:
        await until_shown(pilot, "Sample Side Effects")
        gate.may_open.set()
        await until_shown(pilot, "Run sirolimus verify.")
        assert "Sample" not in screen_text_of(pilot)
