"""Conversion between an entry and the columns of its table.

Every field becomes one or two columns of text or whole numbers: decimals as exact text, days as
ISO text, moments as UTC text and the zone, quantities as number and unit. The same columns, in
canonical JSON, are what the audit trail hashes.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, Union, get_args, get_origin, get_type_hints

from dosing import Quantity, QuantityKind, TargetTrough, accepted_units
from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS
from monitoring.record.laboratory_value import LaboratoryQuantity
from monitoring.times import Moment

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


def read_utc(text: str) -> datetime:
    """Return the time of a text that `utc_text` made."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


@cache
def _kind_of_quantity(unit: str) -> QuantityKind:
    return next(each for each in QuantityKind if unit in accepted_units(each))


def _quantity(number: str, unit: str) -> Quantity:
    return Quantity(Decimal(number), unit, _kind_of_quantity(unit))


def _text(
    suffixes: tuple[str, ...], write: Callable[[Any], tuple[Cell, ...]], read: Callable[..., Any]
) -> Codec:
    return Codec(suffixes, is_text=True, write=write, read=read)


def _whole_number(write: Callable[[Any], tuple[Cell, ...]], read: Callable[..., Any]) -> Codec:
    return Codec(("",), is_text=False, write=write, read=read)


_CODECS: dict[Any, Codec] = {
    str: _text(("",), lambda text: (text,), str),
    int: _whole_number(lambda number: (number,), int),
    bool: _whole_number(lambda yes: (int(yes),), bool),
    Decimal: _text(("",), lambda number: (f"{number:f}",), Decimal),
    date: _text(("",), lambda day: (day.isoformat(),), date.fromisoformat),
    Moment: _text(
        ("_utc", "_zone"),
        lambda moment: (utc_text(moment.utc), moment.zone),
        lambda utc, zone: Moment(read_utc(utc), zone),
    ),
    Quantity: _text(
        ("_number", "_unit"), lambda value: (f"{value.number:f}", value.unit), _quantity
    ),
    LaboratoryQuantity: _text(
        ("_number", "_unit"),
        lambda value: (f"{value.number:f}", value.unit),
        lambda number, unit: LaboratoryQuantity(Decimal(number), unit),
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


def row_of(entry: Entry) -> Row:
    """Return the columns of an entry."""
    return dict(_cells(entry))


def _cells(entry: Entry) -> Iterator[tuple[str, Cell]]:
    for field in fields_of(type(entry)):
        value = getattr(entry, field.name)
        cells = (None,) * len(field.columns) if value is None else field.codec.write(value)
        yield from zip(field.columns, cells, strict=True)


ROW_ERRORS = (ValueError, TypeError, KeyError, StopIteration, ArithmeticError)
"""What `entry_of` raises for a row that it cannot read; `UserError` is a `ValueError`."""


def not_valid(kind: type[Entry], row: Row) -> str:
    """Return why `entry_of` refuses a row, without its values."""
    for field in fields_of(kind):
        cells = [row[column] for column in field.columns]
        try:
            if not (field.optional and all(cell is None for cell in cells)):
                field.codec.read(*cells)
        except ROW_ERRORS:
            return f"its {field.name.replace('_', ' ')} is not valid"
    return "its values do not fit together"


def entry_of(kind: type[Entry], row: Row) -> Entry:
    """Return the entry of a row; the entry checks itself again."""
    values: dict[str, Any] = {}
    for field in fields_of(kind):
        cells = [row[column] for column in field.columns]
        absent = all(cell is None for cell in cells)
        values[field.name] = None if field.optional and absent else field.codec.read(*cells)
    return kind(**values)
