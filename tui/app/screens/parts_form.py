"""The form of several entries: its parts are read back together, and stored all or none.

Every part is optional. Each is checked as in its own form, with the other parts in the record.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widget import AwaitMount, Widget
from textual.widgets import Select, Static

from dosing import Quantity, QuantityKind, UserError, read_quantity
from dosing.quantities.formatting import short_date
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryField, EntryKind
from monitoring.record.kinds import kind_called, kind_of
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from monitoring.visit import (
    CheckedVisit,
    PartProblem,
    VisitPart,
    VisitResult,
    check_visit,
    store_visit,
)
from tui.app.actions import bound
from tui.app.messages import EntryStored
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.entry_form import EntryFields, check_typed_twice
from tui.app.screens.form_screen import Done
from tui.app.text import alerts_section, paragraphs, section, show_text, words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar

Made = TypeVar("Made", bound=Widget)


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of the form: its name, and its kind of entry with ids of its own."""

    name: str
    kind: EntryKind

    @classmethod
    def of(cls, name: str, kind: str, *left_out: str) -> "FormPart":
        """Return a part for a kind, without the fields that the form asks for all parts."""
        whole = kind_called(kind)
        fields = tuple(
            replace(each, id=f"{name}-{each.form_id}")
            for each in whole.fields
            if not each.is_reason and each.name not in left_out
        )
        return cls(name, replace(whole, fields=fields))

    @property
    def reason_id(self) -> str:
        """The id of the field with the reason, which is shown where it is needed."""
        return f"{self.name}-reason"


def parts_named(parts: Iterable[FormPart]) -> Mapping[str, FormPart]:
    """Return parts by their names."""
    return MappingProxyType({each.name: each for each in parts})


@dataclass
class RepeatedRows:
    """Rows of the same kind, such as several levels, of which as many are open as are needed."""

    id: str
    names: tuple[str, ...]
    """The names of the rows; the ids of their fields begin with them."""
    widgets: Callable[[str], Iterator[Widget]]
    is_used: Callable[[str], bool]
    opens_late: bool = False
    """True where the next row waits until the focus is outside: other fields follow the rows."""
    opened: int = 0
    """The number of open rows."""


@dataclass(frozen=True, slots=True)
class ReadParts:
    """The entries of the filled parts, and the problems of those that are incomplete."""

    parts: tuple[VisitPart, ...]
    problems: tuple[PartProblem, ...]


@dataclass
class PartsReadBack(Message):
    """The parts after their checks. Only the one with the last `number` is shown."""

    number: int
    checked: CheckedVisit
    incomplete: tuple[PartProblem, ...]


@dataclass
class PartsSaved(Done):
    """The parts are stored."""

    result: VisitResult | None = None


class PartsForm(EntryFields):
    """The base of a form of several entries."""

    CSS_PATH: ClassVar[Any] = ["entry_form.tcss", "parts_form.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", priority=True),
        bound("back", "back"),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    HEADING: ClassVar[str] = ""
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Take the patient of a summary."""
        super().__init__(summary)
        self._number = 0
        self._made: dict[str, Widget] = {}
        """The fields and choices by their ids: they are many, and read at each key."""
        self._groups: list[RepeatedRows] = []

    def blocks(self) -> Iterator[Widget]:
        """Yield the headings and the fields, in their order."""
        raise NotImplementedError

    def read_parts(self) -> ReadParts:
        """Return the entries of all filled parts, first what others depend on."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay the read-back below the fields, or beside them where there is room."""
        yield PatientBanner(self.summary)
        yield Static(words(self.HEADING), id="title")
        yield Static(id="problem")
        with Container(id="body"):
            with VerticalScroll(id="fields", can_focus=False):
                yield from self.blocks()
            with VerticalScroll(id="read-back", can_focus=False):
                yield Static()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.first_field.begin()
        self.show_parts()

    @property
    def first_field(self) -> Field[Any]:
        """The field with the focus at first."""
        return self.query(Field).first()

    # --- the widgets of a part

    def made(self, widget: Made) -> Made:
        """Keep a field or a choice by its id, and return it."""
        self._made[widget.id or ""] = widget
        return widget

    def part_widgets(self, part: FormPart, again: str = "") -> Iterator[Widget]:
        """Yield the widgets of a part; none of them is required, as the part is not.

        `again` is the id of a second field of the weight, if it is typed twice.
        """
        for field in part.kind.fields:
            first = self.first_text(field) or None
            optional = replace(field, required=False, is_today=False)
            yield self.made(self.widget(optional, first))
            if again and field.name == "weight":
                yield self.made(
                    Field(
                        "Weight again", partial(read_quantity, kind=QuantityKind.WEIGHT),
                        required=False, example="type the weight twice", id=again,
                    )
                )  # fmt: skip
        reason = self.made(Field("Reason", str, required=False, id=part.reason_id))
        reason.add_class("reason")
        yield reason

    def first_text(self, _field: EntryField) -> str:
        """Return the first text of a field, which is assumed."""
        return ""

    def rows(self, group: RepeatedRows) -> Vertical:
        """Return the first row of a group; each next one opens once the row before has a text.

        It never comes between the field with the focus and the next one.
        """
        self._groups.append(group)
        return Vertical(self._row(group, 0), id=group.id, classes="rows")

    def _row(self, group: RepeatedRows, number: int) -> Vertical:
        group.opened = number + 1
        return Vertical(*group.widgets(group.names[number]), classes="row")

    async def open_rows(self, ids: Collection[str]) -> None:
        """Open the rows of these fields, before they are filled in."""
        for group in self._groups:
            for number, name in enumerate(group.names):
                has_text = any(each.startswith(f"{name}-") for each in ids)
                if has_text and number >= group.opened:
                    await self.query_one(f"#{group.id}").mount(self._row(group, number))

    def field(self, name: str) -> Field[Any]:
        """Return a field by its id."""
        made = self._made.get(name)
        return made if isinstance(made, Field) else super().field(name)

    def text_of(self, name: str) -> str:
        """Return the text of a field; nothing while its row is not open."""
        return self.field(name).text if name in self._made else ""

    def choice(self, name: str) -> Choice[Any]:
        """Return a choice by its id."""
        made = self._made.get(name)
        return made if isinstance(made, Choice) else self.query_one(f"#{name}", Choice)

    def value(self, field: EntryField) -> Any:
        """Return the value of a field; None for an optional field without text."""
        if field.options and not field.choose:
            return self.choice(field.form_id).value
        return super().value(field)

    def is_filled(self, part: FormPart) -> bool:
        """Return whether anything was typed or chosen in a part, whose row is open."""
        made = (self._made.get(each.form_id) for each in part.kind.fields)
        return any(isinstance(each, Field | Choice) and each.has_changed for each in made)

    # --- reading the parts

    def entries_of(self, part: FormPart, **stated: Any) -> tuple[Entry, ...]:
        """Return the entries of a filled part, with the values that the form asks for all parts.

        Raises `UserError` for a missing or wrong value.
        """
        for field in part.kind.fields:
            is_needed = (field.required or field.is_today) and not field.options
            if is_needed and not self.field(field.form_id).text.strip():
                raise UserError(f"{field.label} is missing.")
        typed = {**self.typed(part.kind), **stated}
        reason = self.field(part.reason_id).text
        if reason.strip():
            typed["reason"] = reason
        made = part.kind.make_all(self.summary.record.patient.entry, typed)
        return tuple(self.session.clinic.graded(each) for each in made)

    def check_weight_twice(self, name: str, again_name: str, *, is_first: bool = True) -> None:
        """Raise `UserError` for a first weight, or one far from the last, not typed twice."""
        weight: Quantity | None = self.needed(name)
        again: Quantity | None = self.needed(again_name)
        if weight is not None:
            check_typed_twice(weight, again, is_first=is_first)

    # --- reading back

    @on(Field.Changed)
    @on(Select.Changed)
    def _follow_parts(self) -> None:
        self.follow()
        self.show_parts()

    def follow(self) -> None:
        """Open the next row of each group whose last one has a text."""
        self._open_next_rows()

    @on(events.DescendantFocus)
    def _open_next_rows(self) -> None:
        """Open the next rows; one above the focus leaves the field with the focus in sight."""
        for group in self._groups:
            is_full = group.opened == len(group.names)
            if is_full or not group.is_used(group.names[group.opened - 1]):
                continue
            rows = self.query_one(f"#{group.id}")
            if not self._is_next_after_focus(group, rows):
                mounted = rows.mount(self._row(group, group.opened))
                self.call_next(self._keep_focus_in_sight, mounted)

    async def _keep_focus_in_sight(self, mounted: AwaitMount) -> None:
        await mounted
        if self.focused is not None:
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    def _is_next_after_focus(self, group: RepeatedRows, rows: Widget) -> bool:
        """Return whether a new row would come where the next tab goes to something else."""
        focused = self.focused
        if focused is None or rows not in focused.ancestors:
            return False
        within = [each for each in self.focus_chain if rows in each.ancestors]
        return group.opens_late or focused is within[-1]

    def helpful(self) -> Iterator[Any]:
        """Yield more to show below the read-back."""
        return iter(())

    def show_parts(self) -> None:
        """Show what is missing and, from a worker, the entries to store and their meaning."""
        self._number += 1
        read = self.read_parts()
        if not read.parts:
            missing = [each.text for each in read.problems] or ["Fill in what there is."]
            self._show([*section("Incomplete", missing), *self.helpful()])
            return
        work = partial(self._check, self._number, read, self.summary, self.session.now())
        self.run_worker(work, group="read-back", exclusive=True, thread=True)

    def _check(self, number: int, read: ReadParts, summary: PatientSummary, now: Moment) -> None:
        checked = check_visit(summary.record, read.parts, now, marks=self.session.clinic.marks)
        self.post_message(PartsReadBack(number, checked, read.problems))

    @on(PartsReadBack)
    def _read_back(self, message: PartsReadBack) -> None:
        if message.number != self._number:
            return
        checked = message.checked
        asked = {each.name for each in checked.problems if each.asks_reason} | checked.explained
        for field in self.query(Field).filter(".reason"):
            field.set_class(str(field.id).removesuffix("-reason") in asked, "-asked")
        problems = [each.text for each in (*message.incomplete, *checked.problems)]
        self._show(
            [
                *section("Incomplete", problems),
                *section("Will be stored", map(part_words, checked.parts)),
                *section("Meaning", checked.meaning.lines),
                *alerts_section(checked.meaning.alerts),
                *self.helpful(),
            ]
        )

    def _show(self, parts: list[Any]) -> None:
        show_text(self.query_one("#read-back Static", Static), paragraphs(parts))

    # --- storing

    def action_store(self) -> None:
        """Store every part, or show what is missing."""
        self.show_problems()
        read = self.read_parts()
        if read.problems:
            self.tell_problem(read.problems[0].text)
        elif not read.parts:
            self.tell_problem("Nothing was entered. Fill in a part of the form.")
        else:
            self.work_on(partial(self._store, read, self.summary, self.session.now()))

    def _store(self, read: ReadParts, summary: PatientSummary, now: Moment) -> Done:
        clinic, record = self.session.clinic, summary.record
        checked = check_visit(record, read.parts, now, marks=clinic.marks)
        store = self.session.records.store
        result = store_visit(store, checked, now, partial(summarise, clinic=clinic))
        stored = "; ".join(map(part_words, result.parts))
        number = record.patient.entry.record_number
        return PartsSaved(f"Stored: {stored}", number, result.summary, result)

    def after_done(self, message: Done) -> None:
        """Close, and show the answer to all parts on one page."""
        result = message.result if isinstance(message, PartsSaved) else None
        if result is None:
            super().after_done(message)
            return
        self.session.show_summary(result.summary)
        self.app.post_message(EntryStored(message.record_number or "", is_shown=True))
        # In place of the form: the screen below is not seen in between.
        self.app.switch_screen(self.following(message.text, result))

    def following(self, stored: str, result: VisitResult) -> Screen[Any]:
        """Return the screen after storing."""
        return AnswerScreen(result.summary, stored, result.meaning)

    def after_change(self) -> None:
        """Read back again on the record that somebody else changed."""
        self.follow()
        self.show_parts()


def problem_of(name: str, what: str, error: UserError) -> PartProblem:
    """Return the problem of a part that is incomplete; `what` is the part in words."""
    text = f"{what[:1].upper()}{what[1:]}: {error}"
    return PartProblem(name=name, text=text, asks_reason=False)


def part_words(part: VisitPart) -> str:
    """Return a part in words, with its kind and its last day."""
    kind = kind_of(part.entry)
    until = f", until {short_date(part.ended_on)}" if part.ended_on else ""
    return f"{kind.what.capitalize()}: {kind.in_words(part.entry)}{until}"
