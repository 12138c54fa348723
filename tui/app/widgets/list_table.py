"""A list of rows: j and k move as the arrows do."""

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import DataTable

from tui.app.actions import bound


class ListTable(DataTable[Text]):
    """A table whose cursor is a row. Its cells are made by `cell`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("down", "cursor_down", "", show=False),
        bound("up", "cursor_up", "", show=False),
    ]

    def __init__(self, *, gap: int, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Make an empty list, with so many signs on either side of a cell."""
        super().__init__(id=id, cursor_type="row", cell_padding=gap)
