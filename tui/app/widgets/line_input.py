"""The input of one line: pasted lines are joined or refused, and typing replaces a text."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message
from textual.widgets import Input
from textual.widgets.input import Selection


@dataclass
class LinesPasted(Message):
    """Several lines were pasted: the message to the user."""

    text: str


class LineInput(Input):
    """An input that takes every pasted line, or none, and says so.

    On focus its text is selected, by the mouse too, and typing replaces it.
    """

    def __init__(self, text: str = "", *, joins_lines: bool = True, **options: Any) -> None:
        """Begin with a text; without `joins_lines` several pasted lines are refused."""
        options.setdefault("select_on_focus", True)
        super().__init__(text, **options)
        self._joins_lines = joins_lines
        self._was_focused_by_click = False

    def _on_paste(self, event: events.Paste) -> None:
        """Paste all lines as one, or say that they are not pasted."""
        event.prevent_default()
        event.stop()
        lines = pasted_lines(event.text)
        if not lines:
            return
        if len(lines) > 1 and not self._joins_lines:
            self.post_message(
                LinesPasted(f"{len(lines)} lines were pasted and not used. Paste a single line.")
            )
            return
        self.replace(" ".join(lines), *self.selection)
        if len(lines) > 1:
            self.post_message(
                LinesPasted(f"{len(lines)} pasted lines were joined to one. Check the text.")
            )

    def _on_focus(self, event: events.Focus) -> None:  # noqa: ARG002 - Textual calls it
        """Remember for the click that brought the focus that the text is selected."""
        self._was_focused_by_click = True
        # The click is in the queue by now: what comes behind it is another one.
        self.call_later(self._forget_click)

    def _forget_click(self) -> None:
        self._was_focused_by_click = False

    async def _on_mouse_down(self, event: events.MouseDown) -> None:
        """Select all by the click that brings the focus; the next one places the cursor."""
        if self._was_focused_by_click and self.select_on_focus:
            event.prevent_default()
            self.select_all()

    def fill(self, text: str) -> None:
        """Replace the text; one that was selected as a whole is selected again."""
        is_whole = self.has_focus and self.selection == Selection(0, len(self.value))
        self.value = text
        if is_whole and self.select_on_focus:
            self.select_all()


def pasted_lines(text: str) -> list[str]:
    r"""Return the lines of a pasted text that hold something; the blanks inside a line stay.

    >>> pasted_lines("HOLD sirolimus\r\n  from Monday\n\n")
    ['HOLD sirolimus', 'from Monday']
    >>> pasted_lines("a single  line "), pasted_lines("\n")
    (['a single  line '], [])
    """
    lines = [each for each in text.splitlines() if each.strip()]
    return [each.strip() for each in lines] if len(lines) > 1 else lines
