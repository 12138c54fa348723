"""Blank screens, which show no patient data, and the one that asks for the passphrase."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from dosing import UserError
from tui.app.actions import key_for
from tui.app.text import words, words_of_lines
from tui.app.widgets.line_input import LineInput, LinesPasted


class BlankScreen(Screen[None]):
    """A screen that shows nothing of a patient; of the app's actions only leaving works."""

    CSS_PATH = "lock.tcss"
    ENABLE_COMMAND_PALETTE = False
    HELP: ClassVar[str | None] = None


class LockScreen(BlankScreen):
    """A blank screen over plain records until a key is pressed; typed text is kept."""

    def compose(self) -> ComposeResult:
        """Say how to continue, and nothing else."""
        yield Static(
            words_of_lines(
                "Sirolimus: blank screen.\n\nIt hides the patients and locks nothing: the records "
                "are not encrypted.\n\nPress any key to continue."
            )
        )

    def on_key(self, event: events.Key) -> None:
        """Go back; the key does nothing else."""
        event.stop()
        self.dismiss()

    def on_click(self) -> None:
        """Go back by the mouse."""
        self.dismiss()


@dataclass
class Refused(Message):
    """The passphrase opens nothing: the reason."""

    problem: str


class UnlockScreen(BlankScreen):
    """The question for the passphrase of encrypted records, until it is right."""

    def __init__(self, key_file: Path) -> None:
        """Unlock by this key file."""
        super().__init__()
        self._key_file = key_file

    def compose(self) -> ComposeResult:
        """Lay the question in the middle."""
        with Vertical(id="unlock"):
            yield Static(words_of_lines("Sirolimus: locked.\n\nPassphrase, or recovery code:"))
            yield LineInput(password=True, joins_lines=False, id="passphrase")
            yield Static(id="problem")
            yield Static(id="quit")

    def on_mount(self) -> None:
        """Begin with the passphrase, and say which key quits."""
        self.query_one(Input).focus()
        self.query_one("#quit", Static).update(words(f"{key_for(self, 'quit')} quits."))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed, event.input.value = event.input.value, ""
        self._say("Unlocking …")
        self.run_worker(partial(self._unlock, typed), thread=True, group="unlock", exclusive=True)

    def _unlock(self, typed: str) -> None:
        from monitoring.store.encryption.key_ring import KEY_RING  # noqa: PLC0415 - for encrypted records only

        try:
            KEY_RING.unlock(self._key_file, typed)
        except UserError as error:
            self.post_message(Refused(str(error)))
        else:
            self.app.call_from_thread(self.dismiss)

    @on(LinesPasted)
    def _lines_pasted(self, message: LinesPasted) -> None:
        self._say(message.text)

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        self._say(message.problem)

    def _say(self, text: str) -> None:
        self.query_one("#problem", Static).update(words(text))


class TooSmallScreen(BlankScreen):
    """A blank screen while the terminal is too small for a whole screen."""

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
