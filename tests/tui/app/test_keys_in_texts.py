"""No text of the app names a key by itself: every key can be given to another action."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.project.render import ROOT
from tests.tui.app.dose_screens import SAMPLE, with_patient
from tests.tui.app.shown import open_patient, running, screen_text_of, until, until_shown
from tests.tui.places import new_records
from tui.app.all_actions import ACTIONS
from tui.app.entry_lists import LISTS
from tui.app.settings import Settings

_NAMES = (
    r"f(?:1[0-2]|[1-9])|(?:ctrl|alt|shift)\+\S+"
    r"|escape(?! sequence| =)|esc|page ?(?:up|down)|return key"
)
_LETTER = (
    r"[Pp]ress (?:the )?(?!any\b|its\b)(?:key )?\S+|\b(?:key|keys) [`'\"]?\S\b(?=[`'\"]?(?: |$))"
)
NAMES_A_KEY = re.compile(rf"\b(?:{_NAMES})(?!\w)|{_LETTER}", re.IGNORECASE)
_ABOUT_KEYS = {"keys.py", "settings.py"}
"""These explain how a key is written in the settings."""


@pytest.mark.parametrize(
    "text",
    ["l writes one down. Press l", "Press F5 to preview", "see f3 for sources", "Use ctrl+n",
     "the key l adds one", "Escape leaves", "PageDown scrolls", "press 0 for the forecast"],
)  # fmt: skip
def test_a_named_key_is_found(text: str) -> None:
    assert NAMES_A_KEY.search(text)


@pytest.mark.parametrize(
    "text",
    ["Press any key to continue.", "Click a tab, or press its key.", "The key file is damaged.",
     "Enter the reason.", "the data key was dropped", "an unknown escape sequence",
     "quote = '!', escape = '!'",
     "F20: within 20 %", "Every key that works now"],
)  # fmt: skip
def test_what_names_none_is_left_alone(text: str) -> None:
    assert not NAMES_A_KEY.search(text)


def texts_in(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a file that have a blank in them, but no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    alone = {each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in alone:
            is_style = "{" in node.value and ";" in node.value
            if " " in node.value.strip() and not is_style:
                yield node.lineno, node.value


def test_no_text_of_the_program_names_a_key() -> None:
    files = [*(ROOT / "tui" / "app").rglob("*.py"), *(ROOT / "reports").rglob("*.py"),
             *(ROOT / "monitoring").rglob("*.py"), *(ROOT / "dosing").rglob("*.py")]  # fmt: skip
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file in files
        if file.name not in _ABOUT_KEYS
        for line, text in texts_in(file)
        if NAMES_A_KEY.search(text)
    ]
    assert found == []


ANOTHER = {
    name: f"f{number}"
    for number, name in enumerate(
        ("new-patient", "demo", "encrypt", "level", "dose", "event", "laboratory", "measurement",
         "drug", "response", "why", "back"), start=13)
}  # fmt: skip
"""Another key for each action whose key is shown in a text."""


async def test_the_texts_show_the_keys_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(keys=ANOTHER)
    records = new_records(tmp_path / "empty.sqlite")
    async with running(records, settings=settings) as pilot:
        await until_shown(pilot, "Welcome")
        for name in ("new-patient", "demo", "encrypt"):
            assert f"{ANOTHER[name]}  " in screen_text_of(pilot)
        with_patient(records, patient=SAMPLE)
        pilot.app.screen.look_again()  # type: ignore[attr-defined]
        await until_shown(pilot, "1 patient\n")
        screen = await open_patient(pilot, "Sample")
        for each in LISTS:
            if each.added_by:
                screen.action_tab(each.name)
                await until_shown(pilot, f"Press {ANOTHER[each.added_by]} to add one.")
        screen.action_tab("now")
        await until_shown(pilot, ANOTHER["why"])
        await pilot.press("question_mark")
        await until(pilot, lambda: pilot.app.screen is not screen)
        way_back = pilot.app.screen.query_one("Static.-muted", Static)
        assert str(way_back.render()) == f"{ANOTHER['back']} back"


def test_every_list_that_can_be_added_to_is_tried() -> None:
    assert {each.added_by for each in LISTS if each.added_by} <= set(ANOTHER)
    assert set(ANOTHER) <= set(ACTIONS)
