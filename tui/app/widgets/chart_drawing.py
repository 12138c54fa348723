"""The common parts of level charts in a terminal: signs, scale, axes, and measured levels.

The axis has even steps: a labelled tick every so many rows, at a round value, from zero on. A row
shows the values around its middle, and a tick is exactly the value beside it. The target band fills
whole rows, with its ends written inside. A level is put into the row of its value and then kept on
its own side of its target band: a level above the target is drawn above the band and one within
inside it, however coarse the rows are.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from rich.cells import cell_len

from dosing import TargetTrough, plain
from dosing.quantities.formatting import short_date
from monitoring.levels import LevelAssessment, Status
from monitoring.levels.wording import SIGNS
from monitoring.record.level import Comparator
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.level_chart import day_ticks, value_of

SMALLEST = (24, 7)
"""The width and height below which no chart is drawn."""
BAND_FILL = "░"
LEFT = 6  # "ng/mL" and the axis
LOWEST_TOP_NG_ML = Decimal(10)

_DATE = 11
_TWO_ROWS_OF_DOSES_FROM = 14
_TWO_ROWS_OF_LEGEND_FROM = 14
_STEPS = tuple(Decimal(digit).scaleb(power) for power in range(7) for digit in (1, 2, 5))
_FEWEST_ROWS_TO_SPARE = 6
"""Rows of a plot from which on not every one has a label."""
_LIKED_TICKS = range(3, 9)
_ROW_ABOVE_THE_LOWEST = 2


class Part(Enum):
    """The part of the chart that a sign belongs to; it gives the colour."""

    EMPTY = "empty"
    AXIS = "axis"
    DOSE = "dose"
    EVENT = "event"
    ABOVE = "above"
    BELOW = "below"
    WITHIN = "within"
    HOLLOW = "hollow"
    COURSE = "course"
    RANGE = "range"
    PEAK = "peak"
    TARGET = "target"
    FORECAST = "forecast"
    BAR = "bar"
    NOW = "now"


_FREE = frozenset({Part.EMPTY, Part.RANGE})
_CALM = frozenset({Part.EMPTY, Part.RANGE, Part.DOSE, Part.NOW})
"""The parts beside which a figure is still read as one."""


@dataclass(frozen=True, slots=True)
class ChartCell:
    """One sign, empty in the second cell of a wide one.

    `in_band` is True where a band is behind it: the target's, or of a forecast its 90 % band.
    """

    sign: str = " "
    part: Part = Part.EMPTY
    in_band: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a level: its column, its row from the top, and its sign."""

    level: LevelAssessment
    column: int
    row: int
    sign: str
    part: Part
    in_band: bool
    """True inside its target band."""

    @property
    def is_off_target(self) -> bool:
        """True for an evaluable level above or below its target."""
        return self.part in {Part.ABOVE, Part.BELOW}


@dataclass(frozen=True, slots=True)
class ChartLayout:
    """The chart as rows of cells, and the place of each active level, oldest first.

    Of levels in one place the newest of all is visible, else the one farthest from the target.
    """

    rows: tuple[tuple[ChartCell, ...], ...]
    marks: tuple[Mark, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The signs alone, a line each."""
        return tuple("".join(cell.sign for cell in row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class EvenSteps:
    """The ticks of an axis: a round step in ng/mL, and the rows from one tick to the next."""

    ng_ml: Decimal
    rows: int

    @classmethod
    def of(cls, rows: int, highest: Decimal, targets: Collection[TargetTrough]) -> "EvenSteps":
        """Return the steps with which so many rows show the most of what they must hold.

        They hold the highest level, a row more than the highest target and, where so many rows can,
        a row less than the lowest one.

        >>> EvenSteps.of(12, Decimal("16.3"), [TargetTrough(Decimal(5), Decimal(15))])
        EvenSteps(ng_ml=Decimal('5'), rows=3)
        """
        apart = range(1 if rows < _FEWEST_ROWS_TO_SPARE else 2, rows + 1)
        fewest = min(2, rows)
        top = max((each.high_ng_ml for each in targets), default=Decimal(0))
        low = min((each.low_ng_ml for each in targets if each.low_ng_ml), default=None)

        def holds(each: EvenSteps) -> bool:
            has_ticks = rows // each.rows >= fewest
            return (
                has_ticks
                and each.ng_ml * rows >= highest * each.rows
                and each.above_zero(top) < max(rows, 2)
            )

        def rank(each: EvenSteps) -> tuple[bool, bool, Decimal, int]:
            has_row_below = low is None or each.above_zero(low) >= _ROW_ABOVE_THE_LOWEST
            ticks = rows // each.rows
            return (
                not has_row_below,
                ticks not in _LIKED_TICKS,
                each.ng_ml / each.rows,
                -ticks,
            )

        every = (cls(step, between) for step in _STEPS for between in apart)
        return min(filter(holds, every), key=rank)

    def above_zero(self, ng_ml: Decimal, parts: int = 1) -> int:
        """Return how many parts of a row a level is above the lower edge of the row of zero."""
        return int((2 * ng_ml * self.rows + self.ng_ml) * parts // (2 * self.ng_ml))


@dataclass(frozen=True, slots=True)
class CellScale:
    """The columns of times and the rows of levels."""

    begin: datetime
    end: datetime
    steps: EvenSteps
    columns: range
    rows: range
    """From the top row of the plot to its bottom row; zero is the row below, the time axis."""

    def place(self, moment: datetime) -> float:
        """Return the place of a time in columns, not rounded, from the first one on."""
        return (moment - self.begin) / (self.end - self.begin) * len(self.columns)

    def column(self, moment: datetime) -> int:
        """Return the column of a time; the first or last one for a time outside."""
        place = min(max(int(self.place(moment)), 0), len(self.columns) - 1)
        return self.columns.start + place

    def row(self, ng_ml: Decimal) -> int:
        """Return the row of a level."""
        row = self.rows.stop - self.steps.above_zero(ng_ml)
        return min(max(row, self.rows.start), self.rows.stop - 1)

    @property
    def ticks(self) -> Iterator[tuple[int, Decimal]]:
        """The ticks above zero: the row of each and its level."""
        for number in range(1, len(self.rows) // self.steps.rows + 1):
            yield self.rows.stop - number * self.steps.rows, number * self.steps.ng_ml

    def band(self, target: TargetTrough) -> range:
        """Return the rows of a target; above it and below it at least one row is left."""
        top = max(self.row(target.high_ng_ml), self.rows.start + 1)
        if not target.low_ng_ml:
            return range(top, self.rows.stop)
        bottom = min(self.row(target.low_ng_ml), self.rows.stop - 2)
        return range(min(top, bottom), bottom + 1)

    def is_exact(self, target: TargetTrough) -> bool:
        """Return whether the rows of a target are those of its ends: the rows are fine enough."""
        band = self.band(target)
        low = target.low_ng_ml
        return self.row(target.high_ng_ml) == band.start and (
            not low or self.row(low) == band.stop - 1
        )

    def row_beside(self, ng_ml: Decimal, target: TargetTrough | None) -> int:
        """Return the row of a level, on its own side of the band."""
        row = self.row(ng_ml)
        if target is None:
            return row
        band = self.band(target)
        if ng_ml > target.high_ng_ml:
            return min(row, band.start - 1)
        if target.low_ng_ml is not None and ng_ml < target.low_ng_ml:
            return max(row, band.stop)
        return min(max(row, band.start), band.stop - 1)


def empty(width: int, height: int) -> ChartLayout:
    """Return an empty layout, for too little room."""
    return ChartLayout(tuple(tuple(ChartCell() for _ in range(width)) for _ in range(height)))


def rows_for_doses(height: int) -> int:
    """Return the number of rows above the plot for doses."""
    return 2 if height >= _TWO_ROWS_OF_DOSES_FROM else 1


def rows_for_legend(height: int, least: int = 12) -> int:
    """Return the number of rows that a legend may take, from `least` rows of the chart on."""
    return (height >= least) + (height >= _TWO_ROWS_OF_LEGEND_FROM)


class Drawing:
    """The cells while they are filled, from the back to the front."""

    def __init__(self, scale: CellScale, width: int, height: int) -> None:
        """Begin with empty cells."""
        self.scale, self.width, self.height = scale, width, height
        self.cells = [[ChartCell() for _ in range(width)] for _ in range(height)]

    def layout(self, marks: tuple[Mark, ...]) -> ChartLayout:
        """Return the drawing."""
        return ChartLayout(tuple(map(tuple, self.cells)), marks)

    def put(self, row: int, column: int, sign: str, part: Part) -> None:
        """Put a sign into a cell; the band behind it stays."""
        self.cells[row][column] = ChartCell(sign, part, self.cells[row][column].in_band)

    def write(self, row: int, column: int, text: str, part: Part) -> None:
        """Write a text from a column on, as far as there is room; a wide sign takes two cells."""
        for sign in text:
            wide = cell_len(sign)
            if column + wide > self.width:
                return
            for place in range(wide):
                self.put(row, column + place, "" if place else sign, part)
            column += wide

    def is_free(self, row: int, columns: range) -> bool:
        """Return True where at most a band is."""
        return columns.stop <= self.width and all(
            self.cells[row][column].part in _FREE for column in columns
        )

    def band(self, target: TargetTrough, columns: range) -> None:
        """Fill the band of a target."""
        for row in self.scale.band(target):
            for column in columns:
                self.cells[row][column] = ChartCell(BAND_FILL, in_band=True)

    def axes(self, targets: Iterable[TargetTrough]) -> None:
        """Draw the axes with their even steps; on few rows only the ends of the targets are exact.

        A step is not written then: it could contradict the end of a target in its row.
        """
        rows = self.scale.rows
        self.write(0, 0, "ng/mL", Part.AXIS)
        for row in rows:
            self.put(row, LEFT - 1, "│", Part.AXIS)
        for row, level in self.scale.ticks if all(map(self.scale.is_exact, targets)) else ():
            self.write(row, 0, f"{plain(level, 1):>{LEFT - 2}} ┤", Part.AXIS)
        self.write(rows.stop, 0, f"{0:>{LEFT - 2}} └" + "─" * len(self.scale.columns), Part.AXIS)
        self._dates(rows.stop)

    def ends(self, target: TargetTrough, columns: range) -> None:
        """Write the ends of a target into its rows, in the first free place of these columns."""
        band, high = self.scale.band(target), plain(target.high_ng_ml)
        if not target.low_ng_ml:
            self._write_first(band.start, columns, f"≤{high}")
        elif len(band) == 1:
            self._write_first(band.start, columns, f"{plain(target.low_ng_ml)}-{high}")
        else:
            self._write_first(band.start, columns, high)
            self._write_first(band.stop - 1, columns, plain(target.low_ng_ml))

    def _write_first(self, row: int, columns: range, text: str) -> None:
        free = _FREE | {Part.TARGET}
        calm = _CALM | {Part.TARGET}
        for start in columns[: -len(text)]:
            place = range(start, start + len(text))
            is_free = all(self.cells[row][column].part in free for column in place)
            if is_free and self._is_beside(row, place, calm):
                self.write(row, start, text, Part.AXIS)
                return

    def _is_beside(self, row: int, columns: range, parts: Collection[Part], own: int = -1) -> bool:
        """Return whether the cells on both sides are of these parts; that of `own` is passed."""
        sides = {columns.start - 1, columns.stop} & set(self.scale.columns) - {own}
        return all(self.cells[row][side].part in parts for side in sides)

    def _dates(self, axis: int) -> None:
        most = len(self.scale.columns) // (_DATE + 1) + 1
        free_from = 0
        for day in day_ticks(self.scale.begin, self.scale.end, most):
            column = self.scale.column(day)
            text = short_date(day)
            start = min(max(column - len(text) // 2, 0), self.width - len(text))
            if start >= free_from:
                self.put(axis, column, "┬", Part.AXIS)
                self.write(axis + 1, start, text, Part.AXIS)
                free_from = start + len(text) + 1

    def doses(self, changes: Sequence[tuple[Moment, str]], rows: int) -> None:
        """Draw each change of dose; the newest gets room for its label first."""
        for moment, label in reversed(changes):
            column = self.scale.column(moment.utc)
            for row in self.scale.rows:
                self.put(row, column, "┆", Part.DOSE)
            start = max(min(column, self.width - len(label)), LEFT)
            for row in range(rows - 1, -1, -1):
                if self.is_free(row, range(start, min(start + len(label) + 1, self.width))):
                    self.write(row, start, label, Part.DOSE)
                    break

    def mark(self, each: LevelAssessment, target: TargetTrough | None) -> Mark:
        """Return the place of a level, on its side of a target band."""
        sign, part = sign_of(each)
        row = self.scale.row_beside(each.level_ng_ml, target)
        return Mark(
            level=each,
            column=self.scale.column(each.level.entry.sampled.utc),
            row=row,
            sign=sign,
            part=part,
            in_band=target is not None and row in self.scale.band(target),
        )

    def levels(self, marks: Sequence[Mark]) -> tuple[Mark, ...]:
        """Draw the levels, the most important in front, and return those in sight, oldest first.

        Each is on its own side of the band.
        """
        weight = {Part.HOLLOW: 0, Part.WITHIN: 1, Part.BELOW: 2, Part.ABOVE: 3}
        ordered = [*sorted(marks[:-1], key=lambda mark: weight[mark.part]), *marks[-1:]]
        for mark in ordered:
            self._arrow(mark)
        front = {}
        for mark in ordered:
            self.cells[mark.row][mark.column] = ChartCell(mark.sign, mark.part, mark.in_band)
            front[mark.row, mark.column] = mark
        return tuple(mark for mark in marks if front[mark.row, mark.column] is mark)

    def _arrow(self, mark: Mark) -> None:
        comparator = mark.level.level.entry.comparator
        step = {Comparator.BELOW: 1, Comparator.ABOVE: -1}.get(comparator) if comparator else None
        if step is not None and mark.row + step in self.scale.rows:
            self.put(mark.row + step, mark.column, "↓" if step > 0 else "↑", mark.part)

    def values(self, marks: Sequence[Mark]) -> None:
        """Write the value of each level beside it where there is room, the newest first."""
        newest, others = marks[-1:], marks[-2::-1]
        places = {(each.row, each.column) for each in marks}
        for mark in (*newest, *sorted(others, key=lambda each: not each.is_off_target)):
            text = value_of(mark.level)
            for row, start in self._beside(mark, len(text)) if text else ():
                columns = range(start, start + len(text))
                if self._has_room(row, columns, mark, places):
                    self.write(row, start, text, mark.part)
                    break

    def _beside(self, mark: Mark, wide: int) -> Iterator[tuple[int, int]]:
        """Yield the places for the value of a level: right, left, above and below."""
        yield mark.row, mark.column + 1
        yield mark.row, mark.column - wide
        yield mark.row - 1, mark.column - wide // 2
        yield mark.row + 1, mark.column - wide // 2

    def _has_room(
        self, row: int, columns: range, mark: Mark, places: Collection[tuple[int, int]]
    ) -> bool:
        """Return whether a value is free of everything, and close to no other level or value."""
        if row not in self.scale.rows or columns.start < LEFT or columns.stop > self.width:
            return False
        own = (mark.row, mark.column)
        near = ((beyond, column) for beyond in range(row - 1, row + 2) for column in columns)
        if row != mark.row and any(place in places and place != own for place in near):
            return False
        sides_free = self._is_beside(row, columns, _CALM, own=mark.column)
        return sides_free and self.is_free(row, columns)

    def legend(self, lines: Sequence[str]) -> None:
        """Write the lines of a legend into the last rows."""
        for row, line in enumerate(lines, start=self.height - len(lines)):
            self.write(row, 0, line, Part.AXIS)


def legend_lines(meanings: Iterable[str], width: int, most: int) -> tuple[str, ...]:
    """Return a legend in at most so many lines of a width; what has no room is left out.

    >>> legend_lines(["● within", "▲ above", "┆ dose"], 18, 2)
    ('● within  ▲ above', '┆ dose')
    """
    lines: list[str] = []
    for words in meanings:
        longer = f"{lines[-1]}  {words}" if lines else words
        if lines and len(longer) <= width:
            lines[-1] = longer
        elif len(lines) < most and len(words) <= width:
            lines.append(words)
    return tuple(lines)


def meanings_of(levels: Iterable[LevelAssessment]) -> Iterator[str]:
    """Yield the meanings of the signs of these levels."""
    signs = {sign_of(each)[0] for each in levels}
    yield from (words for sign, words in _LEGEND if sign in signs)


def active_levels(summary: PatientSummary) -> tuple[LevelAssessment, ...]:
    """Return the levels that are neither voided nor excluded, oldest first."""
    found = (each for each in summary.levels if each.is_in_use)
    return tuple(sorted(found, key=lambda each: each.level.entry.sampled.utc))


_LEGEND = (
    ("○", "○ not evaluable"),
    ("◇", "◇ below, censored"),
    *(
        (SIGNS[status], f"{SIGNS[status]} {status.value}")
        for status in (Status.ABOVE, Status.WITHIN, Status.BELOW)
    ),
)
_STATUS_PARTS = {
    Status.ABOVE: Part.ABOVE,
    Status.WITHIN: Part.WITHIN,
    Status.BELOW: Part.BELOW,
}


def sign_of(each: LevelAssessment) -> tuple[str, Part]:
    """Return the sign of a level; the same as in `monitoring.levels.wording.mark`."""
    if not each.is_evaluable:
        return "○", Part.HOLLOW
    if each.level.entry.comparator is Comparator.BELOW and each.status is Status.BELOW:
        return "◇", Part.BELOW
    return SIGNS[each.status], _STATUS_PARTS[each.status]
