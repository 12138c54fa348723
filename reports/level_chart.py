"""Levels over time as a drawing that loses nothing in black and white.

The target band is grey. The shape of a level shows its place: a circle within, a triangle up above,
a triangle down below. A level that is not evaluable is hollow; a censored one has an arrow. Dose
changes are vertical lines with the new dose; adverse events are ticks on the axis with their grade.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from dosing import TargetTrough
from dosing.quantities.formatting import short_date
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.record.level import Comparator
from monitoring.terms import Status
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod
from reports.fonts import REGULAR, register_fonts

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape

LEGEND = (
    "● within, ▲ above, ▼ below the target (grey) · hollow: not evaluable · arrow: outside the "
    "assay's range · line: change of dose · tick: adverse event, grade"
)

_LEFT, _RIGHT, _TOP, _BOTTOM = 26, 8, 22, 25
LABEL = 6.5
_MARK = 3.2
_ARROW = 10
_HALF_A_DATE = 22
HEADROOM = 1.08
_MOST_TICKS = 7
_LEVEL_STEPS = tuple(digit * 10**power for power in range(9) for digit in (1, 2, 5))[2:]
LOWEST_TOP_NG_ML = 10.0
"""The axis reaches at least so far: small differences do not look large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTick:
    """An adverse event on the time axis: its beginning, and its grade as text."""

    since: Moment
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartContent:
    """The content of the chart. Voided and excluded levels are left out; the table shows them."""

    levels: tuple[LevelAssessment, ...]
    periods: tuple[DosingPeriod, ...]
    events: tuple[EventTick, ...]
    until: Moment
    """The right end of the time axis: the moment of the report."""

    @property
    def active_levels(self) -> tuple[LevelAssessment, ...]:
        """The levels that were neither voided nor excluded."""
        return tuple(each for each in self.levels if each.is_in_use)


@dataclass(frozen=True, slots=True)
class PointScale:
    """Places of times and levels on the drawing, in points."""

    begin: datetime
    end: datetime
    top_ng_ml: float
    width: float
    height: float

    @classmethod
    def of(cls, content: ChartContent, width: float, height: float) -> "PointScale":
        """Return a scale on which everything has a place, with room at both ends."""
        moments = [
            content.until.utc,
            *(each.level.entry.sampled.utc for each in content.active_levels),
            *(each.since.utc for each in content.periods),
            *(each.since.utc for each in content.events),
        ]
        room = max((max(moments) - min(moments)) / 40, timedelta(hours=12))
        highest = max(
            [
                LOWEST_TOP_NG_ML,
                *(float(each.level_ng_ml) for each in content.active_levels),
                *(float(each.prescription.entry.target.high_ng_ml) for each in content.periods),
            ]
        )
        return cls(min(moments) - room, max(moments) + room, highest * HEADROOM, width, height)

    @property
    def foot(self) -> float:
        """The height of the time axis."""
        return _BOTTOM

    @property
    def head(self) -> float:
        """The upper end of the axis of levels."""
        return self.height - _TOP

    def x(self, moment: datetime) -> float:
        """Return the place of a time."""
        share = (moment - self.begin) / (self.end - self.begin)
        return _LEFT + share * (self.width - _LEFT - _RIGHT)

    def y(self, ng_ml: float) -> float:
        """Return the place of a level."""
        return _BOTTOM + ng_ml / self.top_ng_ml * (self.height - _BOTTOM - _TOP)


def level_chart(content: ChartContent, width: float, height: float = 190) -> "Drawing":
    """Return the drawing, so many points wide and high."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    scale = PointScale.of(content, width, height)
    drawing = Drawing(width, height)
    for shape in (
        *target_bands(content.periods, scale),
        *axes(scale),
        *dose_changes(content.periods, scale),
        *_event_ticks(content, scale),
        *_line(content, scale),
        *(shape for each in content.active_levels for shape in level_mark(each, scale)),
    ):
        drawing.add(shape)
    return drawing


def target_bands(periods: Sequence[DosingPeriod], scale: PointScale) -> Iterator["Shape"]:
    """Yield the target of each period for the time of its dose, as far as it is drawn."""
    from reportlab.graphics.shapes import Line, Rect  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color  # noqa: PLC0415 - see above

    grey, edge = Color(0.87, 0.87, 0.87), Color(0.55, 0.55, 0.55)
    for period in periods:
        since = max(period.since.utc, scale.begin)
        until = min(period.until.utc if period.until else scale.end, scale.end)
        if until <= since:
            continue
        left, right = scale.x(since), scale.x(until)
        low, high = _ends(period.prescription.entry.target)
        band = Rect(left, scale.y(low), right - left, scale.y(high) - scale.y(low))
        band.fillColor, band.strokeColor = grey, None
        yield band
        for end in (low, high):
            yield Line(left, scale.y(end), right, scale.y(end), strokeColor=edge, strokeWidth=0.4)


def _ends(target: TargetTrough) -> tuple[float, float]:
    return float(target.low_ng_ml or 0), float(target.high_ng_ml)


def axes(scale: PointScale) -> Iterator["Shape"]:
    """Yield the axes with their figures."""
    from reportlab.graphics.shapes import Line, String  # noqa: PLC0415 - ReportLab is heavy

    right = scale.width - _RIGHT
    yield Line(_LEFT, _BOTTOM, right, _BOTTOM, strokeWidth=0.6)
    yield Line(_LEFT, _BOTTOM, _LEFT, scale.height - _TOP, strokeWidth=0.6)
    for level in level_ticks(scale.top_ng_ml):
        y = scale.y(level)
        yield Line(_LEFT - 3, y, _LEFT, y, strokeWidth=0.6)
        yield String(_LEFT - 5, y - 2.3, f"{level:g}", fontName=REGULAR, fontSize=LABEL,
                     textAnchor="end")  # fmt: skip
    yield String(0, scale.height - _TOP + 6, "ng/mL", fontName=REGULAR, fontSize=LABEL)
    for day in day_ticks(scale.begin, scale.end):
        x = scale.x(day)
        yield Line(x, _BOTTOM, x, _BOTTOM - 3, strokeWidth=0.6)
        middle = min(max(x, _HALF_A_DATE), scale.width - _HALF_A_DATE)
        yield String(middle, 2, short_date(day), fontName=REGULAR, fontSize=LABEL,
                     textAnchor="middle")  # fmt: skip


def level_ticks(top_ng_ml: float) -> tuple[float, ...]:
    """Return the levels on the axis.

    >>> level_ticks(16.2)
    (0, 5, 10, 15)
    """
    step = next(step for step in _LEVEL_STEPS if top_ng_ml / step <= _MOST_TICKS)
    return tuple(range(0, int(top_ng_ml) + 1, step))


def day_ticks(begin: datetime, end: datetime, most: int = _MOST_TICKS) -> tuple[datetime, ...]:
    """Return the days on the axis: at most `most`, evenly apart, at midnight UTC.

    >>> [f"{day:%d}" for day in day_ticks(
    ...     datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 29, 12, tzinfo=UTC))]
    ['02', '09', '16', '23']
    """
    steps = (1, 2, 7, 14, 28, 56, 91, 182, 365, 730, 3652, 36525)
    days = (end - begin) / timedelta(days=1)
    step = timedelta(days=next((each for each in steps if days / each <= most - 1), steps[-1]))
    first = datetime(begin.year, begin.month, begin.day, tzinfo=UTC) + timedelta(days=1)
    found = []
    while first <= end:
        found.append(first)
        first += step
    return tuple(found)


def dose_changes(periods: Sequence[DosingPeriod], scale: PointScale) -> Iterator["Shape"]:
    """Yield a line for each change drawn, its dose above in one of two rows, and for each stop."""
    from reportlab.graphics.shapes import Line, String  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - see above

    free_from = [0.0, 0.0]
    for moment, label in dose_marks(periods):
        if not scale.begin <= moment.utc <= scale.end:
            continue
        x, top = scale.x(moment.utc), scale.height - _TOP
        yield Line(x, _BOTTOM, x, top + 2, strokeWidth=0.6, strokeDashArray=[2, 2])
        row = next((row for row in (0, 1) if x >= free_from[row]), None)
        if row is not None:
            wide = stringWidth(label, REGULAR, LABEL)
            free_from[row] = x + wide + 3
            left = min(x, scale.width - wide)
            yield String(left, top + 4 + row * 8, label, fontName=REGULAR, fontSize=LABEL)


def dose_marks(periods: Sequence[DosingPeriod]) -> tuple[tuple[Moment, str], ...]:
    """Return the time of each change with the new dose, and of each stop."""
    marks = []
    for period, following in zip_longest(periods, periods[1:]):
        dose = period.prescription.entry
        if period.is_change:
            marks.append((period.since, dose.regimen))
        goes_on = following is not None and following.since == period.until
        if period.until is not None and not goes_on:
            marks.append((period.until, "stopped"))
    return tuple(marks)


def _event_ticks(content: ChartContent, scale: PointScale) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line, String  # noqa: PLC0415 - ReportLab is heavy

    for event in content.events:
        x = scale.x(event.since.utc)
        yield Line(x, _BOTTOM, x, _BOTTOM - 7, strokeWidth=1.6)
        yield String(x + 2, _BOTTOM - 8, event.label, fontName=REGULAR, fontSize=LABEL)


def _line(content: ChartContent, scale: PointScale) -> Iterator["Shape"]:
    """Yield a thin line through the levels that can be joined: one for each run of an assay."""
    from reportlab.graphics.shapes import PolyLine  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color  # noqa: PLC0415 - see above

    joined = [
        each.level.entry
        for each in content.active_levels
        if each.is_evaluable and each.level.entry.comparator is None
    ]
    for _, run in groupby(joined, key=lambda level: level.assay):
        points = [
            coordinate
            for level in run
            for coordinate in (scale.x(level.sampled.utc), scale.y(float(level.value.value)))
        ]
        if len(points) > 2:
            yield PolyLine(points, strokeColor=Color(0.45, 0.45, 0.45), strokeWidth=0.5)


def level_mark(each: LevelAssessment, scale: PointScale) -> Iterator["Shape"]:
    """Yield a level by its shape: a circle within, a triangle above or below the target."""
    from reportlab.graphics.shapes import Circle, Line, Polygon  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import black, white  # noqa: PLC0415 - see above

    x, y = scale.x(each.level.entry.sampled.utc), scale.y(float(each.level_ng_ml))
    fill = black if each.is_evaluable else white
    if each.status in {Status.ABOVE, Status.BELOW}:
        up = _MARK if each.status is Status.ABOVE else -_MARK
        yield Polygon([x - _MARK, y - up, x + _MARK, y - up, x, y + up],
                      fillColor=fill, strokeColor=black, strokeWidth=0.9)  # fmt: skip
    else:
        yield Circle(x, y, _MARK - 0.4, fillColor=fill, strokeColor=black, strokeWidth=0.9)
    if each.level.entry.comparator is not None:
        down = each.level.entry.comparator is Comparator.BELOW
        tip = y - _ARROW if down else y + _ARROW
        back = 3 if down else -3
        yield Line(x, y, x, tip, strokeWidth=0.9)
        yield Line(x - 2, tip + back, x, tip, strokeWidth=0.9)
        yield Line(x + 2, tip + back, x, tip, strokeWidth=0.9)
