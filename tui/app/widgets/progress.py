"""How far a work in a thread is; the thread only posts messages."""

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

_BAR = 24


@dataclass
class Progressed(Message):
    """So much of everything is done."""

    done: int
    everything: int


class Progress(Static):
    """One line with a bar, the part that is done and the numbers; empty while nothing is done."""

    DEFAULT_CSS = """
    Progress { height: 1; color: $text-accent; display: none; }
    Progress.-begun { display: block; }
    """

    def tell(self, doing: str, done: int, everything: int) -> None:
        """Show how far it is."""
        self.add_class("-begun")
        full = _BAR * done // everything if everything else 0
        bar = "█" * full + "░" * (_BAR - full)
        self.update(Content(f"{doing} {bar} {done:d} of {everything:d}"))

    def clear_away(self) -> None:
        """Show nothing any more."""
        self.remove_class("-begun")
