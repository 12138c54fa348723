"""The themes: every text can be read in each of them."""

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from rich.color_triplet import ColorTriplet
from textual.color import Color
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.theme import BUILTIN_THEMES

from dosing import Sex
from monitoring.record.patient import Patient
from monitoring.store.opening import Records
from tests.tui.app import walks
from tests.tui.app.contrast import contrast, faint_words
from tests.tui.app.shown import demo_at, painted, running
from tui.app.settings import Settings
from tui.app.themes import HIGH_CONTRAST, THEMES, colours_of

LEAST = {"dark": 4.5, "light": 4.5, "high-contrast": 7.0}
"""WCAG 2.2: 1.4.3 asks for 4.5 to 1, 1.4.6 for 7 to 1."""
TEXTS = ("foreground", "text-muted", "text-accent", "text-warning", "text-error", "text-success",
         "text-primary")  # fmt: skip
BEHIND = ("background", "surface", "panel", "primary-muted")
"""What a text is written on: the screen, a field, a bar or dialog, the cursor and the banner."""


def colours(theme: str) -> dict[str, Color]:
    """Return the colours of a theme by their names in a style sheet."""
    name = THEMES[theme]
    known = {**BUILTIN_THEMES, HIGH_CONTRAST.name: HIGH_CONTRAST}
    found = known[name].to_color_system().generate() | dict(colours_of(name))
    return {each: Color.parse(found[each]) for each in (*TEXTS, *BEHIND)}


def test_every_theme_has_its_least() -> None:
    assert set(LEAST) == set(THEMES)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [((0, 0, 0), (255, 255, 255), 21.0), ((255, 255, 255), (255, 255, 255), 1.0),
     ((118, 118, 118), (255, 255, 255), 4.54), ((0, 0, 255), (255, 255, 255), 8.59)],
)  # fmt: skip
def test_the_contrast_is_that_of_the_standard(
    one: tuple[int, int, int], other: tuple[int, int, int], ratio: float
) -> None:
    assert contrast(ColorTriplet(*one), ColorTriplet(*other)) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_everything_it_is_written_on(theme: str) -> None:
    found = colours(theme)
    ratios = {
        (text, behind): contrast(ColorTriplet(*found[text].rgb), ColorTriplet(*found[behind].rgb))
        for text, behind in product(TEXTS, BEHIND)
    }
    assert {pair: round(each, 2) for pair, each in ratios.items() if each < LEAST[theme]} == {}


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    walks.laboratory_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return demo_at(tmp_path)


@pytest.mark.parametrize(
    "walk",
    [
        walks.newcomer,
        *(
            pytest.param(walk, marks=pytest.mark.campaign)
            for walk in (walks.worklist, walks.clinic, walks.one_patient)
        ),
    ],
    ids=lambda walk: walk.__name__,
)
@pytest.mark.parametrize("theme", THEMES)
async def test_no_word_on_the_screens_is_faint(demo: Records, theme: str, walk: Any) -> None:
    if walk is walks.newcomer:
        newcomer = Patient(
            record_number="00123", name="Sample Newcomer", born=date(2026, 3, 2), sex=Sex.FEMALE
        )
        demo.store.add_patient(newcomer)
    faint: dict[str, str] = {}

    async def look(pilot: Pilot[Any], name: str) -> None:
        if not isinstance(pilot.app.screen, ModalScreen):  # what is behind one is faint on purpose
            strips = painted(pilot.app.screen)
            faint.update((each, name) for each in faint_words(strips, LEAST[theme]))

    async with running(demo, settings=Settings(theme=theme)) as pilot:
        assert pilot.app.theme == THEMES[theme]
        await look(pilot, "worklist at first")
        await walk(pilot, look)
    assert faint == {}


async def test_a_question_and_its_answers_can_be_read(records: Records) -> None:
    async with running(records) as pilot:
        for theme in THEMES:
            pilot.app.theme = THEMES[theme]
            await pilot.press("n", "x", "escape")
            await pilot.pause()
            assert isinstance(pilot.app.screen, ModalScreen)
            box = pilot.app.screen.query("Vertical").first().region
            strips = [strip.crop(box.x, box.right) for strip in painted(pilot.app.screen)]
            assert list(faint_words(strips[box.y : box.bottom], LEAST[theme])) == []
            await pilot.press("right", "enter")
