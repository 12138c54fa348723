"""The forecast course, as a drawing that loses nothing in black and white.

The predicted course is a line. Its 90 % band is dark, with an edge, and clear enough to show the
ends of the target below it; the target is light between two thin lines. Measured levels have the
marks of `reports.level_chart`. A vertical line marks the moment of the report: nothing has been
measured to its right.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from monitoring.levels import LevelAssessment
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.fonts import REGULAR, register_fonts
from reports.level_chart import (
    HEADROOM,
    LABEL,
    LOWEST_TOP_NG_ML,
    PointScale,
    axes,
    dose_changes,
    level_mark,
    target_bands,
)

if TYPE_CHECKING:
    from datetime import datetime

    from reportlab.graphics.shapes import Drawing, Shape

    from dosing.pharmacokinetics import PredictedCurve
    from monitoring.recommendation.forecast import FittedForecast

LEGEND = (
    "line: predicted course · dark: 90 % of true levels by the model · light: target · ● ▲ ▼ "
    "measured, as above · vertical line: now"
)

_DAYS_BEFORE = 14
_NOW_LABEL_BELOW = 8


def forecast_chart(
    answer: "FittedForecast", summary: PatientSummary, width: float, height: float = 120
) -> "Drawing":
    """Return the last two weeks and the two to come, so many points wide and high."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    from monitoring.recommendation.forecast import FORECAST_DAYS  # noqa: PLC0415 - numpy is heavy

    register_fonts()
    now = summary.made
    begin = max(now.utc - timedelta(days=_DAYS_BEFORE), answer.origin)
    end = now.utc + timedelta(days=FORECAST_DAYS)
    course = answer.curve(Moment(begin, now.zone), Moment(end, now.zone))
    levels = [
        each
        for each in summary.levels
        if each.is_in_use and begin <= each.level.entry.sampled.utc <= now.utc
    ]
    scale = PointScale(begin, end, _top_ng_ml(answer, course, levels) * HEADROOM, width, height)
    drawing = Drawing(width, height)
    for shape in (
        *target_bands(summary.history.periods, scale),
        *_course(course, answer.origin, scale),
        *axes(scale),
        *dose_changes(summary.history.periods, scale),
        *_now(now, scale),
        *(shape for each in levels for shape in level_mark(each, scale)),
    ):
        drawing.add(shape)
    return drawing


def _top_ng_ml(
    answer: "FittedForecast", course: "PredictedCurve", levels: list[LevelAssessment]
) -> float:
    return max(
        LOWEST_TOP_NG_ML,
        float(answer.target.high_ng_ml),
        *course.high_ng_ml,
        *(float(each.level_ng_ml) for each in levels),
    )


def _course(course: "PredictedCurve", origin: "datetime", scale: PointScale) -> Iterator["Shape"]:
    """Yield the band, the band's edge and the most probable course."""
    from reportlab.graphics.shapes import Polygon, PolyLine  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color, black  # noqa: PLC0415 - see above

    xs = [scale.x(origin + timedelta(hours=hours)) for hours in course.at_h]

    def places(levels: tuple[float, ...]) -> list[tuple[float, float]]:
        return [(x, scale.y(level)) for x, level in zip(xs, levels, strict=True)]

    low, high = places(course.low_ng_ml), places(course.high_ng_ml)
    outline = [coordinate for place in (*low, *reversed(high)) for coordinate in place]
    grey, edge = Color(0, 0, 0, alpha=0.22), Color(0.35, 0.35, 0.35)
    yield Polygon(outline, fillColor=grey, strokeColor=edge, strokeWidth=0.3)
    middle = [coordinate for place in places(course.ng_ml) for coordinate in place]
    yield PolyLine(middle, strokeColor=black, strokeWidth=0.8)


def _now(now: Moment, scale: PointScale) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line, String  # noqa: PLC0415 - ReportLab is heavy

    x = scale.x(now.utc)
    yield Line(x, scale.foot - _NOW_LABEL_BELOW, x, scale.head, strokeWidth=1)
    yield String(x + 2, scale.foot - _NOW_LABEL_BELOW, "now", fontName=REGULAR, fontSize=LABEL)
