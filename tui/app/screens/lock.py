"""Blank screens, which show nothing of a patient."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from tui.app.text import words_of_lines


class LockScreen(Screen[None]):
    """A blank screen until a key is pressed; what was being typed is still there then."""

    CSS_PATH = "lock.tcss"
    ENABLE_COMMAND_PALETTE = False
    HELP: ClassVar[str | None] = None

    def compose(self) -> ComposeResult:
        """Say how it goes on, and nothing else."""
        yield Static(
            words_of_lines("Sirolimus: the screen was left alone.\n\nPress any key to go on.")
        )

    def on_key(self, event: events.Key) -> None:
        """Go back; the key does nothing else."""
        event.stop()
        self.dismiss()

    def on_click(self) -> None:
        """Go back by the mouse."""
        self.dismiss()


class TooSmallScreen(Screen[None]):
    """Instead of any screen, in a terminal that is too small to show one whole."""

    CSS_PATH = "lock.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, smallest: tuple[int, int]) -> None:
        """Name the smallest size that works."""
        super().__init__()
        self._smallest = smallest

    def compose(self) -> ComposeResult:
        """Say what is wanted."""
        width, height = self._smallest
        yield Static(
            words_of_lines(
                f"The terminal is too small.\n\nMake it at least {width} columns wide and {height} "
                "lines high.\nWhat was typed is kept. ctrl+q leaves."
            )
        )

    def on_screen_resume(self) -> None:
        """Go back where the terminal grew while the screen was blank."""
        if self.app.size.width >= self._smallest[0] and self.app.size.height >= self._smallest[1]:
            self.dismiss()
