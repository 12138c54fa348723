"""The common parts of level charts in a terminal: signs, scale, axes, and measured levels.

The target band fills whole rows. A level is put into the row of its value and then kept on its own
side of its target band: a level above the target is drawn above the band and one within inside it,
however coarse the rows are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from dosing import TargetTrough, plain
from dosing.quantities.formatting import short_date
from monitoring.levels import LevelAssessment, Status
from monitoring.levels.wording import SIGNS
from monitoring.record.level import Comparator
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.level_chart import day_ticks, level_ticks

SMALLEST = (24, 7)
"""The width and height below which no chart is drawn."""
BAND_FILL = "░"
LEFT = 6  # "ng/mL" and the axis
LOWEST_TOP_NG_ML = Decimal(10)
ROOM_ABOVE = Decimal("1.08")

_DATE = 11
_TWO_ROWS_OF_DOSES_FROM = 14
_LEGEND_FROM = 12


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
    NOW = "now"


@dataclass(frozen=True, slots=True)
class ChartCell:
    """One sign. `in_band` is True where the target band is behind it."""

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
class CellScale:
    """The columns of times and the rows of levels."""

    begin: datetime
    end: datetime
    top_ng_ml: Decimal
    columns: range
    rows: range
    """From the top row of the plot to its bottom row."""

    def column(self, moment: datetime) -> int:
        """Return the column of a time."""
        share = (moment - self.begin) / (self.end - self.begin)
        return self.columns.start + min(int(share * len(self.columns)), len(self.columns) - 1)

    def row(self, ng_ml: Decimal) -> int:
        """Return the row of a level."""
        steps = int(ng_ml / self.top_ng_ml * len(self.rows))
        return max(self.rows.stop - 1 - steps, self.rows.start)

    def band(self, target: TargetTrough) -> range:
        """Return the rows of a target; above it and below it at least one row is left."""
        top = max(self.row(target.high_ng_ml), self.rows.start + 1)
        if not target.low_ng_ml:
            return range(top, self.rows.stop)
        bottom = min(self.row(target.low_ng_ml), self.rows.stop - 2)
        return range(min(top, bottom), bottom + 1)

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


def has_legend(height: int) -> bool:
    """Return True where there is room for a legend."""
    return height >= _LEGEND_FROM


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
        """Write a text from a column on, as far as there is room."""
        for place, sign in enumerate(text[: self.width - column], start=column):
            self.put(row, place, sign, part)

    def is_free(self, row: int, columns: range) -> bool:
        """Return True where nothing was written."""
        return columns.stop <= self.width and all(
            self.cells[row][column].part is Part.EMPTY for column in columns
        )

    def band(self, target: TargetTrough, columns: range) -> None:
        """Fill the band of a target."""
        for row in self.scale.band(target):
            for column in columns:
                self.cells[row][column] = ChartCell(BAND_FILL, in_band=True)

    def axes(self, target: TargetTrough | None) -> None:
        """Draw the axes; the ends of a target are labelled first."""
        rows = self.scale.rows
        self.write(0, 0, "ng/mL", Part.AXIS)
        for row in rows:
            self.put(row, LEFT - 1, "│", Part.AXIS)
        for level in self._levels_on_the_axis(target):
            row = self.scale.row(level)
            if self.is_free(row, range(LEFT - 1)) and row in rows:
                self.write(row, 0, f"{plain(level, 1):>{LEFT - 2}} ┤", Part.AXIS)
        self.write(rows.stop, 0, f"{0:>{LEFT - 2}} └" + "─" * len(self.scale.columns), Part.AXIS)
        self._dates(rows.stop)

    def _levels_on_the_axis(self, target: TargetTrough | None) -> Iterator[Decimal]:
        """Yield the ends of the target, and then round levels where there is room."""
        ends = (target.high_ng_ml, target.low_ng_ml) if target else ()
        yield from filter(None, ends)
        yield from map(Decimal, level_ticks(float(self.scale.top_ng_ml))[1:])

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

    def levels(self, marks: Sequence[Mark]) -> None:
        """Draw the levels, the most important in front, each on its own side of the band."""
        weight = {Part.HOLLOW: 0, Part.WITHIN: 1, Part.BELOW: 2, Part.ABOVE: 3}
        ordered = [*sorted(marks[:-1], key=lambda mark: weight[mark.part]), *marks[-1:]]
        for mark in ordered:
            self._arrow(mark)
        for mark in ordered:
            self.cells[mark.row][mark.column] = ChartCell(mark.sign, mark.part, mark.in_band)

    def _arrow(self, mark: Mark) -> None:
        comparator = mark.level.level.entry.comparator
        step = {Comparator.BELOW: 1, Comparator.ABOVE: -1}.get(comparator) if comparator else None
        if step is not None and mark.row + step in self.scale.rows:
            self.put(mark.row + step, mark.column, "↓" if step > 0 else "↑", mark.part)

    def legend(self, meanings: Iterable[str]) -> None:
        """Write the legend into the last row, as far as there is room."""
        text = ""
        for words in meanings:
            longer = f"{text}  {words}" if text else words
            text = longer if len(longer) <= self.width else text
        self.write(self.height - 1, 0, text, Part.AXIS)


def meanings_of(marks: Sequence[Mark]) -> Iterator[str]:
    """Yield the meanings of the signs of these levels."""
    signs = {mark.sign for mark in marks}
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
