"""Golden screens as plain text, so that a person can read what changed. See `shown` and `walks`.

Every screen in the dark theme; the light theme and NO_COLOR tell the same words. The campaign looks
at every screen at two sizes more, and without colour.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from dosing import Sex
from monitoring.record.patient import Patient
from monitoring.store.opening import Records
from tests.tui.app import walks
from tests.tui.app.shown import (
    GOLDEN,
    assert_golden,
    demo_at,
    open_patient,
    painted,
    running,
    screen_text_of,
    until_shown,
)
from tests.tui.places import new_records
from tui.app.settings import Settings

USUAL = (80, 24)
OTHERS = [(140, 40), (60, 20)]
Walk = Callable[[Pilot[Any], walks.Look], Awaitable[None]]


def folder_of(size: tuple[int, int]) -> str:
    """Return the name of the folder with the golden screens of a size."""
    return f"{size[0]}x{size[1]}"


EVERY_WALK = pytest.mark.parametrize(
    "walk",
    [walks.worklist, walks.clinic, walks.one_patient, walks.newcomer],
    ids=lambda walk: walk.__name__,
)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    """Give the synthetic clinic and one patient more, and a laboratory's file beside it."""
    walks.laboratory_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return demo_at(tmp_path)


async def walked(records: Records, walk: Walk, look: walks.Look, theme: str = "dark") -> None:
    """Walk through the app."""
    if walk is walks.newcomer:
        newcomer = Patient(
            record_number="00123", name="Sample Newcomer", born=date(2026, 3, 2), sex=Sex.FEMALE
        )
        records.store.add_patient(newcomer)
    async with running(records, settings=Settings(theme=theme)) as pilot:
        await walk(pilot, look)


@EVERY_WALK
async def test_every_screen_is_the_golden_one(demo: Records, walk: Walk) -> None:
    async def look(pilot: Pilot[Any], name: str) -> None:
        await assert_golden(pilot, f"{folder_of(USUAL)}/{name}")

    await walked(demo, walk, look)


@pytest.mark.campaign
@EVERY_WALK
async def test_every_screen_is_the_golden_one_at_other_sizes(demo: Records, walk: Walk) -> None:
    async def look(pilot: Pilot[Any], name: str) -> None:
        for size in OTHERS:
            await pilot.resize_terminal(*size)
            await assert_golden(pilot, f"{folder_of(size)}/{name}")
        await pilot.resize_terminal(*USUAL)  # the walk finds at this size what it waits for

    await walked(demo, walk, look)


@pytest.mark.campaign  # the usual run holds the dark theme
async def test_the_light_theme_says_the_same(demo: Records) -> None:
    async def look(pilot: Pilot[Any], name: str) -> None:
        assert pilot.app.theme == "textual-light"
        await assert_golden(pilot, f"80x24/{name}")

    await walked(demo, walks.newcomer, look, "light")


@pytest.mark.parametrize(
    "walk",
    [
        walks.newcomer,
        *(
            pytest.param(walk, marks=pytest.mark.full_size)
            for walk in (walks.worklist, walks.clinic, walks.one_patient)
        ),
    ],
    ids=lambda walk: walk.__name__,
)
async def test_without_colour_the_same_is_said_and_nothing_is_coloured(
    demo: Records, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The theme is the light one here, so that one walk holds both against the dark one."""

    async def look(pilot: Pilot[Any], name: str) -> None:
        await assert_golden(pilot, f"80x24/{name}")
        assert colours_of(pilot) <= {"default"}, name

    monkeypatch.setenv("NO_COLOR", "1")
    await walked(demo, walk, look, "light")


def colours_of(pilot: Pilot[Any]) -> set[str]:
    """Return the names of all colours on the screen."""
    strips = painted(pilot.app.screen)
    styles = [segment.style for strip in strips for segment in strip if segment.style]
    colours = [colour for each in styles for colour in (each.color, each.bgcolor) if colour]
    return {each.name for each in colours}


def test_no_golden_screen_is_left_over() -> None:
    of_size = {folder.name: {file.name for file in folder.iterdir()} for folder in GOLDEN.iterdir()}
    assert set(of_size) == {folder_of(size) for size in (USUAL, *OTHERS)}
    assert all(names == of_size[folder_of(USUAL)] for names in of_size.values())


@pytest.mark.parametrize(
    "size",
    [USUAL, *(pytest.param(size, marks=pytest.mark.campaign) for size in OTHERS)],
    ids=folder_of,
)
async def test_empty_records_greet(tmp_path: Path, size: tuple[int, int]) -> None:
    empty = new_records(tmp_path / "empty.sqlite")
    async with running(empty, size) as pilot:
        await until_shown(pilot, "Welcome")
        await assert_golden(pilot, f"{folder_of(size)}/welcome")


async def test_a_terminal_that_is_too_small_is_told(demo: Records) -> None:
    async with running(demo, (59, 24)) as pilot:
        for size in ((59, 24), (80, 19), (20, 5)):
            await pilot.resize_terminal(*size)
            await until_shown(pilot, "The terminal is")
            assert "Sample" not in screen_text_of(pilot)
            await pilot.resize_terminal(60, 20)
            await until_shown(pilot, "Sample Side")


async def test_the_locked_screen_shows_nothing_of_a_patient(demo: Records) -> None:
    async with running(demo) as pilot:
        screen = await open_patient(pilot, "Side Eff")
        pilot.app.lock()  # type: ignore[attr-defined]
        await until_shown(pilot, "Press any key")
        shown = screen_text_of(pilot)
        assert "Sample" not in shown
        assert "DEMO" not in shown
        await pilot.press("ctrl+p")  # any key goes back, and does nothing else
        assert pilot.app.screen is screen
        await until_shown(pilot, "Side Effects")
