"""One entry in full."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from monitoring.summary import PatientSummary
from tui.app.actions import bound, key_for
from tui.app.entry_lists import RecordRow
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner


class DetailsScreen(ModalScreen[None]):
    """One entry with its assessment, alerts and sources."""

    CSS_PATH = "patient.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("back", "dismiss"),
        bound("close", "dismiss"),
    ]

    def __init__(self, summary: PatientSummary, row: RecordRow) -> None:
        """Show a row of a patient's lists."""
        super().__init__()
        self._summary = summary
        self._row = row

    def compose(self) -> ComposeResult:
        """Lay the entry below the patient."""
        first, *rest = self._row.details
        lines = [words(first).stylize("bold"), *(words(each) for each in rest)]
        with VerticalScroll(id="sheet"):
            yield PatientBanner(self._summary)
            yield Static(Content("\n").join(lines), id="details")
            yield Static(classes="-muted")

    def on_mount(self) -> None:
        """Show the key that leads back."""
        way_back = f"{key_for(self, 'back')}  back"
        self.query_one("Static.-muted", Static).update(words(way_back))
