"""The restart: the doses on hold are given again from a time on."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from dosing import UserError
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.prescription import MissedDose
from monitoring.restarting import CheckedRestart, check_end_of_hold, check_restart
from monitoring.summary import PatientSummary
from monitoring.times import Moment, short
from reports.presentation.times import clock_anywhere
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.read_back_view import Part, ReadBackView
from tui.app.widgets.time_field import NEXT_DOSE, TimeField, restart_text

_FORBIDDEN = "The restart is stopped. Adjust the dose with an override instead."


class Restart(FormScreen):
    """A form that ends the hold: the time of the first dose, and the reason."""

    CSS_PATH = "restart.tcss"
    HEADING: ClassVar[str] = "Restart"
    HELP = (
        "The hold ends at this time: the dose that is prescribed is given again from then on. What "
        "forbids a restart is shown. Then only a prescription with an override restarts it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Restart"),
        bound("back", "back"),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Take a patient with doses on hold; the time is the next dose until another is typed."""
        super().__init__(summary)
        self._at = TimeField(
            "Given from", self.time_reader, text=restart_text(summary), may_be_ahead=True,
            assumed=NEXT_DOSE, example="2026-11-05T08:00", id="at",
        )  # fmt: skip
        self._reason = Field("Reason", str, required=False, example="why now", id="reason")
        self._checked: CheckedRestart | None = None

    def compose(self) -> ComposeResult:
        """Lay what will be stored below the fields."""
        yield PatientBanner(self.summary)
        with Vertical(id="form"):
            yield Static(words(self.HEADING), classes="-heading")
            yield from (self._at, self._reason)
        yield Static(id="problem")
        yield ReadBackView()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the time."""
        self._at.begin()
        self._check()

    def checked(self, record: Record, at: Moment, now: Moment, reason: str) -> CheckedRestart:
        """Return the ends of the holds; raises `UserError` where nothing is held."""
        return check_restart(record, at, now, reason)

    @on(Field.Changed)
    def _check(self) -> None:
        """Check the time against the record, and read back what it means."""
        self._checked, at = None, self._at.value
        self.tell_problem("")
        shown = self.query_one(ReadBackView)
        shown.show([])
        if at is None:
            return
        try:
            self._checked = self.checked(
                self.summary.record, at, self.session.now(), self._reason.value or ""
            )
        except UserError as error:
            self.tell_problem(str(error))
            return
        shown.show(_read_back(self._checked))

    def action_store(self) -> None:
        """Store the ends of the holds, unless something forbids the restart."""
        self._at.show_problem()
        checked = self._checked
        if checked is None:
            self.tell_problem(self.problem or "Enter the time of the first dose.")
        elif checked.stopped:
            self.tell_problem(_FORBIDDEN)
        else:
            self.work_on(partial(self._store, checked, self.summary.record))

    def _store(self, checked: CheckedRestart, record: Record) -> Done:
        store, revision = self.session.records.store, record.revision
        for ending in checked.endings:
            revision = store.end(ending.of, ending, revision=revision).number
        patient = record.patient.entry
        stored = f"Stored for {patient.name}: given again from {clock_anywhere(checked.at)}."
        return Done(stored, patient.record_number)

    def after_change(self) -> None:
        """Check again with the record that somebody else changed."""
        if self._at.is_assumed:
            self._at.fill_in(restart_text(self.summary))
        self._check()


class EndOfHold(Restart):
    """A form for the end of one hold of the list of doses."""

    HEADING: ClassVar[str] = "End of this hold"

    def __init__(self, summary: PatientSummary, hold: StoredEntry[Any]) -> None:
        """Take the hold."""
        super().__init__(summary)
        self._hold: StoredEntry[MissedDose] = hold

    def checked(self, record: Record, at: Moment, now: Moment, reason: str) -> CheckedRestart:
        """Return the end of the hold; raises `UserError` for one before its beginning."""
        return check_end_of_hold(record, self._hold, at, now, reason)


def _read_back(checked: CheckedRestart) -> Iterator[Part]:
    """Yield what will be stored in words, with what the record says against it."""
    status = "Cannot be stored" if checked.stopped else "To be stored"
    again = short(checked.at)
    lines = [
        words(f"{status}: doses held from {short(each.entry.at)} are given again from {again}.")
        for each in checked.holds
    ]
    dose = f"The dose is {checked.dose}." if checked.dose else "No dose is prescribed then."
    yield from (line.stylize("bold") for line in (*lines, words(dose)))
    yield from checked.alerts
