"""The settling of a check that is not needed, or can no longer be done."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Select, Static

from dosing import UserError
from monitoring.due import names_of
from monitoring.record.entry import name_text
from monitoring.record.settlement import Settlement
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


class SettleCheck(FormScreen):
    """A form for a check of the list of what is due, and the reason why it is settled."""

    CSS_PATH = "settle_check.tcss"
    HELP = (
        "A check is settled without being done: it is not needed, or can no longer be done. What "
        "is urgent for safety cannot be settled; it is answered in the record."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Settle"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Offer the checks of a patient, those due first."""
        super().__init__(summary)
        none: list[tuple[str, str]] = [("choose", "")]
        names = [(name, name) for name in names_of(summary.due)]
        self._what = Choice("Check", [*none, *names], "", id="what")
        self._reason = Field("Reason", _read_reason, example="done elsewhere", id="reason")

    def compose(self) -> ComposeResult:
        """Lay the fields below the patient."""
        yield PatientBanner(self.summary)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Settle a check"), classes="-heading")
            yield from (self._what, self._reason)
            yield Static(id="problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the check."""
        self._what.query_one(Select).focus()

    def action_store(self) -> None:
        """Store the settlement."""
        self._reason.show_problem()
        what, reason = self._what.value, self._reason.value
        if not what:
            self.tell_problem("Choose the check.")
            return
        if reason is None:
            self.tell_problem(self._reason.problem or "Enter the reason.")
            return
        try:
            settled = Settlement(what=what, on=self.session.now().local.date(), reason=reason)
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, settled, self.summary))

    def _store(self, settled: Settlement, summary: PatientSummary) -> Done:
        record = summary.record
        self.session.records.store.add(record.number, settled, revision=record.revision)
        stored = f"Stored: {settled.what} is settled; {settled.reason}"
        return Done(stored, record.patient.entry.record_number)


def _read_reason(text: str) -> str:
    return name_text(text, "The reason")
