"""CSV in the NONMEM convention as a table of texts, with nothing converted.

The first line is the header; only comments may be before it. A comment is a line that begins with
`#` or `@`, a line that repeats the header, or a line with the letter C in a column of that name.
The header itself may begin with `#` or `@`, too.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dosing.errors import UserError
from dosing.quantities.reading_limits import TABLE_COLUMNS, TABLE_ROWS
from dosing.quantities.text import quoted

if TYPE_CHECKING:
    import pandas as pd

_COMMENT_SIGNS = ("#", "@")
_COMMENT_COLUMN = "C"


@dataclass(frozen=True)
class TextTable:
    """The cells as in the text; the index is the line, counted from 1."""

    cells: "pd.DataFrame"
    comments: int
    """The number of comment lines below the header."""


def read_table(text: str) -> TextTable:
    r"""Return the cells of a CSV text with commas.

    Raises `UserError` for a text without a header with ID or without rows, for one beyond a limit,
    and for a line that is not CSV or has another number of cells than the header.

    >>> table = read_table("ID,TIME\n#A 6,1\nA 7,2.50\n")
    >>> table.cells.to_dict("index"), table.comments
    ({3: {'ID': 'A 7', 'TIME': '2.50'}}, 1)
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    lines = _lines(text)
    header = next(filter(None, (_header(number, line) for number, line in lines)), None)
    if header is None:
        raise UserError("The table is empty. Write the columns in its first line, ID among them.")
    numbers: list[int] = []
    rows: list[list[str]] = []
    comments = 0
    for number, line in lines:
        TABLE_ROWS.check(len(rows) + 1, "The table")
        cells = _cells(number, line)
        if _is_comment(line, cells, header):
            comments += 1
            continue
        if len(cells) != len(header):
            raise UserError(
                f"Line {number} has {len(cells)} cells, the header {len(header)}. Separate "
                "cells by commas, and write the decimal sign as a point."
            )
        numbers.append(number)
        rows.append(cells)
    if not rows:
        raise UserError("The table has a header and no rows.")
    index = pd.Index(numbers, name="line", dtype="int64")
    return TextTable(pd.DataFrame(rows, index=index, columns=header, dtype="str"), comments)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _header(number: int, line: str) -> list[str] | None:
    """Return the names of the columns, or None for a comment before them."""
    is_marked = line.startswith(_COMMENT_SIGNS)
    names = _cells(number, line[1:] if is_marked else line)
    if "ID" in [each.upper() for each in names]:
        return names
    if is_marked:
        return None
    raise UserError(
        f"Line {number}, {quoted(line)}, is not a header. Write the columns, ID among them, "
        "separated by commas."
    )


def _is_comment(line: str, cells: list[str], header: list[str]) -> bool:
    flags = (cell for name, cell in zip(header, cells, strict=False) if _is_flag(name))
    return line.startswith(_COMMENT_SIGNS) or cells == header or any(map(_is_flag, flags))


def _is_flag(text: str) -> bool:
    return text.upper() == _COMMENT_COLUMN


def _cells(number: int, line: str) -> list[str]:
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise UserError(f"Line {number} is not CSV: {error}.") from None
    TABLE_COLUMNS.check(len(cells), f"Line {number}")
    return [cell.strip() for cell in cells]
