"""What the app does when an entry is stored: it asks, reads and judges once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitoring.levels import meaning
from monitoring.recommendation import advice
from monitoring.record import entry_checks
from monitoring.record.kinds import kind_called
from monitoring.record.level import Level
from monitoring.record.note import Note
from monitoring.store.opening import Records
from monitoring.store.store import Store
from monitoring.summary import PatientSummary
from tests.tui.app.dose_screens import fill, on_top, records_at, settle, show
from tests.tui.app.shown import until
from tests.tui.app.test_concurrent_changes import on_patient
from tui.app.entry_lists import RecordList, RecordRow, rows_of
from tui.app.screens import entry_form as form
from tui.app.screens import patient as patient_screen
from tui.app.screens.after_level import AfterLevel
from tui.app.screens.entry_form import EntryForm
from tui.app.screens.entry_forms import LevelForm


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return records_at(tmp_path)


async def test_a_stored_level_is_judged_once_and_the_record_is_not_read_again(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            done.append(name)
            return real(*arguments, **more)

        return call

    async with on_patient(records) as (app, pilot, screen):
        await show(pilot, LevelForm(screen.summary))
        await fill(pilot, value="7.2 ng/mL", sampled="2026-11-05T07:50")
        await settle(pilot)
        for place, name in (
            (Store, "find"), (Store, "read"), (Store, "changes_since"),
            (entry_checks, "level_alerts"),
            (meaning, "assess_levels"), (advice, "assess_levels"), (form, "summarise"),
            (patient_screen, "summarise"),
        ):  # fmt: skip
            monkeypatch.setattr(place, name, counted(name, getattr(place, name)))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(on_top(app), AfterLevel))
        await settle(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: on_top(app) is screen and not screen.is_busy)
        await settle(pilot)
        # nothing is read: the store has compared the record; the worklist behind looks for itself
        assert sorted(done) == ["level_alerts", "summarise"]
        newest = screen.summary.last_level
        assert newest is not None
        assert str(newest.level.entry) == "7.2 ng/mL"
        assert len(screen.summary.record.of(Level)) == 2


async def test_a_stored_entry_without_an_answer_is_written_and_not_looked_for(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(Store, name)

        def call(*arguments: Any, **more: Any) -> Any:
            done.append(name)
            return real(*arguments, **more)

        return call

    async with on_patient(records) as (app, pilot, screen):
        await show(pilot, EntryForm(screen.summary, kind_called("note")))
        await fill(pilot, text="Seen [/]")
        await settle(pilot)
        for name in ("add", "find", "read", "changes_since"):
            monkeypatch.setattr(Store, name, counted(name))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: on_top(app) is screen and not screen.is_busy)
        await settle(pilot)
        assert done == ["add"]
        assert [each.entry.text for each in screen.summary.record.of(Note)] == ["Seen [/]"]
        await show(pilot, EntryForm(screen.summary, kind_called("note")))
        await pilot.press("escape")
        await until(pilot, lambda: on_top(app) is screen and not screen.is_busy)
        await settle(pilot)
        assert done == ["add", "changes_since"]  # others may have stored something meanwhile


async def test_the_list_is_drawn_once_when_a_patient_is_opened(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def counted(shown: RecordList, summary: PatientSummary) -> list[RecordRow]:
        drawn.append(shown.name)
        return rows_of(shown, summary)

    monkeypatch.setattr(patient_screen, "rows_of", counted)
    async with on_patient(records) as (_, pilot, screen):
        await until(pilot, lambda: not screen.is_busy)
        await settle(pilot)
        assert drawn == ["levels"]
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert drawn == ["levels"] * 2
