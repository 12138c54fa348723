"""The form of an entry: it reads the fields, reads back, asks for a reason, stores and answers.

The entry and its meaning are read back while it is typed: the record with the entry goes through
the same functions that assess stored entries.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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

from dosing import Quantity, UserError
from dosing.alerts import NO_ALERTS
from dosing.quantities.formatting import short_date
from monitoring.record.enter import EntryResult, ReasonNeededError, check_entry, enter, would_mean
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryField, EntryKind, EntryMeaning, as_typed
from monitoring.record.kinds import kind_called
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from monitoring.vocabulary import OF_CLINIC, Vocabulary, usual_unit, vocabulary_of, with_unit
from tui.app.actions import bound
from tui.app.messages import EntryStored
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import alerts_section, paragraphs, section, show_text, words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.time_field import TimeField


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be stored, and its last day if it is over.

    `before` are entries of the same input that are stored first: a blood pressure is two.
    """

    entry: Entry
    ended_on: date | None = None
    before: tuple[Entry, ...] = ()


@dataclass
class ReadBack(Message):
    """The meaning of a draft; only the one with the last `number` is shown."""

    number: int
    draft: Draft
    problem: str
    """The reason why it cannot be stored; empty if it can."""
    needs_reason: bool
    answer: EntryMeaning


@dataclass
class EntrySaved(Done):
    """The entry is stored: its meaning, and the patient's new summary."""

    result: EntryResult | None = None


class EntryFields(FormScreen):
    """A form with fields from the table of kinds, found by their ids."""

    def __init__(self, summary: PatientSummary | None = None) -> None:
        """Take the summary of a patient, for a form about one."""
        super().__init__(summary)
        self._names_of_clinic: dict[str, tuple[str, ...]] = {}

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
        return self.session.now().local.date()

    def widget(self, field: EntryField, first: Any = None) -> Widget:
        """Return the widget of a field of the table, with its first value."""
        if field.options:
            options = [(each.label, each.value) for each in field.options]
            none = [(field.absent, None)] if field.absent else []
            chosen = field.default if first is None else first
            return Choice(field.label, [*none, *options], chosen, id=field.form_id)
        begun = self.today() if field.is_today and first is None else first
        text, required = "" if begun is None else str(begun), field.required or field.is_today
        if field.is_time or field.is_day:
            return TimeField(
                field.label, self.time_reader, is_day=field.is_day,
                may_be_ahead=field.may_be_ahead, text=text, assumed=self.assumed(field),
                example=field.example, required=required, id=field.form_id,
            )  # fmt: skip
        return Field(
            field.label,
            lambda text: field.read(text, ""),
            text=text,
            example=field.example,
            required=required,
            is_long=field.is_long,
            suggest=partial(self._completed, field) if field.names or field.unit_of else None,
            remark=partial(self._meant, field) if field.names else None,
            id=field.form_id,
        )

    # --- completing

    def _completed(self, field: EntryField, typed: str) -> str | None:
        """Return the name or the number with its unit that a typed beginning may become."""
        if field.names:
            return self._vocabulary(field.names).completed(typed)
        if self.summary is None:
            return None
        place, dash, _ = field.form_id.rpartition("-")  # of a row of several parts
        test = self.field(f"{place}{dash}test").text if field.unit_of == "test" else ""
        return with_unit(typed, usual_unit(field.unit_of, self.summary.record, test))

    def _meant(self, field: EntryField, typed: str) -> str | None:
        """Return the question for a name that is spelled nearly like a known one."""
        meant = self._vocabulary(field.names).meant(typed)
        return f"Did you mean {meant}?" if meant else None

    def _vocabulary(self, what: str) -> Vocabulary:
        """Return the names of one kind of thing; those of the clinic once they are read."""
        if what in OF_CLINIC and what not in self._names_of_clinic:
            self._names_of_clinic[what] = ()
            self.run_worker(partial(self._read_names, what), thread=True, group=f"names-{what}")
        record = self.summary.record if self.summary else None
        return vocabulary_of(what, record, self._names_of_clinic.get(what, ()))

    def _read_names(self, what: str) -> None:
        from monitoring.store.names_in_use import names_in_use  # noqa: PLC0415 - in a worker

        with suppress(UserError):  # without them the names of the record are left
            engine = self.session.records.store.engine
            self._names_of_clinic[what] = names_in_use(engine, OF_CLINIC[what])

    def assumed(self, _field: EntryField) -> str:
        """Return why the first text of a field is assumed; empty for a stated one."""
        return ""

    def value(self, field: EntryField) -> Any:
        """Return the value of a field; None for an optional field without text.

        Raises `UserError` where it is missing or wrong.
        """
        if field.choose:
            return self.chosen(field.form_id, field.choose)
        if field.options:
            return self.query_one(f"#{field.form_id}", Choice).value
        if field.read is as_typed and not field.required:
            return self.field(field.form_id).text
        return self.needed(field.form_id)

    def typed(self, kind: EntryKind) -> dict[str, Any]:
        """Return the values of the fields of a kind, by the names of the entry's fields."""
        typed: dict[str, Any] = {}
        for field in kind.fields:
            value = self.value(field)
            typed |= dict(field.values(value)) if value is not None else {}
        return typed

    def chosen(self, name: str, what: str) -> Any:
        """Return the chosen value; raise `UserError` without one."""
        value = self.query_one(f"#{name}", Choice).value
        if value is None:
            raise UserError(f"Choose {what}.")
        return value

    def show_problems(self) -> None:
        """Show the problem of each field, and go to the first."""
        wrong = [each for each in self.query(Field) if each.problem]
        for each in self.query(Field):
            each.show_problem()
        if wrong:
            wrong[0].begin()

    @on(Field.Changed)
    @on(Select.Changed)
    def _clear_problem(self) -> None:
        """Clear the problem once a field has changed."""
        self.tell_problem("")


class EntryForm(EntryFields):
    """The form of a kind of entry. A subclass has hooks for a special kind."""

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
        """Record an entry of a kind about the patient of a summary; known values are filled in."""
        super().__init__(summary)
        self.kind = kind or kind_called(self.KIND)
        self._filled_in: Mapping[str, Any] = filled_in
        self._number = 0

    def widgets(self, field: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field, and any widgets below it."""
        yield self.widget(field, self._filled_in.get(field.name))

    def draft(self) -> Draft:
        """Return the entry to store. Raises `UserError` for a missing or wrong value."""
        typed = self.typed(self.kind)
        last_days = [typed.pop(each.name, None) for each in self.kind.fields if each.is_last_day]
        made = self.kind.make_all(self.summary.record.patient.entry, typed)
        *before, entry = map(self.session.clinic.graded, made)
        return Draft(entry, last_days[0] if last_days else None, tuple(before))

    def compose(self) -> ComposeResult:
        """Lay the read-back below the fields, or beside them where there is room."""
        yield PatientBanner(self.summary)
        yield Static(words(self.kind.in_app.title), id="title")
        yield Static(id="problem")
        with Container(id="body"):
            with VerticalScroll(id="fields", can_focus=False):
                for each in self.kind.fields:
                    if not each.is_reason:
                        yield from self.widgets(each)
                yield Field("Reason", str, required=False, id="reason")
            with VerticalScroll(id="read-back", can_focus=False):
                yield Static()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query(Field).first().begin()
        self.show_draft()

    # --- reading back

    @on(Field.Changed)
    @on(Select.Changed)
    def _follow(self) -> None:
        self.follow()
        self.show_draft()

    def follow(self) -> None:
        """Update other fields after a change."""

    def show_draft(self) -> None:
        """Show what is missing, or, from a worker, the entry to store and its meaning."""
        self._number += 1
        try:
            draft = self.draft()
        except UserError as error:
            self._show([*section("Incomplete", [str(error)]), *self.helpful()])
            return
        work = partial(self._weigh, self._number, draft, self.summary, self.session.now())
        self.run_worker(work, "read-back", group="read-back", exclusive=True, thread=True)

    def helpful(self) -> list[Any]:
        """Return more to show while the form is incomplete."""
        return []

    def remarks(self) -> list[str]:
        """Return remarks to show with the entry to store."""
        return []

    def _weigh(self, number: int, draft: Draft, summary: PatientSummary, now: Moment) -> None:
        record, problem, asks, is_explained = summary.record, "", False, False
        asked = NO_ALERTS
        try:
            for each in draft.before:
                asked += check_entry(record, each, now, draft.ended_on).alerts
            checked = check_entry(record, draft.entry, now, draft.ended_on)
            asked, draft = asked + checked.alerts, replace(draft, entry=checked.entry)
            is_explained = checked.needed_reason
        except ReasonNeededError as error:
            problem, asked, asks = f"{error} If it is right, enter the reason.", error.alerts, True
        except UserError as error:
            problem = str(error)
        means = EntryMeaning()
        if asks or not problem:
            for each in (*draft.before, draft.entry):
                written = record.with_entry(each, now, ended_on=draft.ended_on)
                means += would_mean(record, written, now)
                record = written
        meaning = EntryMeaning(means.lines, asked + means.alerts)
        self.post_message(ReadBack(number, draft, problem, asks or is_explained, meaning))

    @on(ReadBack)
    def _read_back(self, message: ReadBack) -> None:
        if message.number != self._number:
            return
        has_own = any(each.is_reason for each in self.kind.fields)
        self.field("reason").set_class(message.needs_reason and has_own, "-asked")
        draft, is_refused = message.draft, bool(message.problem) and not message.needs_reason
        end = [f"until {short_date(draft.ended_on)}"] if draft.ended_on else []
        will = [] if is_refused else [self.read_back(draft), *end]
        self._show(
            [
                *section("Incomplete", filter(None, [message.problem])),
                *section("Will be stored", [*will, *self.remarks()] if will else []),
                *section("Meaning", message.answer.lines),
                *alerts_section(message.answer.alerts),
            ]
        )

    def read_back(self, draft: Draft) -> str:
        """Return the entry to store in words."""
        return "; ".join(self.kind.in_words(each) for each in (*draft.before, draft.entry))

    def _show(self, parts: list[Any]) -> None:
        show_text(self.query_one("#read-back Static", Static), paragraphs(parts))

    # --- storing

    def action_store(self) -> None:
        """Store the entry, or show what is missing."""
        self.show_problems()
        try:
            draft = self.draft()
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, draft, self.summary, self.session.now()))

    def _store(self, draft: Draft, summary: PatientSummary, now: Moment) -> Done:
        store, record = self.session.records.store, summary.record
        means, assessed = EntryMeaning(), []
        if draft.before:  # all are checked before the first is stored
            check_entry(record, draft.entry, now, draft.ended_on)
        for each in draft.before:
            first = enter(store, record, each, now, ended_on=draft.ended_on)
            record, means = first.record, means + first.answer
            assessed.append(first.assessed)
        result = enter(
            store,
            record,
            draft.entry,
            now,
            ended_on=draft.ended_on,
            summarise=partial(summarise, clinic=self.session.clinic),
        )
        assessed.append(result.assessed)
        result = replace(result, answer=means + result.answer, assessed=self.foremost(assessed))
        stored = f"Stored: {self.read_back(replace(draft, entry=result.recorded.entry))}"
        return EntrySaved(stored, record.patient.entry.record_number, result.summary, result)

    def after_done(self, message: Done) -> None:
        """Close, and show the answer."""
        result = message.result if isinstance(message, EntrySaved) else None
        if result is None or result.summary is None:
            super().after_done(message)
            return
        self.session.show_summary(result.summary)
        self.app.post_message(EntryStored(message.record_number or "", is_shown=True))
        following = self.following(message.text, result, result.summary)
        if following is None:
            self.dismiss(True)  # noqa: FBT003 - Textual's result
            self.session.show_message(message.text)
        else:  # in place of the form: the screen below is not seen in between
            self.app.switch_screen(following)

    def foremost(self, assessed: Sequence[Any]) -> Any:
        """Return the assessment, of the entries of one input, that the next screen is about."""
        return assessed[-1]

    def following(self, stored: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the screen after storing, or None without an answer."""
        if not (result.answer.lines or result.answer.alerts):
            return None
        return AnswerScreen(summary, stored, result.answer)

    def after_change(self) -> None:
        """Read back again on the record that somebody else changed."""
        self.follow()
        self.show_draft()


def check_typed_twice(weight: Quantity, again: Quantity | None, *, is_first: bool) -> None:
    """Raise `UserError` for a weight that was not typed twice alike."""
    if again is None and is_first:
        raise UserError("Enter the first weight twice. Every dose is based on it.")
    if again is None:
        raise UserError("The weight is far from the last one. Enter it twice.")
    if again.value != weight.value:
        raise UserError(f"The two weights differ: {weight} and {again}. Read the scale again.")
