"""Golden screens as plain text, so that a person can read what changed. See `shown`."""

from pathlib import Path

import pytest

from monitoring.store.opening import Records, open_records
from tests.tui.app.shown import (
    assert_golden,
    demo_at,
    open_patient,
    running,
    screen_text_of,
    until_shown,
)
from tui.app.settings import Settings

SIZES = [(80, 24), (140, 40), (60, 20)]
OF_SIZE = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture
def demo(tmp_path: Path) -> Records:
    return demo_at(tmp_path)


def named(name: str, size: tuple[int, int]) -> str:
    return f"{name}-{size[0]}x{size[1]}"


@OF_SIZE
async def test_worklist(demo: Records, size: tuple[int, int]) -> None:
    async with running(demo, size) as pilot:
        assert_golden(pilot.app, named("worklist", size))  # type: ignore[arg-type]


@OF_SIZE
async def test_patient(demo: Records, size: tuple[int, int]) -> None:
    async with running(demo, size) as pilot:
        await open_patient(pilot, "Side Eff")
        assert_golden(pilot.app, named("patient", size))  # type: ignore[arg-type]
        await pilot.press("w")
        await pilot.press("4")
        await until_shown(pilot, "Pneumonitis")
        assert_golden(pilot.app, named("patient-events", size))  # type: ignore[arg-type]


@OF_SIZE
async def test_keys_and_help(demo: Records, size: tuple[int, int]) -> None:
    async with running(demo, size) as pilot:
        await pilot.press("question_mark")
        await until_shown(pilot, "Keys")
        assert_golden(pilot.app, named("keys", size))  # type: ignore[arg-type]
        await pilot.press("escape", "f1")
        await until_shown(pilot, "One line a patient")
        assert_golden(pilot.app, named("help", size))  # type: ignore[arg-type]


async def test_empty_records_greet(tmp_path: Path) -> None:
    empty = open_records(str(tmp_path / "empty.sqlite"), "Dr Example")
    async with running(empty) as pilot:
        await until_shown(pilot, "Welcome")
        assert_golden(pilot.app, "welcome-80x24")  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(59, 24), (80, 19), (20, 5)])
async def test_a_terminal_that_is_too_small_is_told(demo: Records, size: tuple[int, int]) -> None:
    async with running(demo, size) as pilot:
        await until_shown(pilot, "The terminal is")
        assert "Sample" not in screen_text_of(pilot)
        await pilot.resize_terminal(60, 20)
        await until_shown(pilot, "Sample Inf")


async def test_the_light_theme_and_no_colour_say_the_same(
    demo: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(demo) as pilot:
        dark = screen_text_of(pilot)
    async with running(demo, settings=Settings(theme="light")) as pilot:
        assert pilot.app.theme == "textual-light"
        assert screen_text_of(pilot) == dark
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(demo) as pilot:
        assert pilot.app.no_color
        assert screen_text_of(pilot) == dark


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
