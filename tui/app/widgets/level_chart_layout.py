"""Levels over time in the cells of a terminal: the place of every sign of the chart.

Below the dates are the adverse events, and the holds, switches of product and other drugs as bars
with names. Behind the right part is the forecast of the coming weeks, where there is one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby

from rich.cells import cell_len

from dosing import TargetTrough, clean
from dosing.quantities.formatting import count_of
from monitoring.summary import PatientSummary
from monitoring.treatment import DosingPeriod
from reports.level_chart import dose_marks
from reports.presentation.predicted_course import PredictedCourse
from reports.presentation.treatment_bars import treatment_bars
from tui.app.widgets.bar_places import PlacedBar, bar_lanes
from tui.app.widgets.chart_drawing import (
    BAND_FILL,
    LEFT,
    LOWEST_TOP_NG_ML,
    SMALLEST,
    CellScale,
    ChartLayout,
    Drawing,
    EvenSteps,
    Part,
    active_levels,
    empty,
    legend_lines,
    meanings_of,
    rows_for_doses,
    rows_for_legend,
)
from tui.app.widgets.course_drawing import (
    COURSE_SIGNS,
    RANGE_FILL,
    draw_troughs,
    highest_of,
    shade_band,
)

_LONGEST_NAME = 20
_FORECAST = "forecast"
_FAINT_FILL = ":"
"""The 90 % band of the forecast outside the target."""


def lay_out(
    summary: PatientSummary, width: int, height: int, predicted: PredictedCourse | None = None
) -> ChartLayout:
    """Return the chart of a patient in so many columns and rows.

    `predicted` is the forecast to draw behind it, from the moment of the summary on.
    """
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return empty(width, height)
    return _LevelDrawing(summary, predicted, width, height).finished()


def _times(summary: PatientSummary, predicted: PredictedCourse | None) -> tuple[datetime, datetime]:
    """Return the first and the last moment of the chart."""
    moments = [
        summary.made.utc,
        *(each.level.entry.sampled.utc for each in active_levels(summary)),
        *(each.since.utc for each in summary.history.periods),
        *(_at_noon(each.event.entry.since) for each in summary.events if each.event.is_active),
    ]
    room = max((max(moments) - min(moments)) / 40, timedelta(hours=12))
    end = max(moments) + room
    return min(moments) - room, max(end, predicted.until.utc) if predicted else end


def _at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


class _LevelDrawing(Drawing):
    """The levels of a summary with the target of each dosing period, doses and adverse events."""

    def __init__(
        self, summary: PatientSummary, predicted: PredictedCourse | None, width: int, height: int
    ) -> None:
        self.summary = summary
        self.predicted = predicted
        self.has_events = any(each.event.is_active for each in summary.events)
        begin, end = _times(summary, predicted)
        every = treatment_bars(summary.history, summary.made)
        self.bars = tuple(each for each in every if each.overlaps(begin, end))
        # The columns are known before the rows: the lanes of the bars take some of these.
        columns = range(LEFT, width)
        flat = CellScale(begin, end, EvenSteps(Decimal(10), 1), columns, range(1))
        self.lanes = bar_lanes(self.bars, flat, height)
        self.legend_lines = legend_lines(self._meanings(), width, rows_for_legend(height))
        below = 2 + self.has_events + len(self.lanes) + len(self.legend_lines)
        rows = range(rows_for_doses(height), height - below)
        levels = (each.level_ng_ml for each in active_levels(summary))
        self.targets = [each.prescription.entry.target for each in summary.history.periods]
        highest = max([LOWEST_TOP_NG_ML, *levels, *highest_of(predicted)])
        steps = EvenSteps.of(len(rows), highest, self.targets)
        super().__init__(CellScale(begin, end, steps, columns, rows), width, height)

    def finished(self) -> ChartLayout:
        """Return the drawing with everything in its place."""
        marks = tuple(self.mark(each, each.target) for each in active_levels(self.summary))
        for period in self.summary.history.periods:
            self.band(period.prescription.entry.target, self._columns_of(period))
        self.axes(self.targets)
        if self.predicted:
            self._forecast(self.predicted)
        self.doses(dose_marks(self.summary.history.periods), rows_for_doses(self.height))
        self._bars()
        if self.has_events:
            self._events()
        in_sight = self.levels(marks)
        for target, columns in self._targets():
            self.ends(target, columns)
        self.values(in_sight)
        self.legend(self.legend_lines)
        return self.layout(marks)

    def _columns_of(self, period: DosingPeriod) -> range:
        """Return the columns of a period; one that follows at once begins in its last column."""
        begin = self.scale.column(period.since.utc)
        if period.until is None:
            return range(begin, self.width)
        end = self.scale.column(period.until.utc)
        follows = any(other.since == period.until for other in self.summary.history.periods)
        return range(begin, end if follows and end > begin else end + 1)

    def _targets(self) -> list[tuple[TargetTrough, range]]:
        """Return each target with its columns, the newest first."""
        found = []
        periods = self.summary.history.periods
        for target, run in groupby(periods, key=lambda each: each.prescription.entry.target):
            same = list(run)
            columns = range(self._columns_of(same[0]).start, self._columns_of(same[-1]).stop)
            found.append((target, columns))
        return found[::-1]

    def _forecast(self, predicted: PredictedCourse) -> None:
        """Draw the coming weeks: median and band from now on, with the word above."""
        now = self.scale.column(predicted.now.utc)
        shade_band(self, predicted, range(now + 1, self.width), _FAINT_FILL)
        draw_troughs(self, predicted, range(now + 1, self.width), Part.FORECAST)
        for row in self.scale.rows:
            self.put(row, now, "┊", Part.NOW)
        if len(_FORECAST) < self.width - now:
            self.write(rows_for_doses(self.height) - 1, now + 1, _FORECAST, Part.NOW)

    def _bars(self) -> None:
        first = self.scale.rows.stop + 2 + self.has_events
        for row, (kind, lane) in enumerate(self.lanes, start=first):
            self.write(row, 0, kind.value, Part.BAR)
            for placed in lane:
                self._bar(row, placed)

    def _bar(self, row: int, placed: PlacedBar) -> None:
        bar, columns = placed.bar, placed.columns
        begins = "├" if bar.since >= self.scale.begin else "←"
        lasts = bar.until is None or self.scale.end < bar.until
        ends = "→" if lasts else "┤" if len(columns) > 1 else "│"
        line = f"{begins}{'─' * len(columns)}"[: len(columns) - 1] + ends
        self.write(row, columns.start, line, Part.BAR)
        self.write(row, placed.name_at, placed.name, Part.BAR)

    def _events(self) -> None:
        """Draw the adverse events below the dates, the highest grades first, with their names."""
        row = self.scale.rows.stop + 2
        self.write(row, 0, "grade", Part.EVENT)
        events = [each.event.entry for each in self.summary.events if each.event.is_active]
        ordered = sorted(events, key=lambda each: -(each.grade or 0))
        named = []
        for event in ordered:
            column = self.scale.column(_at_noon(event.since))
            label = f"╵{event.grade or '?'}"
            start = min(column, self.width - len(label))
            if self.is_free(row, range(start, start + len(label))):
                self.write(row, start, label, Part.EVENT)
                named.append((start + len(label), clean(event.term)))
            elif self.is_free(row, range(column, column + 1)):
                self.put(row, column, "╵", Part.EVENT)
        for start, term in named:
            wide = cell_len(term)
            if wide <= _LONGEST_NAME and self.is_free(row, range(start, start + wide + 2)):
                self.write(row, start + 1, term, Part.EVENT)

    def _meanings(self) -> Iterator[str]:
        if self.summary.history.periods:
            yield f"{BAND_FILL} target"
        yield from meanings_of(active_levels(self.summary))
        if self.predicted:
            yield f"forecast: {COURSE_SIGNS[2]} trough, {_FAINT_FILL}{RANGE_FILL} its 90 %"
        if self.summary.history.periods:
            yield "┆ dose"
        if self.has_events:
            yield "╵ adverse event"
        missing = len(self.bars) - sum(len(lane) for _, lane in self.lanes)
        if missing:
            yield f"+{count_of(missing, 'bar')}: see the lists"
