"""The app over records of its own, with a patient, for the tests of its screens."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import TextArea
from textual.worker import WorkerCancelled

from dosing import VERSION, Sex
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.patient import Patient
from monitoring.store.opening import Records
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from tests.builders import a_dose, a_level, a_measurement
from tests.tui.app.shown import painted
from tests.tui.places import new_records
from tui.app.app import SirolimusApp
from tui.app.messages import EntryStored
from tui.app.widgets.field import Field

ZONE = "Europe/Paris"
NOW = Moment.read("2026-11-05T08:00", ZONE)
SAMPLE = Patient(
    record_number="00123", name="Sample Łukasz [/]", born=date(2024, 11, 5), sex=Sex.MALE
)

MEASURED = a_measurement(on="2026-10-20")
GIVEN = a_dose("2026-10-01T08:00", "0.44", rule_version=VERSION)
LOW = a_level("4 ng/mL", "2026-11-04T07:50", last_dose="2026-11-03T20:00")
"""Below the target of the dose that is given."""


def records_at(place: Path) -> Records:
    """Return new records in a file."""
    return new_records(place / "records.sqlite")


def with_patient(records: Records, *entries: Entry, patient: Patient = SAMPLE) -> Record:
    """Write a patient and entries about them down, and return the record."""
    recorded = records.store.add_patient(patient)
    for entry in entries:
        records.store.add(recorded.number, entry)
    return records.store.read(recorded.number)


def where_stands(record: Record) -> PatientSummary:
    """Return the summary of a record at the moment of the tests."""
    return summarise(record, NOW)


# Textual looks for the styles of an app beside the file of its class.
_FOLDER = Path(inspect.getfile(SirolimusApp)).parent
STYLES: list[str | PurePath] = [_FOLDER / each for each in SirolimusApp.CSS_PATH]


class DrivenApp(SirolimusApp):
    """The app over records that are open; it keeps what screens told it."""

    CSS_PATH = STYLES

    def __init__(self, records: Records, now: Callable[[], Moment] = lambda: NOW) -> None:
        super().__init__(lambda: records, now)
        self._records = records
        self.stored: list[str] = []

    def on_entry_stored(self, message: EntryStored) -> None:
        self.stored.append(message.record_number)


def on_top(app: DrivenApp) -> Screen[Any]:
    """Return the screen that is shown now."""
    return app.screen


def typed(screen: Screen[Any], name: str) -> str:
    """Return what stands in a field."""
    return screen.query_one(f"#{name}", Field).text


async def show(pilot: Pilot[Any], screen: Screen[Any]) -> None:
    """Push a screen and wait until it is there."""
    await pilot.app.push_screen(screen)
    await pilot.pause()


async def fill(pilot: Pilot[Any], **texts: str) -> None:
    """Put texts into fields, each by its id."""
    for name, text in texts.items():
        filled = pilot.app.screen.query_one(f"#{name} Input, #{name} TextArea")
        if isinstance(filled, TextArea):
            filled.text = text
        else:
            filled.value = text  # type: ignore[attr-defined]
    await pilot.pause()


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until what workers posted is handled; work that newer work replaced has ended, too."""
    for worker in list(pilot.app.workers):
        with suppress(WorkerCancelled):
            await worker.wait()
    await pilot.pause()


def shown(screen: Screen[Any]) -> str:
    """Return everything that is painted on a screen, a line each."""
    return "\n".join(strip.text for strip in painted(screen))
