"""The progress of work in a thread; the thread only posts messages."""

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

_BAR = 24


@dataclass
class Progressed(Message):
    """A part of the work is done."""

    done: int
    everything: int


class Progress(Static):
    """One line with a bar and numbers; empty before the work starts."""

    DEFAULT_CSS = """
    Progress { height: 1; color: $text-accent; display: none; }
    Progress.-begun { display: block; }
    """

    def show_part(self, doing: str, done: int, everything: int) -> None:
        """Show the part that is done."""
        self.add_class("-begun")
        full = _BAR * done // everything if everything else 0
        bar = "█" * full + "░" * (_BAR - full)
        self.update(Content(f"{doing} {bar} {done:d} of {everything:d}"))

    def clear_away(self) -> None:
        """Hide the line."""
        self.remove_class("-begun")
