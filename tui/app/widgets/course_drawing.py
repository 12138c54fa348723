"""A predicted course on a chart of cells: troughs as a line, their 90 % band, and the peaks.

The line of the troughs is one of half blocks, which every font has. Line and band are kept on their
own side of the target as the levels are, however coarse the rows are.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from reports.presentation.predicted_course import PredictedCourse
from tui.app.widgets.chart_drawing import CellScale, Drawing, Part

RANGE_FILL = "▒"
"""The 90 % band of the troughs."""
PEAK_SIGN = "╌"
COURSE_SIGNS = {1: "▀", 2: "▄", 3: "█"}
"""The course, by the halves of a cell that it passes: 1 the upper, 2 the lower, 3 both."""

_HALVES = 2

Point = tuple[float, float]
"""A place in columns and a value."""
Extremes = tuple[float, float]
"""The lowest and the highest value of a column."""


def extremes(points: Sequence[Point], columns: range) -> tuple[Extremes | None, ...]:
    """Return the lowest and highest value of each column on the lines between points.

    The points are in order of place. Before the first and behind the last there is nothing.

    >>> extremes([(0, 0), (2, 4), (3, 4)], range(4))
    ((0.0, 2.0), (2.0, 4.0), (4.0, 4.0), None)
    """
    return tuple(_extremes_of(points, column, column + 1) for column in columns)


def _extremes_of(points: Sequence[Point], begin: float, end: float) -> Extremes | None:
    if not points or end <= points[0][0] or points[-1][0] <= begin:
        return None
    inside = [value for place, value in points if begin <= place <= end]
    edges = (max(begin, points[0][0]), min(end, points[-1][0]))
    every = [*inside, *(_value_at(points, edge) for edge in edges)]
    return float(min(every)), float(max(every))


def _value_at(points: Sequence[Point], place: float) -> float:
    after = next(number for number, (other, _) in enumerate(points) if other >= place)
    other, value = points[after]
    if other == place or after == 0:
        return value
    before, start = points[after - 1]
    return start + (value - start) * (place - before) / (other - before)


def highest_of(course: PredictedCourse | None) -> Iterator[Decimal]:
    """Yield the levels that a chart of a course must hold."""
    yield from map(_level, course.highest if course else ())


def shade_band(
    drawing: Drawing, course: PredictedCourse, columns: range, outside: str = RANGE_FILL
) -> None:
    """Shade the 90 % band of the troughs in these columns; `outside` is the sign off a target."""
    side = _Side(drawing.scale, course)
    lows = side.extremes([(each.at, each.low_ng_ml) for each in course.troughs], columns)
    highs = side.extremes([(each.at, each.high_ng_ml) for each in course.troughs], columns)
    for column, low, high in zip(columns, lows, highs, strict=True):
        if low and high:
            for row in range(side.row(high[1]), side.row(low[0]) + 1):
                in_band = drawing.cells[row][column].in_band
                drawing.put(row, column, RANGE_FILL if in_band else outside, Part.RANGE)


def draw_peaks(drawing: Drawing, course: PredictedCourse, columns: range) -> None:
    """Draw the highest peak of each of these columns, where at most the band is."""
    side = _Side(drawing.scale, course)
    peaks = side.extremes([(each.at, each.ng_ml) for each in course.peaks], columns)
    for column, peak in zip(columns, peaks, strict=True):
        if peak and drawing.is_free(row := side.row(peak[1]), range(column, column + 1)):
            drawing.put(row, column, PEAK_SIGN, Part.PEAK)


def draw_troughs(drawing: Drawing, course: PredictedCourse, columns: range, part: Part) -> None:
    """Draw the line of the troughs in these columns, in each from its lowest to its highest."""
    side = _Side(drawing.scale, course)
    troughs = side.extremes([(each.at, each.ng_ml) for each in course.troughs], columns)
    for column, found in zip(columns, troughs, strict=True):
        for row, halves in side.halves(found).items() if found else ():
            drawing.put(row, column, COURSE_SIGNS[halves], part)


class _Side:
    """The rows of predicted levels, each on its own side of the target."""

    def __init__(self, scale: CellScale, course: PredictedCourse) -> None:
        self.scale, self.target = scale, course.target

    def extremes(
        self, points: Sequence[tuple[datetime, float]], columns: range
    ) -> tuple[Extremes | None, ...]:
        places = [(self.scale.place(at), value) for at, value in points]
        first = self.scale.columns.start
        return extremes(places, range(columns.start - first, columns.stop - first))

    def row(self, ng_ml: float) -> int:
        return self.scale.row_beside(_level(ng_ml), self.target)

    def halves(self, found: Extremes) -> dict[int, int]:
        """Return the rows that are passed between two levels, each with its halves."""
        rows: dict[int, int] = {}
        low, high = found
        for half in range(self._half(high), self._half(low) + 1):
            row, lower = divmod(half, _HALVES)
            rows[row] = rows.get(row, 0) | (2 if lower else 1)
        return rows

    def _half(self, ng_ml: float) -> int:
        """Return the half row of a level, inside the row of cells that it belongs to."""
        row = self.row(ng_ml)
        above = self.scale.steps.above_zero(_level(ng_ml), _HALVES)
        half = (self.scale.rows.stop + 1) * _HALVES - 1 - above
        return min(max(half, row * _HALVES), row * _HALVES + 1)


def _level(ng_ml: float) -> Decimal:
    """Return a level exactly, at least zero."""
    return max(Decimal(ng_ml), Decimal(0))
