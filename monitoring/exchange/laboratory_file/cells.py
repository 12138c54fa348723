"""A laboratory's file as text cells, each with its row and column.

Nothing is converted here: a cell has the text of the file. For a number or time of Excel it is
exactly the stored value, marked by `stored`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from dosing import UserError, clean
from dosing.quantities.text import quoted
from monitoring.exchange.incoming import LeftOut, Skipped, SourcePlace


class StoredAs(Enum):
    """The type of a cell in the file: a text, or a number or time of Excel."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class TextCell:
    """One cell. `trouble` is the reason why its text may be misleading."""

    text: str
    stored: StoredAs = StoredAs.TEXT
    trouble: str = ""
    is_of_excel: bool = False
    """True if its type is known: a text of CSV may have been a number."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The cells of one row, with its number in a spreadsheet."""

    number: int
    cells: tuple[TextCell, ...]
    is_hidden: bool = False
    """True if Excel does not show it: it is hidden, or a filter leaves it out."""

    @property
    def is_empty(self) -> bool:
        """Return whether every cell is empty."""
        return not any(cell.text.strip() or cell.trouble for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its place, counted from zero, and its heading."""

    index: int
    heading: str

    @property
    def letter(self) -> str:
        """The letter of the column in a spreadsheet.

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
class SheetMarks:
    """The parts of a sheet that Excel hides or merges."""

    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    """By their numbers; those that a filter leaves out are hidden, too."""
    hidden_columns: tuple[tuple[int, int], ...] = ()
    """Ranges of places, counted from zero, with both ends."""
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged cells: first and last row, from one, and first and last place, from zero."""

    def hides_column(self, place: int) -> bool:
        """Return whether Excel does not show the column at a place."""
        return any(first <= place <= last for first, last in self.hidden_columns)

    def merged_heading(self, row: int, place: int) -> tuple[int, int] | None:
        """Return the first and last place of a cell that is merged across columns, or None."""
        for first, last, left, right in self.merged:
            if first <= row <= last and left <= place <= right and left < right:
                return left, right
        return None


PLAIN_SHEET = SheetMarks()
"""The marks of a sheet that shows everything, and of every CSV file."""


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """The headings, and an iterator of the rows below them."""

    headings: tuple[str, ...]
    rows: Iterator[SheetRow]
    expected_rows: int
    """The approximate number of rows, for a progress bar; 0 if unknown."""
    heading_row: int = 1
    marks: SheetMarks = PLAIN_SHEET
    other_sheets: tuple[str, ...] = ()
    """The names of the workbook's sheets that are not read."""

    def column(self, heading: str) -> SheetColumn:
        """Return the column of a heading. Raises `UserError` unless it is unique."""
        places = [place for place, text in enumerate(self.headings) if text == heading]
        if not places:
            known = ", ".join(quoted(text) for text in self.headings if text)
            raise UserError(
                f"The file has no column {quoted(heading)}. Its headings are {known}. Check the "
                "separator and the heading row."
            )
        if len(places) > 1:
            letters = " and ".join(SheetColumn(place, heading).letter for place in places)
            raise UserError(
                f"The heading {quoted(heading)} occurs in columns {letters}. Rename one of them."
            )
        if span := self.marks.merged_heading(self.heading_row, places[0]):
            letters = " to ".join(SheetColumn(place, heading).letter for place in span)
            raise UserError(
                f"The heading {quoted(heading)} is merged over columns {letters}. Unmerge it in "
                "Excel, and name each column."
            )
        return SheetColumn(places[0], heading)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The sheets of the workbook that are not read, for the preview."""
        return tuple(
            LeftOut(SourcePlace(0, f"sheet {quoted(name)}"), Skipped.OTHER_SHEET)
            for name in self.other_sheets
        )


def sheet_of(  # noqa: PLR0913 - the parts of a sheet, with their names
    rows: Iterator[SheetRow],
    heading_row: int,
    expected_rows: int,
    *,
    marks: SheetMarks = PLAIN_SHEET,
    other_sheets: tuple[str, ...] = (),
    pad: bool,
) -> SourceSheet:
    """Return the sheet with its headings in a given row. Raises `UserError` without headings.

    With `pad`, for workbooks, a short row has empty cells at its end; in CSV it stays short.
    """
    for row in rows:
        if row.number == heading_row:
            headings = _headings(row.cells)
            if any(headings):
                below = _padded(rows, len(headings)) if pad else rows
                left = max(expected_rows - heading_row, 0)
                return SourceSheet(headings, below, left, heading_row, marks, other_sheets)
            break
    raise UserError(
        f"The file has no headings in row {heading_row}. Check heading_row in the mapping."
    )


def _padded(rows: Iterator[SheetRow], width: int) -> Iterator[SheetRow]:
    for row in rows:
        missing = width - len(row.cells)
        cells = row.cells + (TextCell(""),) * missing
        yield SheetRow(row.number, cells, row.is_hidden) if missing > 0 else row


def _headings(cells: Sequence[TextCell]) -> tuple[str, ...]:
    """Return the headings, without empty ones at the end."""
    headings = [clean(cell.text) for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)
