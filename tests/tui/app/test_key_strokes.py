"""The key strokes from the patient's screen to a stored entry, counted and printed: at most these.

Every key that is pressed counts, the one that stores too. Before the shorthand, the assumed times
and the completion they were 29, 22 and 21.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from dosing import Sex
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entry import Entry
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from tests.tui.app.shown import burst, demo_at, open_patient, running, until

JOBS = {
    "a level": ("Łukasz", Level, 15, ("l", "9.5", "right", "tab", "8:00", "ctrl+s")),
    "a level at the assumed trough": ("Łukasz", Level, 15, ("l", "9.5", "right", "ctrl+s")),
    "a side-effect": (
        "Łukasz", AdverseEvent, 12, ("e", "mou", "right", "tab", "2", "tab", "-3d", "ctrl+s"),
    ),
    "the first weight and height": (
        "Newcomer", Measurement, 14,
        ("m", "8.4", "right", "tab", "8.4", "tab", "70", "right", "ctrl+s"),
    ),
}  # fmt: skip
NEWCOMER = Patient(
    record_number="NEW", name="Sample Newcomer", born=date(2026, 3, 1), sex=Sex.FEMALE
)
STORED = {
    "a level": "9.5 ng/mL",
    "a level at the assumed trough": "9.5 ng/mL",
    "a side-effect": "mouth sores",
    "the first weight and height": "8.4 kg",
}


def keys_in(typed: tuple[str, ...]) -> int:
    named = {"right", "tab", "ctrl+s"}
    return sum(1 if each in named else len(each) for each in typed)


def newest(pilot: Pilot[Any], number: int, kind: type[Entry]) -> list[Any]:
    return [each.entry for each in pilot.app.records.store.read(number).of(kind)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("job", JOBS)
async def test_the_key_strokes_of_a_job(tmp_path: Path, job: str) -> None:
    name, kind, most, typed = JOBS[job]
    records = demo_at(tmp_path)
    records.store.add_patient(NEWCOMER)
    async with running(records) as pilot:
        patient = await open_patient(pilot, name)
        number = patient.summary.record.number
        before = len(newest(pilot, number, kind))
        for each in typed:  # a completion is accepted once it is seen
            burst(pilot, each)
            await pilot.pause()
            await pilot.pause()
        await until(pilot, lambda: len(newest(pilot, number, kind)) > before)
        entry = newest(pilot, number, kind)[-1]
    assert STORED[job] in " ".join(map(str, (entry, getattr(entry, "weight", ""),
                                             getattr(entry, "term", ""))))  # fmt: skip
    print(f"{job}: {keys_in(typed)} key strokes")
    assert keys_in(typed) <= most
