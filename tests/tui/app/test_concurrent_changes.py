"""What others write to the patient who is on the screen: seen, said, and nothing typed is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from monitoring.record.entry_kind import EntryMeaning
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.store.opening import Records, open_records
from monitoring.times import Moment
from tests.builders import a_limit_set
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
from tests.tui.app.shown import until
from tui.app.screens.after_level import AfterLevel
from tui.app.screens.entry_form import EntryForm
from tui.app.screens.lock import LockScreen
from tui.app.screens.patient import PatientScreen
from tui.app.screens.prescribe import Prescribe
from tui.app.screens.print_out import PrintOut

HOSTILE = "[/] [red]x[/red] Łukasz"


@pytest.fixture
def other(records: Records) -> Records:
    """The same records, as another process has them open."""
    return open_records(str(records.place.file), f"Dr Other {HOSTILE}")


@asynccontextmanager
async def on_patient(
    records: Records, patient: Patient = SAMPLE
) -> AsyncIterator[tuple[DrivenApp, Pilot[None], PatientScreen]]:
    """Show a patient with a dose and a level below the target."""
    app = DrivenApp(records)
    record = with_patient(records, MEASURED, GIVEN, LOW, patient=patient)
    async with app.run_test(size=(140, 60)) as pilot:
        screen = PatientScreen(where_stands(record))
        await show(pilot, screen)
        await until(pilot, lambda: screen.is_read and not screen.is_busy)
        yield app, pilot, screen


def told(app: DrivenApp) -> list[str]:
    return [each.message for each in app._notifications]  # noqa: SLF001 - Textual has no public way


def a_note(text: str = "seen by somebody else") -> Note:
    return Note(on=date(2026, 11, 5), text=text)


async def come_back(app: DrivenApp, pilot: Pilot[None]) -> None:
    """Give the terminal the focus again, and wait until the app has looked."""
    app.post_message(events.AppFocus())
    await pilot.pause()
    await settle(pilot)
    await settle(pilot)


async def test_a_dose_is_checked_by_the_limits_that_were_signed_meanwhile(
    records: Records, other: Records
) -> None:
    async with on_patient(records) as (app, pilot, screen):
        other.store.add_limits(a_limit_set(dose_override_child="2"), 0)
        await come_back(app, pilot)
        assert "other limits of the clinic are in force" in told(app)[-1]
        assert screen.summary.record.limits == other.store.limits()
        await come_back(app, pilot)
        assert len(told(app)) == 1


async def test_what_another_process_wrote_is_said_and_shown(
    records: Records, other: Records
) -> None:
    async with on_patient(records) as (app, pilot, screen):
        await come_back(app, pilot)
        assert told(app) == []
        other.store.add(screen.summary.record.number, a_note())
        await come_back(app, pilot)
        (said,) = told(app)
        assert f"Dr Other {HOSTILE} recorded a note on " in said
        assert screen.summary.record.of(Note)[0].entry == a_note()
        await come_back(app, pilot)
        assert len(told(app)) == 1


async def test_it_is_seen_without_a_key(
    records: Records, other: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.app._CHANGES_SEEN_AFTER_S", 0.05)
    async with on_patient(records) as (app, pilot, screen):
        other.store.add(screen.summary.record.number, a_note())
        await until(pilot, lambda: bool(told(app)))
        await until(pilot, lambda: bool(screen.summary.record.of(Note)))


async def test_another_patients_change_is_not_said(records: Records, other: Records) -> None:
    async with on_patient(records) as (app, pilot, screen):
        neighbour = other.store.add_patient(replace(SAMPLE, record_number="2"))
        other.store.add(neighbour.number, a_note())
        await come_back(app, pilot)
        assert told(app) == []
        assert not screen.summary.record.of(Note)


async def test_what_is_typed_stays_and_is_stored_only_when_asked_again(
    records: Records, other: Records
) -> None:
    async with on_patient(records) as (app, pilot, screen):
        number = screen.summary.record.number
        await pilot.press("t")
        await until(pilot, lambda: isinstance(on_top(app), EntryForm))
        await fill(pilot, text="what I saw")
        other.store.add(number, a_note())
        await come_back(app, pilot)
        form = on_top(app)
        assert isinstance(form, EntryForm)
        assert typed(form, "text") == "what I saw"
        assert f"Dr Other {HOSTILE} recorded a note" in form.problem
        assert "recorded a note" in shown(form)
        assert screen.summary.record.of(Note)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Check the form and store again." in form.problem
        assert on_top(app) is form
        assert len(records.store.read(number).of(Note)) == 1
        await pilot.press("ctrl+s")
        await until(pilot, lambda: on_top(app) is screen)
    notes = [each.entry.text for each in records.store.read(number).of(Note)]
    assert notes == ["seen by somebody else", "what I saw"]


async def test_a_dose_is_held_against_the_dose_that_somebody_else_wrote(
    records: Records, other: Records
) -> None:
    async with on_patient(records) as (app, pilot, screen):
        await pilot.press("a")
        await until(pilot, lambda: isinstance(on_top(app), Prescribe))
        await fill(pilot, dose="0.9 mg", since="2026-11-05T08:00")
        later = replace(GIVEN, since=Moment.read("2026-11-04T20:00", ZONE), dose_mg=Decimal("0.2"))
        assert "more than 2" not in shown(on_top(app))
        other.store.add(screen.summary.record.number, later)
        await come_back(app, pilot)
        form = on_top(app)
        assert isinstance(form, Prescribe)
        assert typed(form, "dose") == "0.9 mg"
        assert "4.5" in shown(form)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert len(records.store.find("00123").of(Prescription)) == 2


async def test_what_is_printed_is_read_anew_and_not_asked_about(
    records: Records, other: Records, tmp_path: Path
) -> None:
    async with on_patient(records) as (app, pilot, screen):
        await pilot.press("p")
        await until(pilot, lambda: isinstance(on_top(app), PrintOut))
        await fill(pilot, file=str(tmp_path / "page.pdf"))
        other.store.add(screen.summary.record.number, a_note())
        await come_back(app, pilot)
        assert "recorded a note" in shown(on_top(app))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "✓ Written" in shown(on_top(app))


async def test_the_advice_follows_what_somebody_else_wrote(
    records: Records, other: Records
) -> None:
    async with on_patient(records) as (app, pilot, screen):
        summary = screen.summary
        await show(pilot, AfterLevel(summary, "Stored: a level", EntryMeaning()))
        await settle(pilot)
        assert "0.88 mg" in shown(on_top(app))
        await fill(pilot, why="kept as typed")
        other.store.void(summary.levels[-1].level.number, "wrong tube")
        await come_back(app, pilot)
        await settle(pilot)
        assert "No level is recorded." in " ".join(shown(on_top(app)).split())
        assert typed(on_top(app), "why") == "kept as typed"


async def test_what_was_written_here_is_not_told_as_anothers(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.app._CHANGES_SEEN_AFTER_S", 0.1)
    async with on_patient(records) as (app, pilot, screen):
        for number in range(3):
            await pilot.press("t")
            await until(pilot, lambda: isinstance(on_top(app), EntryForm))
            await fill(pilot, text=f"note {number}")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: on_top(app) is screen)
            await until(pilot, lambda: not screen.is_busy)
        await pilot.pause(0.2)
        assert len(screen.summary.record.of(Note)) == 3
        assert not any("changed meanwhile" in each for each in told(app))


async def test_the_cursor_stays_on_its_entry(records: Records, other: Records) -> None:
    async with on_patient(records) as (app, pilot, screen):
        await pilot.press("2")
        await pilot.pause()
        newer = replace(LOW, sampled=NOW, last_dose=None)
        other.store.add(screen.summary.record.number, newer)
        under = screen._row  # noqa: SLF001 - what would be voided is shown nowhere else
        await come_back(app, pilot)
        now_under = screen._row  # noqa: SLF001 - as above
        assert len(screen.summary.levels) == 2
        assert under is not None
        assert now_under is not None
        assert now_under.number == under.number


async def test_nothing_is_said_on_a_blank_screen(records: Records, other: Records) -> None:
    async with on_patient(records) as (app, pilot, screen):
        app.lock()
        await until(pilot, lambda: isinstance(on_top(app), LockScreen))
        other.store.add(screen.summary.record.number, a_note())
        await come_back(app, pilot)
        assert told(app) == []
        assert "recorded a" not in shown(on_top(app))
        await pilot.press("x")
        await until(pilot, lambda: on_top(app) is screen)
        await until(pilot, lambda: bool(screen.summary.record.of(Note)))
        assert len(told(app)) == 1


async def test_records_that_cannot_be_looked_at_are_told_once(records: Records) -> None:
    async with on_patient(records) as (app, pilot, screen):
        file = records.place.file
        assert file is not None
        whole = file.read_bytes()
        file.write_bytes(b"no database at all" * 1000)
        for _ in range(3):
            app._look_for_changes()  # noqa: SLF001 - the worklist would tell as well
            await settle(pilot)
        (said,) = told(app)
        assert "Changes by others cannot be seen now" in said
        file.write_bytes(whole)
        app._look_for_changes()  # noqa: SLF001 - as above
        await settle(pilot)
        assert len(told(app)) == 1
        assert on_top(app) is screen
