"""What every form of an entry does: read the fields, read back, ask, store, answer.

What will be stored and what it means is read back while it is typed: the record as it would be goes
through the same functions that judge what is stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Select, Static

from dosing import UserError
from dosing.alerts import NO_ALERTS
from monitoring.record.enter import EntryResult, ReasonNeededError, answer, check_entry, enter
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryField, EntryKind, EntryMeaning, as_typed
from monitoring.record.kinds import kind_called
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from tui.app.actions import bound
from tui.app.messages import EntryStored
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.screens.read_back import alerts_section, paragraphs, section
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


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
    answer: EntryMeaning


@dataclass
class EntrySaved(Done):
    """The entry is stored: what it means, and where the patient stands now."""

    result: EntryResult | None = None


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

    def today(self) -> date:
        """Return the present day."""
        return self.sirolimus.now().local.date()

    def widget(self, asked: EntryField, first: Any = None) -> Widget:
        """Return the widget of a field of the table, with what is filled in at first."""
        if asked.options:
            options = [(each.label, each.value) for each in asked.options]
            none = [(asked.absent, None)] if asked.absent else []
            chosen = asked.default if first is None else first
            return Choice(asked.label, [*none, *options], chosen, id=asked.form_id)
        begun = self.today() if asked.is_today and first is None else first
        return Field(
            asked.label,
            lambda text: asked.read(text, self.sirolimus.now().zone if asked.is_time else ""),
            text="" if begun is None else str(begun),
            example=asked.example,
            required=asked.required or asked.is_today,
            id=asked.form_id,
        )

    def value(self, asked: EntryField) -> Any:
        """Return what stands in a field; None where nothing need stand there, and nothing does.

        Raises `UserError` where it is missing or wrong.
        """
        if asked.choose:
            return self.chosen(asked.form_id, asked.choose)
        if asked.options:
            return self.query_one(f"#{asked.form_id}", Choice).value
        if asked.read is as_typed and not asked.required:
            return self.field(asked.form_id).text
        return self.needed(asked.form_id)

    def typed(self, kind: EntryKind) -> dict[str, Any]:
        """Return what stands in the fields of a kind, by the names of the entry's fields."""
        typed: dict[str, Any] = {}
        for asked in kind.fields:
            value = self.value(asked)
            typed |= dict(asked.values(value)) if value is not None else {}
        return typed

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
    """The form of a kind of entry. What is special about a kind is a hook of a subclass."""

    CSS_PATH = "entry_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", priority=True),
        bound("back", "back"),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    KIND: ClassVar[str] = ""
    """The kind of a form with hooks."""
    summary: PatientSummary

    def __init__(
        self, summary: PatientSummary, kind: EntryKind | None = None, **filled_in: Any
    ) -> None:
        """Record an entry of a kind about the patient of a summary; what is known is filled in."""
        super().__init__(summary)
        self.kind = kind or kind_called(self.KIND)
        self._filled_in: Mapping[str, Any] = filled_in
        self._number = 0

    def widgets(self, asked: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field, and what stands below it."""
        yield self.widget(asked, self._filled_in.get(asked.name))

    def draft(self) -> Draft:
        """Return what would be stored. Raises `UserError` for what is missing or wrong."""
        typed = self.typed(self.kind)
        last_days = [typed.pop(each.name, None) for each in self.kind.fields if each.is_last_day]
        entry = self.kind.make(self.summary.record.patient.entry, typed)
        return Draft(entry, *last_days)

    def compose(self) -> ComposeResult:
        """Lay the read-back below the fields, or beside them where there is room."""
        yield PatientBanner(self.summary)
        yield Static(words(self.kind.in_app.title), id="title")
        yield Static(id="problem")
        with Container(id="body"):
            with VerticalScroll(id="fields", can_focus=False):
                for asked in self.kind.fields:
                    if not asked.is_reason:
                        yield from self.widgets(asked)
                yield Field("Reason", str, required=False, id="reason")
            with VerticalScroll(id="read-back", can_focus=False):
                yield Static()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query(Field).first().query_one("Input").focus()
        self.show_draft()

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
        asked = NO_ALERTS
        try:
            asked = check_entry(record, draft.entry, now, draft.ended_on).alerts
        except ReasonNeededError as error:
            problem, asks, asked = f"{error} If it is right, say why.", True, error.alerts
        except UserError as error:
            problem = str(error)
        means = EntryMeaning()
        if asks or not problem:
            supposed = record.with_entry(draft.entry, now, ended_on=draft.ended_on)
            means = answer(supposed, supposed.entries[-1].number)
        told = EntryMeaning(means.lines, asked + means.alerts)
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
        return self.kind.in_words(draft.entry)

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
        result = enter(
            store, record, draft.entry, now, ended_on=draft.ended_on, summarise=summarise
        )
        told = f"Stored: {self.read_back(draft)}"
        return EntrySaved(told, record.patient.entry.record_number, result)

    def after_done(self, message: Done) -> None:
        """Tell the answer, and close."""
        result = message.result if isinstance(message, EntrySaved) else None
        if result is None or result.summary is None:
            super().after_done(message)
            return
        self.sirolimus.take_over(result.summary)
        self.app.post_message(EntryStored(message.record_number or "", is_shown=True))
        following = self.following(message.told, result, result.summary)
        self.dismiss(True)  # noqa: FBT003 - Textual's result
        if following is None:
            self.sirolimus.tell(message.told)
        else:
            self.app.push_screen(following)

    def following(self, told: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the screen that comes after storing, or None where there is nothing to say."""
        if not (result.answer.lines or result.answer.alerts):
            return None
        return AnswerScreen(summary, told, result.answer)

    def after_change(self) -> None:
        """Read back anew on the record that somebody else changed."""
        self.follow()
        self.show_draft()
