"""Levels over time as a drawing that loses nothing in black and white.

The axis has even steps. The target band is grey with its ends written inside. The shape of a level
shows its place: a circle within, a triangle up above, a triangle down below. A level that is not
evaluable is hollow; a censored one has an arrow; its value is beside it where there is room. Dose
changes are vertical lines with the new dose. Below the dates are holds, switches of product, other
drugs and adverse events as bars with names. Behind the right end is the forecast, if there is one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise, zip_longest
from math import ceil
from typing import TYPE_CHECKING

from dosing import TargetTrough, plain
from dosing.quantities.formatting import short_date
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.record.level import Comparator, comparator_sign
from monitoring.terms import Status
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod, TreatmentHistory
from reports.chart_labels import Box, LabelPlaces, text_box
from reports.fonts import REGULAR, register_fonts
from reports.presentation.predicted_course import PredictedCourse
from reports.presentation.treatment_bars import treatment_bars
from reports.time_bars import TimeBar, bars_drawn, lanes_below

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape

_LEFT, _RIGHT, _TOP, _BOTTOM = 26, 8, 22, 14
LABEL = 6.5
_MARK = 3.2
_ARROW = 10
_HALF_A_DATE = 22
_DATE_BELOW = 11
HEADROOM = 1.08
_MOST_TICKS = 7
_LEVEL_STEPS: tuple[int, ...] = tuple(
    digit * 10**power for power in range(9) for digit in (1, 2, 5)
)[1:]
LOWEST_TOP_NG_ML = 10.0
"""The axis reaches at least so far: small differences do not look large."""
_LONGEST_VALUE = 6
_FORECAST = "forecast"
_SHAPES = (
    (Status.WITHIN, "● within"),
    (Status.ABOVE, "▲ above"),
    (Status.BELOW, "▼ below"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEvent:
    """An adverse event below the time axis: its days, and its grade and term as text."""

    since: Moment
    until: Moment | None
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartContent:
    """The content of the chart. Voided and excluded levels are left out; the table shows them."""

    levels: tuple[LevelAssessment, ...]
    history: TreatmentHistory
    events: tuple[ChartEvent, ...]
    until: Moment
    """The right end of the time axis without a forecast: the moment of the report."""
    forecast: PredictedCourse | None = None
    """The forecast from that moment on."""

    @property
    def active_levels(self) -> tuple[LevelAssessment, ...]:
        """The levels that were neither voided nor excluded."""
        return tuple(each for each in self.levels if each.is_in_use)

    @property
    def periods(self) -> tuple[DosingPeriod, ...]:
        """The dosing periods."""
        return self.history.periods

    @property
    def bars(self) -> tuple[TimeBar, ...]:
        """The bars below the dates, those of one kind together."""
        treatment = (
            TimeBar(each.kind.value, each.label, each.since, each.until)
            for each in treatment_bars(self.history, self.until)
        )
        events = (
            TimeBar("event", each.label, each.since.utc, each.until.utc if each.until else None)
            for each in self.events
        )
        return (*treatment, *events)


@dataclass(frozen=True, slots=True)
class PointScale:
    """Places of times and levels on the drawing, in points."""

    begin: datetime
    end: datetime
    top_ng_ml: float
    width: float
    height: float
    foot: float = _BOTTOM
    """The height of the time axis."""

    @classmethod
    def of(
        cls, content: ChartContent, width: float, height: float, below: float = 0
    ) -> "PointScale":
        """Return a scale on which everything has a place, with room at both ends.

        `below` is the room of bars below the dates; it is a part of the height.
        """
        moments = [
            content.until.utc,
            *(each.level.entry.sampled.utc for each in content.active_levels),
            *(each.since.utc for each in content.periods),
            *(each.since.utc for each in content.events),
        ]
        room = max((max(moments) - min(moments)) / 40, timedelta(hours=12))
        ends = [max(moments), *([content.forecast.until.utc] if content.forecast else [])]
        highest = max(
            [
                LOWEST_TOP_NG_ML,
                *(float(each.level_ng_ml) for each in content.active_levels),
                *(float(each.prescription.entry.target.high_ng_ml) for each in content.periods),
                *(content.forecast.highest if content.forecast else ()),
            ]
        )
        end = max(ends) + room
        return cls(min(moments) - room, end, even_top(highest), width, height, _BOTTOM + below)

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
        return self.foot + ng_ml / self.top_ng_ml * (self.height - self.foot - _TOP)


def level_chart(content: ChartContent, width: float, height: float = 190) -> "Drawing":
    """Return the drawing, so many points wide, and high without its bars below the dates."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    flat = PointScale.of(content, width, height)
    lanes = lanes_below(content.bars, flat)
    total = height + lanes.height
    scale = PointScale.of(content, width, total, lanes.height)
    drawing = Drawing(width, total)
    labels = LabelPlaces(_plot(scale))
    for shape in (
        *target_bands(content.periods, scale),
        *grid(scale),
        *(_forecast(content.forecast, scale) if content.forecast else ()),
        *axes(scale),
        *dose_changes(content.periods, scale),
        *bars_drawn(lanes),
        *_lines(content, scale),
        *(shape for each in content.active_levels for shape in level_mark(each, scale)),
        *target_ends(content.periods, scale, labels, _obstacles(content, scale)),
        *values(content.active_levels, scale, labels, _line_places(content, scale)),
    ):
        drawing.add(shape)
    return drawing


def legend_of(content: ChartContent) -> str:
    """Return the meanings of the signs that the drawing has, and of no other."""
    levels = content.active_levels
    parts = [words_of_marks(levels)]
    if content.periods:
        parts += ["grey: target", "dotted: dose change"]
    if any(len(run) > 1 for run in joined_runs(content)):
        parts.append("line: same assay, no hold")
    if content.forecast:
        parts.append("forecast: trough, 90 % band")
    return " · ".join(filter(None, parts))


def words_of_marks(levels: Sequence[LevelAssessment]) -> str:
    """Return the meanings of the marks of these levels."""
    found = {each.status for each in levels}
    parts = [", ".join(words for status, words in _SHAPES if status in found)]
    if parts[0]:
        parts[0] += " the target"
    if any(not each.is_evaluable for each in levels):
        parts.append("hollow: not evaluable")
    if any(each.level.entry.comparator for each in levels):
        parts.append("arrow: outside the assay's range")
    return " · ".join(filter(None, parts))


def _plot(scale: PointScale) -> Box:
    return Box(_LEFT, scale.foot, scale.width - _RIGHT, scale.head)


def grid(scale: PointScale) -> Iterator["Shape"]:
    """Yield a faint line at each step of the axis."""
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color  # noqa: PLC0415 - see above

    for level in level_ticks(scale.top_ng_ml)[1:]:
        y = scale.y(level)
        yield Line(_LEFT, y, scale.width - _RIGHT, y, strokeColor=Color(0.8, 0.8, 0.8),
                   strokeWidth=0.25)  # fmt: skip


def _forecast(course: PredictedCourse, scale: PointScale) -> Iterator["Shape"]:
    """Yield band and median of the coming weeks, faint, with the word above."""
    from reportlab.graphics.shapes import Line, Polygon, PolyLine  # noqa: PLC0415 - heavy
    from reportlab.lib.colors import Color  # noqa: PLC0415 - ReportLab is heavy

    now, grey = scale.x(course.now.utc), Color(0.35, 0.35, 0.35)
    xs = [scale.x(each.at) for each in course.troughs]
    low = [(x, scale.y(each.low_ng_ml)) for x, each in zip(xs, course.troughs, strict=True)]
    high = [(x, scale.y(each.high_ng_ml)) for x, each in zip(xs, course.troughs, strict=True)]
    outline = [coordinate for place in (*low, *reversed(high)) for coordinate in place]
    yield Polygon(outline, fillColor=Color(0, 0, 0, alpha=0.12), strokeColor=grey,
                  strokeWidth=0.3, strokeDashArray=[1, 1])  # fmt: skip
    middle = [each for x, trough in zip(xs, course.troughs, strict=True)
              for each in (x, scale.y(trough.ng_ml))]  # fmt: skip
    yield PolyLine(middle, strokeColor=grey, strokeWidth=0.6, strokeDashArray=[2, 1])
    yield Line(now, scale.foot, now, scale.head, strokeColor=grey, strokeWidth=0.4,
               strokeDashArray=[1, 2])  # fmt: skip
    box = _forecast_word(course, scale)
    yield _label(_FORECAST, box)


def _forecast_word(course: PredictedCourse, scale: PointScale) -> Box:
    """Return the place of the word above the forecast, inside the plot."""
    box = text_box(_FORECAST, scale.x(course.now.utc) + 2, scale.head - LABEL - 1)
    return box.moved(min(0.0, scale.width - _RIGHT - box.right), 0)


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
    foot, free_from = scale.foot, 0.0
    yield Line(_LEFT, foot, right, foot, strokeWidth=0.6)
    yield Line(_LEFT, foot, _LEFT, scale.height - _TOP, strokeWidth=0.6)
    for level in level_ticks(scale.top_ng_ml):
        y = scale.y(level)
        yield Line(_LEFT - 3, y, _LEFT, y, strokeWidth=0.6)
        yield String(_LEFT - 5, y - 2.3, f"{level:g}", fontName=REGULAR, fontSize=LABEL,
                     textAnchor="end")  # fmt: skip
    yield String(0, scale.height - _TOP + 6, "ng/mL", fontName=REGULAR, fontSize=LABEL)
    for day in day_ticks(scale.begin, scale.end):
        x = scale.x(day)
        middle = min(max(x, _HALF_A_DATE), scale.width - _HALF_A_DATE)
        if middle - _HALF_A_DATE < free_from:
            continue  # a tick without its date says nothing
        free_from = middle + _HALF_A_DATE
        yield Line(x, foot, x, foot - 3, strokeWidth=0.6)
        yield String(middle, foot - _DATE_BELOW, short_date(day), fontName=REGULAR,
                     fontSize=LABEL, textAnchor="middle")  # fmt: skip


def even_top(highest_ng_ml: float) -> float:
    """Return the upper end of an axis of even steps on which a level has room above.

    >>> even_top(15.2), even_top(10)
    (20, 12)
    """
    above = highest_ng_ml * HEADROOM
    step = _step_for(above)
    return step * ceil(above / step)


def _step_for(top_ng_ml: float) -> int:
    return min(step for step in _LEVEL_STEPS if top_ng_ml / step <= _MOST_TICKS)


def level_ticks(top_ng_ml: float) -> tuple[float, ...]:
    """Return the levels on the axis.

    >>> level_ticks(16.2)
    (0, 5, 10, 15)
    """
    step = _step_for(top_ng_ml)
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
        yield Line(x, scale.foot, x, top + 2, strokeWidth=0.6, strokeDashArray=[2, 2])
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


def joined_runs(content: ChartContent) -> tuple[tuple[LevelAssessment, ...], ...]:
    """Return the evaluable, uncensored levels in runs that a line may join.

    A run is of one known assay, without a hold and without a time off treatment between its levels.
    """
    levels = [
        each
        for each in content.active_levels
        if each.is_evaluable and each.level.entry.comparator is None
    ]
    runs: list[list[LevelAssessment]] = []
    for each in levels:
        if runs and _may_be_joined(runs[-1][-1], each, content.history):
            runs[-1].append(each)
        else:
            runs.append([each])
    return tuple(map(tuple, runs))


def _may_be_joined(one: LevelAssessment, other: LevelAssessment, history: TreatmentHistory) -> bool:
    first, last = one.level.entry, other.level.entry
    if first.assay is None or first.assay != last.assay:
        return False
    since, until = first.sampled, last.sampled
    is_held = any(
        hold.at <= until and (hold.until is None or since < hold.until) for hold in history.holds
    )
    is_off = any(
        before.until is not None and since < before.until < until and before.until < begins
        for before, begins in zip(
            history.periods, [*(each.since for each in history.periods[1:]), until], strict=True
        )
    )
    return not is_held and not is_off


def _line_places(content: ChartContent, scale: PointScale) -> list[list[tuple[float, float]]]:
    return [
        [(scale.x(each.level.entry.sampled.utc), scale.y(float(each.level_ng_ml))) for each in run]
        for run in joined_runs(content)
    ]


def _lines(content: ChartContent, scale: PointScale) -> Iterator["Shape"]:
    """Yield a thin line through the levels of each run."""
    from reportlab.graphics.shapes import PolyLine  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color  # noqa: PLC0415 - see above

    for places in _line_places(content, scale):
        if len(places) > 1:
            points = [coordinate for place in places for coordinate in place]
            yield PolyLine(points, strokeColor=Color(0.45, 0.45, 0.45), strokeWidth=0.5)


def _obstacles(content: ChartContent, scale: PointScale) -> list[Box]:
    """Return the boxes of the marks and of the dose lines."""
    marks = [_box_of(each, scale) for each in content.active_levels]
    changes = (scale.x(moment.utc) for moment, _ in dose_marks(content.periods))
    word = [_forecast_word(content.forecast, scale)] if content.forecast else []
    return [*marks, *word, *(Box(x - 0.5, scale.foot, x + 0.5, scale.head) for x in changes)]


def _box_of(each: LevelAssessment, scale: PointScale) -> Box:
    x, y = scale.x(each.level.entry.sampled.utc), scale.y(float(each.level_ng_ml))
    up = down = _MARK
    if each.level.entry.comparator is Comparator.BELOW:
        down = _ARROW
    elif each.level.entry.comparator is Comparator.ABOVE:
        up = _ARROW
    return Box(x - _MARK, y - down, x + _MARK, y + up)


def target_ends(
    periods: Sequence[DosingPeriod],
    scale: PointScale,
    labels: LabelPlaces,
    obstacles: Iterable[Box],
) -> Iterator["Shape"]:
    """Yield the ends of each target inside its band, at its beginning; all obstacles are kept."""
    labels.keep(*obstacles)
    for target, run in groupby(periods, key=lambda each: each.prescription.entry.target):
        same = list(run)
        left = scale.x(max(same[0].since.utc, scale.begin)) + 2
        until = same[-1].until
        right = scale.x(min(until.utc, scale.end) if until else scale.end)
        high = scale.y(float(target.high_ng_ml)) - LABEL
        ends = [(plain(target.high_ng_ml), high)]
        if target.low_ng_ml:
            ends.append((plain(target.low_ng_ml), scale.y(float(target.low_ng_ml)) + 1.5))
        for text, y in ends:
            box = text_box(text, left, y)
            step = 4.0
            places = (box.moved(step * number, 0) for number in range(int((right - left) / step)))
            found = labels.first_free(each for each in places if each.right <= right)
            if found is not None:
                yield _label(text, found)


def values(
    levels: Sequence[LevelAssessment],
    scale: PointScale,
    labels: LabelPlaces,
    lines: Iterable[Sequence[tuple[float, float]]],
) -> Iterator["Shape"]:
    """Yield the value of each level beside it where there is room: the newest and highest first."""
    for each, other in (pair for line in lines for pair in pairwise(line)):
        labels.avoid(each, other)
    newest = levels[-1:]
    off = {Status.ABOVE: 0, Status.BELOW: 0}
    others = sorted(levels[-2::-1], key=lambda each: off.get(each.status, 1))
    for level in (*newest, *others):
        text = value_of(level)
        if not text:
            continue
        mark = _box_of(level, scale)
        box = text_box(text, mark.right + 1, (mark.bottom + mark.top) / 2 - LABEL * 0.36)
        above = box.moved(-(box.width / 2) - _MARK - 1, mark.top + 1.5 - box.bottom)
        below = above.moved(0, mark.bottom - 1.5 - above.top)
        left = box.moved(-box.width - 2 * _MARK - 2, 0)
        found = labels.first_free([above, box, left, below])
        if found is not None:
            yield _label(text, found)


def value_of(each: LevelAssessment) -> str:
    """Return the exact value of a level in ng/mL; empty where it is too long.

    It is never rounded: that could move it across an end of the target.
    """
    text = f"{comparator_sign(each.level.entry.comparator)}{plain(each.level_ng_ml)}"
    return text if len(text) <= _LONGEST_VALUE else ""


def _label(text: str, box: Box) -> "Shape":
    from reportlab.graphics.shapes import String  # noqa: PLC0415 - ReportLab is heavy

    return String(box.left, box.bottom + 1, text, fontName=REGULAR, fontSize=LABEL)


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
