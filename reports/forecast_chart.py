"""The forecast course, as a drawing that loses nothing in black and white.

The predicted troughs are a line. Their 90 % band is dark, with an edge, and clear enough to show
the ends of the target below it; the target is light between two thin lines; the peaks are faint.
Measured levels have the marks of `reports.level_chart`. A vertical line marks the moment of the
report: nothing has been measured to its right.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from monitoring.levels import LevelAssessment
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.chart_labels import Box, LabelPlaces, text_box
from reports.fonts import REGULAR, register_fonts
from reports.level_chart import (
    LABEL,
    LOWEST_TOP_NG_ML,
    PointScale,
    axes,
    dose_changes,
    even_top,
    grid,
    level_mark,
    target_bands,
    values,
    words_of_marks,
)
from reports.presentation.predicted_course import PredictedCourse, course_between

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape

    from monitoring.recommendation.forecast import FittedForecast

_DAYS_BEFORE = 14
_ROOM = timedelta(hours=12)
"""At both ends: no level is on the frame."""
_NOW = "now"


@dataclass(frozen=True, slots=True)
class ForecastContent:
    """The content of the drawing: the course, and the measured levels in its time."""

    course: PredictedCourse
    levels: tuple[LevelAssessment, ...]


def forecast_chart(
    content: ForecastContent, summary: PatientSummary, width: float, height: float = 120
) -> "Drawing":
    """Return the last two weeks and the two to come, so many points wide and high."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    course, levels = content.course, content.levels
    now, begin, end = summary.made, course.since.utc - _ROOM, course.until.utc + _ROOM
    top = even_top(
        max(
            LOWEST_TOP_NG_ML,
            float(course.target.high_ng_ml),
            *course.highest,
            *(float(each.level_ng_ml) for each in levels),
        )
    )
    scale = PointScale(begin, end, top, width, height)
    drawing = Drawing(width, height)
    labels = LabelPlaces(Box(scale.x(begin), scale.foot, scale.x(end), scale.head))
    labels.keep(text_box(_NOW, scale.x(now.utc) + 2, scale.head - LABEL))
    marks = [shape for each in levels for shape in level_mark(each, scale)]
    for shape in (
        *target_bands(summary.history.periods, scale),
        *grid(scale),
        *_course(course, scale),
        *axes(scale),
        *dose_changes(summary.history.periods, scale),
        *_now(now, scale),
        *marks,
        *values(levels, scale, labels, [_middle(course, scale)]),
    ):
        drawing.add(shape)
    return drawing


def forecast_legend(content: ForecastContent) -> str:
    """Return the meanings of the signs that the drawing has, and of no other."""
    course, levels = content.course, content.levels
    parts = ["line: predicted true trough", "dark: its 90 % by the model", "light: target"]
    if course.peaks:
        parts.append("faint line: peaks")
    if levels:
        parts.append(f"measured: {words_of_marks(levels)}")
    return " · ".join([*parts, "vertical line: now"])


def forecast_content(answer: "FittedForecast", summary: PatientSummary) -> ForecastContent:
    """Return the content of the drawing; without a current dose the course after the last one."""
    from monitoring.recommendation.forecast import FORECAST_DAYS  # noqa: PLC0415 - numpy is heavy

    now = summary.made
    begin = max(now.utc - timedelta(days=_DAYS_BEFORE), answer.origin)
    end = now.utc + timedelta(days=FORECAST_DAYS)
    since, until = (Moment(each, now.zone) for each in (begin, end))
    course = course_between(answer, summary.history, now, (since, until))
    levels = tuple(
        each
        for each in summary.levels
        if each.is_in_use and begin <= each.level.entry.sampled.utc <= now.utc
    )
    return ForecastContent(course, levels)


def _course(course: PredictedCourse, scale: PointScale) -> Iterator["Shape"]:
    """Yield the band of the troughs with its edge, the peaks, and the most probable troughs."""
    from reportlab.graphics.shapes import Line, Polygon, PolyLine  # noqa: PLC0415 - heavy
    from reportlab.lib.colors import Color, black  # noqa: PLC0415 - ReportLab is heavy

    xs = [scale.x(each.at) for each in course.troughs]

    def places(levels: Iterable[float]) -> list[tuple[float, float]]:
        return [(x, scale.y(level)) for x, level in zip(xs, levels, strict=True)]

    low = places(each.low_ng_ml for each in course.troughs)
    high = places(each.high_ng_ml for each in course.troughs)
    outline = [coordinate for place in (*low, *reversed(high)) for coordinate in place]
    grey, edge = Color(0, 0, 0, alpha=0.22), Color(0.35, 0.35, 0.35)
    yield Polygon(outline, fillColor=grey, strokeColor=edge, strokeWidth=0.3)
    for one, other in pairwise(course.peaks):
        yield Line(scale.x(one.at), scale.y(one.ng_ml), scale.x(other.at), scale.y(other.ng_ml),
                   strokeColor=Color(0.6, 0.6, 0.6), strokeWidth=0.4)  # fmt: skip
    middle = [coordinate for place in _middle(course, scale) for coordinate in place]
    yield PolyLine(middle, strokeColor=black, strokeWidth=0.8)


def _middle(course: PredictedCourse, scale: PointScale) -> list[tuple[float, float]]:
    return [(scale.x(each.at), scale.y(each.ng_ml)) for each in course.troughs]


def _now(now: Moment, scale: PointScale) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line, String  # noqa: PLC0415 - ReportLab is heavy

    x = scale.x(now.utc)
    yield Line(x, scale.foot, x, scale.head, strokeWidth=1)
    yield String(x + 2, scale.head - LABEL, _NOW, fontName=REGULAR, fontSize=LABEL)
