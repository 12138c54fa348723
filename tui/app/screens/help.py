"""Help for what has the focus, and every key that works now."""

from collections.abc import Iterator
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.app.actions import bound
from tui.app.text import words, words_of_lines

_FIELD = (
    "Type freely: what is written is read when you go on, and what is wrong is told in words "
    "below. Nothing is changed or guessed.\n\nNumbers have a decimal point and their unit, as in "
    "12.4 kg. Times are year-month-day and hours, as in 2026-11-05T08:00."
)
_TELLS_WIDTH = 46


class HelpScreen(ModalScreen[None]):
    """What the part of the screen with the focus is for, and the keys that work there."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("back", "back"),
        bound("close", "back"),
        bound("help", "back"),
        bound("down", "scroll(1)", "", show=False),
        bound("up", "scroll(-1)", "", show=False),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        """Tell about a screen as it is now."""
        super().__init__()
        self._about = about
        self._heading, self._text = self._told()
        self._keys = list(keys_of(about))

    def compose(self) -> ComposeResult:
        """Lay the words above the keys."""
        with VerticalScroll(id="sheet", can_focus=True):
            yield Static(words(self._heading), classes="-heading")
            if self._text:
                yield Static(words_of_lines(self._text))
            for name in ("named", "unnamed"):  # the names, as in the settings, where there is room
                yield Static(_key_lines(self._keys, named=name == "named"), id=name)
            yield Static(words("esc  back"), classes="-muted")

    def _told(self) -> tuple[str, str]:
        focused = self._about.focused
        if isinstance(focused, Input):
            return "This field", _FIELD
        about: list[Widget] = [self._about]
        if focused is not None:
            about = [each for each in focused.ancestors_with_self if isinstance(each, Widget)]
        told = next((each.HELP for each in about if each.HELP), self._about.HELP)
        return "Help", told or "The keys that work here:"

    def action_back(self) -> None:
        """Close."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class KeysScreen(HelpScreen):
    """Every key that works now."""

    def _told(self) -> tuple[str, str]:
        return "Keys", ""


def keys_of(screen: Screen[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each key that works on a screen, what it does, and its name in the settings."""
    told: set[str] = set()
    moves: list[str] = []
    for active in screen.active_bindings.values():
        binding = active.binding
        is_named = binding.description and (binding.show or binding.id)
        if is_named and active.enabled and binding.action not in told:
            told.add(binding.action)
            key = screen.app.get_key_display(binding)
            yield key, binding.tooltip or binding.description, binding.id or ""
        elif binding.id in {"down", "up"}:
            moves.append(screen.app.get_key_display(binding))
    yield " ".join(["↑ ↓", *moves]), "Move in a list", ""
    yield "tab", "Go to the next part of the screen", ""
    yield screen.app.get_key_display(Binding("ctrl+p", "")), "Every command by its name", ""


def _key_lines(keys: list[tuple[str, str, str]], *, named: bool) -> Content:
    lines = [_key_line("key", "what it does", "in settings" if named else "", "$text-muted")]
    lines += [
        _key_line(key, tells, name if named else "", "bold $text-accent")
        for key, tells, name in keys
    ]
    return Content("\n").join(lines)


def _key_line(key: str, tells: str, name: str, style: str) -> Content:
    told = words(tells)
    if name:
        told = told.pad_right(max(2, _TELLS_WIDTH - told.cell_length))
    return Content.assemble((f"{key:<8}", style), told, (name, "$text-muted"))
