"""Levels over time in the cells of a terminal: where every sign of the chart stands.

The target band fills whole rows. A level is first put into the row of its value and then kept on
its own side of the band it is held against: one above the target stands above the band and one
within stands inside it, however coarse the rows are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum

from dosing import TargetTrough, plain
from monitoring.levels import LevelAssessment, Status
from monitoring.record.level import Comparator
from monitoring.summary import PatientSummary
from monitoring.treatment import Course
from reports.level_chart import day_ticks, dose_marks, level_ticks

SMALLEST = (24, 7)
"""The width and height below which no chart is drawn."""
BAND_FILL = "░"

_LEFT = 6  # "ng/mL" and the axis
_LOWEST_TOP_NG_ML = Decimal(10)
_ROOM_ABOVE = Decimal("1.08")
_DATE = 10
_TWO_ROWS_OF_DOSES_FROM = 14
_LEGEND_FROM = 12


class Part(Enum):
    """What a sign belongs to, by which it is coloured."""

    EMPTY = "empty"
    AXIS = "axis"
    DOSE = "dose"
    EVENT = "event"
    ABOVE = "above"
    BELOW = "below"
    WITHIN = "within"
    HOLLOW = "hollow"


@dataclass(frozen=True, slots=True)
class Cell:
    """One sign. `in_band` tells whether the target band lies behind it."""

    sign: str = " "
    part: Part = Part.EMPTY
    in_band: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a level stands: its column, its row from the top, and its sign."""

    level: LevelAssessment
    column: int
    row: int
    sign: str
    part: Part


@dataclass(frozen=True, slots=True)
class Layout:
    """The chart as rows of cells, and where each level that stands was put, oldest first.

    Of levels with one place the newest of all is seen, else the one farthest from the target.
    """

    rows: tuple[tuple[Cell, ...], ...]
    marks: tuple[Mark, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The signs alone, a line each."""
        return tuple("".join(cell.sign for cell in row) for row in self.rows)


def lay_out(summary: PatientSummary, width: int, height: int) -> Layout:
    """Return the chart of a patient in so many columns and rows."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Layout(tuple(tuple(Cell() for _ in range(width)) for _ in range(height)))
    return _Drawing(summary, width, height).finished()


@dataclass(frozen=True, slots=True)
class _Scale:
    """Which column and row a time and a level belong to."""

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


def _scale(summary: PatientSummary, columns: range, rows: range) -> _Scale:
    levels = standing(summary)
    moments = [
        summary.made.utc,
        *(each.level.entry.sampled.utc for each in levels),
        *(each.since.utc for each in summary.courses),
        *(_at_noon(each.event.entry.since) for each in summary.events if each.event.stands),
    ]
    room = max((max(moments) - min(moments)) / 40, timedelta(hours=12))
    targets = [each.prescription.entry.target.high_ng_ml for each in summary.courses]
    highest = max([_LOWEST_TOP_NG_ML, *(each.level_ng_ml for each in levels), *targets])
    # Above the highest target a whole row is left.
    above_targets = max(targets, default=Decimal(0)) * len(rows) / (len(rows) - 1)
    top = max(highest, above_targets) * _ROOM_ABOVE
    return _Scale(min(moments) - room, max(moments) + room, top, columns, rows)


def standing(summary: PatientSummary) -> tuple[LevelAssessment, ...]:
    """Return the levels that are drawn, oldest first: all that were not voided."""
    found = (each for each in summary.levels if each.level.stands)
    return tuple(sorted(found, key=lambda each: each.level.entry.sampled.utc))


def _at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@dataclass(slots=True)
class _Drawing:
    """The cells while they are filled, from what lies behind to what lies in front."""

    summary: PatientSummary
    width: int
    height: int
    cells: list[list[Cell]] = field(init=False)
    scale: _Scale = field(init=False)
    dose_rows: int = field(init=False)
    has_events: bool = field(init=False)
    has_legend: bool = field(init=False)

    def __post_init__(self) -> None:
        self.has_events = any(each.event.stands for each in self.summary.events)
        self.has_legend = self.height >= _LEGEND_FROM
        self.dose_rows = 2 if self.height >= _TWO_ROWS_OF_DOSES_FROM else 1
        below = 2 + self.has_events + self.has_legend
        plot = range(self.dose_rows, self.height - below)
        self.scale = _scale(self.summary, range(_LEFT, self.width), plot)
        self.cells = [[Cell() for _ in range(self.width)] for _ in range(self.height)]

    def finished(self) -> Layout:
        """Return the drawing with everything in its place."""
        marks = tuple(self._mark(each) for each in standing(self.summary))
        self._bands()
        self._axes()
        self._doses()
        if self.has_events:
            self._events()
        self._levels(marks)
        if self.has_legend:
            self._write(self.height - 1, 0, self._legend(marks), Part.AXIS)
        return Layout(tuple(map(tuple, self.cells)), marks)

    def _put(self, row: int, column: int, sign: str, part: Part) -> None:
        self.cells[row][column] = Cell(sign, part, self.cells[row][column].in_band)

    def _write(self, row: int, column: int, text: str, part: Part) -> None:
        for place, sign in enumerate(text[: self.width - column], start=column):
            self._put(row, place, sign, part)

    def _is_free(self, row: int, columns: range) -> bool:
        return columns.stop <= self.width and all(
            self.cells[row][column].part is Part.EMPTY for column in columns
        )

    def _bands(self) -> None:
        for course in self.summary.courses:
            for row in self.scale.band(course.prescription.entry.target):
                for column in self._columns_of(course):
                    self.cells[row][column] = Cell(BAND_FILL, in_band=True)

    def _columns_of(self, course: Course) -> range:
        """Return where a course is drawn; one that follows at once takes over in its column."""
        begin = self.scale.column(course.since.utc)
        if course.until is None:
            return range(begin, self.width)
        end = self.scale.column(course.until.utc)
        follows = any(other.since == course.until for other in self.summary.courses)
        return range(begin, end if follows and end > begin else end + 1)

    def _axes(self) -> None:
        rows = self.scale.rows
        self._write(0, 0, "ng/mL", Part.AXIS)
        for row in rows:
            self._put(row, _LEFT - 1, "│", Part.AXIS)
        for level in self._levels_on_the_axis():
            row = self.scale.row(level)
            if self._is_free(row, range(_LEFT - 1)) and row in rows:
                self._write(row, 0, f"{plain(level, 1):>{_LEFT - 2}} ┤", Part.AXIS)
        self._write(rows.stop, 0, f"{0:>{_LEFT - 2}} └" + "─" * len(self.scale.columns), Part.AXIS)
        self._dates(rows.stop)

    def _levels_on_the_axis(self) -> Iterator[Decimal]:
        """Yield the ends of the target in force, and then round levels where there is room."""
        target = self.summary.target
        ends = (target.high_ng_ml, target.low_ng_ml) if target else ()
        yield from filter(None, ends)
        yield from map(Decimal, level_ticks(float(self.scale.top_ng_ml))[1:])

    def _dates(self, axis: int) -> None:
        most = len(self.scale.columns) // (_DATE + 1) + 1
        free_from = 0
        for day in day_ticks(self.scale.begin, self.scale.end, most):
            column = self.scale.column(day)
            start = min(max(column - _DATE // 2, 0), self.width - _DATE)
            if start >= free_from:
                self._put(axis, column, "┬", Part.AXIS)
                self._write(axis + 1, start, f"{day:%Y-%m-%d}", Part.AXIS)
                free_from = start + _DATE + 1

    def _doses(self) -> None:
        """Draw each change, the newest first, so that its dose has room."""
        for moment, label in reversed(dose_marks(self.summary.courses)):
            column = self.scale.column(moment.utc)
            for row in self.scale.rows:
                self._put(row, column, "┆", Part.DOSE)
            start = max(min(column, self.width - len(label)), _LEFT)
            for row in range(self.dose_rows - 1, -1, -1):
                if self._is_free(row, range(start, min(start + len(label) + 1, self.width))):
                    self._write(row, start, label, Part.DOSE)
                    break

    def _events(self) -> None:
        """Draw the side-effects below the dates, the highest grades first."""
        row = self.scale.rows.stop + 2
        self._write(row, 0, "grade", Part.EVENT)
        events = [each.event.entry for each in self.summary.events if each.event.stands]
        for event in sorted(events, key=lambda each: -(each.grade or 0)):
            column = self.scale.column(_at_noon(event.since))
            label = f"╵{event.grade or '?'}"
            start = min(column, self.width - len(label))
            if self._is_free(row, range(start, start + len(label))):
                self._write(row, start, label, Part.EVENT)
            elif self._is_free(row, range(column, column + 1)):
                self._put(row, column, "╵", Part.EVENT)

    def _mark(self, each: LevelAssessment) -> Mark:
        sign, part = sign_of(each)
        return Mark(
            level=each,
            column=self.scale.column(each.level.entry.sampled.utc),
            row=self.scale.row_beside(each.level_ng_ml, each.target),
            sign=sign,
            part=part,
        )

    def _levels(self, marks: Sequence[Mark]) -> None:
        """Draw the levels, in front what matters most, each on its own side of the band."""
        weight = {Part.HOLLOW: 0, Part.WITHIN: 1, Part.BELOW: 2, Part.ABOVE: 3}
        ordered = [*sorted(marks[:-1], key=lambda mark: weight[mark.part]), *marks[-1:]]
        for mark in ordered:
            self._arrow(mark)
        for mark in ordered:
            target = mark.level.target
            in_band = target is not None and mark.row in self.scale.band(target)
            self.cells[mark.row][mark.column] = Cell(mark.sign, mark.part, in_band)

    def _arrow(self, mark: Mark) -> None:
        comparator = mark.level.level.entry.comparator
        step = {Comparator.BELOW: 1, Comparator.ABOVE: -1}.get(comparator) if comparator else None
        if step is not None and mark.row + step in self.scale.rows:
            self._put(mark.row + step, mark.column, "↓" if step > 0 else "↑", mark.part)

    def _legend(self, marks: Sequence[Mark]) -> str:
        """Return what the signs that are drawn mean, as far as there is room."""
        text = ""
        for words in self._legend_words({mark.sign for mark in marks}):
            longer = f"{text}  {words}" if text else words
            text = longer if len(longer) <= self.width else text
        return text

    def _legend_words(self, signs: set[str]) -> Iterator[str]:
        if self.summary.courses:
            yield f"{BAND_FILL} target"
        yield from (words for sign, words in _LEGEND if sign in signs)
        if self.summary.courses:
            yield "┆ dose"
        if self.has_events:
            yield "╵ side-effect"


_LEGEND = (
    ("○", "○ does not count"),
    ("◇", "◇ below, censored"),
    ("▲", "▲ above"),
    ("●", "● within"),
    ("▼", "▼ below"),
)
_STATUS_SIGNS = {
    Status.ABOVE: ("▲", Part.ABOVE),
    Status.WITHIN: ("●", Part.WITHIN),
    Status.BELOW: ("▼", Part.BELOW),
}


def sign_of(each: LevelAssessment) -> tuple[str, Part]:
    """Return the sign of a level; the same as in `monitoring.levels.wording.mark`."""
    if not each.counts:
        return "○", Part.HOLLOW
    if each.level.entry.comparator is Comparator.BELOW and each.status is Status.BELOW:
        return "◇", Part.BELOW
    return _STATUS_SIGNS[each.status]
