"""The removal of a patient: the whole record exported, then erased; a sealed stub stays."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from dosing import clean
from dosing.quantities.formatting import count_of
from monitoring.record.entry import name_text
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.messages import EntryStored
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.screens.print_out import read_path
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.question import ConfirmScreen

_ABOUT = (
    "Writes everything about this patient to a new folder, reads it back, and then erases the "
    "patient from the records. It cannot be undone. Backups, printed pages and other exports keep "
    "what they have. A wrong entry is voided instead: it stays visible."
)


class RemovePatient(FormScreen):
    """A form for the reason, the folder of the export, and the record number typed again."""

    CSS_PATH = "remove_patient.tcss"
    HELP = _ABOUT
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Remove"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Begin empty: nothing about a removal is assumed."""
        super().__init__(summary)
        self._reason = Field("Reason", _read_reason, example="retention has ended", id="reason")
        self._folder = Field("Export to", read_path, example="a new folder", id="folder")
        self._again = Field("Record number", clean, example="typed again", id="again")

    def compose(self) -> ComposeResult:
        """Lay the fields below the patient."""
        yield PatientBanner(self.summary)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Remove the patient"), classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield from (self._reason, self._folder, self._again)
            yield Static(id="problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the reason."""
        self._reason.begin()

    def action_store(self) -> None:
        """Ask once more, then export and remove."""
        for field in (self._reason, self._folder, self._again):
            field.show_problem()
        reason, folder = self._reason.value, self._folder.value
        if reason is None or folder is None:
            self.tell_problem("Enter the reason and a new folder.")
            return
        if self._again.value != self.summary.record.patient.entry.record_number:
            self.tell_problem("The record number differs. Nothing was removed.")
            return
        self.app.push_screen(self._question(), partial(self._remove_if_agreed, reason, folder))

    def _remove_if_agreed(self, reason: str, folder: Path, agreed: bool | None) -> None:  # noqa: FBT001 - Textual calls it
        if agreed:
            self.work_on(partial(self._remove, reason, folder, self.summary))

    def _question(self) -> ConfirmScreen:
        from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - is imported by now

        plain = ""
        if is_encrypted(self.session.records.store.engine):
            plain = " The records are encrypted and the export is not."
        return ConfirmScreen(f"Erase this patient for good?{plain}", no="No", yes="Erase")

    def _remove(self, reason: str, folder: Path, summary: PatientSummary) -> Done:
        from monitoring.exchange.patient_removal import (  # noqa: PLC0415 - used here only
            checked_reason,
            export_patient,
            plan_removal,
            remove_patient,
        )
        from monitoring.store.backup import automatic_backups  # noqa: PLC0415 - as above

        records = self.session.records
        number = summary.record.patient.entry.record_number
        plan = plan_removal(records.store, number)
        checked_reason(reason, plan)
        export_patient(records.store, plan, folder)
        remove_patient(records, plan, reason)
        said = f"Removed {count_of(plan.changes, 'change')}; exported to {folder}."
        if backups := automatic_backups(records.place):
            said += f" {count_of(len(backups), 'automatic backup')} may hold the patient still."
        return Done(said)

    def after_done(self, message: Done) -> None:
        """Say what was removed, and leave the patient, who is gone."""
        self.session.show_message(message.text)
        self.dismiss(result=True)
        self.app.pop_screen()
        self.app.post_message(EntryStored("", is_shown=True))


def _read_reason(text: str) -> str:
    return name_text(text, "The reason")
