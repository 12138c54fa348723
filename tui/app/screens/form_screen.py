"""What screens with a form share: leaving asks, storing happens in a worker and is told."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from dosing import UserError
from monitoring.summary import PatientSummary, summarise
from tui.app.concurrent_changes import ChangedByOthers
from tui.app.messages import EntryStored
from tui.app.session import Session, session_of
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner, banner_of
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.question import ConfirmScreen

_LEAVE = "What was typed here is not stored. Leave all the same?"


@dataclass
class Done(Message):
    """The work is done: what to tell, and whose record was written to."""

    told: str
    record_number: str | None = None


@dataclass
class Failed(Message):
    """The work was refused: why. `summary` is the record anew, where somebody else changed it."""

    problem: str
    summary: PatientSummary | None = None


class FormScreen(Screen[bool]):
    """A screen in which something is typed. It ends with whether something was stored.

    It binds its main key, then escape to `back`, and needs a `Static` with the id `problem`, where
    what went wrong stays until it is mended.
    """

    ASKS_AFTER_CHANGES: ClassVar[bool] = True
    """Whether what others wrote meanwhile matters to what is done here."""
    BESIDE: ClassVar[str] = "#read-back"
    """What the reading keys scroll, where a form binds them to `read_on`."""
    DEFAULT_CSS = """
    FormScreen #problem { height: auto; color: $text-error; padding: 0 1; display: none; }
    FormScreen #problem.-shown { display: block; }
    """

    # First in turn, so that keys that come in one burst, as from a scanner or over a slow line, do
    # not go on into the field that is being left.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("enter", "next_field", "Next field", show=False, priority=True),
    ]

    def __init__(self, summary: PatientSummary | None = None) -> None:
        """Take where the patient stands, for a screen that concerns one."""
        super().__init__()
        self.summary = summary
        self.problem = ""
        """What is told to be wrong."""
        self._is_working = False
        self._changed_by_others = ""
        """What others wrote since it was last said; what is stored next is asked about."""

    @property
    def is_busy(self) -> bool:
        """Whether something is being stored."""
        return self._is_working

    @property
    def session(self) -> Session:
        """The session, which has the records and the clock."""
        return session_of(self)

    @property
    def has_unsaved_input(self) -> bool:
        """Whether something was typed or chosen that is not stored."""
        return any(field.has_changed for field in self.query(Field)) or any(
            choice.has_changed for choice in self.query(Choice)
        )

    def action_next_field(self) -> None:
        """Go on from a field that is typed in."""
        self.focus_next()

    def action_read_on(self, pages: int) -> None:
        """Scroll what stands beside the fields, while the focus stays in them."""
        shown = self.query_one(self.BESIDE, VerticalScroll)
        shown.scroll_relative(y=pages * shown.size.height, animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave enter to lists and buttons, which have a use of their own for it."""
        if action == "next_field":
            return isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    @work
    async def action_back(self) -> None:
        """Leave; where something was typed, ask first."""
        question = ConfirmScreen(_LEAVE, no="Stay", yes="Leave")
        if self._is_working:
            self.session.show_message("Wait until what was begun is done.")
            return
        if not self.has_unsaved_input or await self.app.push_screen_wait(question):
            self.dismiss(result=False)

    def tell_problem(self, problem: str) -> None:
        """Show what is wrong, or nothing any more where the text is empty."""
        self.problem = problem
        shown = self.query_one("#problem", Static)
        shown.update(words(problem))
        shown.set_class(bool(problem), "-shown")
        if problem:
            shown.scroll_visible()

    def work_on(self, doing: Callable[[], Message]) -> None:
        """Run `doing` in a thread; it posts what was done, or why it was refused.

        What is asked for while something is under way is not begun. After others' changes it is
        asked for once more: the last look may have been before them.
        """
        if self._changed_by_others and self.ASKS_AFTER_CHANGES:
            told, self._changed_by_others = self._changed_by_others, ""
            self.tell_problem(f"{told} Nothing was stored; look at it again.")
        elif not self._is_working:
            self._is_working = True
            self.tell_problem("")
            self.run_worker(partial(self._work_on, doing), thread=True)

    def _work_on(self, doing: Callable[[], Message]) -> None:
        from monitoring.store.errors import ConflictError  # noqa: PLC0415 - only in a worker

        try:
            self.post_message(doing())
        except ConflictError as error:
            self.post_message(Failed(str(error), self._read_anew()))
        except UserError as error:
            self.post_message(Failed(str(error)))

    def _read_anew(self) -> PatientSummary | None:
        if self.summary is None:
            return None
        record = self.session.records.store.read(self.summary.record.number)
        return summarise(record, self.session.now())

    @on(Done)
    def _done(self, message: Done) -> None:
        self._is_working = False
        self.after_done(message)

    def after_done(self, message: Done) -> None:
        """Tell it and leave."""
        if message.record_number is not None:
            self.app.post_message(EntryStored(message.record_number))
        self.session.show_message(message.told)
        self.dismiss(result=True)

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._is_working = False
        if message.summary is not None:
            self._show_summary(message.summary)
        self.tell_problem(message.problem)

    def record_changed(self, message: ChangedByOthers) -> None:
        """Follow a record that somebody else changed, and say so; what was typed stays."""
        self._changed_by_others = message.words
        self._show_summary(message.summary)
        self.tell_problem(message.words)

    def _show_summary(self, summary: PatientSummary) -> None:
        self.summary = summary
        self.query_one(PatientBanner).update(banner_of(summary))
        self.after_change()

    def after_change(self) -> None:
        """Show what follows from the record that somebody else changed."""
