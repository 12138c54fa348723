"""The chart of levels over time as a widget, and one line of text that says the same."""

from collections import Counter
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from monitoring.levels.wording import mark, written
from monitoring.summary import PatientSummary
from reports.level_chart import dose_marks
from tui.app.widgets.chart_drawing import Cell, Layout, Part, standing
from tui.app.widgets.level_chart_layout import lay_out


class LevelChart(Widget):
    """Levels over time with the target band; `where` says the same in words."""

    DEFAULT_CSS = """
    LevelChart {
        height: 1fr;
        min-height: 7;
        & .level-chart--band { background: $success 18%; color: $success 35%; }
        & .level-chart--empty { color: $foreground; }
        & .level-chart--axis { color: $text-muted; }
        & .level-chart--dose { color: $text-accent; }
        & .level-chart--event { color: $text-warning; }
        & .level-chart--above { color: $text-error; text-style: bold; }
        & .level-chart--below { color: $text-warning; text-style: bold; }
        & .level-chart--within { color: $text-success; text-style: bold; }
        & .level-chart--hollow { color: $foreground; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "level-chart--band",
        *(f"level-chart--{part.value}" for part in Part),
    }

    def __init__(self, summary: PatientSummary, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show the levels of a summary."""
        super().__init__(id=id)
        self._summary = summary
        self._layout_of = (0, 0)
        self._layout = Layout(())

    @property
    def summary(self) -> PatientSummary:
        """What is shown; setting it draws anew."""
        return self._summary

    @summary.setter
    def summary(self, summary: PatientSummary) -> None:
        self._summary = summary
        self._layout_of = (0, 0)
        self.refresh()

    @property
    def where(self) -> str:
        """The chart in words."""
        return chart_words(self._summary)

    def render_line(self, y: int) -> Strip:
        """Return one row of the chart."""
        width, height = self.size
        if self._layout_of != (width, height):
            self._layout = lay_out(self._summary, width, height)
            self._layout_of = (width, height)
        if y >= len(self._layout.rows):
            return Strip.blank(width)
        return Strip([self._segment(cell) for cell in self._layout.rows[y]], width).simplify()

    def _segment(self, cell: Cell) -> Segment:
        part = f"level-chart--{cell.part.value}"
        if not cell.in_band:
            style = self.get_visual_style(part)
        elif cell.part is Part.EMPTY:
            style = self.get_visual_style("level-chart--band")
        else:
            style = self.get_visual_style("level-chart--band", part)
        return Segment(cell.sign, style.rich_style)


def chart_words(summary: PatientSummary) -> str:
    """Return the chart in one line: how many levels lie where, the last one, doses, side-effects.

    Levels are those that were not voided.
    """
    parts = [_levels_words(summary)]
    if summary.target is not None:
        parts.insert(0, f"Target {summary.target}")
    changes = dose_marks(summary.courses)
    if changes:
        moment, label = changes[-1]
        count = f"{len(changes)} dose {'change' if len(changes) == 1 else 'changes'}"
        parts.append(f"{count}, the last on {moment.local:%Y-%m-%d}: {label}")
    events = [each.event.entry for each in summary.events if each.event.stands]
    if events:
        grades = [event.grade for event in events if event.grade]
        highest = f", the highest of grade {max(grades)}" if grades else ", not graded"
        count = f"{len(events)} {'side-effect' if len(events) == 1 else 'side-effects'}"
        parts.append(f"{count}{highest}")
    return f"{'. '.join(parts)}."


def _levels_words(summary: PatientSummary) -> str:
    levels = standing(summary)
    if not levels:
        return "No level yet"
    counted = Counter(mark(each).partition(" ")[2] for each in levels)
    where = ", ".join(f"{count} {word}" for word, count in counted.most_common())
    last = levels[-1]
    days = f"{last.level.entry.sampled.local:%Y-%m-%d}"
    count = f"{len(levels)} {'level' if len(levels) == 1 else 'levels'}"
    return f"{count}: {where}; the last {mark(last)}, {written(last.level.entry)} on {days}"
