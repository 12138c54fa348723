"""The clinic's figures as drawings: shares, time to response and time in range, with Nadal 2016.

No meaning is in a colour: lines differ by their dashes and carry their names; the clinic's marks
are full, those of Nadal 2016 hollow.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from dosing.knowledge import nadal2016
from monitoring.cohort import CohortRow, LevelsInRange, ResponseTimes
from monitoring.response import SurvivalCurve
from reports.fonts import BOLD, REGULAR, register_fonts
from reports.style import ACCENT, HAIRLINE, MUTED

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape
    from reportlab.lib.colors import Color

SHARES_LEGEND = (
    "● this clinic, with the exact 95 % CI   ◇ Nadal 2016. Percent of the patients with data."
)
RESPONSE_LEGEND = (
    "Kaplan-Meier: share that has not responded yet. Vertical ticks: censored (followed until then "
    "without a response). ◇ with a dotted line: median of Nadal 2016 with its 95 % CI. Below: "
    "number at risk (still followed, not responded)."
)

Anchor = Literal["start", "middle", "end"]

_LETTERS = 7.0
_ROW = 13.0
_NAMES = 190.0
_RIGHT = 14.0
_BELOW = 16.0
_LEFT = 86.0
_RISK_ROW = 10.0
_NAME_AT_THE_END = 70.0
_CURVE_HEIGHT = 120.0
_DASHES: dict[str, list[float]] = {"tumours": [], "malformations": [5, 2.5]}
"""The curves that are drawn, each with its dashes."""
_DAYS_OF_A_WEEK = 7
_MOST_TICKS = 8


# --- shares


def shares_chart(rows: Sequence[CohortRow], width: float) -> "Drawing":
    """Return each row's share with its interval, and the share in Nadal 2016, from 0 to 100 %."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    height = _BELOW + _ROW * len(rows)
    drawing = Drawing(width, height)
    for shape in (*_percent_axis(width, height), *_shares(rows, width, height)):
        drawing.add(shape)
    return drawing


def _percent_x(percent: float, width: float) -> float:
    return _NAMES + percent / 100 * (width - _NAMES - _RIGHT)


def _percent_axis(width: float, height: float) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    for percent in range(0, 101, 20):
        x = _percent_x(percent, width)
        yield Line(x, _BELOW - 3, x, height, strokeColor=_colour(HAIRLINE), strokeWidth=0.4)
        yield _words(x, 4, f"{percent} %", anchor="middle")


def _shares(rows: Sequence[CohortRow], width: float, height: float) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Circle, Line, Polygon  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import black, white  # noqa: PLC0415 - see above

    for place, row in enumerate(rows):
        y = height - _ROW * (place + 0.5)
        yield _words(0, y - 2.5, row.name.strip())
        interval = row.interval_percent
        if interval is not None and row.percent is not None:
            low, high = (_percent_x(end, width) for end in interval)
            yield Line(low, y, high, y, strokeWidth=1.1)
            yield from (Line(end, y - 2, end, y + 2, strokeWidth=1.1) for end in (low, high))
            yield Circle(_percent_x(float(row.percent), width), y, 2.6, fillColor=black)
        if row.review is not None and row.review.percent is not None:
            x = _percent_x(float(row.review.percent), width)
            yield Polygon([x - 3.6, y, x, y + 3.6, x + 3.6, y, x, y - 3.6],
                          fillColor=white, strokeColor=black, strokeWidth=0.9)  # fmt: skip


# --- time to response


def response_chart(times: Sequence[ResponseTimes], width: float) -> "Drawing":
    """Return the curves of tumours and malformations, with the median of Nadal 2016 at a half."""
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    drawn = [each for each in times if each.group in _DASHES and each.curve.patients]
    bottom = _BELOW + 8 + _RISK_ROW * (len(drawn) + 1)
    last = max([each.curve.followed[-1] for each in drawn], default=0)
    area = _Area(width, bottom, max(last, _longest_in_nadal_2016()))
    drawing = Drawing(width, bottom + _CURVE_HEIGHT + 10)
    for shape in (
        *_response_axes(area),
        *_median_of_nadal_2016(area),
        *(shape for each in drawn for shape in _curve(each, area)),
        *_numbers_at_risk(drawn, area),
    ):
        drawing.add(shape)
    return drawing


def _longest_in_nadal_2016() -> int:
    return nadal2016.WEEKS_TO_RESPONSE_95_PERCENT[1] * _DAYS_OF_A_WEEK


class _Area:
    """Places of days and shares, in points."""

    def __init__(self, width: float, bottom: float, last_day: int) -> None:
        self.width, self.bottom = width, bottom
        self.last_day = last_day

    def x(self, day: float) -> float:
        return _LEFT + day / (self.last_day * 1.02) * (self.width - _LEFT - _NAME_AT_THE_END)

    def y(self, share: float) -> float:
        return self.bottom + share * _CURVE_HEIGHT

    @property
    def ticks(self) -> tuple[int, ...]:
        """The days on the axis, in whole weeks."""
        steps = (7, 14, 28, 56, 91, 182, 364, 728, 3640)
        step = next(each for each in steps if self.last_day / each <= _MOST_TICKS)
        return tuple(range(0, self.last_day + 1, step))


def _response_axes(area: _Area) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    right = area.x(area.last_day)
    yield _words(0, area.y(1) - 2.5, "not responded")
    for percent in range(0, 101, 25):
        y = area.y(percent / 100)
        colour = _colour(MUTED if percent == 0 else HAIRLINE)
        yield Line(_LEFT, y, right, y, strokeColor=colour, strokeWidth=0.4)
        yield _words(_LEFT - 4, y - 2.5, f"{percent} %", anchor="end")
    for day in area.ticks:
        x = area.x(day)
        yield Line(x, area.bottom, x, area.bottom - 3, strokeWidth=0.5)
        yield _words(x, area.bottom - 11, str(day), anchor="middle")
    yield _words(0, area.bottom - 11, "days from the start")


def _median_of_nadal_2016(area: _Area) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line, Polygon  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import black, white  # noqa: PLC0415 - see above

    low, high = (
        area.x(weeks * _DAYS_OF_A_WEEK) for weeks in nadal2016.WEEKS_TO_RESPONSE_95_PERCENT
    )
    x, y = area.x(nadal2016.MEDIAN_WEEKS_TO_RESPONSE * _DAYS_OF_A_WEEK), area.y(0.5)
    yield Line(low, y, high, y, strokeWidth=0.9, strokeDashArray=[1, 1.5])
    yield from (Line(end, y - 2.5, end, y + 2.5, strokeWidth=0.9) for end in (low, high))
    yield Polygon([x - 4, y, x, y + 4, x + 4, y, x, y - 4],
                  fillColor=white, strokeColor=black, strokeWidth=0.9)  # fmt: skip


def _curve(times: ResponseTimes, area: _Area) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line, PolyLine  # noqa: PLC0415 - ReportLab is heavy

    curve = times.curve
    points, share = [area.x(0), area.y(1)], 1.0
    for step in curve.steps:
        points += [area.x(step.day), area.y(share)]
        share = float(step.share)
        points += [area.x(step.day), area.y(share)]
    end = area.x(curve.followed[-1])
    points += [end, area.y(share)]
    yield PolyLine(points, strokeColor=_colour(ACCENT), strokeWidth=1.5,
                   strokeDashArray=_DASHES[times.group])  # fmt: skip
    for day in _without_response(curve):
        y = area.y(share_on(curve, day))
        yield Line(area.x(day), y - 3, area.x(day), y + 3, strokeWidth=0.8)
    is_first = next(iter(_DASHES)) == times.group
    yield _words(end + 4, area.y(share) + (3 if is_first else 12), times.group, font=BOLD)


def share_on(curve: SurvivalCurve, day: int) -> float:
    """Return the share that has not responded by the end of a day."""
    return next((float(step.share) for step in reversed(curve.steps) if step.day <= day), 1.0)


def _without_response(curve: SurvivalCurve) -> list[int]:
    """Return the days until which a patient was followed without a response."""
    left = list(curve.followed)
    for step in curve.steps:
        for _ in range(step.responded):
            left.remove(step.day)
    return left


def _numbers_at_risk(drawn: Sequence[ResponseTimes], area: _Area) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    top = area.bottom - _BELOW - 6
    yield _words(0, top, "number at risk", font=BOLD)
    for place, each in enumerate(drawn, start=1):
        y = top - _RISK_ROW * place
        yield _words(0, y, each.group)
        yield Line(58, y + 2.5, _LEFT - 8, y + 2.5, strokeColor=_colour(ACCENT), strokeWidth=1.5,
                   strokeDashArray=_DASHES[each.group])  # fmt: skip
        for day in area.ticks:
            yield _words(area.x(day), y, str(each.curve.at_risk(day)), anchor="middle")


# --- time in range


def range_bar(levels: LevelsInRange, width: float) -> "Drawing":
    """Return the days below, within and above the target as one bar, each part with its figures."""
    from reportlab.graphics.shapes import Drawing, Rect  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import black  # noqa: PLC0415 - see above

    register_fonts()
    drawing, left, covered = Drawing(width, 30), 0.0, levels.days_covered
    parts = (
        ("below", levels.days_below, "#ffffff"),
        ("within", levels.days_within, "#c8c8c8"),
        ("above", levels.days_above, "#7d7d7d"),
    )
    labels_end = -1.0
    for name, days, fill in parts:
        share = days / covered if covered else 0.0
        if not share:
            continue
        part = Rect(left, 4, share * width, 12)
        part.fillColor, part.strokeColor, part.strokeWidth = _colour(fill), black, 0.6
        drawing.add(part)
        label = f"{name} {100 * share:.1f} %"
        place = max(left, labels_end)
        drawing.add(_words(min(place, width - 62), 20, label))
        labels_end = place + 66
        left += share * width
    return drawing


def _words(
    x: float, y: float, text: str, *, font: str = REGULAR, anchor: Anchor = "start"
) -> "Shape":
    from reportlab.graphics.shapes import String  # noqa: PLC0415 - ReportLab is heavy

    return String(x, y, text, fontName=font, fontSize=_LETTERS, textAnchor=anchor)


def _colour(text: str) -> "Color":
    from reportlab.lib.colors import HexColor  # noqa: PLC0415 - ReportLab is heavy

    return HexColor(text)
