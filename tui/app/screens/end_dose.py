"""The end of treatment: its time and its reason."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from dosing import UserError, required_text
from monitoring.record.entries import StopRecord, StoredEntry
from monitoring.record.entry_checks import check_times
from monitoring.record.kinds import check_ending
from monitoring.record.prescription import Prescription
from monitoring.summary import PatientSummary
from monitoring.times import short
from monitoring.treatment.usual_times import next_dose_after_hold
from reports.presentation.times import clock_anywhere
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.time_field import NEXT_DOSE, TimeField, next_dose_text


class EndOfDose(FormScreen):
    """A form that stops the treatment: the current dose ends, with the reason."""

    CSS_PATH = "end_dose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Stop treatment"),
        bound("back", "back"),
    ]

    def __init__(self, summary: PatientSummary) -> None:
        """Take a patient with a current dose."""
        super().__init__(summary)
        self._patient = summary
        self._at = TimeField(
            "No dose from", self.time_reader, text=next_dose_text(summary), may_be_ahead=True,
            assumed=NEXT_DOSE, example="2026-11-05T08:00", id="at",
        )  # fmt: skip
        self._reason = Field("Reason", _read_reason, example="why it stops", id="reason")

    def compose(self) -> ComposeResult:
        """Lay out the current dose and the fields."""
        yield PatientBanner(self._patient)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Stop treatment"), classes="-heading")
            yield Static(words(self._ends), id="ends")
            yield from (self._at, self._reason)
            yield Static(id="problem")
        yield KeyBar()

    @property
    def _current_dose(self) -> StoredEntry[Prescription] | None:
        current = self._patient.current
        return current.period.prescription if current else None

    @property
    def _ends(self) -> str:
        dose = self._current_dose
        if dose is None:
            return "No current dose."
        zone = self._patient.made.zone
        return f"{dose.entry}, since {short(dose.entry.since, zone)}, will end."

    def action_store(self) -> None:
        """Store the end."""
        for field in (self._at, self._reason):
            field.show_problem()
        at, reason, dose = self._at.value, self._reason.value, self._current_dose
        if dose is None:
            self.tell_problem(self._ends)
            return
        if at is None or reason is None:
            self.tell_problem("Enter the time and the reason.")
            return
        ending = StopRecord(of=dose.number, at=at, reason=reason)
        try:
            check_ending(dose.entry, ending)
            now, history = self.session.now(), self._patient.history
            born = self._patient.record.patient.entry.born
            check_times(ending, born, now, planned_until=next_dose_after_hold(history, now))
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, ending))

    def _store(self, ending: StopRecord) -> Done:
        known = self._patient.record
        self.session.records.store.end(ending.of, ending, revision=known.revision)
        patient = known.patient.entry
        ended = clock_anywhere(ending.at) if ending.at else ""
        stored = f"Stored for {patient.name}: treatment stopped at {ended}."
        return Done(stored, patient.record_number)

    def after_change(self) -> None:
        """Show the current dose of the record that somebody else changed."""
        self._patient = self.summary or self._patient
        if self._at.is_assumed:
            self._at.fill_in(next_dose_text(self._patient))
        self.query_one("#ends", Static).update(words(self._ends))


def _read_reason(text: str) -> str:
    return required_text(text, "The reason to stop")
