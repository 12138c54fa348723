"""The declaration of a kind of entry: the source of its command, form, JSON and list.

It is independent of the terminal. A `Hook` names code that only one kind needs: a function or a
class in a module that is imported on first use.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any, ClassVar

from dosing import Alerts, UserError, json_number, read_date
from dosing.alerts import NO_ALERTS
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.listing import ListRow
from monitoring.record.patient import Patient
from monitoring.time_reader import TimeReader
from monitoring.times import Moment

Reader = Callable[[str, str], Any]
"""Parses a text in a time zone to a value; raises `UserError`."""
Typed = Mapping[str, Any]
"""The parsed values by the names of the entry's fields; absent ones are left out."""
Column = str | Callable[[StoredEntry[Any]], object]
"""A column of JSON: a field of the entry, or a function of the stored entry."""


def as_typed(text: str, _zone: str) -> str:
    """Return a text unchanged."""
    return text


def read_day(text: str, _zone: str) -> date:
    """Return the day of a text."""
    return read_date(text)


def by(read: Callable[[str], Any]) -> Reader:
    """Return a reader that ignores the zone."""
    return lambda text, _zone: read(text)


@dataclass(frozen=True, slots=True)
class Hook:
    """A function or a class by its module and name, imported on first use."""

    place: str

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        return self.load()(*arguments)

    def load(self) -> Any:
        """Return it."""
        module, _, name = self.place.partition(":")
        return getattr(import_module(module), name)


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values to choose from: its text in a command, and its label in a form."""

    value: Any
    typed: str
    label: str


def options_of(members: type[Enum], **labels: str) -> tuple[Option, ...]:
    """Return the members of an enumeration as options, some with their own labels."""
    return tuple(Option(each, each.value, labels.get(each.name, each.value)) for each in members)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryField:
    """One input of an entry: an argument of the command, and a field of the form."""

    name: str
    """The field of the entry."""
    label: str
    """The label in the form."""
    argument: str
    """The option of the command, such as `--at`, or a positional argument in capitals."""
    read: Reader = as_typed
    and_name: str = ""
    """A second field of the entry that the reader returns, as the comparator of a level."""
    id: str = ""
    """The id in the form, if it differs from the name."""
    metavar: str = ""
    help: str = ""
    example: str = ""
    required: bool = True
    is_today: bool = False
    """True if the present day is the default, in the form and in the command."""
    is_time: bool = False
    """True for a time, in the user's zone."""
    may_be_ahead: bool = False
    """True for a time or a day that may be planned; see `EntryKind.planned`."""
    is_long: bool = False
    """True for a text of several lines."""
    names: str = ""
    """The vocabulary that completes it; see `monitoring.vocabulary`."""
    unit_of: str = ""
    """The usual unit that completes a number; see `usual_unit` there."""
    is_last_day: bool = False
    """True for the last day of an entry that lasts, which is stored as its end."""
    is_reason: bool = False
    """True for the reason that an exceeded limit requires, which every form has."""
    options: tuple[Option, ...] = ()
    default: Any = None
    """The option chosen at first."""
    absent: str = ""
    """The label of no option in the form, for an optional or open choice."""
    choose: str = ""
    """The name of a required choice, for its message."""
    only: tuple[str, ...] = ()
    """The only texts that the command accepts, for a free field of the form."""

    @property
    def form_id(self) -> str:
        """The id of the field in the form."""
        return self.id or self.name

    @property
    def is_day(self) -> bool:
        """Return whether the value is a day, which shorthand may state."""
        return self.read is read_day

    def read_typed(self, text: str, reader: TimeReader) -> Any:
        """Return the value of a text that a person typed; times and days may be in shorthand."""
        if self.is_time:
            return reader.moment(text, may_be_ahead=self.may_be_ahead)
        if self.is_day:
            return reader.day(text, may_be_ahead=self.may_be_ahead)
        return self.read(text, reader.now.zone)

    @property
    def keeps_empty(self) -> bool:
        """Return whether an empty text is passed to the reader, which may refuse it."""
        return self.required or self.read is as_typed

    def values(self, value: Any) -> Iterator[tuple[str, Any]]:
        """Yield the fields of the entry with their parts of a value."""
        if self.and_name:
            first, second = value
            yield from ((self.name, first), (self.and_name, second))
        else:
            yield self.name, value


@dataclass(frozen=True, slots=True)
class EntryMeaning:
    """The meaning of an entry, a line each, and its alerts, the strongest first."""

    lines: tuple[str, ...] = ()
    alerts: Alerts = NO_ALERTS

    def __add__(self, other: "EntryMeaning") -> "EntryMeaning":
        """Return the meaning of two entries: the lines of both, and each alert once."""
        alerts = (self.alerts + other.alerts).distinct().strongest_first()
        return EntryMeaning((*self.lines, *other.lines), alerts)


class Meaning:
    """The assessment of a kind of entry within the record."""

    in_summary: ClassVar[str]
    """The attribute of `PatientSummary` with the assessments of all of them."""
    part: ClassVar[str]
    """The attribute of an assessment with the entry."""

    def assess(self, record: Record) -> Sequence[Any]:
        """Return an assessment of every entry of the kind, including voided ones."""
        raise NotImplementedError

    def columns(self, _assessed: Any) -> Mapping[str, object]:
        """Return the columns of JSON of an assessment."""
        return {}

    def answer(self, record: Record, assessed: Any) -> EntryMeaning:
        """Return the lines and alerts shown after one is recorded."""
        raise NotImplementedError

    def row(self, recorded: StoredEntry[Any], assessed: Any) -> ListRow:
        """Return the row of one; `assessed` is None if the summary leaves it out."""
        raise NotImplementedError

    def by_number(self, assessed: Sequence[Any]) -> dict[int, Any]:
        """Return assessments by the numbers of their entries."""
        return {getattr(each, self.part).number: each for each in assessed}


class Lasts(Enum):
    """The form of the end of an entry that lasts: a day or a time."""

    TO_A_DAY = "on"
    TO_A_MOMENT = "at"


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheApp:
    """An entry in the app: its action, key, label, tooltip and title, and its list."""

    action: str = ""
    key: str = ""
    short: str = ""
    help: str = ""
    title: str = ""
    list: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKind:
    """One kind of entry: a row of the table in `monitoring.record.kinds`."""

    name: str
    """The name of its table in the store."""
    of: type[Entry]
    what: str
    """Its name in a sentence."""
    counted_as: str = ""
    """Its key in `patient show --json`."""
    command: str = ""
    summary: str = ""
    """The help of the command."""
    adds: str = "add an entry"
    """The help of the command's action `add`."""
    in_app: InTheApp = InTheApp()
    fields: tuple[EntryField, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    """The columns of JSON, in their order."""
    listed_by: str = ""
    """The field by which the command sorts; empty for the order of recording."""
    begins: str = ""
    """The field with its time or beginning."""
    lasts: Lasts | None = None
    lasts_if: Callable[[Any], bool] = lambda _entry: True
    """The test of an entry of a kind that lasts: true for one that can be ended."""
    ends_as: str = ""
    """What can be ended, if not every entry of the kind can."""
    ends_in_a_restart: bool = False
    """True where its end means that doses are given again."""
    planned: frozenset[str] = frozenset()
    """The times and days that may be in the future."""
    in_words: Callable[[Any], str] = str
    """The entry as text, for reading it back."""
    row: Callable[[StoredEntry[Any]], ListRow] = lambda _recorded: ListRow((), ())
    """Its row in the app's list, unless its meaning has one."""

    # special to some kinds
    made: Callable[[Patient, Typed], Entry] | None = None
    """Makes the entry of the parsed values, if more than the fields is needed."""
    parts: Callable[[Typed], Sequence[Typed]] = lambda typed: (typed,)
    """Splits one input into the values of each entry: a blood pressure is two."""
    limits: Callable[[Record, Any], Alerts] | None = None
    """The alerts of the limits; a stop requires a reason, and its code is stored."""
    about: Callable[[Any], Mapping[object, object]] | None = None
    """What an entry is about: two of one time about the same ask a reason; None for equal ones."""
    overlaps: bool = False
    """True where two entries about the same are of one time while both go on."""
    until: Callable[[Any], Moment | None] = lambda _entry: None
    """The end that is stated in the entry itself; None for one that goes on until it is ended."""
    completed: Hook | None = None
    """The entry with what the record knows and nobody stated, such as the last dose."""
    meaning_of: Hook | None = None

    @property
    def meaning(self) -> Meaning | None:
        """Return the assessment of such entries; None for a kind without one."""
        return None if self.meaning_of is None else self.meaning_of()

    def make(self, patient: Patient, typed: Typed) -> Entry:
        """Return the entry of the parsed values; raises `UserError` for invalid ones."""
        return self.made(patient, typed) if self.made else self.of(**typed)

    def make_all(self, patient: Patient, typed: Typed) -> tuple[Entry, ...]:
        """Return every entry of one input; raises `UserError` for invalid values."""
        return tuple(self.make(patient, each) for each in self.parts(typed))

    def described(self, recorded: StoredEntry[Any]) -> dict[str, object]:
        """Return the columns of JSON of one entry."""
        return {
            key: as_json(getattr(recorded.entry, column)) if isinstance(column, str)
            else column(recorded)
            for key, column in self.columns.items()
        }  # fmt: skip

    def check_end(self, *, is_moment: bool) -> None:
        """Raise `UserError` for a day instead of a time, or the reverse."""
        if is_moment is not (self.lasts is Lasts.TO_A_MOMENT):
            right, wrong = ("day", "time") if is_moment else ("time", "day")
            raise UserError(
                f"The end of this {self.what} is a {right}, not a {wrong}. Enter a {right}."
            )

    def listed(self, recorded: StoredEntry[Any], assessed: Any) -> ListRow:
        """Return the row of an entry in the app's list."""
        meaning = self.meaning
        return meaning.row(recorded, assessed) if meaning else self.row(recorded)

    def times(self, entry: Entry) -> Iterator[tuple[Moment | date, bool]]:
        """Yield each time and day of an entry, and whether it may be in the future."""
        for each in fields(entry):
            value = getattr(entry, each.name)
            if isinstance(value, Moment | date):
                yield value, each.name in self.planned


def as_json(value: object) -> object:
    """Return a field of an entry in JSON; an empty text is null."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return json_number(value)
        case Moment() | date():
            return str(value)
        case tuple():
            return list(value)
        case str():
            return value or None
    return value
