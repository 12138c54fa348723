"""The voiding of a wrong entry."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from monitoring.record.entry import name_text
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.entry_lists import RecordRow
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


class VoidScreen(FormScreen):
    """A form for the reason why an entry is wrong. The entry is marked, never removed."""

    CSS_PATH = "patient.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Void"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary, row: RecordRow) -> None:
        """Void the entry of a row of a patient's lists."""
        super().__init__(summary)
        self._row = row

    def compose(self) -> ComposeResult:
        """Lay the reason below the entry."""
        lines = [words("Void this entry").stylize("bold $text-accent"), Content("")]
        lines += [words(each) for each in self._row.details]
        yield PatientBanner(self.summary)
        yield Static(Content("\n").join(lines), id="entry")
        yield Field("Reason", _reason, example="another patient's sample", id="reason")
        yield Static(id="problem")
        yield Static(
            words("The entry stays visible, marked as void with your reason."), id="remark"
        )
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the reason."""
        self.query_one(Field).begin()

    def on_input_submitted(self) -> None:
        """Void the entry on enter too."""
        self.action_store()

    def action_store(self) -> None:
        """Void the entry, if the reason is valid."""
        field: Field[str] = self.query_one(Field)
        field.show_problem()
        reason, entry = field.value, self._row.entry
        if reason is None or entry is None:
            return
        store, number = self.session.records.store, self.summary.record.patient.entry

        def void() -> Done:
            store.void(entry.number, reason)
            return Done(
                f"Entry {entry.number} is void. It stays in the list.", number.record_number
            )

        self.work_on(void)


def _reason(text: str) -> str:
    return name_text(text, "The reason to void")
