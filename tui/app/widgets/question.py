"""A question with two answers."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.app.actions import bound
from tui.app.text import words


class ConfirmScreen(ModalScreen[bool]):
    """A dialog with two answers: True for the second, False for the first and on leaving."""

    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; }
    ConfirmScreen > Vertical {
        width: 60; max-width: 90%; height: auto; padding: 1 2; background: $panel;
        border: round $primary;
    }
    ConfirmScreen Horizontal { height: auto; margin-top: 1; }
    ConfirmScreen Button { margin-right: 2; }
    """
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
                yield Button(words(self._no), id="no", compact=True)
                yield Button(words(self._yes), id="yes", variant="warning", compact=True)

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
