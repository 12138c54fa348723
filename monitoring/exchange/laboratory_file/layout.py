"""The layout of a laboratory's file, and its cells."""

from dataclasses import dataclass
from pathlib import Path

from dosing import UserError
from dosing.quantities.reading_limits import LABORATORY_BYTES, ReadingLimit
from monitoring.exchange.laboratory_file.cells import SourceSheet, sheet_of
from monitoring.exchange.laboratory_file.csv_text import decode, rows_of_text
from monitoring.exchange.laboratory_file.row_limits import within_limits
from monitoring.files import read_file

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLayout:
    """The file's encoding and separator (CSV), its sheet (Excel), and the row of its headings.

    The default encoding is that of the byte order mark, or UTF-8.
    """

    encoding: str | None = None
    separator: str = "comma"
    sheet: str | None = None
    heading_row: int = 1
    headings: tuple[str, ...] = ()
    """The headings of the file for which a mapping is kept; empty if any may do."""


def content_of(file: Path, most: ReadingLimit = LABORATORY_BYTES) -> bytes:
    """Return the content of a file. Raises `UserError` if it cannot be read or is empty."""
    try:
        content = read_file(file, most)
    except OSError as error:
        raise UserError(
            f"{file} cannot be read ({error.strerror}). Check its path and permissions."
        ) from None
    if not content:
        raise UserError(f"{file} is empty. Export it again.")
    return content


def is_workbook(content: bytes) -> bool:
    """Return whether the file is an Excel workbook rather than CSV.

    Raises `UserError` for the old format of Excel.
    """
    if content.startswith(_OLD_EXCEL):
        raise UserError("The file is in the old Excel format. Save it as .xlsx or as CSV.")
    return content.startswith(_ZIP)


def sheet_in(content: bytes, layout: FileLayout) -> SourceSheet:
    """Return the cells of a CSV file or of a workbook's sheet.

    Raises `UserError` for a damaged file, for another layout, and for more than the limits of
    `dosing.quantities.reading_limits`, some of them while the rows are read.
    """
    if not is_workbook(content):
        text = decode(content, layout.encoding)
        rows = within_limits(rows_of_text(text, SEPARATORS[layout.separator]))
        return sheet_of(rows, layout.heading_row, text.count("\n") + 1, pad=False)
    from monitoring.exchange.laboratory_file.workbook import (  # noqa: PLC0415 - heavy, Excel only
        sheet_of_workbook,
    )

    chosen = sheet_of_workbook(content, layout.sheet)
    return sheet_of(
        within_limits(chosen.rows),
        layout.heading_row,
        chosen.expected_rows,
        marks=chosen.marks,
        other_sheets=chosen.others,
        pad=True,
    )
