"""A predicted course in the cells of a terminal: the place of every sign of the chart.

The troughs are a line with their 90 % band shaded, the target is between two lines, and the peaks
are faint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from monitoring.levels import LevelAssessment
from monitoring.times import Moment
from reports.presentation.predicted_course import PredictedCourse
from tui.app.widgets.chart_drawing import (
    LEFT,
    LOWEST_TOP_NG_ML,
    SMALLEST,
    CellScale,
    ChartLayout,
    Drawing,
    EvenSteps,
    Part,
    empty,
    legend_lines,
    meanings_of,
    rows_for_doses,
    rows_for_legend,
)
from tui.app.widgets.course_drawing import (
    COURSE_SIGNS,
    PEAK_SIGN,
    RANGE_FILL,
    draw_peaks,
    draw_troughs,
    highest_of,
    shade_band,
)

TARGET_SIGNS = {False: "─", True: "═"}
"""An end of the target, off and on the shaded band."""

_END_ON_AXIS = {"│": "╞", "┤": "╪"}
_NOW = "now"
_LEGEND_FROM = 10  # rows: a chart without a legend says little


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """A predicted course with the levels and doses in its time."""

    course: PredictedCourse
    levels: tuple[LevelAssessment, ...]
    """The levels sampled in this time, oldest first."""
    doses: tuple[tuple[Moment, str], ...]
    """The changes of dose in this time, each with its label."""


def lay_out_forecast(predicted: Predicted, width: int, height: int) -> ChartLayout:
    """Return the chart of a prediction in so many columns and rows."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return empty(width, height)
    return _ForecastDrawing(predicted, width, height).finished()


def _scale(predicted: Predicted, columns: range, rows: range) -> CellScale:
    course = predicted.course
    levels = (each.level_ng_ml for each in predicted.levels)
    highest = max([LOWEST_TOP_NG_ML, *highest_of(course), *levels])
    steps = EvenSteps.of(len(rows), highest, [course.target])
    return CellScale(course.since.utc, course.until.utc, steps, columns, rows)


class _ForecastDrawing(Drawing):
    def __init__(self, predicted: Predicted, width: int, height: int) -> None:
        self.predicted, self.course = predicted, predicted.course
        self.legend_lines = legend_lines(
            self._meanings(), width, rows_for_legend(height, _LEGEND_FROM)
        )
        plot = range(rows_for_doses(height), height - 2 - len(self.legend_lines))
        super().__init__(_scale(predicted, range(LEFT, width), plot), width, height)

    def finished(self) -> ChartLayout:
        """Return the drawing with everything in its place."""
        predicted, columns, target = self.predicted, self.scale.columns, self.course.target
        marks = tuple(self.mark(each, target) for each in predicted.levels)
        shade_band(self, self.course, columns)
        self._target()
        self.axes([target])
        for row in self._ends:
            self.put(row, LEFT - 1, _END_ON_AXIS[self.cells[row][LEFT - 1].sign], Part.TARGET)
        self._now(self.course.now.utc)
        self.doses(predicted.doses, rows_for_doses(self.height))
        draw_peaks(self, self.course, columns)
        draw_troughs(self, self.course, columns, Part.COURSE)
        in_sight = self.levels(marks)
        self.ends(target, columns)
        self.values(in_sight)
        self.legend(self.legend_lines)
        return self.layout(marks)

    @property
    def _ends(self) -> set[int]:
        """The rows of the ends of the target."""
        band = self.scale.band(self.course.target)
        return {band.start, band.stop - 1} if self.course.target.low_ng_ml else {band.start}

    def _target(self) -> None:
        """Draw a line in the row of each end of the target."""
        for row in self._ends:
            for column in self.scale.columns:
                on_band = self.cells[row][column].part is Part.RANGE
                self.put(row, column, TARGET_SIGNS[on_band], Part.TARGET)

    def _now(self, now: datetime) -> None:
        column = self.scale.column(now)
        for row in self.scale.rows:
            self.put(row, column, "┃", Part.NOW)
        start = min(column, self.width - len(_NOW))
        self.write(rows_for_doses(self.height) - 1, start, _NOW, Part.NOW)

    def _meanings(self) -> Iterator[str]:
        yield f"{COURSE_SIGNS[2]} predicted trough"
        yield f"{RANGE_FILL} its 90 %"
        yield f"{TARGET_SIGNS[False]} target"
        yield from meanings_of(self.predicted.levels)
        if self.course.peaks:
            yield f"{PEAK_SIGN} peak"
        if self.predicted.doses:
            yield "┆ dose"
