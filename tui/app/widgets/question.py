"""A question with two answers."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.app.actions import bound
from tui.app.text import words

_AROUND = 6  # the signs beside an answer, and a blank on either side of them


class AnswerButton(Button):
    """One answer. Only the one with the focus is marked, by a sign as well as by its colour."""

    DEFAULT_CSS = """
    AnswerButton.-style-default {
        min-width: 0; margin-right: 2; border: none; background: transparent;
        background-tint: transparent; color: $foreground; text-style: none;
        &:hover { background: $boost; border: none; }
        &:focus { background: $foreground; color: $background; text-style: bold; }
    }
    """

    def __init__(self, answer: str, *, id: str) -> None:  # noqa: A002 - Textual's name
        """Give an answer in words."""
        super().__init__(words(answer), id=id, compact=True)
        self._answer = words(answer)
        self.styles.width = self._answer.cell_length + _AROUND

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001 - Textual calls it
        """Mark the answer that has the focus."""
        super().watch_has_focus(_has_focus)
        self.label = Content("▸ ") + self._answer + " ◂" if _has_focus else self._answer


class ConfirmScreen(ModalScreen[bool]):
    """A dialog with two answers: True for the second, False for the first and on leaving."""

    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; }
    ConfirmScreen > Vertical {
        width: 60; max-width: 90%; height: auto; padding: 1 2; background: $panel;
        border: round $primary;
    }
    ConfirmScreen Horizontal { height: auto; margin-top: 1; }
    """
    TAKES_TYPED_AHEAD: ClassVar[bool] = False
    """A key from before it would answer a question that nobody has read."""
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("back", "dismiss(False)"),
        Binding("left", "app.focus_previous", "Other answer", show=False),
        Binding("right", "app.focus_next", "Other answer", show=False),
    ]

    def __init__(self, question: str, *, no: str, yes: str) -> None:
        """Ask `question`; `no` is the careful answer, which has the focus."""
        super().__init__()
        self._question, self._no, self._yes = question, no, yes

    def compose(self) -> ComposeResult:
        """Lay the answers below the question."""
        with Vertical():
            yield Static(words(self._question))
            with Horizontal():
                yield AnswerButton(self._no, id="no")
                yield AnswerButton(self._yes, id="yes")

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
