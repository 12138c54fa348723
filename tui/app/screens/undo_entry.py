"""The undo of the last entry about a patient, which is shown before it is undone."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from dosing import UserError
from monitoring.record.entries import Record
from monitoring.state import state_at
from monitoring.summary import PatientSummary
from monitoring.undoing import LastInput, last_input, undo
from tui.app.actions import bound
from tui.app.messages import EntryStored
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import paragraphs, section, words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.question import AnswerButton

_ABOUT = 'It is voided with the reason "entered by mistake, undone" and stays visible.'
_ABOUT_PATIENT = "The whole patient is void then, and leaves the worklist."


@dataclass
class UndoFound(Message):
    """The last input, or the reason why it cannot be undone."""

    last: LastInput | None
    problem: str = ""


class UndoEntry(FormScreen):
    """A screen that shows the last input of the user about a patient, and undoes it."""

    CSS_PATH = "undo_entry.tcss"
    HELP = (
        "Your own last entry about this patient can be undone for 5 minutes, as long as nothing "
        "else was recorded about the patient. All parts of one form are undone together."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Undo"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Take the patient of a summary."""
        super().__init__(summary)
        self._last: LastInput | None = None

    def compose(self) -> ComposeResult:
        """Lay the button below what is undone."""
        yield PatientBanner(self.summary)
        with VerticalScroll(id="body", can_focus=False):
            yield Static("…", id="entries")
            yield Static(id="problem")
            yield AnswerButton("Undo", id="undo")
        yield KeyBar()

    def on_mount(self) -> None:
        """Look for the last input."""
        self.query_one(Button).display = False
        self._look()

    def _look(self) -> None:
        self._last = None
        self.run_worker(partial(self._find, self.summary.record), thread=True, exclusive=True)

    def _find(self, record: Record) -> None:
        try:
            author = self.session.records.store.author_in_trail()
            self.post_message(UndoFound(last_input(record, author, self.session.now())))
        except UserError as error:
            self.post_message(UndoFound(None, str(error)))

    @on(UndoFound)
    def _found(self, message: UndoFound) -> None:
        self._last = last = message.last
        button, shown = self.query_one(Button), self.query_one("#entries", Static)
        button.display = last is not None
        self.tell_problem(message.problem)
        if last is None:
            shown.update("")
            return
        more = [words(_ABOUT_PATIENT)] if last.removes_patient else self._afterwards(last)
        shown.update(paragraphs([*section("Undo this", last.words), words(_ABOUT), *more]))
        button.focus()

    def _afterwards(self, last: LastInput) -> list[Content]:
        """Return the treatment that is recorded once it is undone, where that is another one."""
        now = self.session.now()
        then, today = state_at(last.before, now).words, state_at(last.record, now).words
        if then == today:
            return []
        return [Content(""), *section("The treatment is then", [f"{then}."])]

    @on(Button.Pressed)
    def _pressed(self) -> None:
        self.action_store()

    def action_store(self) -> None:
        """Undo what is shown."""
        if self._last is not None:
            self.work_on(partial(self._undo, self._last))

    def _undo(self, last: LastInput) -> Done:
        shown = last_input(last.record, last.entries[-1].author.by, self.session.now())
        said = undo(self.session.records.store, shown)  # within the minutes, at this moment
        return Done(said, last.record.patient.entry.record_number)

    def after_done(self, message: Done) -> None:
        """Say what was undone; leave the patient whose record is void."""
        is_patient_gone = self._last is not None and self._last.removes_patient
        self.session.show_message(message.text)
        self.dismiss(result=True)
        if is_patient_gone:
            self.app.pop_screen()
        self.app.post_message(EntryStored(message.record_number or "", is_shown=is_patient_gone))

    def after_change(self) -> None:
        """Look again in the record that somebody else changed."""
        self._look()
