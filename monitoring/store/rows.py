"""Conversion between an entry and the columns of its table.

Every field becomes one or two columns of text or whole numbers: decimals as exact text, days as
ISO text, moments as UTC text and the zone, quantities as number and unit. The same columns, in
canonical JSON, are what the audit trail hashes.
"""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from dosing import Quantity, QuantityKind, TargetTrough, accepted_units
from dosing.birth_date import BirthDate
from dosing.gestational_age import GestationalAge
from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS
from monitoring.record.laboratory_value import LaboratoryQuantity
from monitoring.times import Moment

_LETTERS_OF_A_DAY = len("2026-11-05")

_MOST_KEPT = 4096  # values of one type: those of a few hundred patients

Cell = str | int | None
Row = Mapping[str, Cell]


@dataclass(frozen=True)
class Codec:
    """The columns of one type of value: their suffixes, and the conversion both ways."""

    suffixes: tuple[str, ...]
    is_text: bool
    write: Callable[[Any], tuple[Cell, ...]]
    read: Callable[..., Any]
    nullable: tuple[str, ...] = ()
    """The suffixes of columns that may be NULL although the field has a value."""


@dataclass(frozen=True)
class StoredField:
    """A field of an entry and its columns."""

    name: str
    column: str
    """The name of the column, or the beginning of the names of several."""
    codec: Codec
    optional: bool

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(f"{self.column}{suffix}" for suffix in self.codec.suffixes)

    @property
    def nullable_columns(self) -> tuple[str, ...]:
        """The names of the columns that may be NULL."""
        if self.optional:
            return self.columns
        return tuple(f"{self.column}{suffix}" for suffix in self.codec.nullable)


def utc_text(moment: datetime) -> str:
    """Return a time of UTC as text, such as 2026-11-05T08:00:00Z."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


@lru_cache(_MOST_KEPT)
def read_utc(text: str) -> datetime:
    """Return the time of a text that `utc_text` made."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def whole_text(text: str) -> str:
    """Return a text of the database. Raises `ValueError` for bytes that are not UTF-8."""
    if not text.isascii():
        text.encode()  # such bytes are surrogates here: see `_set_sqlite`
    return text


@cache
def _kind_of_quantity(unit: str) -> QuantityKind:
    return next(each for each in QuantityKind if unit in accepted_units(each))


# The values of one visit are the same ones many times. They are frozen and checked when they are
# made, so equal cells share one value; cells that are refused are not kept.
@lru_cache(_MOST_KEPT)
def read_moment(utc: str, zone: str) -> Moment:
    """Return the moment of its two cells. Raises one of `ROW_ERRORS` for others."""
    return Moment(read_utc(utc), zone)


@lru_cache(_MOST_KEPT)
def _quantity(number: str, unit: str) -> Quantity:
    return Quantity(Decimal(number), unit, _kind_of_quantity(unit))


@lru_cache(_MOST_KEPT)
def _laboratory_quantity(number: str, unit: str) -> LaboratoryQuantity:
    return LaboratoryQuantity(Decimal(number), unit)


def _day(text: str) -> date:
    """Return a day; a date of birth may be known to the month or year."""
    return BirthDate.read(text) if len(text) < _LETTERS_OF_A_DAY else date.fromisoformat(text)


def _text(
    suffixes: tuple[str, ...], write: Callable[[Any], tuple[Cell, ...]], read: Callable[..., Any]
) -> Codec:
    return Codec(suffixes, is_text=True, write=write, read=read)


def _whole_number(write: Callable[[Any], tuple[Cell, ...]], read: Callable[..., Any]) -> Codec:
    return Codec(("",), is_text=False, write=write, read=read)


_CODECS: dict[Any, Codec] = {
    str: _text(("",), lambda text: (text,), whole_text),
    int: _whole_number(lambda number: (number,), int),
    bool: _whole_number(lambda yes: (int(yes),), bool),
    Decimal: _text(("",), lambda number: (f"{number:f}",), Decimal),
    date: _text(("",), lambda day: (day.isoformat(),), _day),
    Moment: _text(
        ("_utc", "_zone"),
        lambda moment: (utc_text(moment.utc), moment.zone),
        read_moment,
    ),
    Quantity: _text(
        ("_number", "_unit"), lambda value: (f"{value.number:f}", value.unit), _quantity
    ),
    LaboratoryQuantity: _text(
        ("_number", "_unit"),
        lambda value: (f"{value.number:f}", value.unit),
        _laboratory_quantity,
    ),
    GestationalAge: Codec(
        ("_days",), is_text=False, write=lambda age: (age.days,), read=GestationalAge
    ),
    TargetTrough: Codec(
        ("_low_ng_ml", "_high_ng_ml"),
        is_text=True,
        write=lambda target: (
            None if target.low_ng_ml is None else f"{target.low_ng_ml:f}",
            f"{target.high_ng_ml:f}",
        ),
        read=lambda low, high: TargetTrough(None if low is None else Decimal(low), Decimal(high)),
        nullable=("_low_ng_ml",),
    ),
    # Codes, separated by spaces. An empty tuple is NULL: the hashes of rows from before the column
    # existed stay the same.
    tuple[str, ...]: Codec(
        ("",),
        is_text=True,
        write=lambda codes: (" ".join(codes) or None,),
        read=lambda text: tuple(text.split(" ")) if text else (),
        nullable=("",),
    ),
}


def _field(name: str, column: str, hint: Any) -> StoredField:
    optional = get_origin(hint) in {Union, types.UnionType}
    kind = next(each for each in get_args(hint) if each is not type(None)) if optional else hint
    if kind in _CODECS:
        return StoredField(name, column, _CODECS[kind], optional)
    return StoredField(name, column, _text(("",), lambda member: (member.value,), kind), optional)


_FIELDS = {
    kind: tuple(
        _field(each.name, each.metadata.get("column", each.name), get_type_hints(kind)[each.name])
        for each in fields(kind)
    )
    for kind in KINDS.values()
}


def fields_of(kind: type[Entry]) -> tuple[StoredField, ...]:
    """Return the fields of a kind of entry, in their order."""
    return _FIELDS[kind]


def columns_of(kind: type[Entry]) -> tuple[str, ...]:
    """Return the names of the columns of a kind of entry, in the order of its table."""
    return _COLUMNS[kind]


def row_of(entry: Entry) -> Row:
    """Return the columns of an entry."""
    return dict(_cells(entry))


def _cells(entry: Entry) -> Iterator[tuple[str, Cell]]:
    for field in fields_of(type(entry)):
        value = getattr(entry, field.name)
        cells = (None,) * len(field.columns) if value is None else field.codec.write(value)
        yield from zip(field.columns, cells, strict=True)


ROW_ERRORS = (
    ValueError, TypeError, KeyError, StopIteration, ArithmeticError, AttributeError
)  # fmt: skip
"""What `entry_of` raises for a row that it cannot read; `UserError` is a `ValueError`."""


def not_valid(kind: type[Entry], cells: Sequence[Cell]) -> str:
    """Return why `entry_of_cells` refuses the cells of a row, without its values."""
    for field, read in zip(fields_of(kind), _READERS[kind], strict=True):
        try:
            read(cells)
        except ROW_ERRORS:
            return f"its {field.name.replace('_', ' ')} is not valid"
    return "its values do not fit together"


def entry_of(kind: type[Entry], row: Row) -> Entry:
    """Return the entry of a row; the entry checks itself again."""
    return entry_of_cells(kind, [row[column] for column in columns_of(kind)])


def entry_of_cells(kind: type[Entry], cells: Sequence[Cell]) -> Entry:
    """Return the entry of the cells of a row, in the order of `columns_of`; it checks itself."""
    return kind(**dict(zip(_NAMES[kind], [read(cells) for read in _READERS[kind]], strict=True)))


_CellsReader = Callable[[Sequence[Cell]], Any]


def _readers(kind: type[Entry]) -> tuple[_CellsReader, ...]:
    """Return the reader of each field, which finds its cells by their place in the row."""
    readers, place = [], 0
    for field in fields_of(kind):
        readers.append(_reader(field, place))
        place += len(field.columns)
    return tuple(readers)


def _reader(field: StoredField, place: int) -> _CellsReader:
    read, following = field.codec.read, place + 1
    if len(field.columns) == 1:
        if field.optional:
            return lambda cells: None if cells[place] is None else read(cells[place])
        return lambda cells: read(cells[place])
    if field.optional:
        return lambda cells: (
            None
            if cells[place] is None and cells[following] is None
            else read(cells[place], cells[following])
        )
    return lambda cells: read(cells[place], cells[following])


_NAMES = {kind: tuple(field.name for field in _FIELDS[kind]) for kind in _FIELDS}
_READERS = {kind: _readers(kind) for kind in _FIELDS}
_COLUMNS = {
    kind: tuple(column for field in _FIELDS[kind] for column in field.columns) for kind in _FIELDS
}
