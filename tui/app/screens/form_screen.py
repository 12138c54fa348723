"""The base of screens with a form: leaving asks first, storing happens in a worker."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from dosing import UserError
from dosing.quantities.formatting import short_date
from monitoring.summary import PatientSummary, summarise
from monitoring.time_reader import TimeReader
from tui.app.concurrent_changes import ChangedByOthers
from tui.app.messages import EntryStored
from tui.app.session import Session, session_of, time_reader
from tui.app.text import show_text, words
from tui.app.widgets.banner import PatientBanner, banner_of
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.question import ConfirmScreen
from tui.app.widgets.read_back_view import ReadBackView
from tui.app.widgets.time_field import TimeField

_NEW_DAY = "A new day has begun: it is {today}."
_CHECK_AGAIN = "Check the form and store again."
_LEAVE = "Discard unsaved changes?"


@dataclass
class Done(Message):
    """The work is done: the message to the user, and whose record was written to."""

    text: str
    record_number: str | None = None
    summary: PatientSummary | None = None
    """The patient's new summary, for a screen about one: it is shown before the form closes."""


@dataclass
class Failed(Message):
    """The work was refused: the reason. `summary` is new where somebody else changed the record."""

    problem: str
    summary: PatientSummary | None = None


@dataclass
class NewDay(Message):
    """The summary of the day that has begun, for a form about a patient."""

    summary: PatientSummary


class FormScreen(Screen[bool]):
    """A screen with a form. Its result is True once something was stored.

    It binds its main key, then `back`, and has a `Static` with the id `problem`, where a problem
    stays until it is corrected.
    """

    ASKS_AFTER_CHANGES: ClassVar[bool] = True
    """True where changes by others matter here."""
    BESIDE: ClassVar[str] = "#read-back"
    """The part that the scrolling keys move, where a form binds them to `read_on`."""
    opened_by: str = ""
    """The name of the action that opened it; empty where a row of a list did."""
    DEFAULT_CSS = """
    FormScreen #problem { height: auto; color: $text-error; padding: 0 1; display: none; }
    FormScreen #problem.-shown { display: block; }
    """

    # With priority: keys that come in one burst, as from a scanner or over a slow line, never go
    # into the field that is being left.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("enter", "next_field", "Next field", show=False, priority=True),
    ]

    def __init__(self, summary: PatientSummary | None = None) -> None:
        """Take the summary of a patient, for a screen about one."""
        super().__init__()
        self.summary = summary
        self.problem = ""
        """The problem that is shown."""
        self._is_working = False
        self._changed_by_others = ""
        """What the user has not confirmed by storing again: changes by others, or a new day."""
        self._day: date | None = None

    def on_screen_resume(self) -> None:
        """Note the day on which the form is opened."""
        self._day = self._day or self.session.now().local.date()

    @property
    def _is_of_another_day(self) -> bool:
        return self._day is not None and self._day != self.session.now().local.date()

    def new_day(self) -> None:
        """Write out the times that were typed before midnight, and ask to check them.

        They keep their day; what is assumed from the schedule is assumed anew.
        """
        if not self._is_of_another_day or self.summary is None or not self.ASKS_AFTER_CHANGES:
            return
        self._day = today = self.session.now().local.date()
        for field in self.query(TimeField):
            field.write_out()
        self._changed_by_others = _NEW_DAY.format(today=short_date(today))
        work = partial(self._summarise_anew, self.summary)
        self.run_worker(work, thread=True, group="new-day", exclusive=True)

    def _summarise_anew(self, known: PatientSummary) -> None:
        summary = summarise(known.record, self.session.now(), self.session.clinic)
        self.post_message(NewDay(summary))

    @on(NewDay)
    def _show_new_day(self, message: NewDay) -> None:
        if self.summary is not None and self.summary.record == message.summary.record:
            self._show_summary(message.summary)
        # behind the times that were written out: a change of a field hides a problem
        told = f"{_NEW_DAY.format(today=short_date(message.summary.made.local))} {_CHECK_AGAIN}"
        self.call_after_refresh(self.tell_problem, told)

    @property
    def is_busy(self) -> bool:
        """True while something is being stored."""
        return self._is_working

    @property
    def awaits_screen(self) -> bool:
        """True while something is being stored: keys wait for the screen that follows."""
        return self._is_working

    @property
    def session(self) -> Session:
        """The session, which has the records and the clock."""
        return session_of(self)

    def time_reader(self) -> TimeReader:
        """Return the reader of what is typed now as a time."""
        return time_reader(self.session)

    @property
    def has_unsaved_input(self) -> bool:
        """True where typed or chosen values are not stored."""
        return any(field.has_changed for field in self.query(Field)) or any(
            choice.has_changed for choice in self.query(Choice)
        )

    def action_next_field(self) -> None:
        """Go to the next field."""
        self.focus_next()

    def action_read_on(self, pages: int) -> None:
        """Scroll the read-back, then the part beside the fields; the focus stays in them."""
        beside = self.query_one(self.BESIDE, VerticalScroll)
        shown = next((each for each in self.query(ReadBackView) if _goes_on(each, pages)), beside)
        shown.scroll_relative(y=pages * shown.size.height, animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep enter for lists and buttons, which have their own use for it."""
        if action == "next_field":
            return isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Leave the screen; ask first where something was typed."""
        if self._is_working:
            self.session.show_message("Still saving. Please wait.")
        elif self.has_unsaved_input:
            question = ConfirmScreen(_LEAVE, no="Keep editing", yes="Discard")
            self.app.push_screen(question, self._leave_if_agreed)
        else:
            self.dismiss(result=False)

    def _leave_if_agreed(self, agreed: bool | None) -> None:  # noqa: FBT001 - Textual calls it
        if agreed:
            self.dismiss(result=False)

    def tell_problem(self, problem: str) -> None:
        """Show a problem, or hide it where the text is empty."""
        self.problem = problem
        shown = self.query_one("#problem", Static)
        show_text(shown, words(problem))
        shown.set_class(bool(problem), "-shown")
        if problem:
            shown.scroll_visible()

    def work_on(self, doing: Callable[[], Message]) -> None:
        """Run `doing` in a thread; it posts its result, or the reason why it was refused.

        Nothing starts while other work is under way. After changes by others the user has to store
        again: the form may have been checked before them.
        """
        if self._is_of_another_day:
            self.new_day()
        if self._changed_by_others and self.ASKS_AFTER_CHANGES:
            changes, self._changed_by_others = self._changed_by_others, ""
            self.tell_problem(f"{changes} Nothing was stored. {_CHECK_AGAIN}")
        elif not self._is_working:
            self._is_working = True
            self.tell_problem("")
            self.run_worker(partial(self._work_on, doing), thread=True)

    def _work_on(self, doing: Callable[[], Message]) -> None:
        from monitoring.store.errors import ConflictError  # noqa: PLC0415 - only in a worker

        try:
            message = doing()
            if isinstance(message, Done) and message.record_number:
                self._add_summary(message)
            self.post_message(message)
        except ConflictError as error:
            self.post_message(Failed(str(error), self._read_anew()))
        except UserError as error:
            self.post_message(Failed(str(error)))

    def _add_summary(self, message: Done) -> None:
        """Add the new summary; where it cannot be read, the screen below reads it once more."""
        with suppress(UserError):  # it is stored, whatever follows
            message.summary = message.summary or self._read_anew()

    def _read_anew(self) -> PatientSummary | None:
        if self.summary is None:
            return None
        record = self.session.records.store.read(self.summary.record.number)
        return summarise(record, self.session.now(), self.session.clinic)

    @on(Done)
    def _done(self, message: Done) -> None:
        self._is_working = False
        self.after_done(message)

    def after_done(self, message: Done) -> None:
        """Show the message and leave the screen; what is below it is current by then."""
        if message.summary is not None:
            self.session.show_summary(message.summary)
        if message.record_number is not None:
            is_shown = message.summary is not None
            self.app.post_message(EntryStored(message.record_number, is_shown=is_shown))
        self.session.show_message(message.text)
        self.dismiss(result=True)

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._is_working = False
        if message.summary is not None:
            self._show_summary(message.summary)
        self.tell_problem(message.problem)

    def record_changed(self, message: ChangedByOthers) -> None:
        """Follow a record that somebody else changed, and say so; typed text stays."""
        self._changed_by_others = message.text
        self._show_summary(message.summary)
        self.tell_problem(message.text)

    def _show_summary(self, summary: PatientSummary) -> None:
        self.summary = summary
        self.query_one(PatientBanner).update(banner_of(summary))
        self.after_change()

    def after_change(self) -> None:
        """Update the form for the record that somebody else changed."""


def _goes_on(part: ReadBackView, pages: int) -> bool:
    """Return whether there is more of a part, up or down."""
    return part.scroll_offset.y < part.max_scroll_y if pages > 0 else part.scroll_offset.y > 0
