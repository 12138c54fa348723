"""What the app does when an entry is stored: it asks, reads and judges once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitoring.levels import meaning
from monitoring.recommendation import advice
from monitoring.record import entry_checks
from monitoring.record.level import Level
from monitoring.store.opening import Records
from monitoring.store.store import Store
from tests.tui.app.dose_screens import fill, on_top, records_at, settle, show
from tests.tui.app.shown import until
from tests.tui.app.test_concurrent_changes import on_patient
from tui.app.screens import entry_form as form
from tui.app.screens import patient as patient_screen
from tui.app.screens.after_level import AfterLevel
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
            (Store, "find"), (Store, "read"), (entry_checks, "level_alerts"),
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
        assert sorted(done) == ["level_alerts", "summarise"]  # the worklist behind looks for itself
        newest = screen.summary.last_level
        assert newest is not None
        assert str(newest.level.entry) == "7.2 ng/mL"
        assert len(screen.summary.record.of(Level)) == 2
