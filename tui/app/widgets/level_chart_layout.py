"""Levels over time in the cells of a terminal: the place of every sign of the chart."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from monitoring.summary import PatientSummary
from monitoring.treatment import DosingPeriod
from reports.level_chart import dose_marks
from tui.app.widgets.chart_drawing import (
    BAND_FILL,
    LEFT,
    LOWEST_TOP_NG_ML,
    ROOM_ABOVE,
    SMALLEST,
    CellScale,
    ChartLayout,
    Drawing,
    Mark,
    Part,
    active_levels,
    empty,
    has_legend,
    meanings_of,
    rows_for_doses,
)


def lay_out(summary: PatientSummary, width: int, height: int) -> ChartLayout:
    """Return the chart of a patient in so many columns and rows."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return empty(width, height)
    return _LevelDrawing(summary, width, height).finished()


def _scale(summary: PatientSummary, columns: range, rows: range) -> CellScale:
    levels = active_levels(summary)
    moments = [
        summary.made.utc,
        *(each.level.entry.sampled.utc for each in levels),
        *(each.since.utc for each in summary.history.periods),
        *(_at_noon(each.event.entry.since) for each in summary.events if each.event.is_active),
    ]
    room = max((max(moments) - min(moments)) / 40, timedelta(hours=12))
    targets = [each.prescription.entry.target.high_ng_ml for each in summary.history.periods]
    highest = max([LOWEST_TOP_NG_ML, *(each.level_ng_ml for each in levels), *targets])
    # Above the highest target a whole row is left.
    above_targets = max(targets, default=Decimal(0)) * len(rows) / (len(rows) - 1)
    top = max(highest, above_targets) * ROOM_ABOVE
    return CellScale(min(moments) - room, max(moments) + room, top, columns, rows)


def _at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


class _LevelDrawing(Drawing):
    """The levels of a summary with the target of each dosing period, doses and adverse events."""

    def __init__(self, summary: PatientSummary, width: int, height: int) -> None:
        self.summary = summary
        self.has_events = any(each.event.is_active for each in summary.events)
        below = 2 + self.has_events + has_legend(height)
        plot = range(rows_for_doses(height), height - below)
        super().__init__(_scale(summary, range(LEFT, width), plot), width, height)

    def finished(self) -> ChartLayout:
        """Return the drawing with everything in its place."""
        marks = tuple(self.mark(each, each.target) for each in active_levels(self.summary))
        for period in self.summary.history.periods:
            self.band(period.prescription.entry.target, self._columns_of(period))
        self.axes(self.summary.target)
        self.doses(dose_marks(self.summary.history.periods), rows_for_doses(self.height))
        if self.has_events:
            self._events()
        self.levels(marks)
        if has_legend(self.height):
            self.legend(self._meanings(marks))
        return self.layout(marks)

    def _columns_of(self, period: DosingPeriod) -> range:
        """Return the columns of a period; one that follows at once begins in its last column."""
        begin = self.scale.column(period.since.utc)
        if period.until is None:
            return range(begin, self.width)
        end = self.scale.column(period.until.utc)
        follows = any(other.since == period.until for other in self.summary.history.periods)
        return range(begin, end if follows and end > begin else end + 1)

    def _events(self) -> None:
        """Draw the adverse events below the dates, the highest grades first."""
        row = self.scale.rows.stop + 2
        self.write(row, 0, "grade", Part.EVENT)
        events = [each.event.entry for each in self.summary.events if each.event.is_active]
        for event in sorted(events, key=lambda each: -(each.grade or 0)):
            column = self.scale.column(_at_noon(event.since))
            label = f"╵{event.grade or '?'}"
            start = min(column, self.width - len(label))
            if self.is_free(row, range(start, start + len(label))):
                self.write(row, start, label, Part.EVENT)
            elif self.is_free(row, range(column, column + 1)):
                self.put(row, column, "╵", Part.EVENT)

    def _meanings(self, marks: Sequence[Mark]) -> Iterator[str]:
        if self.summary.history.periods:
            yield f"{BAND_FILL} target"
        yield from meanings_of(marks)
        if self.summary.history.periods:
            yield "┆ dose"
        if self.has_events:
            yield "╵ adverse event"
