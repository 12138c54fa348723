"""A list of a form that has the focus is seen as a field is that has it."""

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.widgets import Input, Select

from tests.tui.app.dose_screens import STYLES
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field


class Form(App[None]):
    """A field and a list, with the styles of the app."""

    CSS_PATH = STYLES

    def compose(self) -> ComposeResult:
        yield Field("Name", str, text="Sample")
        yield Choice("Product", [("solution", 1), ("tablets", 2)], 1)


def painted(app: Form, word: str) -> Segment:
    """Return how a word is painted."""
    strips = app.screen._compositor.render_strips()  # noqa: SLF001 - Textual has no public way
    return next(part for strip in strips for part in strip if word in part.text)


def background(app: Form, word: str) -> object:
    style = painted(app, word).style
    assert style is not None
    return style.bgcolor


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_the_focus_has_one_colour(theme: str) -> None:
    app = Form()
    app.theme = theme
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        await pilot.press("end")  # the focus selects the text, which has a colour of its own
        of_field, unfocused = background(app, "Sample"), background(app, "solution")
        app.query_one(Select).focus()
        await pilot.pause()
        assert background(app, "solution") == of_field != unfocused
        assert background(app, "Sample") == unfocused


async def test_without_colour_the_focus_is_in_reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Form()
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        before = painted(app, "solution").style
        app.query_one(Select).focus()
        await pilot.pause()
        after = painted(app, "solution").style
        assert before is not None
        assert after is not None
        assert (bool(before.reverse), bool(after.reverse)) == (False, True)
