"""The end of an adverse event, or of another entry that lasts to a day."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from dosing import UserError
from dosing.quantities.formatting import short_date
from monitoring.record.entries import StopRecord
from monitoring.record.entry_checks import check_times
from monitoring.record.kinds import check_ending
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.entry_lists import RecordRow
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.time_field import TimeField


class EndOfEntry(FormScreen):
    """A form for the last day of an entry, and the reason of its end."""

    CSS_PATH = "patient.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary, row: RecordRow) -> None:
        """End the entry of a row of a patient's lists."""
        super().__init__(summary)
        self._row = row
        today = str(summary.made.local.date())
        self._on = TimeField(
            "Last day", self.time_reader, is_day=True, text=today, example="2026-11-05", id="on"
        )
        self._reason = Field("Reason", str, required=False, id="reason")

    def compose(self) -> ComposeResult:
        """Lay the fields below the entry."""
        lines = [words("End of this entry").stylize("bold $text-accent"), Content("")]
        lines += [words(each) for each in self._row.details]
        yield PatientBanner(self.summary)
        yield Static(Content("\n").join(lines), id="entry")
        yield from (self._on, self._reason)
        yield Static(id="problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the day."""
        self._on.begin()

    def action_store(self) -> None:
        """Store the end."""
        self._on.show_problem()
        day, entry = self._on.value, self._row.entry
        if day is None or entry is None:
            return
        ending = StopRecord(of=entry.number, on=day, reason=self._reason.value or "")
        record = self.summary.record
        try:
            check_ending(entry.entry, ending)
            check_times(ending, record.patient.entry.born, self.session.now())
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, ending, record.revision))

    def _store(self, ending: StopRecord, revision: int) -> Done:
        self.session.records.store.end(ending.of, ending, revision=revision)
        ended = short_date(ending.on) if ending.on else ""
        stored = f"Stored: {self._row.details[0]} ended on {ended}."
        return Done(stored, self.summary.record.patient.entry.record_number)
