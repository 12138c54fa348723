"""A laboratory's file as text cells, each with its row and column.

Nothing is converted here: a cell is text as it stands in the file. Where Excel stored a number or a
time, the text is exactly what was stored, and `stored` says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from dosing import UserError, clean
from dosing.quantities.text import quoted


class StoredAs(Enum):
    """How a cell was stored: as text, or by Excel as a number or a time."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class TextCell:
    """One cell. `trouble` says why its text cannot be taken for what the laboratory meant."""

    text: str
    stored: StoredAs = StoredAs.TEXT
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The cells of one row, with the number that a spreadsheet gives it."""

    number: int
    cells: tuple[TextCell, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(cell.text.strip() or cell.trouble for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its place, counted from zero, and its heading."""

    index: int
    heading: str

    @property
    def letter(self) -> str:
        """The letter that a spreadsheet gives it.

        >>> SheetColumn(0, "MRN").letter, SheetColumn(27, "Result").letter
        ('A', 'AB')
        """
        letters, left = "", self.index + 1
        while left:
            left, place = divmod(left - 1, 26)
            letters = chr(ord("A") + place) + letters
        return letters

    def __str__(self) -> str:
        """Return the heading and the letter, for a message."""
        return f"{clean(self.heading)} ({self.letter})"


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """The headings, and the rows below them as they are read."""

    headings: tuple[str, ...]
    rows: Iterator[SheetRow]
    expected_rows: int
    """About how many rows there are, for a progress bar; 0 where it is not known."""

    def column(self, heading: str) -> SheetColumn:
        """Return the column of a heading. Raises `UserError` unless there is exactly one."""
        places = [place for place, text in enumerate(self.headings) if text == heading]
        if not places:
            known = ", ".join(quoted(text) for text in self.headings if text)
            raise UserError(
                f"The file has no column {quoted(heading)}; its headings are {known}. Is the "
                "separator or the row of the headings another one?"
            )
        if len(places) > 1:
            letters = " and ".join(SheetColumn(place, heading).letter for place in places)
            raise UserError(
                f"The heading {quoted(heading)} stands over columns {letters}: which one is meant "
                "cannot be told. Give one of them another name."
            )
        return SheetColumn(places[0], heading)


def sheet_of(
    rows: Iterator[SheetRow], heading_row: int, expected_rows: int, *, pad: bool
) -> SourceSheet:
    """Return the sheet whose headings stand in a row. Raises `UserError` where there are none.

    With `pad`, for workbooks, a short row has empty cells at its end; in CSV it stays short.
    """
    for row in rows:
        if row.number == heading_row:
            headings = _headings(row.cells)
            if any(headings):
                below = _padded(rows, len(headings)) if pad else rows
                return SourceSheet(headings, below, max(expected_rows - heading_row, 0))
            break
    raise UserError(f"The file has no headings in row {heading_row}.")


def _padded(rows: Iterator[SheetRow], width: int) -> Iterator[SheetRow]:
    for row in rows:
        missing = width - len(row.cells)
        yield SheetRow(row.number, row.cells + (TextCell(""),) * missing) if missing > 0 else row


def _headings(cells: Sequence[TextCell]) -> tuple[str, ...]:
    """Return the headings, without empty ones at the end."""
    headings = [clean(cell.text) for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)
