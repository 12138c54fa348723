"""What the app shows as plain text, and the app over the synthetic clinic at one fixed moment.

The golden screens in `golden/` are rewritten by

    SIROLIMUS_GOLDEN=write .venv/bin/python -m pytest tests/tui/app/test_golden_screens.py
"""

import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

from textual import events
from textual._context import visible_screen_stack
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input

from monitoring.demo.clinic import write_demo
from monitoring.store.opening import Records, open_records
from monitoring.times import Moment
from tests.tui.places import put, written
from tui.app.app import SirolimusApp
from tui.app.screens.patient import PatientScreen
from tui.app.screens.worklist import WorklistScreen
from tui.app.settings import Settings

ZONE = "Europe/Paris"
NOW = Moment.read("2026-11-24T10:00", ZONE)
GOLDEN = Path(__file__).with_name("golden")
_PATIENCE = 400
_LOOKS = 100
_REST_S = 0.2
_FILE = re.compile(r"^( +File +)/.*$", re.MULTILINE)
_HEAD = re.compile("[0-9a-f]{8,64}")


def painted(screen: Screen[Any]) -> list[Strip]:
    """Return the lines of a screen as a terminal would have them, painted now."""
    # What lies below a screen that does not fill the terminal shines through.
    visible_screen_stack.set(screen.app._background_screens)  # noqa: SLF001 - as Textual does
    return screen._compositor.render_strips()  # noqa: SLF001 - Textual gives text no other way


def screen_text(app: SirolimusApp) -> str:
    """Return the screen as a person reads it, line by line."""
    return "\n".join(strip.text.rstrip() for strip in painted(app.screen)) + "\n"


async def assert_golden(pilot: Pilot[Any], name: str) -> None:
    """Hold the screen, once it is at rest, against the golden one; or write that where asked."""
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("SIROLIMUS_GOLDEN") == "write":
        await pilot.pause(_REST_S)
        file.parent.mkdir(exist_ok=True)
        file.write_text(_lasting(screen_text_of(pilot)), encoding="utf-8")
    golden = file.read_text(encoding="utf-8")
    for _ in range(_LOOKS):
        if _lasting(screen_text_of(pilot)) == golden:
            return
        await pilot.pause(_REST_S / 10)
    shown = _lasting(screen_text_of(pilot))
    both = unified_diff(golden.splitlines(), shown.splitlines(), name, "shown", lineterm="")
    assert shown == golden, "\n".join(both)


def _lasting(text: str) -> str:
    """Return a text without what is another each time: heads of the audit trail, this folder."""
    without_folder = _FILE.sub(r"\1(in the folder of the test)", text)
    return _HEAD.sub(lambda found: "#" * len(found[0]), without_folder)


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    for _ in range(_PATIENCE):
        if holds():
            await pilot.pause()
            return
        await pilot.pause(0.05)
    raise AssertionError(f"It never came to hold. The screen:\n{screen_text_of(pilot)}")


def screen_text_of(pilot: Pilot[Any]) -> str:
    """Return the screen of a pilot's app."""
    app = pilot.app
    assert isinstance(app, SirolimusApp)
    return screen_text(app)


async def until_shown(pilot: Pilot[Any], text: str) -> None:
    """Wait until a text is on the screen."""
    await until(pilot, lambda: text in screen_text_of(pilot))


def demo_at(folder: Path) -> Records:
    """Return the synthetic clinic as of the fixed moment, a copy of one that is written once."""
    file = put(folder / "demo.sqlite", _demo())
    return open_records(str(file), "Dr Example")


@cache
def _demo() -> bytes:
    return written(lambda engine: write_demo(engine, NOW.local.date(), ZONE))


@asynccontextmanager
async def running(
    records: Records, size: tuple[int, int] = (80, 24), settings: Settings | None = None
) -> AsyncIterator[Pilot[Any]]:
    """Run the app on records until the worklist is filled."""
    app = SirolimusApp(lambda: records, lambda: NOW, settings)
    app.animation_level = "none"  # a screen is looked at when it stands still
    async with app.run_test(size=size) as pilot:
        home = app.screen_stack[0]
        assert isinstance(home, WorklistScreen)
        await until(pilot, lambda: home.is_filled)
        yield pilot


def burst(pilot: Pilot[Any], *typed: str) -> None:
    """Type texts and named keys in one go, as a fast typist over a slow line: nothing waits.

    A word of several letters that is the name of a key is that key, any other text its letters.
    """
    driver = pilot.app._driver  # noqa: SLF001 - Textual's own tests send keys by it too
    assert driver is not None
    for each in typed:
        for key in (each,) if each in _NAMED_KEYS or "+" in each else tuple(each):
            character = key if len(key) == 1 else _TYPE.get(key)
            event = events.Key(_character_to_key(key) if len(key) == 1 else key, character)
            event.set_sender(pilot.app)
            driver.send_message(event)


_TYPE = {"enter": "\r", "tab": "\t", "escape": "\x1b"}
_NAMED_KEYS = {*_TYPE, "right", "left", "down", "up", "end", "home", "f4", "f5"}


async def open_patient(pilot: Pilot[Any], name: str) -> PatientScreen:
    """Search for a patient and open the one that is found."""
    await pilot.press("slash")
    pilot.app.screen.query_one(Input).value = name  # all at once, as one pastes it
    await until_shown(pilot, '": 1 ')
    await pilot.press("enter", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, PatientScreen))
    screen = pilot.app.screen
    assert isinstance(screen, PatientScreen)
    await until(pilot, lambda: screen.is_read)
    return screen
