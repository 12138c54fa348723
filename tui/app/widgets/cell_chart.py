"""A chart in the cells of a terminal as a widget: it draws a layout, sign by sign."""

from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.app.widgets.chart_drawing import ChartCell, ChartLayout, Part


class CellChart(Widget):
    """A chart that is laid out for each size by `lay_out`."""

    DEFAULT_CSS = """
    CellChart {
        height: 1fr;
        min-height: 7;
        & .chart--band { background: $success 18%; color: $success 35%; }
        & .chart--empty { color: $foreground; }
        & .chart--axis { color: $text-muted; }
        & .chart--dose { color: $text-accent; }
        & .chart--event { color: $text-warning; }
        & .chart--above { color: $text-error; text-style: bold; }
        & .chart--below { color: $text-warning; text-style: bold; }
        & .chart--within { color: $text-success; text-style: bold; }
        & .chart--hollow { color: $foreground; }
        & .chart--range { color: $text-primary 60%; }
        & .chart--course { color: $foreground; text-style: bold; }
        & .chart--now { color: $text-accent; }
        & .chart--peak { color: $text-muted; }
        & .chart--target { color: $text-success; }
        & .chart--forecast { color: $text-primary; }
        & .chart--bar { color: $text-accent; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--band",
        *(f"chart--{part.value}" for part in Part),
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Draw nothing yet."""
        super().__init__(id=id)
        self._layout_of = (0, 0)
        self._layout = ChartLayout(())

    def lay_out(self, width: int, height: int) -> ChartLayout:
        """Return the chart in so many columns and rows."""
        raise NotImplementedError

    def draw_anew(self) -> None:
        """Draw the chart again."""
        self._layout_of = (0, 0)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one row of the chart."""
        width, height = self.size
        if self._layout_of != (width, height):
            self._layout = self.lay_out(width, height)
            self._layout_of = (width, height)
        if y >= len(self._layout.rows):
            return Strip.blank(width)
        return Strip([self._segment(cell) for cell in self._layout.rows[y]], width).simplify()

    def _segment(self, cell: ChartCell) -> Segment:
        part = f"chart--{cell.part.value}"
        if not cell.in_band:
            style = self.get_visual_style(part)
        elif cell.part is Part.EMPTY:
            style = self.get_visual_style("chart--band")
        else:
            style = self.get_visual_style("chart--band", part)
        return Segment(cell.sign, style.rich_style)
