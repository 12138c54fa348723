"""The answer to an entry: what was stored, and its meaning."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from monitoring.record.entry_kind import EntryMeaning
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.text import alerts_section, paragraphs, section, words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.key_bar import KeyBar


class AnswerScreen(Screen[None]):
    """The meaning of an entry that was just stored."""

    CSS_PATH = "entry_form.tcss"
    TAKES_TYPED_AHEAD: ClassVar[bool] = False
    """A key from before it would close an answer that nobody has read."""
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("close", "dismiss"),
        bound("back", "dismiss", show=False),
    ]

    def __init__(self, summary: PatientSummary, stored: str, answer: EntryMeaning) -> None:
        """Show what was stored, in words, and its answer."""
        super().__init__()
        self._summary, self._stored, self._answer = summary, stored, answer

    def compose(self) -> ComposeResult:
        """Lay the answer below what was stored."""
        yield PatientBanner(self._summary)
        yield Static("Stored", id="title")
        with VerticalScroll(id="body"):
            yield Static(words(self._stored.removeprefix("Stored: ")))
            meaning = section("Meaning", self._answer.lines)
            yield Static(paragraphs([*meaning, *alerts_section(self._answer.alerts)]))
        yield KeyBar()

    def on_mount(self) -> None:
        """Let the keys scroll a long answer."""
        self.query_one(VerticalScroll).focus()
