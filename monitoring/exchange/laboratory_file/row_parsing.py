"""Parsing of one row of a laboratory's file to an entry, or its refusal."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from dosing import UserError, clean
from dosing.knowledge.limits import LEVEL_ASKED_AGAIN_ABOVE_NG_ML
from dosing.quantities.text import quoted
from monitoring.exchange.laboratory_file.cells import (
    SheetColumn,
    SheetRow,
    SourceSheet,
    StoredAs,
    TextCell,
)
from monitoring.exchange.laboratory_file.date_parsing import (
    join,
    read_clock,
    read_day,
    read_instant,
)
from monitoring.exchange.laboratory_file.mapping import DECIMAL_SIGNS, LEVEL, MappedColumns, Mapping
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level, comparator_sign, read_level
from monitoring.times import Moment

_NUMBER_FIRST = re.compile(r"(?P<number>[<>]? *[0-9][0-9.,]*)(?P<rest>.*)", re.DOTALL)
_NUMBER_ALONE = re.compile(r"[<>]? *[0-9.]+")
Value = TypeVar("Value")


class Skipped(Enum):
    """The reason to skip a row, by the mapping."""

    EMPTY_ROW = "empty row"
    WITHOUT_VALUE = "without a value"
    OTHER_TEST = "of another test"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused row: its number, the wrong column, and the reason."""

    row: int
    column: SheetColumn | None
    reason: str

    def __str__(self) -> str:
        """Return the refusal in one line.

        >>> str(Refusal(5, SheetColumn(3, "Result"), "it is empty."))
        'row 5, column Result (D): it is empty.'
        """
        where = f", column {self.column}" if self.column else ""
        return f"row {self.row}{where}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """The content of a row, before the patient is looked up."""

    row: int
    record_number: str
    was_number: bool
    """True if Excel stored the record number as a number: leading zeros would be lost."""
    born: date | None
    entry: Level | LaboratoryValue

    @property
    def test(self) -> str:
        """The name of the test."""
        return LEVEL if isinstance(self.entry, Level) else self.entry.test


def sampled(entry: Level | LaboratoryValue) -> Moment:
    """Return the time of the sample."""
    return entry.sampled if isinstance(entry, Level) else entry.at


def reported(entry: Level | LaboratoryValue) -> str:
    """Return the value as it was reported, such as "<2.0 ng/mL"."""
    return f"{comparator_sign(entry.comparator)}{entry.value}"


class _CellError(UserError):
    """A cell that cannot be parsed: its column, and the reason."""

    def __init__(self, column: SheetColumn | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def _no_value(cell: TextCell) -> str:
    text = clean(cell.text)
    return f"{quoted(text)} is not a value." if text else "it is empty."


class RowReader:
    """Parser of the rows of one sheet by a mapping.

    Raises `UserError` if the sheet lacks a column of the mapping.
    """

    def __init__(self, mapping: Mapping, sheet: SourceSheet) -> None:
        """Find the column of every heading in the mapping."""
        self._mapping = mapping
        self._width = len(sheet.headings)
        headings = {
            name: getattr(mapping.columns, name) for name in MappedColumns.__dataclass_fields__
        }
        self._columns = {
            name: sheet.column(heading) for name, heading in headings.items() if heading
        }

    def column(self, name: str) -> SheetColumn | None:
        """Return the column of a field of `MappedColumns`, or None if the file lacks it."""
        return self._columns.get(name)

    def read(self, row: SheetRow) -> RowResult | Refusal | Skipped:
        """Return the content of a row, or why it is refused or skipped."""
        if row.is_empty:
            return Skipped.EMPTY_ROW
        try:
            return self._read(row)
        except _CellError as error:
            return Refusal(row.number, error.column, str(error))
        except UserError as error:
            return Refusal(row.number, None, str(error))

    def _read(self, row: SheetRow) -> RowResult | Skipped:
        self._refuse_ragged(row)
        mapping, test = self._mapping, self._test(row)
        if test is None:
            return Skipped.OTHER_TEST
        kept_name, laboratory_name = test
        value = self._cell(row, "value")
        if self._is_absent(value):
            if mapping.skips_without_value:
                return Skipped.WITHOUT_VALUE
            raise _CellError(self.column("value"), _no_value(value))
        number = self._cell(row, "record_number")
        record_number = clean(number.text)
        if not record_number:
            raise _CellError(
                self.column("record_number"), "the record number is empty. Enter it in the file."
            )
        text = self._value_text(row, mapping.default_units.get(laboratory_name, ""))
        is_level = kept_name == LEVEL
        return RowResult(
            row=row.number,
            record_number=record_number,
            was_number=number.stored is StoredAs.NUMBER,
            born=self._optional(row, "born", self._day),
            entry=(
                self._level(row, text) if is_level else self._laboratory_value(row, kept_name, text)
            ),
        )

    def _refuse_ragged(self, row: SheetRow) -> None:
        is_short = len(row.cells) < self._width
        beyond = row.cells[self._width :]
        if is_short or any(cell.text.strip() or cell.trouble for cell in beyond):
            raise _CellError(
                None, f"it has {len(row.cells)} cells for {self._width} headings. Check the "
                "separators in this row."
            )  # fmt: skip

    def _test(self, row: SheetRow) -> tuple[str, str] | None:
        """Return the name of the test here and at the laboratory, or None to skip the row."""
        mapping = self._mapping
        if mapping.test:
            return mapping.test, mapping.test
        name = clean(self._cell(row, "test").text)
        if name in mapping.tests:
            return mapping.tests[name], name
        if mapping.skips_other_tests:
            return None
        raise _CellError(
            self.column("test"), f"{quoted(name)} is not in the mapping's tests. Add it there."
        )

    def _level(self, row: SheetRow, text: str) -> Level:
        value, comparator = self._in_column("value", read_level, text)
        level = Level(
            sampled=self._sampled(row),
            value=value,
            comparator=comparator,
            last_dose=self._optional(row, "last_dose", self._instant),
            assay=self._optional(row, "assay", self._assay) or self._mapping.assay,
            laboratory=self._laboratory(row),
        )
        if value.value > LEVEL_ASKED_AGAIN_ABOVE_NG_ML:
            raise _CellError(
                self.column("value"),
                f"{level} is above {LEVEL_ASKED_AGAIN_ABOVE_NG_ML} ng/mL. If it is right, use "
                "sirolimus level add with --reason.",
            )
        return level

    def _laboratory_value(self, row: SheetRow, test: str, text: str) -> LaboratoryValue:
        comparator = next((each for each in Comparator if text.startswith(each.value)), None)
        number = text[1:] if comparator else text
        value = self._in_column("value", LaboratoryQuantity.read, number)
        return LaboratoryValue(
            test=test,
            at=self._sampled(row),
            value=value,
            comparator=comparator,
            lower_limit=self._limit(row, "lower_limit", value.unit),
            upper_limit=self._limit(row, "upper_limit", value.unit),
            laboratory=self._laboratory(row),
        )

    def _sampled(self, row: SheetRow) -> Moment:
        if "sample_time" in self._columns:
            return self._in_column("sample_time", self._instant, self._text(row, "sample_time"))
        day = self._in_column("sample_day", self._day, self._text(row, "sample_day"))
        clock = self._in_column("sample_clock", read_clock, self._text(row, "sample_clock"))
        return self._in_column("sample_clock", join, day, clock, self._mapping.time_zone)

    def _day(self, text: str) -> date:
        return read_day(text, self._mapping.date_order)

    def _instant(self, text: str) -> Moment:
        return read_instant(text, self._mapping.date_order, self._mapping.time_zone)

    def _assay(self, text: str) -> Assay:
        name = clean(text)
        known = {assay.value: assay for assay in Assay} | dict(self._mapping.assays)
        if name not in known:
            raise UserError(f"{quoted(name)} is not in the mapping's assays. Add it there.")
        return known[name]

    def _laboratory(self, row: SheetRow) -> str:
        return self._optional(row, "laboratory", clean) or self._mapping.laboratory

    def _value_text(self, row: SheetRow, default_unit: str) -> str:
        """Return the value with a decimal point and its unit.

        The unit is that of its column, or after the number, or else the default.
        """
        number = self._in_column("value", self._with_point, self._cell(row, "value"))
        unit = self._optional(row, "unit", clean)
        if unit is None and _NUMBER_ALONE.fullmatch(number):
            unit = default_unit
        return f"{number} {unit}" if unit else number

    def _limit(self, row: SheetRow, name: str, unit: str) -> LaboratoryQuantity | None:
        """Return a limit of normal; without a unit, in that of the value."""
        cell = self._given(row, name)
        if cell is None:
            return None
        text = self._in_column(name, self._with_point, cell)
        with_unit = f"{text} {unit}" if _NUMBER_ALONE.fullmatch(text) else text
        return self._in_column(name, LaboratoryQuantity.read, with_unit)

    def _with_point(self, cell: TextCell) -> str:
        """Return the text with a decimal point, by the mapping's decimal sign."""
        text = cell.text.strip(" \t")
        parts = _NUMBER_FIRST.fullmatch(text)
        if cell.stored is StoredAs.NUMBER or parts is None:
            return text
        found = set(parts["number"]) & set(DECIMAL_SIGNS.values())
        stated = self._mapping.decimal_sign
        if not found:
            return text
        if stated is None:
            raise UserError(
                f"{quoted(text)} has a decimal sign. State decimal_sign in the mapping."
            )
        if found != {DECIMAL_SIGNS[stated]}:
            raise UserError(
                f"{quoted(text)} has another decimal sign than the mapping ({stated}). Check "
                "decimal_sign in it."
            )
        return parts["number"].replace(",", ".") + parts["rest"]

    # --- cells

    def _cell(self, row: SheetRow, name: str) -> TextCell:
        column = self._columns[name]
        cell = row.cells[column.index]
        if cell.trouble:
            shown = quoted(cell.text) if cell.text else "it"
            raise _CellError(column, f"{shown} {cell.trouble}.")
        return cell

    def _text(self, row: SheetRow, name: str) -> str:
        cell = self._cell(row, name)
        if self._is_absent(cell):
            raise _CellError(self._columns[name], "it is empty.")
        return cell.text

    def _is_absent(self, cell: TextCell) -> bool:
        text = clean(cell.text)
        return not text or text in self._mapping.no_value

    def _given(self, row: SheetRow, name: str) -> TextCell | None:
        """Return a cell, or None for a missing column or an empty cell."""
        if name not in self._columns:
            return None
        cell = self._cell(row, name)
        return None if self._is_absent(cell) else cell

    def _optional(self, row: SheetRow, name: str, read: Callable[[str], Value]) -> Value | None:
        """Return the parsed cell, or None as `_given` does."""
        cell = self._given(row, name)
        return None if cell is None else self._in_column(name, read, cell.text)

    def _in_column(self, name: str, read: Callable[..., Value], *arguments: object) -> Value:
        """Return `read` of the arguments; its error gets the column."""
        try:
            return read(*arguments)
        except UserError as error:
            raise _CellError(self._columns[name], str(error)) from None
