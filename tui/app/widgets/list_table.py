"""A list of rows, with its own keys to move besides the arrows."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import BindingType
from textual.widgets import DataTable

from tui.app.actions import bound
from tui.app.line_breaks import parts_of

_LONGEST_KEPT_WORD = 14


class ListTable(DataTable[Text]):
    """A table whose cursor is a row. Its cells are made by `cell`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("down", "cursor_down", "", show=False),
        bound("up", "cursor_up", "", show=False),
    ]

    def __init__(self, *, gap: int, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Make an empty list, with so many signs on either side of a cell."""
        super().__init__(id=id, cursor_type="row", cell_padding=gap)


def widths_within(room: int, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of each column: that of its text, the widest narrowed until all fit.

    No column becomes narrower than its longest word, unless that word is very long.

    >>> widths_within(30, ("On", "Remark"), [("2026-11-24", "smaller on the ultrasound")])
    [10, 20]
    """
    columns = list(zip(headings, *rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    longest = [max(map(cell_len, parts_of(" \n ".join(column)))) for column in columns]
    narrowest = [min(each, _LONGEST_KEPT_WORD) for each in longest]
    while sum(widths) > room and widths != narrowest:
        at = max(
            range(len(widths)), key=lambda each: (widths[each] > narrowest[each], widths[each])
        )
        widths[at] -= 1
    return widths
