"""Help for the part of the screen with the focus, and every key that works now."""

from collections.abc import Iterator
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.app.actions import bound, key_for
from tui.app.text import words, words_of_lines

_FIELD = (
    "Type freely. The text is checked at once, and a problem is shown below the field. Nothing is "
    "changed or guessed.\n\nWrite numbers with a decimal point and their unit, as in 12.4 kg. "
    "Write times as year-month-day and hours, as in 2026-11-05T08:00."
)
_DESCRIPTION_WIDTH = 46


class HelpScreen(ModalScreen[None]):
    """Help for the part of the screen with the focus, and the keys that work there."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("back", "back"),
        bound("close", "back"),
        bound("help", "back"),
        bound("down", "scroll(1)", "", show=False),
        bound("up", "scroll(-1)", "", show=False),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        """Take the screen to explain."""
        super().__init__()
        self._about = about
        self._heading, self._text = self._explanation()
        self._keys = list(keys_of(about))

    def compose(self) -> ComposeResult:
        """Lay the words above the keys."""
        with VerticalScroll(id="sheet", can_focus=True):
            yield Static(words(self._heading), classes="-heading")
            if self._text:
                yield Static(words_of_lines(self._text))
            for name in ("named", "unnamed"):  # the names of the settings, where there is room
                yield Static(_key_lines(self._keys, named=name == "named"), id=name)
            yield Static(classes="-muted")

    def on_mount(self) -> None:
        """Show the key that leads back."""
        way_back = f"{key_for(self, 'back')}  back"
        self.query_one("Static.-muted", Static).update(words(way_back))

    def _explanation(self) -> tuple[str, str]:
        focused = self._about.focused
        if isinstance(focused, Input):
            return "This field", _FIELD
        about: list[Widget] = [self._about]
        if focused is not None:
            about = [each for each in focused.ancestors_with_self if isinstance(each, Widget)]
        text = next((each.HELP for each in about if each.HELP), self._about.HELP)
        return "Help", text or "The keys that work here:"

    def action_back(self) -> None:
        """Close."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class KeysScreen(HelpScreen):
    """Every key that works now."""

    def _explanation(self) -> tuple[str, str]:
        return "Keys", ""


def keys_of(screen: Screen[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each key that works on a screen, its description, and its name in the settings."""
    seen: set[str] = set()
    moves: list[str] = []
    for active in screen.active_bindings.values():
        binding = active.binding
        is_named = binding.description and (binding.show or binding.id)
        if is_named and active.enabled and binding.action not in seen:
            seen.add(binding.action)
            key = screen.app.get_key_display(binding)
            yield key, binding.tooltip or binding.description, binding.id or ""
        elif binding.id in {"down", "up"}:
            moves.append(screen.app.get_key_display(binding))
    yield " ".join(["↑ ↓", *moves]), "Move in a list", ""
    yield "tab", "Go to the next part of the screen", ""
    yield screen.app.get_key_display(Binding("ctrl+p", "")), "Search all commands", ""


def _key_lines(keys: list[tuple[str, str, str]], *, named: bool) -> Content:
    lines = [_key_line("key", "what it does", "in settings" if named else "", "$text-muted")]
    lines += [
        _key_line(key, description, name if named else "", "bold $text-accent")
        for key, description, name in keys
    ]
    return Content("\n").join(lines)


def _key_line(key: str, description: str, name: str, style: str) -> Content:
    text = words(description)
    if name:
        text = text.pad_right(max(2, _DESCRIPTION_WIDTH - text.cell_length))
    return Content.assemble((f"{key:<8}", style), text, (name, "$text-muted"))
