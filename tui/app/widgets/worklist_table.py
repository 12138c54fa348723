"""The list of patients: a row each, its reason below it where that matters, in columns.

Only the lines in sight are drawn: ten thousand patients scroll as quickly as ten.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dosing import clean
from monitoring.terms import Urgency
from monitoring.worklist_index.row import WorklistRow
from tui.app.actions import bound
from tui.app.text import wrapped_cell
from tui.app.widgets.worklist_columns import (
    USUAL_ORDER,
    PartMeaning,
    PlacedColumn,
    RowPart,
    WorklistColumn,
    columns_for,
    in_order,
    needs_of,
)

_HEADER = 1
_TALL = 30  # so high a screen has room for every reason
_INDENT = 2  # of a reason
_NO_DAY = date.min
_WRAPS_KEPT = 4096


class WorklistTable(ScrollView, can_focus=True):
    """The rows in the order of a column; the cursor stays on its patient."""

    DEFAULT_CSS = """
    WorklistTable {
        overflow-x: hidden; scrollbar-gutter: stable;
        & .worklist--header { color: $text-muted; }
        & .worklist--sorted { color: $text-accent; text-style: bold; }
        & .worklist--cursor { background: $primary-muted; }
        & .worklist--hover { background: $boost; }
        & .worklist--quiet { color: $text-muted; }
        & .worklist--urgent { color: $text-error; text-style: bold; }
        & .worklist--overdue { color: $text-warning; text-style: bold; }
        & .worklist--due { color: $text-accent; }
        & .worklist--later { color: $text-muted; }
        & .worklist--above { color: $text-error; text-style: bold; }
        & .worklist--within { color: $text-success; }
        & .worklist--below { color: $text-warning; text-style: bold; }
        &:nocolor .worklist--cursor { text-style: reverse; }
        &:nocolor .worklist--quiet { text-style: dim; }
        &:nocolor .worklist--header { text-style: dim; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "worklist--header",
        "worklist--sorted",
        "worklist--cursor",
        "worklist--hover",
        *(f"worklist--{each.value}" for each in PartMeaning if each is not PartMeaning.PLAIN),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "choose"),
        bound("down", "scroll_down", "", show=False),
        bound("up", "scroll_up", "", show=False),
    ]

    @dataclass
    class RowChosen(Message):
        """A patient was chosen, by the key or by a click on the row under the cursor."""

        row: WorklistRow

    @dataclass
    class CursorMoved(Message):
        """Another patient is under the cursor, or none."""

        row: WorklistRow | None

    @dataclass
    class HeadingChosen(Message):
        """The heading of a column was clicked."""

        column: WorklistColumn

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Begin without patients."""
        super().__init__(id=id)
        self.shown: list[WorklistRow] = []
        """The rows, in their order."""
        self.columns: tuple[PlacedColumn, ...] = ()
        """The columns that there is room for."""
        self.sorted_by: WorklistColumn = USUAL_ORDER
        """The column by which the rows are sorted."""
        self.is_reversed = False
        """True where they are sorted the other way round."""
        self.cursor_row = 0
        """The row under the cursor, from 0; meaningless in an empty list."""
        self._listed: Sequence[WorklistRow] = ()
        self._day = _NO_DAY
        self._starts: list[int] = [0]
        self._hovered = -1

    # --- what is listed

    def list_rows(self, rows: Sequence[WorklistRow], day: date) -> None:
        """List these patients, as of a day, in the order of the column."""
        self._listed, self._day = rows, day
        self._arrange()

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return len(self.shown)

    @property
    def patients_in_order(self) -> tuple[int, ...]:
        """The numbers of the patients as they are listed."""
        return tuple(each.patient for each in self.shown)

    @property
    def chosen(self) -> WorklistRow | None:
        """The row under the cursor; None in an empty list."""
        return self.shown[self.cursor_row] if self.shown else None

    @property
    def in_sight(self) -> range:
        """The rows that are in sight, from 0; those cut at the edges too."""
        first = self._row_at(round(self.scroll_y))
        lines = max(0, self.scrollable_content_region.height - _HEADER)
        last = self._row_at(round(self.scroll_y) + lines - 1)
        return range(first, min(last + 1, len(self.shown)))

    def text_of(self, row: int, column: str) -> str:
        """Return the text of a cell, as it would be in full."""
        placed = next(each for each in self.columns if each.column.name == column)
        return placed.column.text(self.shown[row], self._day)

    # --- order

    def sort_by(self, column: WorklistColumn, *, is_reversed: bool = False) -> None:
        """Sort by a column."""
        self.sorted_by, self.is_reversed = column, is_reversed
        self._arrange()

    def sort_by_next(self) -> None:
        """Sort by the next column that is shown, after the last by the first again."""
        names = [each.column for each in self.columns]
        at = names.index(self.sorted_by) if self.sorted_by in names else -1
        self.sort_by(names[(at + 1) % len(names)])

    def sort_by_heading(self, column: WorklistColumn) -> None:
        """Sort by a column, or the other way round where it is sorted by it."""
        is_same = column is self.sorted_by
        self.sort_by(column, is_reversed=is_same and not self.is_reversed)

    # --- layout

    def on_resize(self, _event: events.Resize) -> None:
        """Show the columns that there is room for."""
        self._arrange()

    def _arrange(self) -> None:
        """Sort the rows and measure them; the cursor stays on its patient."""
        under = self.chosen
        self.shown = in_order(self._listed, self.sorted_by, is_reversed=self.is_reversed)
        if self._day != _NO_DAY:
            width = self.screen.size.width
            self.columns = columns_for(width, self.shown, self._day)
        heights = map(self._height_of, self.shown)
        self._starts = [0, *accumulate(heights)]
        self.virtual_size = Size(self.scrollable_content_region.width, self._starts[-1] + _HEADER)
        at = min(self.cursor_row, len(self.shown) - 1)
        if under is not None:
            numbers = (row for row, each in enumerate(self.shown) if each.patient == under.patient)
            at = next(numbers, at)
        self.cursor_row = max(at, 0)
        self._cursor_into_sight()
        if self.chosen != under:
            self.post_message(self.CursorMoved(self.chosen))

    def _height_of(self, row: WorklistRow) -> int:
        lines = 1
        for placed in self.columns:
            if placed.column.lines > 1:
                text = placed.column.text(row, self._day)
                if cell_len(text) > placed.room:
                    lines = max(lines, len(_lines(text, placed.room, placed.column.lines)))
        return lines + self._shows_reason(row)

    def _shows_reason(self, row: WorklistRow) -> bool:
        """Return whether the reason is below the row: of the urgent always, of others if tall."""
        if not row.reason:
            return False
        return row.urgency is Urgency.URGENT or (
            row.urgency is not Urgency.LATER and self.screen.size.height >= _TALL
        )

    def _row_at(self, line: int) -> int:
        """Return the row that a line of the list belongs to; past the end the number of rows."""
        return min(bisect_right(self._starts, line) - 1, len(self.shown))

    # --- drawing

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        width = self.scrollable_content_region.width
        if y < _HEADER:
            return self._header(width)
        line = y - _HEADER + round(self.scroll_y)
        row = self._row_at(line)
        if row >= len(self.shown) or line < 0:
            return Strip.blank(width, self.rich_style)
        return self._row_line(row, line - self._starts[row], width)

    def _header(self, width: int) -> Strip:
        parts = []
        for placed in self.columns:
            is_sorted = placed.column is self.sorted_by
            text = placed.column.heading
            if is_sorted:  # the arrow has room in the gap: no column is wider for it
                has_room = cell_len(text) < placed.room
                text += f"{' ' if has_room else ''}{'▴' if self.is_reversed else '▾'}"
            style = self.rich_style + self._style("sorted" if is_sorted else "header")
            parts.append(_sized(text, placed.width, style))
        return _padded(parts, width, self.rich_style)

    def _row_line(self, at: int, line: int, width: int) -> Strip:
        row = self.shown[at]
        under = self._under(at)
        is_reason = self._shows_reason(row) and line == self._starts[at + 1] - self._starts[at] - 1
        if is_reason:
            style = under + self._style(_meaning_of_reason(row).value)
            reason = _lines(row.reason, width - _INDENT, 1)[0]
            return _padded([Segment(" " * _INDENT, under), Segment(reason, style)], width, under)
        parts: list[Segment] = []
        for placed in self.columns:
            parts += self._cell_line(placed, row, line, under)
        return _padded(parts, width, under)

    def _cell_line(
        self, placed: PlacedColumn, row: WorklistRow, line: int, under: Style
    ) -> list[Segment]:
        found = placed.column.parts(row, self._day)
        if len(found) == 1:
            (only,) = found
            lines = _lines(only.text, placed.room, placed.column.lines)
            text = lines[line] if line < len(lines) else ""
            return [_sized(text, placed.width, under + self._style_of(only))]
        if line:
            return [Segment(" " * placed.width, under)]
        segments = [Segment(clean(each.text), under + self._style_of(each)) for each in found]
        used = sum(each.cell_length for each in segments)
        return [*segments, Segment(" " * max(0, placed.width - used), under)]

    def _under(self, row: int) -> Style:
        """Return the style of a row without what is in it."""
        if row == self.cursor_row:
            return self.get_component_rich_style("worklist--cursor")
        if row == self._hovered:
            return self.get_component_rich_style("worklist--hover")
        return self.rich_style

    def _style_of(self, part: RowPart) -> Style:
        return Style() if part.meaning is PartMeaning.PLAIN else self._style(part.meaning.value)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"worklist--{name}", partial=True)

    # --- moving

    def move_cursor(self, row: int) -> None:
        """Move the cursor to a row, or as near as there is one, and bring it into sight."""
        row = min(max(row, 0), len(self.shown) - 1)
        if self.shown and row != self.cursor_row:
            self.cursor_row = row
            self.post_message(self.CursorMoved(self.chosen))
        self._cursor_into_sight()

    def _cursor_into_sight(self) -> None:
        if self.shown:
            start, end = self._starts[self.cursor_row], self._starts[self.cursor_row + 1]
            # The header is over the first line of the region.
            self.scroll_to_region(
                Region(0, start, 1, end - start + _HEADER), animate=False, force=True
            )
        self.refresh()

    def action_choose(self) -> None:
        """Open the patient under the cursor."""
        if self.chosen is not None:
            self.post_message(self.RowChosen(self.chosen))

    def action_scroll_down(self) -> None:
        """Move the cursor down."""
        self.move_cursor(self.cursor_row + 1)

    def action_scroll_up(self) -> None:
        """Move the cursor up."""
        self.move_cursor(self.cursor_row - 1)

    def action_scroll_home(self) -> None:
        """Move the cursor to the first row."""
        self.move_cursor(0)

    def action_scroll_end(self) -> None:
        """Move the cursor to the last row."""
        self.move_cursor(len(self.shown) - 1)

    def action_page_down(self) -> None:
        """Move the cursor down by the rows in sight."""
        self.move_cursor(self.cursor_row + max(1, len(self.in_sight) - 1))

    def action_page_up(self) -> None:
        """Move the cursor up by the rows in sight."""
        self.move_cursor(self.cursor_row - max(1, len(self.in_sight) - 1))

    # --- mouse

    def on_click(self, event: events.Click) -> None:
        """Sort by a heading; move to a row, or open the one under the cursor."""
        event.stop()
        x = event.x - self.gutter.left
        if event.y < _HEADER:
            for placed in self.columns:
                if placed.start <= x < placed.start + placed.width:
                    self.post_message(self.HeadingChosen(placed.column))
            return
        row = self._row_under(event.y)
        if row is None:
            return
        if row == self.cursor_row:
            self.action_choose()
        else:
            self.move_cursor(row)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark the row under the mouse."""
        row = self._row_under(event.y) if event.y >= _HEADER else None
        self._hover(-1 if row is None else row)

    def on_leave(self) -> None:
        """Mark no row."""
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.refresh()

    def _row_under(self, y: int) -> int | None:
        row = self._row_at(y - _HEADER + round(self.scroll_y))
        return row if row < len(self.shown) else None


def _meaning_of_reason(row: WorklistRow) -> PartMeaning:
    return needs_of(row).meaning if row.urgency is Urgency.URGENT else PartMeaning.QUIET


@lru_cache(maxsize=_WRAPS_KEPT)
def _lines(text: str, width: int, most: int) -> tuple[str, ...]:
    """Return a text in lines, broken between words; the last one ends with an ellipsis if cut."""
    return tuple(wrapped_cell(text, width, most).plain.split("\n"))


def _sized(text: str, width: int, style: Style) -> Segment:
    return Segment(set_cell_size(text, width), style)


def _padded(parts: list[Segment], width: int, style: Style) -> Strip:
    return Strip(parts).adjust_cell_length(width, style)
