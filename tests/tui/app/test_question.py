"""A question with two answers: only the one that the enter key gives looks chosen."""

import pytest
from rich.style import Style
from textual.app import App

from tests.tui.app.shown import painted
from tui.app.widgets.question import ConfirmScreen


class Asking(App[None]):
    """An app that asks."""


def look_of(app: App[None], answer: str) -> tuple[str, Style | None]:
    """Return an answer as it is painted, with the sign before it, and its style."""
    for strip in painted(app.screen):
        for segment in strip:
            if answer in segment.text:
                return segment.text.strip(), segment.style
    raise AssertionError(answer)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_only_the_answer_with_the_focus_looks_chosen(theme: str) -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = theme
        await app.push_screen(ConfirmScreen("Unsaved [/] changes.", no="Keep [b]", yes="Discard"))
        await pilot.pause()
        for chosen, other in (("Keep [b]", "Discard"), ("Discard", "Keep [b]")):
            sign, style = look_of(app, chosen)
            plain, around = look_of(app, other)
            assert (sign, plain) == (f"▸ {chosen} ◂", other)
            assert style is not None
            assert around is not None
            assert style.bgcolor != around.bgcolor
            box = next(
                each for strip in painted(app.screen) for each in strip if "[/]" in each.text
            )
            assert box.style is not None
            assert around.bgcolor == box.style.bgcolor  # as the question around it
            await pilot.press("right")


async def test_each_answer_is_given_by_key_and_by_mouse() -> None:
    app = Asking()
    given: list[bool | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        for keys, answer in ((["enter"], False), (["right", "enter"], True), (["escape"], False)):
            await app.push_screen(ConfirmScreen("?", no="No", yes="Yes"), given.append)
            await pilot.press(*keys)
            assert given.pop() is answer
        for button, answer in (("#no", False), ("#yes", True)):
            await app.push_screen(ConfirmScreen("?", no="No", yes="Yes"), given.append)
            await pilot.pause()
            await pilot.click(button)
            await pilot.pause()
            assert given.pop() is answer
