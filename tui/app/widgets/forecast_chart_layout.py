"""A predicted course in the cells of a terminal: the place of every sign of the chart.

The course is a line of half blocks, which every font has. Behind it three textures separate the
target, the 90 % band of the prediction, and both. Course and band are kept on their own side of the
target as the levels are, however coarse the rows are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil, floor

from dosing import TargetTrough
from monitoring.levels import LevelAssessment
from monitoring.times import Moment
from tui.app.widgets.chart_drawing import (
    BAND_FILL,
    LEFT,
    LOWEST_TOP_NG_ML,
    ROOM_ABOVE,
    SMALLEST,
    CellScale,
    ChartCell,
    ChartLayout,
    Drawing,
    Mark,
    Part,
    empty,
    meanings_of,
    rows_for_doses,
)

RANGE_FILL = ":"
"""The 90 % band of the prediction outside the target."""
BOTH_FILL = "▒"
"""The 90 % band of the prediction inside the target."""
COURSE_SIGNS = {1: "▀", 2: "▄", 3: "█"}
"""The course, by the halves of a cell that it passes: 1 the upper, 2 the lower, 3 both."""

_HALVES = 2
_NOW = "now"
_LEGEND_FROM = 10  # rows: a chart without a legend says little

Extremes = tuple[float, float]
"""The lowest and the highest value of a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """A predicted course between two moments, at equal intervals, with its levels and doses."""

    since: Moment
    until: Moment
    now: Moment
    ng_ml: tuple[float, ...]
    low_ng_ml: tuple[float, ...]
    high_ng_ml: tuple[float, ...]
    target: TargetTrough
    levels: tuple[LevelAssessment, ...]
    """The levels sampled in this time, oldest first."""
    doses: tuple[tuple[Moment, str], ...]
    """The changes of dose in this time, each with its label."""


def lay_out_forecast(predicted: Predicted, width: int, height: int) -> ChartLayout:
    """Return the chart of a prediction in so many columns and rows."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return empty(width, height)
    return _ForecastDrawing(predicted, width, height).finished()


def extremes(values: Sequence[float], parts: int) -> tuple[Extremes, ...]:
    """Return the lowest and highest value of each of so many equal parts of the time.

    Between two values the course is a straight line.

    >>> extremes([0, 4, 0], 4)
    ((0.0, 2.0), (2.0, 4.0), (2.0, 4.0), (0.0, 2.0))
    """
    step = (len(values) - 1) / parts
    found = []
    for part in range(parts):
        begin, end = part * step, (part + 1) * step
        inside = values[ceil(begin) : floor(end) + 1]
        every = [_between(values, begin), *inside, _between(values, end)]
        found.append((float(min(every)), float(max(every))))
    return tuple(found)


def _between(values: Sequence[float], place: float) -> float:
    before = min(floor(place), len(values) - 2)
    share = place - before
    return values[before] * (1 - share) + values[before + 1] * share


def _level(ng_ml: float) -> Decimal:
    """Return a level exactly, at least zero."""
    return max(Decimal(ng_ml), Decimal(0))


def _scale(predicted: Predicted, columns: range, rows: range) -> CellScale:
    target = predicted.target.high_ng_ml
    levels = (each.level_ng_ml for each in predicted.levels)
    highest = max([LOWEST_TOP_NG_ML, _level(max(predicted.high_ng_ml)), *levels])
    # Above the target a whole row is left.
    top = max(highest, target * len(rows) / (len(rows) - 1)) * ROOM_ABOVE
    return CellScale(predicted.since.utc, predicted.until.utc, top, columns, rows)


class _ForecastDrawing(Drawing):
    def __init__(self, predicted: Predicted, width: int, height: int) -> None:
        self.predicted = predicted
        plot = range(rows_for_doses(height), height - 2 - (height >= _LEGEND_FROM))
        super().__init__(_scale(predicted, range(LEFT, width), plot), width, height)

    def finished(self) -> ChartLayout:
        """Return the drawing with everything in its place."""
        predicted = self.predicted
        marks = tuple(self.mark(each, predicted.target) for each in predicted.levels)
        self.band(predicted.target, self.scale.columns)
        self._range()
        self.axes(predicted.target)
        self._now(predicted.now.utc)
        self.doses(predicted.doses, rows_for_doses(self.height))
        self._course()
        self.levels(marks)
        if self.height >= _LEGEND_FROM:
            self.legend(self._meanings(marks))
        return self.layout(marks)

    def _range(self) -> None:
        """Fill the 90 % band of the prediction."""
        columns = self.scale.columns
        lows = extremes(self.predicted.low_ng_ml, len(columns))
        highs = extremes(self.predicted.high_ng_ml, len(columns))
        for column, (low, _), (_, high) in zip(columns, lows, highs, strict=True):
            for row in range(self._row(high), self._row(low) + 1):
                in_band = self.cells[row][column].in_band
                sign = BOTH_FILL if in_band else RANGE_FILL
                self.cells[row][column] = ChartCell(sign, Part.RANGE, in_band)

    def _now(self, now: datetime) -> None:
        column = self.scale.column(now)
        for row in self.scale.rows:
            self.put(row, column, "┃", Part.NOW)
        start = min(column, self.width - len(_NOW))
        self.write(rows_for_doses(self.height) - 1, start, _NOW, Part.NOW)

    def _course(self) -> None:
        """Draw the course, in each column from its lowest to its highest."""
        columns = self.scale.columns
        parts = extremes(self.predicted.ng_ml, len(columns))
        for column, (low, high) in zip(columns, parts, strict=True):
            halves: dict[int, int] = {}
            for half in range(self._half(high), self._half(low) + 1):
                row, lower = divmod(half, _HALVES)
                halves[row] = halves.get(row, 0) | (2 if lower else 1)
            for row, passed in halves.items():
                self.put(row, column, COURSE_SIGNS[passed], Part.COURSE)

    def _row(self, ng_ml: float) -> int:
        return self.scale.row_beside(_level(ng_ml), self.predicted.target)

    def _half(self, ng_ml: float) -> int:
        """Return the half row of a level, inside the row of cells that it belongs to."""
        rows, row, level = self.scale.rows, self._row(ng_ml), _level(ng_ml)
        steps = int(level / self.scale.top_ng_ml * len(rows) * _HALVES)
        return min(max(rows.stop * _HALVES - 1 - steps, row * _HALVES), row * _HALVES + 1)

    def _meanings(self, marks: Sequence[Mark]) -> Iterator[str]:
        yield f"{COURSE_SIGNS[2]} predicted"
        yield f"{RANGE_FILL}{BOTH_FILL} 90 %"
        yield f"{BAND_FILL}{BOTH_FILL} target"
        yield from meanings_of(marks)
        if self.predicted.doses:
            yield "┆ dose"
