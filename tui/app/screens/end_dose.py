"""The end of the dose in force: from when on, and why."""

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
from monitoring.times import Moment
from reports.presentation.times import clock, clock_anywhere
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


class EndOfDose(FormScreen):
    """Stops the treatment: the dose in force ends, with the reason."""

    CSS_PATH = "end_dose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Stop treatment"),
        bound("back", "back"),
    ]

    def __init__(self, summary: PatientSummary) -> None:
        """Take a patient with a dose in force."""
        super().__init__(summary)
        self._patient = summary
        self._at = Field(
            "Ended at", self._read_moment, text=f"{summary.made.local:%Y-%m-%dT%H:%M}",
            example="2026-11-05T08:00", id="at",
        )  # fmt: skip
        self._reason = Field("Reason", _read_reason, example="why it ends", id="reason")

    def compose(self) -> ComposeResult:
        """Lay out the dose that ends and the fields."""
        yield PatientBanner(self._patient)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Stop treatment"), classes="-heading")
            yield Static(words(self._ends), id="ends")
            yield from (self._at, self._reason)
            yield Static(id="problem")
        yield KeyBar()

    @property
    def _in_force(self) -> StoredEntry[Prescription] | None:
        current = self._patient.current
        return current.period.prescription if current else None

    @property
    def _ends(self) -> str:
        dose = self._in_force
        if dose is None:
            return "No dose is in force any more."
        zone = self._patient.made.zone
        return f"{dose.entry}, given since {clock(dose.entry.since, zone)}, ends."

    def _read_moment(self, text: str) -> Moment:
        return Moment.read(text, self._patient.made.zone)

    def action_store(self) -> None:
        """Write the end down."""
        for field in (self._at, self._reason):
            field.show_problem()
        at, reason, dose = self._at.value, self._reason.value, self._in_force
        if dose is None:
            self.tell_problem(self._ends)
            return
        if at is None or reason is None:
            self.tell_problem("The end needs its time and a reason.")
            return
        ending = StopRecord(of=dose.number, at=at, reason=reason)
        try:
            check_ending(dose.entry, ending)
            check_times(ending, self._patient.record.patient.entry.born, self.session.now())
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, ending))

    def _store(self, ending: StopRecord) -> Done:
        known = self._patient.record
        self.session.records.store.end(ending.of, ending, revision=known.revision)
        patient = known.patient.entry
        ended = clock_anywhere(ending.at) if ending.at else ""
        told = f"Stored for {patient.name}: the treatment ended at {ended}."
        return Done(told, patient.record_number)

    def after_change(self) -> None:
        """Show the dose in force in the record that somebody else changed."""
        self._patient = self.summary or self._patient
        self.query_one("#ends", Static).update(words(self._ends))


def _read_reason(text: str) -> str:
    return required_text(text, "The reason to stop")
