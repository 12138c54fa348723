"""The days of a give-log as a table: a row a day, a column a time, three boxes a dose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from reports.family_page import FamilyPage
from reports.fonts import BOLD, REGULAR
from reports.pictograms import Pictogram, box, pictogram

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape

_DATE_WIDTH = 122.0
HIGHEST_ROW = 15.6
LOWEST_ROW = 12.6
"""Below this a box is too small to tick."""
_HEAD = 34.0
_LEGEND = 17.0
_BOX = 9.0
_LETTERS = 8.5
_MOST_TIMES = 4
_NOON = 12
_MARKS = (
    (Pictogram.GIVEN, "given"),
    (Pictogram.MISSED, "missed"),
    (Pictogram.VOMITED, "vomited"),
)
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class GridDose:
    """A dose of a day, by its time; `amount` is None for one on hold."""

    clock: str
    amount: str | None


@dataclass(frozen=True, slots=True)
class GridDay:
    """A day with its doses, in order of time; none where no dose is due."""

    day: date
    doses: tuple[GridDose, ...]
    is_change: bool = False
    """True on the first day of another dose."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Places in the table, in points; all are mirrored for a language from right to left."""

    page: FamilyPage
    days: tuple[GridDay, ...]
    clocks: tuple[str, ...]
    """The times of the columns; empty where a column is only a place in the day."""
    columns: int
    row: float
    """The height of a row in points."""

    @property
    def width(self) -> float:
        return self.page.width

    @property
    def height(self) -> float:
        return _LEGEND + _HEAD + self.row * len(self.days)

    def x(self, from_the_start: float) -> float:
        """Return a place by its distance from the side where a line begins."""
        mirrored = self.page.language.is_right_to_left
        return self.width - from_the_start if mirrored else from_the_start

    def column(self, place: int) -> float:
        """Return the distance of a column from the side where a line begins."""
        return _DATE_WIDTH + place * (self.width - _DATE_WIDTH) / self.columns

    def boxes(self, place: int) -> Iterator[float]:
        """Yield the middles of the three boxes of a column, as distances from the start."""
        wide = (self.width - _DATE_WIDTH) / self.columns
        step = min(wide * 0.19, 40)
        first = self.column(place) + wide - 2 * step - step * 0.6
        yield from (first + number * step for number in range(len(_MARKS)))

    def text(self, text: str, at: float, y: float, *, bold: bool = False) -> "Shape":
        """Return a text that begins at a distance from the start."""
        from reportlab.graphics.shapes import String  # noqa: PLC0415 - ReportLab is heavy

        shape = String(self.x(at), y, self.page.drawn(text))
        shape.fontName, shape.fontSize = BOLD if bold else REGULAR, _LETTERS
        shape.textAnchor = "end" if self.page.language.is_right_to_left else "start"
        return shape


def row_height(room: float, days: int) -> float:
    """Return the height of a row where the table has so much room, in points."""
    return min(HIGHEST_ROW, (room - _LEGEND - _HEAD) / days)


def grid_drawing(page: FamilyPage, days: tuple[GridDay, ...], row: float) -> "Drawing":
    """Return the table with its legend, as wide as the page and with rows of this height."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    clocks = sorted({dose.clock for each in days for dose in each.doses})
    most = max(len(each.doses) for each in days)
    is_by_clock = len(clocks) <= _MOST_TIMES
    grid = _Grid(
        page,
        days,
        tuple(clocks) if is_by_clock else (),
        len(clocks) if is_by_clock else most,
        row,
    )
    drawing = Drawing(grid.width, grid.height)
    for shape in _shapes(grid):
        drawing.add(shape)
    return drawing


def _shapes(grid: _Grid) -> Iterator["Shape"]:
    yield from _legend(grid)
    yield from _head(grid)
    top = grid.height - _LEGEND - _HEAD
    for row, day in enumerate(grid.days):
        yield from _row(grid, day, top - row * grid.row, is_first=row == 0)
    yield _line(grid, 0, 0.9)


def _line(grid: _Grid, y: float, pen: float) -> "Shape":
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    return Line(0, y, grid.width, y, strokeWidth=pen)


def _legend(grid: _Grid) -> Iterator["Shape"]:
    y = grid.height - _LEGEND / 2
    for place, (which, key) in enumerate(_MARKS):
        at = place * grid.width / 4 + 6
        yield from pictogram(which, grid.x(at), y, 12)
        yield grid.text(grid.page.language.text(key), at + 12, y - 3)


def _head(grid: _Grid) -> Iterator["Shape"]:
    top = grid.height - _LEGEND
    for place in range(grid.columns):
        start = grid.column(place)
        if grid.clocks:
            clock = grid.clocks[place]
            hour = int(clock[:2])
            yield from pictogram(Pictogram.of_hour(hour), grid.x(start + 13), top - 11, 15)
            named = _part_of_day(grid, hour)
            yield grid.text(f"{clock} {named}".strip(), start + 26, top - 14, bold=True)
        for middle, (which, _) in zip(grid.boxes(place), _MARKS, strict=True):
            yield from pictogram(which, grid.x(middle), top - _HEAD + 7, 10)


def _part_of_day(grid: _Grid, hour: int) -> str:
    """Return the word for morning or evening, where there is one dose of each."""
    hours = [int(each[:2]) for each in grid.clocks]
    if sum(each < _NOON for each in hours) > 1 or sum(each >= _NOON for each in hours) > 1:
        return ""
    key = "in_the_morning_short" if hour < _NOON else "in_the_evening_short"
    return grid.page.language.text(key)


def _row(grid: _Grid, day: GridDay, top: float, *, is_first: bool) -> Iterator["Shape"]:
    language = grid.page.language
    is_week = day.day.weekday() == _MONDAY
    pen = 1.8 if day.is_change else 0.9 if is_first or is_week else 0.3
    yield _line(grid, top, pen)
    y = top - grid.row / 2 - 3
    yield grid.text(language.day_of_week(day.day), 2, y, bold=day.is_change)
    if not day.doses:
        yield grid.text(language.text("no_dose"), grid.column(0) + 4, y)
    for number, dose in enumerate(day.doses):
        place = grid.clocks.index(dose.clock) if grid.clocks else number
        shown = language.text("no_dose") if dose.amount is None else dose.amount
        shown = shown if grid.clocks else f"{dose.clock} {shown}"
        yield grid.text(shown, grid.column(place) + 4, y, bold=dose.amount is not None)
        if dose.amount is not None:
            yield from _boxes(grid, place, top)


def _boxes(grid: _Grid, place: int, top: float) -> Iterator["Shape"]:
    y = top - (grid.row + _BOX) / 2
    for middle in grid.boxes(place):
        yield box((grid.x(middle) - _BOX / 2, y, _BOX, _BOX), 0.8)
