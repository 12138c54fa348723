"""An Excel workbook as text cells, with exactly the stored values.

The stored number is used, not the shown one. A cell is marked as doubtful if its format shows
something else (0.42 as 42 %, 123 as 00123, 2 as <2).
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from dosing import UserError, clean
from dosing.quantities.text import quoted
from monitoring.exchange.laboratory_file.cells import (
    PLAIN_SHEET,
    SheetMarks,
    SheetRow,
    StoredAs,
    TextCell,
)
from monitoring.exchange.laboratory_file.workbook_scan import check_workbook

_PLAIN_FORMAT = re.compile(r"General|@|(?:#,##)?0(?:\.[0#]+)?")
# openpyxl's name of a cell's type: the reason to refuse it
_TROUBLES = {
    "f": "is a formula. Paste the sheet as values",
    "e": "is an Excel error",
    "b": "is true or false in Excel",
}
_DURATION = "is a duration in Excel. Format the column as date and time"
_ALMOST_A_SECOND = timedelta(milliseconds=50)  # Excel keeps a time as a fraction of a day


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet of a workbook."""

    rows: Iterator[SheetRow]
    expected_rows: int
    """The approximate number of rows."""
    marks: SheetMarks
    others: tuple[str, ...]
    """The names of the other sheets."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A sheet of openpyxl, and its marks."""

    sheet: Any
    marks: SheetMarks


def sheet_of_workbook(content: bytes, sheet: str | None) -> WorkbookSheet:
    """Return a sheet of a workbook, by default its only one.

    Raises `UserError` for a damaged workbook, one beyond the limits of `workbook_scan`, an unknown
    sheet, and several sheets with none chosen.
    """
    sheets = _sheets(content)
    name, stored = _chosen_sheet(sheets, sheet)
    chosen, marks = stored.sheet, stored.marks
    expected = chosen.max_row or 0
    chosen.reset_dimensions()  # some programs store wrong ones, and cells would be lost
    others = tuple(other for other in sheets if other != name)
    return WorkbookSheet(_rows(chosen, marks.hidden_rows), expected, marks, others)


def sheet_names(content: bytes) -> tuple[str, ...]:
    """Return the names of a workbook's sheets, the visible ones first."""
    sheets = _sheets(content)
    return tuple(sorted(sheets, key=lambda name: sheets[name].marks.is_hidden))


def sheets_of_workbook(content: bytes) -> dict[str, Iterator[SheetRow]]:
    """Return the rows of every sheet by its name. Raises as `sheet_of_workbook` does."""
    sheets = _sheets(content)
    for each in sheets.values():
        each.sheet.reset_dimensions()
    return {name: _rows(each.sheet, each.marks.hidden_rows) for name, each in sheets.items()}


def _sheets(content: bytes) -> dict[str, _Stored]:
    import openpyxl  # noqa: PLC0415 - heavy, and only for Excel

    marks = check_workbook(content)
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(
                BytesIO(content), read_only=True, data_only=False, keep_links=False
            )
        return {
            clean(sheet.title): _Stored(sheet, _marks(sheet, marks)) for sheet in book.worksheets
        }
    except Exception:  # noqa: BLE001 - openpyxl may raise anything on a damaged file
        raise UserError(
            "The file is damaged, or not an Excel workbook. Save it again as .xlsx."
        ) from None


def _marks(sheet: Any, marks: Mapping[str, SheetMarks]) -> SheetMarks:
    """Return the marks of a sheet of openpyxl, which names the part that it reads."""
    part = str(sheet._worksheet_path).lstrip("/")  # noqa: SLF001 - it has no other name
    return replace(marks.get(part, PLAIN_SHEET), is_hidden=sheet.sheet_state != "visible")


def _chosen_sheet(sheets: dict[str, _Stored], name: str | None) -> tuple[str, _Stored]:
    names = ", ".join(
        f"{quoted(each)}{' (hidden)' if stored.marks.is_hidden else ''}"
        for each, stored in sheets.items()
    )
    if name is not None:
        if name not in sheets:
            raise UserError(f"The workbook has no sheet {quoted(name)}. Choose one of {names}.")
        return name, sheets[name]
    if len(sheets) != 1:
        raise UserError(f"The workbook has the sheets {names}. State one as sheet in the mapping.")
    return next(iter(sheets.items()))


def _rows(sheet: Any, hidden: frozenset[int]) -> Iterator[SheetRow]:
    number = 0
    rows = sheet.iter_rows()
    while True:
        try:
            with warnings.catch_warnings(action="ignore"):
                stored = next(rows, None)
                cells = None if stored is None else [_cell(each) for each in stored]
        except Exception:  # noqa: BLE001 - as above
            raise UserError(
                f"The workbook cannot be read after row {number}. Save it again as .xlsx."
            ) from None
        if cells is None:
            return
        number += 1
        yield SheetRow(number, _without_empty_end(cells), number in hidden)


def _without_empty_end(cells: list[TextCell]) -> tuple[TextCell, ...]:
    while cells and not cells[-1].text and not cells[-1].trouble:
        cells.pop()
    return tuple(cells)


def _cell(stored: Any) -> TextCell:
    """Return one cell of openpyxl as ours."""
    value = stored.value
    if value is None:
        return TextCell("")
    if stored.data_type in _TROUBLES:
        text = "" if stored.data_type == "f" else str(value)
        return TextCell(text, trouble=_TROUBLES[stored.data_type])
    return _value(value, stored.number_format)


def _value(value: object, number_format: str) -> TextCell:
    match value:
        case str():
            return TextCell(value, is_of_excel=True)
        case int() | float():
            return _number(value, number_format)
        case datetime():
            return _moment(value, number_format)
        case timedelta():
            return TextCell(str(value), trouble=_DURATION)
        case date() | time():
            return TextCell(value.isoformat(), StoredAs.TIME)
        case _:
            return TextCell(str(value), trouble="is not a text, number or date")


def _number(value: float, number_format: str) -> TextCell:
    text = f"{Decimal(repr(value)):f}"
    if _PLAIN_FORMAT.fullmatch(number_format):
        return TextCell(text, StoredAs.NUMBER)
    trouble = (
        f"is stored as {text}, and Excel shows it in the format {quoted(number_format)}. Format "
        "the column as text or as a plain number"
    )
    return TextCell(text, StoredAs.NUMBER, trouble)


def _moment(value: datetime, number_format: str) -> TextCell:
    """Return a time as ISO text; a day alone if Excel shows no hours."""
    shown = _signs_of(number_format)
    if _ELAPSED.search(shown):
        return TextCell(value.isoformat(), StoredAs.TIME, _DURATION)
    if value.time() == time() and "h" not in shown:
        return TextCell(value.date().isoformat(), StoredAs.TIME)
    nearest = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    is_whole = abs(nearest - value) <= _ALMOST_A_SECOND
    return TextCell((nearest if is_whole else value).isoformat(), StoredAs.TIME)


_NOT_SHOWN_AS_TIME = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]")


def _signs_of(number_format: str) -> str:
    """Return the signs of a format that stand for a part of a time, in small letters.

    Left out are quoted and escaped text, colours, conditions and locales.

    >>> _signs_of('[White]dd/mm/yyyy'), _signs_of('d"th" mmmm'), _signs_of('[$-409]h:mm')
    ('dd/mm/yyyy', 'd mmmm', 'h:mm')
    """
    first = number_format.partition(";")[0]
    return _NOT_SHOWN_AS_TIME.sub("", first).lower()
