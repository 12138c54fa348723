"""The screen while a patient's record is read: keys wait for the patient's screen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import get_current_worker

from dosing import UserError
from monitoring.worklist_index.row import WorklistRow
from tui.app.actions import bound
from tui.app.session import session_of
from tui.app.text import words

if TYPE_CHECKING:
    from monitoring.summary import PatientSummary


@dataclass
class PatientRead(Message):
    """The record of the patient was read."""

    summary: "PatientSummary"


@dataclass
class PatientNotRead(Message):
    """The record cannot be read: the reason."""

    problem: str


class OpeningPatient(Screen[None]):
    """The patient's name until the record is read; then the patient's screen takes its place."""

    DEFAULT_CSS = """
    OpeningPatient {
        & #banner { height: auto; padding: 0 1; background: $primary-muted; }
        & #opening { padding: 0 1; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [bound("back", "app.pop_screen")]

    awaits_screen = True
    """Keys wait for the screen that takes its place."""

    def __init__(self, row: WorklistRow) -> None:
        """Open the patient of a row."""
        super().__init__()
        self._row = row
        self._is_late = False
        """True where the record was read while another screen hid this one."""

    def compose(self) -> ComposeResult:
        """Lay out the name and that the record is being opened."""
        name = words(self._row.name).stylize("bold")
        yield Static(name + words(f"  № {self._row.record_number}"), id="banner")
        yield Static("Opening the record …", id="opening", markup=False)

    def on_mount(self) -> None:
        """Read the record."""
        self._start_reading()

    def on_screen_resume(self) -> None:
        """Read the record again where it came while a blank screen was shown."""
        if self._is_late:
            self._is_late = False
            self._start_reading()

    def _start_reading(self) -> None:
        self.run_worker(self._read, thread=True, group="open-patient")

    def _read(self) -> None:
        from monitoring.worklist_index.reading import summary_of  # noqa: PLC0415 - imported by now

        session = session_of(self)
        store, number = session.records.store, self._row.patient
        try:
            summary = summary_of(store, number, session.now(), session.clinic)
            message: Message = PatientRead(summary)
        except UserError as error:
            message = PatientNotRead(str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(PatientRead)
    def _open(self, message: PatientRead) -> None:
        if self.app.screen is self:
            # The app does it: a screen that waits for its own end waits for ever.
            self.app.call_later(self._give_way, message.summary)
        else:
            self._is_late = True  # a blank screen hides it, or it was left

    async def _give_way(self, summary: "PatientSummary") -> None:
        from tui.app.screens.patient import PatientScreen  # noqa: PLC0415 - when one is opened

        app = self.app
        if app.screen is self:
            await app.switch_screen(PatientScreen(summary))
        else:
            self._is_late = True

    @on(PatientNotRead)
    def _fail(self, message: PatientNotRead) -> None:
        session_of(self).show_message(message.problem, is_problem=True)
        if self.app.screen is self:
            self.app.pop_screen()
        else:
            self._is_late = True
