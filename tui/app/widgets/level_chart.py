"""The chart of levels over time as a widget, and one line of text that says the same."""

from collections import Counter

from dosing.quantities.formatting import count_of
from monitoring.levels.wording import mark
from monitoring.record.level import written
from monitoring.summary import PatientSummary
from reports.level_chart import dose_marks
from reports.presentation.times import day_of
from tui.app.widgets.cell_chart import CellChart
from tui.app.widgets.chart_drawing import ChartLayout, active_levels
from tui.app.widgets.level_chart_layout import lay_out


class LevelChart(CellChart):
    """Levels over time with the target band; `where` is the chart in words."""

    def __init__(self, summary: PatientSummary, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show the levels of a summary."""
        super().__init__(id=id)
        self._summary = summary

    @property
    def summary(self) -> PatientSummary:
        """The summary; setting it draws the chart again."""
        return self._summary

    @summary.setter
    def summary(self, summary: PatientSummary) -> None:
        self._summary = summary
        self.draw_anew()

    @property
    def where(self) -> str:
        """The chart in words."""
        return chart_words(self._summary)

    def lay_out(self, width: int, height: int) -> ChartLayout:
        """Return the levels of the summary."""
        return lay_out(self._summary, width, height)


def chart_words(summary: PatientSummary) -> str:
    """Return the chart in one line: levels by status, the last one, doses, adverse events.

    Voided and excluded levels are left out.
    """
    parts = [_levels_words(summary)]
    if summary.target is not None:
        parts.insert(0, f"Target {summary.target}")
    changes = dose_marks(summary.history.periods)
    if changes:
        moment, label = changes[-1]
        count = count_of(len(changes), "dose change")
        parts.append(f"{count}, the last on {day_of(moment)}: {label}")
    events = [each.event.entry for each in summary.events if each.event.is_active]
    if events:
        grades = [event.grade for event in events if event.grade]
        highest = f", the highest of grade {max(grades)}" if grades else ", not graded"
        parts.append(f"{count_of(len(events), 'adverse event')}{highest}")
    return f"{'. '.join(parts)}."


def _levels_words(summary: PatientSummary) -> str:
    levels = active_levels(summary)
    if not levels:
        return "No levels"
    counted = Counter(mark(each).partition(" ")[2] for each in levels)
    where = ", ".join(f"{count} {word}" for word, count in counted.most_common())
    last = levels[-1]
    entry = last.level.entry
    count, day = count_of(len(levels), "level"), day_of(entry.sampled)
    return f"{count}: {where}; the last {mark(last)}, {written(entry)} on {day}"
