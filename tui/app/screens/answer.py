"""What was stored and what it means, shown at once after storing."""

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
    """Tells what an entry means, with the patient in sight."""

    CSS_PATH = "entry_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("close", "dismiss"),
        bound("back", "dismiss", show=False),
    ]

    def __init__(self, summary: PatientSummary, told: str, answer: EntryMeaning) -> None:
        """Show what was stored, in words, and its answer."""
        super().__init__()
        self._summary, self._told, self._answer = summary, told, answer

    def compose(self) -> ComposeResult:
        """Lay the answer below what was stored."""
        yield PatientBanner(self._summary)
        yield Static("Stored", id="title")
        with VerticalScroll(id="body"):
            yield Static(words(self._told))
            meaning = section("What it means", self._answer.lines)
            yield Static(paragraphs([*meaning, *alerts_section(self._answer.alerts)]))
        yield KeyBar()

    def on_mount(self) -> None:
        """Let the keys scroll what is long."""
        self.query_one(VerticalScroll).focus()
