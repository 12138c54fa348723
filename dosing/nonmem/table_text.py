"""The text of a table in the NONMEM convention as cells, line by line, with nothing converted.

Cells are separated by commas, by tabs, or by blanks as in NONMEM's own tables: the header decides.
Only comments may be before the header. A comment is a line that begins with `#` or `@`, a line
"TABLE NO." of NONMEM's output, a line that repeats the header, or a line with the letter C in a
column of that name. The header itself may begin with `#` or `@`, too.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dosing.errors import UserError
from dosing.quantities.reading_limits import TABLE_COLUMNS
from dosing.quantities.text import quoted

if TYPE_CHECKING:
    import pandas as pd

_COMMENT_SIGNS = ("#", "@")
_COMMENT_COLUMN = "C"
_TABLE_NUMBER = re.compile(r"\s*TABLE NO\.", re.IGNORECASE)


@dataclass(frozen=True)
class TextTable:
    """The cells as in the text; the index is the line, counted from 1."""

    cells: "pd.DataFrame"
    comments: int
    """The number of comment lines below the header."""


def read_table(text: str) -> TextTable:
    r"""Return the cells of a text.

    Raises `UserError` as `TableLines` does.

    >>> table = read_table("ID,TIME\n#A 6,1\nA 7,2.50\n")
    >>> table.cells.to_dict("index"), table.comments
    ({3: {'ID': 'A 7', 'TIME': '2.50'}}, 1)
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    lines = TableLines(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    rows = list(lines)
    index = pd.Index([number for number, _ in rows], name="line", dtype="int64")
    cells = [row for _, row in rows]
    frame = pd.DataFrame(cells, index=index, columns=lines.header, dtype="str")
    return TextTable(frame, lines.comments)


class TableLines:
    """The rows of a text, one after another: the number of each line, from 1, and its cells.

    The header is read at once, the rows as they are asked for. `file` is named in messages where
    there are several.
    """

    def __init__(self, lines: Iterable[str], file: str = "") -> None:
        """Read the header. Raises `UserError` for a text without a header that has ID."""
        self._of = f" of {file}" if file else ""
        self._lines = _numbered(lines)
        self._split: Callable[[str], list[str]] = _cells_by_comma
        self.comments = 0
        """The number of comment lines below the header, as far as it was read."""
        self.header = self._read_header()

    def _read_header(self) -> list[str]:
        for number, line in self._lines:
            is_marked = line.startswith(_COMMENT_SIGNS)
            text = line[1:] if is_marked else line
            self._split = _separation_of(text)
            names = self._cells(number, text)
            known = {each.upper() for each in names}
            if "ID" in known and ("TIME" in known or not is_marked):
                return names
            if not is_marked and not _TABLE_NUMBER.match(line):
                raise UserError(
                    f"Line {number}{self._of}, {quoted(line)}, is not a header. Write the columns,"
                    " ID among them, separated by commas."
                )
        raise UserError(
            f"The table{self._of} is empty. Write the columns in its first line, ID among them."
        )

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows.

        Raises `UserError` for a text without rows, a line that is not CSV, and one with another
        number of cells than the header.
        """
        header, flags = self.header, [_is_flag(name) for name in self.header]
        has_flags, is_header_next, rows = any(flags), False, 0
        for number, line in self._lines:
            if _TABLE_NUMBER.match(line):
                self.comments += 1
                is_header_next = True
                continue
            cells = self._cells(number, line)
            if (
                line.startswith(_COMMENT_SIGNS)
                or cells == header
                or (has_flags and any(map(_is_flag, _marked(cells, flags))))
            ):
                self.comments += 1
                is_header_next = False
                continue
            if is_header_next:
                raise UserError(
                    f"Line {number}{self._of} begins a table with other columns. Write each table"
                    " into a file."
                )
            if len(cells) != len(header):
                raise UserError(
                    f"Line {number}{self._of} has {len(cells)} cells, the header {len(header)}. "
                    "Separate cells by commas, and write the decimal sign as a point."
                )
            rows += 1
            yield number, cells
        if not rows:
            raise UserError(f"The table{self._of} has a header and no rows.")

    def _cells(self, number: int, line: str) -> list[str]:
        try:
            cells = self._split(line)
        except csv.Error as error:
            raise UserError(f"Line {number}{self._of} is not CSV: {error}.") from None
        TABLE_COLUMNS.check(len(cells), f"Line {number}{self._of}")
        return cells


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Return the lines that are not blank, with their numbers."""
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _separation_of(header: str) -> Callable[[str], list[str]]:
    """Return the function that separates the cells of a line, by the header."""
    if "," in header or not header.split()[1:]:
        return _cells_by_comma
    return _cells_by_tab if "\t" in header.strip() else str.split


def _cells_by_comma(line: str) -> list[str]:
    if '"' not in line:
        return [cell.strip() for cell in line.split(",")]
    return [cell.strip() for cell in next(csv.reader([line], strict=True))]


def _cells_by_tab(line: str) -> list[str]:
    return [cell.strip() for cell in line.rstrip("\n").split("\t")]


def _marked(cells: list[str], flags: list[bool]) -> Iterator[str]:
    """Return the cells in the columns of comments."""
    return (cell for cell, flag in zip(cells, flags, strict=False) if flag)


def _is_flag(text: str) -> bool:
    return text.upper() == _COMMENT_COLUMN
