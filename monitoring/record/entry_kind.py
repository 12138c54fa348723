"""The declaration of a kind of entry, from which its command, form, JSON and lists follow.

Nothing here knows of a terminal. A `Hook` names what is truly special about a kind: a function or a
class in a module that is imported when it is first needed.
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
from monitoring.times import Moment

Reader = Callable[[str, str], Any]
"""Makes a value of a text and of the zone in which a time is local; raises `UserError`."""
Typed = Mapping[str, Any]
"""What was typed, read, by the names of the entry's fields; what is absent is left out."""
Column = str | Callable[[StoredEntry[Any]], object]
"""A column of JSON: a field of the entry, or a function of the entry as it stands."""


def as_typed(text: str, _zone: str) -> str:
    """Return a text that needs no reader."""
    return text


def read_day(text: str, _zone: str) -> date:
    """Return the day that a text states."""
    return read_date(text)


def by(read: Callable[[str], Any]) -> Reader:
    """Return a reader that needs no zone."""
    return lambda text, _zone: read(text)


@dataclass(frozen=True, slots=True)
class Hook:
    """A function or a class by its module and name, imported when it is first needed."""

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
    """One of the values to choose from: as it is typed in a command, and its name in a form."""

    value: Any
    typed: str
    label: str


def options_of(members: type[Enum], **labels: str) -> tuple[Option, ...]:
    """Return the members of an enumeration as options, some with a name of their own."""
    return tuple(Option(each, each.value, labels.get(each.name, each.value)) for each in members)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryField:
    """One thing that is asked when an entry is recorded: an argument, and a field of the form."""

    name: str
    """The field of the entry."""
    label: str
    """What the form calls it."""
    argument: str
    """The option of the command, such as `--at`, or in capitals what stands without an option."""
    read: Reader = as_typed
    and_name: str = ""
    """A second field of the entry that the reader returns, as the comparator of a level."""
    id: str = ""
    """The field in the form, where it is not the name."""
    metavar: str = ""
    help: str = ""
    example: str = ""
    required: bool = True
    is_today: bool = False
    """Whether the form begins with the present day, and the command takes it for what is absent."""
    is_time: bool = False
    """Whether a time is asked, in the zone of who types."""
    is_last_day: bool = False
    """Whether it is the last day of what lasts, which is stored as its end."""
    is_reason: bool = False
    """Whether it is the reason that a limit asks for, which every form has."""
    options: tuple[Option, ...] = ()
    default: Any = None
    """The option that is chosen at first."""
    absent: str = ""
    """The name in the form of no option, where none need be chosen (yet)."""
    choose: str = ""
    """What is to be chosen, where one must be."""
    only: tuple[str, ...] = ()
    """The only texts that the command takes, where the form has a field."""

    @property
    def form_id(self) -> str:
        """The id of the field in the form."""
        return self.id or self.name

    @property
    def keeps_empty(self) -> bool:
        """Whether an empty text is a value, or is to be refused by the reader."""
        return self.required or self.read is as_typed

    def values(self, value: Any) -> Iterator[tuple[str, Any]]:
        """Yield the fields of the entry that a value fills."""
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


class Meaning:
    """What the program makes of the entries of a kind in their record."""

    in_summary: ClassVar[str]
    """The attribute of `PatientSummary` that holds what this makes of all of them."""
    part: ClassVar[str]
    """The attribute of an assessment that holds the entry."""

    def assess(self, record: Record) -> Sequence[Any]:
        """Return an assessment of every entry of the kind, voided ones too."""
        raise NotImplementedError

    def columns(self, _assessed: Any) -> Mapping[str, object]:
        """Return the columns of JSON that tell what one means."""
        return {}

    def answer(self, record: Record, assessed: Any) -> EntryMeaning:
        """Return what is told of one when it is recorded."""
        raise NotImplementedError

    def row(self, recorded: StoredEntry[Any], assessed: Any) -> ListRow:
        """Return the row of one; `assessed` is None where the summary leaves it out."""
        raise NotImplementedError

    def by_number(self, assessed: Sequence[Any]) -> dict[int, Any]:
        """Return assessments by the numbers of their entries."""
        return {getattr(each, self.part).number: each for each in assessed}


class Lasts(Enum):
    """How the end of an entry that lasts is stated."""

    TO_A_DAY = "on"
    TO_A_MOMENT = "at"


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheApp:
    """How the app asks for an entry: the action, its key and titles, and the list it stands in."""

    action: str = ""
    key: str = ""
    short: str = ""
    tells: str = ""
    title: str = ""
    list: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKind:
    """One kind of entry: a row of the table in `monitoring.record.kinds`."""

    name: str
    """The name of its table in the store."""
    of: type[Entry]
    what: str
    """What it is called in a sentence."""
    counted_as: str = ""
    """Its key in `patient show --json`."""
    command: str = ""
    summary: str = ""
    """What `--help` says of the command."""
    adds: str = "write one down"
    """What `--help` says of the command's action `add`."""
    in_app: InTheApp = InTheApp()
    fields: tuple[EntryField, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    """The columns of JSON, in their order."""
    listed_by: str = ""
    """The field by which the command lists; the order of writing where it is empty."""
    begins: str = ""
    """The field that says when it was, or began."""
    lasts: Lasts | None = None
    planned: frozenset[str] = frozenset()
    """The times and days that may lie in the future."""
    in_words: Callable[[Any], str] = str
    """The entry as it is read back."""
    row: Callable[[StoredEntry[Any]], ListRow] = lambda _recorded: ListRow((), ())
    """Its row in the app's list, unless its meaning has one."""

    # what is special about some kinds
    made: Callable[[Patient, Typed], Entry] | None = None
    """Makes the entry of what was typed, where the fields alone do not."""
    limits: Callable[[Record, Any], Alerts] | None = None
    """What the limits find in an entry; a stop asks for a reason, and its code is kept."""
    meaning_of: Hook | None = None

    @property
    def meaning(self) -> Meaning | None:
        """What the program makes of such entries; None where they mean what they say."""
        return None if self.meaning_of is None else self.meaning_of()

    def make(self, patient: Patient, typed: Typed) -> Entry:
        """Return the entry that was typed; raises `UserError` for what is not valid."""
        return self.made(patient, typed) if self.made else self.of(**typed)

    def described(self, recorded: StoredEntry[Any]) -> dict[str, object]:
        """Return the columns of JSON of one entry."""
        return {
            key: as_json(getattr(recorded.entry, column)) if isinstance(column, str)
            else column(recorded)
            for key, column in self.columns.items()
        }  # fmt: skip

    def check_end(self, *, is_moment: bool) -> None:
        """Raise `UserError` for an end that is stated by a day and not a time, or otherwise."""
        if is_moment is not (self.lasts is Lasts.TO_A_MOMENT):
            how = "on a day, not at a time" if is_moment else "at a time, not on a day"
            raise UserError(f"A {self.what} ends {how}.")

    def listed(self, recorded: StoredEntry[Any], assessed: Any) -> ListRow:
        """Return the row of an entry in the app's list."""
        meaning = self.meaning
        return meaning.row(recorded, assessed) if meaning else self.row(recorded)

    def times(self, entry: Entry) -> Iterator[tuple[Moment | date, bool]]:
        """Yield each time and day of an entry, and whether it may lie in the future."""
        for each in fields(entry):
            value = getattr(entry, each.name)
            if isinstance(value, Moment | date):
                yield value, each.name in self.planned


def as_json(value: object) -> object:
    """Return a field of an entry as it stands in JSON; an empty text is absent."""
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
