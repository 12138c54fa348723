"""What every form of an entry does: read the fields, read back, ask, store, answer.

What will be stored and what it means is read back while it is typed: the record as it would be goes
through the same functions that judge what is stored.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.message import Message
from textual.widgets import Select, Static

from dosing import UserError, read_date
from monitoring.record.entry import Entry
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from tui.app.actions import bound
from tui.app.entry.answer import AnswerScreen
from tui.app.entry.read_back import alerts_section, paragraphs, section
from tui.app.form_screen import Done, FormScreen
from tui.app.messages import EntryStored
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.entering import (
    Answer,
    ReasonNeededError,
    answer,
    checked,
    limits_asked,
    read_back,
    store_checked,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be stored: the entry, and its last day where it is over."""

    entry: Entry
    ended_on: date | None = None


@dataclass
class ReadBack(Message):
    """What a draft means; `number` tells whether it is still the last one."""

    number: int
    draft: Draft
    problem: str
    """Why it cannot be stored yet; empty where it can."""
    asks_reason: bool
    answer: Answer


@dataclass
class Stored(Done):
    """The entry is stored: where the patient stands now, and what it means."""

    summary: PatientSummary | None = None
    number: int = 0
    answer: Answer = field(default_factory=Answer)


def as_typed(text: str) -> str:
    """Return a text that needs no reader."""
    return text


class EntryFields(FormScreen):
    """A form whose fields are found by their ids."""

    def field(self, name: str) -> Field[Any]:
        """Return a field by its id."""
        return self.query_one(f"#{name}", Field)

    def needed(self, name: str) -> Any:
        """Return the value of a field; raise `UserError` where it is missing or wrong."""
        field = self.field(name)
        if field.problem:
            raise UserError(field.problem)
        return field.value

    def read_time(self, text: str) -> Moment:
        """Return the time that a text states, local unless it has an offset."""
        return Moment.read(text, self.sirolimus.now().zone)

    def today(self) -> date:
        """Return the present day."""
        return self.sirolimus.now().local.date()

    def time_field(self, label: str, name: str, **more: Any) -> Field[Moment]:
        """Return a field of a time."""
        return Field(label, self.read_time, example="2026-11-05T08:00", id=name, **more)

    def day_field(self, label: str, name: str, **more: Any) -> Field[date]:
        """Return a field of a day."""
        return Field(label, read_date, example="2026-11-05", id=name, **more)

    def chosen(self, name: str, what: str) -> Any:
        """Return what is chosen; raise `UserError` where nothing is yet."""
        value = self.query_one(f"#{name}", Choice).value
        if value is None:
            raise UserError(f"Choose {what}.")
        return value

    def show_problems(self) -> None:
        """Show what is wrong beside each field, and go to the first of them."""
        wrong = [each for each in self.query(Field) if each.problem]
        for each in self.query(Field):
            each.show_problem()
        if wrong:
            wrong[0].query_one("Input").focus()

    @on(Field.Changed)
    @on(Select.Changed)
    def _mend(self) -> None:
        """Take back what was told to be wrong: something else stands there now."""
        self.tell_problem("")


class EntryForm(EntryFields):
    """A form of one kind of entry: `fields` are its widgets and `draft` what they say."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", priority=True),
        bound("back", "back"),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    TITLE = "Entry"
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Write something down about the patient of a summary."""
        super().__init__(summary)
        self._number = 0

    def fields(self) -> ComposeResult:
        """Yield the fields, in the order in which they are asked."""
        raise NotImplementedError

    def draft(self) -> Draft:
        """Return what would be stored. Raises `UserError` for what is missing or wrong."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay the read-back below the fields, or beside them where there is room."""
        yield PatientBanner(self.summary)
        yield Static(words(self.TITLE or ""), id="title")
        yield Static(id="problem")
        with Container(id="body"):
            with VerticalScroll(id="fields", can_focus=False):
                yield from self.fields()
                yield Field("Reason", as_typed, required=False, id="reason")
            with VerticalScroll(id="read-back", can_focus=False):
                yield Static()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query(Field).first().query_one("Input").focus()
        self.show_draft()

    @property
    def reason(self) -> str:
        """Why it is right although a limit asks again."""
        return self.field("reason").text

    # --- reading back

    @on(Field.Changed)
    @on(Select.Changed)
    def _follow(self) -> None:
        self.follow()
        self.show_draft()

    def follow(self) -> None:
        """Let other fields follow what was typed."""

    def show_draft(self) -> None:
        """Show what is missing, or, from a worker, what would be stored and what it means."""
        self._number += 1
        try:
            draft = self.draft()
        except UserError as error:
            self._show([*section("Not yet", [str(error)]), *self.helpful()])
            return
        work = partial(self._weigh, self._number, draft, self.summary, self.sirolimus.now())
        self.run_worker(work, "read-back", group="read-back", exclusive=True, thread=True)

    def helpful(self) -> list[Any]:
        """Return more to show while the form is not complete."""
        return []

    def remarks(self) -> list[str]:
        """Return what to say of the fields beside what will be stored."""
        return []

    def _weigh(self, number: int, draft: Draft, summary: PatientSummary, now: Moment) -> None:
        record, problem, asks = summary.record, "", False
        try:
            checked(record, draft.entry, now, draft.ended_on)
        except ReasonNeededError as error:
            problem, asks = f"{error} If it is right, say why.", True
        except UserError as error:
            problem = str(error)
        means = Answer()
        if asks or not problem:
            supposed = record.with_entry(draft.entry, now, ended_on=draft.ended_on)
            means = answer(supposed, supposed.entries[-1].number)
        asked = limits_asked(record, draft.entry)
        told = Answer(means.lines, asked + means.alerts)
        self.post_message(ReadBack(number, draft, problem, asks or asked.stopped, told))

    @on(ReadBack)
    def _read_back(self, message: ReadBack) -> None:
        if message.number != self._number:
            return
        self.field("reason").set_class(message.asks_reason, "-asked")
        draft, is_refused = message.draft, bool(message.problem) and not message.asks_reason
        end = [f"until {draft.ended_on}"] if draft.ended_on else []
        will = [] if is_refused else [self.read_back(draft), *end]
        self._show(
            [
                *section("Not yet", filter(None, [message.problem])),
                *section("Will be stored", [*will, *self.remarks()] if will else []),
                *section("What it means", message.answer.lines),
                *alerts_section(message.answer.alerts),
            ]
        )

    def read_back(self, draft: Draft) -> str:
        """Return in words what will be stored."""
        return read_back(draft.entry)

    def _show(self, parts: list[Any]) -> None:
        self.query_one("#read-back Static", Static).update(paragraphs(parts))

    # --- storing

    def action_store(self) -> None:
        """Store what the fields say, or show what is missing."""
        self.show_problems()
        try:
            draft = self.draft()
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, draft, self.summary, self.sirolimus.now()))

    def _store(self, draft: Draft, summary: PatientSummary, now: Moment) -> Done:
        store, record = self.sirolimus.records.store, summary.record
        recorded = store_checked(store, record, draft.entry, now, draft.ended_on, seen=record.seen)
        written = store.read(record.number)
        return Stored(
            f"Stored: {self.read_back(draft)}",
            record.patient.entry.record_number,
            summarise(written, now),
            recorded.number,
            answer(written, recorded.number),
        )

    def after_done(self, message: Done) -> None:
        """Tell the answer, and close."""
        if not isinstance(message, Stored) or message.summary is None:
            super().after_done(message)
            return
        self.app.post_message(EntryStored(message.record_number or ""))
        following = self.following(message)
        self.dismiss(True)  # noqa: FBT003 - Textual's result
        if following is None:
            self.sirolimus.tell(message.told)
        else:
            self.app.push_screen(following)

    def following(self, stored: Stored) -> Any:
        """Return the screen that comes after storing, or None where there is nothing to say."""
        if stored.summary is None or not (stored.answer.lines or stored.answer.alerts):
            return None
        return AnswerScreen(stored.summary, stored.told, stored.answer)

    def after_change(self) -> None:
        """Read back anew on the record that somebody else changed."""
        self.follow()
        self.show_draft()
