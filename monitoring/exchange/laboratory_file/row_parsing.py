"""Parsing of one row of a laboratory's file to an entry, or its refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from dosing import UserError, clean
from dosing.knowledge.limits import LEVEL_ASKED_AGAIN_ABOVE_NG_ML
from dosing.quantities.text import quoted
from monitoring.exchange.incoming import ResultStatus, Skipped
from monitoring.exchange.laboratory_file.cells import (
    SheetColumn,
    SheetRow,
    SourceSheet,
    StoredAs,
    TextCell,
)
from monitoring.exchange.laboratory_file.headings import field_of, names_sirolimus
from monitoring.exchange.laboratory_file.mapping import (
    LEVEL,
    READ,
    SKIP,
    MappedColumns,
    Mapping,
)
from monitoring.exchange.result_text import (
    ReadResult,
    read_laboratory_result,
    read_level_result,
    read_range,
    read_result,
)
from monitoring.exchange.status_text import read_status
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level, comparator_sign
from monitoring.time_text import (
    has_fraction,
    join,
    read_clock,
    read_day,
    read_instant,
)
from monitoring.times import Moment

Value = TypeVar("Value")
_FRACTION = "The fraction of a second in the time is not kept."
_SHOWN_WORDS = 4  # of a column that may be the status
_LEFT_OUT = {
    ResultStatus.PRELIMINARY: Skipped.PRELIMINARY,
    ResultStatus.CANCELLED: Skipped.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A refused row: its number, the wrong column, and the reason."""

    row: int
    column: SheetColumn | None
    reason: str

    def __str__(self) -> str:
        """Return the refusal in one line.

        >>> str(RefusedRow(5, SheetColumn(3, "Result"), "it is empty."))
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
    """True if leading zeros of the record number may be lost: a number of Excel, any CSV."""
    born: date | None
    entry: Level | LaboratoryValue
    status: ResultStatus = ResultStatus.FINAL
    remarks: tuple[str, ...] = ()
    """Sentences for the preview on what is not kept as it was reported."""

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

    Raises `UserError` if the sheet lacks a column of the mapping, or Excel hides one.
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
        self._unmapped_status = self._status_column(sheet)
        self._words_of_status: dict[str, str] = {}
        self._told: list[str] = []
        if mapping.hidden != READ:
            self._refuse_hidden(sheet)

    def _refuse_hidden(self, sheet: SourceSheet) -> None:
        advice = f'Show it, or state hidden = "{READ}" in the mapping.'
        if sheet.marks.is_hidden:
            raise UserError(f"The sheet is hidden in Excel. {advice}")
        for column in self._columns.values():
            if sheet.marks.hides_column(column.index):
                raise UserError(f"The column {column} is hidden in Excel. {advice}")

    def _status_column(self, sheet: SourceSheet) -> SheetColumn | None:
        """Return a column that looks like the status of a result and is not mapped."""
        if "status" in self._columns or self._mapping.ignores_status:
            return None
        taken = {column.index for column in self._columns.values()}
        return next(
            (
                SheetColumn(place, heading)
                for place, heading in enumerate(sheet.headings)
                if place not in taken and field_of(heading) == "status"
            ),
            None,
        )

    def column(self, name: str) -> SheetColumn | None:
        """Return the column of a field of `MappedColumns`, or None if the file lacks it."""
        return self._columns.get(name)

    def read(self, row: SheetRow) -> RowResult | RefusedRow | Skipped:
        """Return the content of a row, or why it is refused or skipped.

        Raises `UserError` once a column that is not mapped turns out to be the status.
        """
        if row.is_empty:
            return Skipped.EMPTY_ROW
        if row.is_hidden and self._mapping.hidden == SKIP:
            return Skipped.HIDDEN_ROW
        if self._unmapped_status is not None:
            self._ask_about_status(row, self._unmapped_status)
        try:
            return self._read(row)
        except _CellError as error:
            return RefusedRow(row.number, error.column, str(error))
        except UserError as error:
            return RefusedRow(row.number, None, str(error))

    def _ask_about_status(self, row: SheetRow, column: SheetColumn) -> None:
        """Refuse the file where a column that is not mapped says more than "final"."""
        text = clean(row.cells[column.index].text) if column.index < len(row.cells) else ""
        self._words_of_status.setdefault(text.casefold(), text)
        words = list(self._words_of_status.values())
        if {read_status(word) for word in words} <= {ResultStatus.FINAL}:
            return
        if len(words) == 1 and read_status(words[0]) is None:
            return
        shown = ", ".join(quoted(word) if word else "empty" for word in words[:_SHOWN_WORDS])
        raise UserError(
            f"The column {column} looks like the status of a result ({shown}). Name it as "
            'columns.status in the mapping, or state status = "ignore" in [reading].'
        )

    def _read(self, row: SheetRow) -> RowResult | Skipped:
        self._refuse_ragged(row)
        if row.is_hidden and self._mapping.hidden != READ:
            raise UserError(
                f'it is hidden or filtered in Excel. State hidden = "{READ}" or "{SKIP}" in the '
                "mapping."
            )
        mapping, test = self._mapping, self._test(row)
        if test is None:
            return Skipped.OTHER_TEST
        kept_name, laboratory_name = test
        status = self._status(row)
        if status in _LEFT_OUT:
            return _LEFT_OUT[status]
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
        self._told = []
        unit = self._optional(row, "unit", clean) or ""
        default_unit = mapping.default_units.get(laboratory_name, "")
        is_level = kept_name == LEVEL
        return RowResult(
            row=row.number,
            record_number=record_number,
            was_number=number.stored is StoredAs.NUMBER or not number.is_of_excel,
            born=self._optional(row, "born", self._day),
            entry=(
                self._level(row, value, unit, default_unit)
                if is_level
                else self._laboratory_value(row, value, unit, default_unit, kept_name)
            ),
            status=status,
            remarks=tuple(self._told),
        )

    def _status(self, row: SheetRow) -> ResultStatus:
        if "status" not in self._columns:
            return ResultStatus.FINAL
        word = clean(self._cell(row, "status").text)
        stated = self._mapping.statuses.get(word)
        known = stated or read_status(word)
        if known is None:
            what = f"{quoted(word)} is not a known status" if word else "the status is empty"
            raise _CellError(self.column("status"), f"{what}. Name it in the mapping's statuses.")
        return known

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
            kept = mapping.tests[name]
            return None if kept == SKIP else (kept, name)
        if not mapping.skips_other_tests:
            raise _CellError(
                self.column("test"), f"{quoted(name)} is not in the mapping's tests. Add it there."
            )
        if names_sirolimus(name):
            raise _CellError(
                self.column("test"),
                f'{quoted(name)} names sirolimus. Add it to the mapping\'s tests, or "{SKIP}" it '
                "there.",
            )
        return None

    def _level(self, row: SheetRow, cell: TextCell, unit: str, default_unit: str) -> Level:
        result = self._in_column(
            "value", read_level_result, cell.text, self._sign(cell), unit, default_unit
        )
        self._told.extend(result.comments)
        level = Level(
            sampled=self._sampled(row),
            value=result.value,
            comparator=result.comparator,
            last_dose=self._optional(row, "last_dose", self._instant),
            assay=self._optional(row, "assay", self._assay) or self._mapping.assay,
            laboratory=self._laboratory(row),
        )
        if level.value.value > LEVEL_ASKED_AGAIN_ABOVE_NG_ML:
            raise _CellError(
                self.column("value"),
                f"{level} is above {LEVEL_ASKED_AGAIN_ABOVE_NG_ML} ng/mL. If it is right, use "
                "sirolimus level add with --reason.",
            )
        return level

    def _laboratory_value(
        self, row: SheetRow, cell: TextCell, unit: str, default_unit: str, test: str
    ) -> LaboratoryValue:
        sign = self._sign(cell)
        result = self._in_column(
            "value", read_laboratory_result, cell.text, sign, unit, test, default_unit
        )
        self._told.extend(result.comments)
        lower, upper = self._limits(row, test, result)
        return LaboratoryValue(
            test=test,
            at=self._sampled(row),
            value=result.value,
            comparator=result.comparator,
            lower_limit=lower,
            upper_limit=upper,
            laboratory=self._laboratory(row),
        )

    def _limits(
        self, row: SheetRow, test: str, result: ReadResult[LaboratoryQuantity]
    ) -> tuple[LaboratoryQuantity | None, LaboratoryQuantity | None]:
        """Return the limits of normal; without a unit, in that of the value."""
        cell = self._given(row, "range")
        if cell is None:
            lower = self._limit(row, "lower_limit", Comparator.ABOVE, test, result)
            return lower, self._limit(row, "upper_limit", Comparator.BELOW, test, result)
        both = self._in_column("range", read_range, cell.text, self._sign(cell))
        unit = both.unit or result.unit
        lower, upper = (
            self._in_column("range", read_laboratory_result, number, "point", unit, test).value
            if number
            else None
            for number in (both.lower, both.upper)
        )
        return lower, upper

    def _limit(
        self,
        row: SheetRow,
        name: str,
        sign: Comparator,
        test: str,
        result: ReadResult[LaboratoryQuantity],
    ) -> LaboratoryQuantity | None:
        """Return a limit of normal, which may have its own sign: <41 is an upper limit."""
        cell = self._given(row, name)
        if cell is None:
            return None
        parts = self._in_column(name, read_result, cell.text, self._sign(cell))
        if parts.comparator not in {None, sign}:
            raise _CellError(
                self.column(name), f"{quoted(cell.text)} has the sign of the other limit."
            )
        text = f"{parts.number}{parts.rest}"
        unit = "" if parts.rest.strip() else result.unit
        return self._in_column(name, read_laboratory_result, text, "point", unit, test).value

    def _sign(self, cell: TextCell) -> str | None:
        """Return the decimal sign of a cell: a number of Excel has a point."""
        return "point" if cell.stored is StoredAs.NUMBER else self._mapping.decimal_sign

    def _sampled(self, row: SheetRow) -> Moment:
        if "sample_time" in self._columns:
            return self._in_column("sample_time", self._instant, self._text(row, "sample_time"))
        day = self._in_column("sample_day", self._day, self._text(row, "sample_day"))
        text = self._text(row, "sample_clock")
        clock = self._in_column("sample_clock", read_clock, text)
        self._tell_fraction(text)
        return self._in_column("sample_clock", join, day, clock, self._mapping.time_zone)

    def _day(self, text: str) -> date:
        return read_day(text, self._mapping.date_order)

    def _instant(self, text: str) -> Moment:
        self._tell_fraction(text)
        return read_instant(text, self._mapping.date_order, self._mapping.time_zone)

    def _tell_fraction(self, text: str) -> None:
        if has_fraction(text):
            self._told.append(_FRACTION)

    def _assay(self, text: str) -> Assay:
        name = clean(text)
        known = {assay.value: assay for assay in Assay} | dict(self._mapping.assays)
        if name not in known:
            raise UserError(f"{quoted(name)} is not in the mapping's assays. Add it there.")
        return known[name]

    def _laboratory(self, row: SheetRow) -> str:
        return self._optional(row, "laboratory", clean) or self._mapping.laboratory

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
