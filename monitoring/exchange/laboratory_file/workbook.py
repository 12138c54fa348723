"""An Excel workbook as text cells, with exactly the stored values.

The stored number is used, not the shown one. A cell is marked as doubtful if its format shows
something else (0.42 as 42 %, 123 as 00123, 2 as <2).
"""

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from dosing import UserError, clean
from dosing.quantities.text import quoted
from monitoring.exchange.laboratory_file.cells import SheetRow, StoredAs, TextCell
from monitoring.exchange.laboratory_file.workbook_scan import check_workbook

_PLAIN_FORMAT = re.compile(r"General|@|(?:#,##)?0(?:\.[0#]+)?")
# openpyxl's name of a cell's type: the reason to refuse it
_TROUBLES = {
    "f": "is a formula. Paste the sheet as values",
    "e": "is an Excel error",
    "b": "is true or false in Excel",
}
_ALMOST_A_SECOND = timedelta(milliseconds=50)  # Excel keeps a time as a fraction of a day


def rows_of_workbook(content: bytes, sheet: str | None) -> tuple[Iterator[SheetRow], int]:
    """Return the rows of a sheet, and their approximate number.

    Raises `UserError` for a damaged workbook, one beyond the limits of `workbook_scan`, an unknown
    sheet, and several sheets with none chosen.
    """
    chosen = _chosen_sheet(_sheets(content), sheet)
    expected = chosen.max_row or 0
    chosen.reset_dimensions()  # some programs store wrong ones, and cells would be lost
    return _rows(chosen), expected


def sheet_names(content: bytes) -> tuple[str, ...]:
    """Return the names of a workbook's sheets."""
    return tuple(_sheets(content))


def sheets_of_workbook(content: bytes) -> dict[str, Iterator[SheetRow]]:
    """Return the rows of every sheet by its name. Raises as `rows_of_workbook` does."""
    sheets = _sheets(content)
    for sheet in sheets.values():
        sheet.reset_dimensions()
    return {name: _rows(sheet) for name, sheet in sheets.items()}


def _sheets(content: bytes) -> dict[str, Any]:
    import openpyxl  # noqa: PLC0415 - heavy, and only for Excel

    check_workbook(content)
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(
                BytesIO(content), read_only=True, data_only=False, keep_links=False
            )
        return {clean(sheet.title): sheet for sheet in book.worksheets}
    except Exception:  # noqa: BLE001 - openpyxl may raise anything on a damaged file
        raise UserError(
            "The file is damaged, or not an Excel workbook. Save it again as .xlsx."
        ) from None


def _chosen_sheet(sheets: dict[str, Any], name: str | None) -> Any:
    names = ", ".join(map(quoted, sheets))
    if name is not None:
        if name not in sheets:
            raise UserError(f"The workbook has no sheet {quoted(name)}. Choose one of {names}.")
        return sheets[name]
    if len(sheets) != 1:
        raise UserError(f"The workbook has the sheets {names}. State one as sheet in the mapping.")
    return next(iter(sheets.values()))


def _rows(sheet: Any) -> Iterator[SheetRow]:
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
        yield SheetRow(number, _without_empty_end(cells))


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
            return TextCell(value)
        case int() | float():
            return _number(value, number_format)
        case datetime():
            return _moment(value, number_format)
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
    if value.time() == time() and "h" not in number_format.lower():
        return TextCell(value.date().isoformat(), StoredAs.TIME)
    nearest = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if abs(nearest - value) > _ALMOST_A_SECOND:
        return TextCell(
            value.isoformat(),
            StoredAs.TIME,
            "has a fraction of a second. Round it to whole seconds",
        )
    return TextCell(nearest.isoformat(), StoredAs.TIME)
