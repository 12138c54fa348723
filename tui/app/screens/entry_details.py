"""One entry in full."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.entry_lists import RecordRow
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner


class DetailsScreen(ModalScreen[None]):
    """Everything that one entry says and means, with its alerts and sources."""

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
            yield Static(Content("\n").join(lines), id="told")
            yield Static(words("esc  back"), classes="-muted")
