"""Blank screens, which show no patient data."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from tui.app.actions import key_for
from tui.app.text import words_of_lines


class LockScreen(Screen[None]):
    """A blank screen until a key is pressed; typed text is kept."""

    CSS_PATH = "lock.tcss"
    ENABLE_COMMAND_PALETTE = False
    HELP: ClassVar[str | None] = None

    def compose(self) -> ComposeResult:
        """Say how to continue, and nothing else."""
        yield Static(
            words_of_lines("Sirolimus: locked after inactivity.\n\nPress any key to continue.")
        )

    def on_key(self, event: events.Key) -> None:
        """Go back; the key does nothing else."""
        event.stop()
        self.dismiss()

    def on_click(self) -> None:
        """Go back by the mouse."""
        self.dismiss()


class TooSmallScreen(Screen[None]):
    """A blank screen while the terminal is too small for a whole screen."""

    CSS_PATH = "lock.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, smallest: tuple[int, int]) -> None:
        """Take the smallest width and height that work."""
        super().__init__()
        self._smallest = smallest

    def compose(self) -> ComposeResult:
        """Lay out an empty text."""
        yield Static()

    def on_mount(self) -> None:
        """Say which size is needed, and which key quits."""
        width, height = self._smallest
        text = (
            f"The terminal is too small.\n\nMake it at least {width} columns wide and {height} "
            f"lines high.\nTyped text is kept. {key_for(self, 'quit')} quits."
        )
        self.query_one(Static).update(words_of_lines(text))

    def on_screen_resume(self) -> None:
        """Go back where the terminal grew while the screen was blank."""
        if self.app.size.width >= self._smallest[0] and self.app.size.height >= self._smallest[1]:
            self.dismiss()
