"""The small pictures of the give-log: morning, evening, given, missed and vomited."""

from collections.abc import Iterator
from enum import Enum
from math import cos, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Shape

_RAYS = 8
_PEN = 0.9
_MORNING_HOURS = range(4, 17)


class Pictogram(Enum):
    """A small picture, by its meaning."""

    MORNING = "sun"
    EVENING = "moon"
    GIVEN = "tick"
    MISSED = "cross"
    VOMITED = "face"

    @classmethod
    def of_hour(cls, hour: int) -> "Pictogram":
        """Return the sun by day and the moon from 17:00 on and at night."""
        return cls.MORNING if hour in _MORNING_HOURS else cls.EVENING


def pictogram(which: Pictogram, x: float, y: float, size: float) -> "Iterator[Shape]":
    """Yield the parts of a picture around a point, so many points wide and high."""
    half = size / 2
    draw = {
        Pictogram.MORNING: _sun,
        Pictogram.EVENING: _moon,
        Pictogram.GIVEN: _tick,
        Pictogram.MISSED: _cross,
        Pictogram.VOMITED: _face,
    }[which]
    yield from draw(x, y, half)


def _sun(x: float, y: float, half: float) -> "Iterator[Shape]":
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    yield _circle(x, y, half * 0.5)
    for place in range(_RAYS):
        angle = 2 * pi * place / _RAYS
        across, up = cos(angle), sin(angle)
        yield Line(x + across * half * 0.65, y + up * half * 0.65, x + across * half, y + up * half,
                   strokeWidth=_PEN)  # fmt: skip


def _moon(x: float, y: float, half: float) -> "Iterator[Shape]":
    yield _circle(x, y, half * 0.85, is_filled=True)
    cover = _circle(x + half * 0.4, y + half * 0.2, half * 0.75, is_white=True)
    yield cover


def _tick(x: float, y: float, half: float) -> "Iterator[Shape]":
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    yield Line(x - half * 0.8, y, x - half * 0.2, y - half * 0.7, strokeWidth=1.6)
    yield Line(x - half * 0.2, y - half * 0.7, x + half * 0.9, y + half * 0.8, strokeWidth=1.6)


def _cross(x: float, y: float, half: float) -> "Iterator[Shape]":
    """Yield a syringe struck through: the dose was not given."""
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    yield box((x - half * 0.6, y - half * 0.3, half * 1.1, half * 0.6), 0.7)
    yield Line(x - half, y, x - half * 0.6, y, strokeWidth=0.7)
    yield Line(x + half * 0.5, y, x + half, y, strokeWidth=0.7)
    yield Line(x - half * 0.8, y - half * 0.8, x + half * 0.8, y + half * 0.8, strokeWidth=1.4)
    yield Line(x - half * 0.8, y + half * 0.8, x + half * 0.8, y - half * 0.8, strokeWidth=1.4)


def _face(x: float, y: float, half: float) -> "Iterator[Shape]":
    """Yield a face with drops from its mouth."""
    from reportlab.graphics.shapes import Line  # noqa: PLC0415 - ReportLab is heavy

    top = y + half * 0.25
    yield _circle(x, top, half * 0.75)
    for side in (-1, 1):
        yield _circle(x + side * half * 0.28, top + half * 0.25, half * 0.09, is_filled=True)
    yield _circle(x, top - half * 0.28, half * 0.2, is_filled=True)
    for slant in (-0.35, 0.0, 0.35):
        yield Line(x + slant * half * 0.5, top - half * 0.5, x + slant * half, y - half,
                   strokeWidth=_PEN)  # fmt: skip


def _circle(
    x: float, y: float, radius: float, *, is_filled: bool = False, is_white: bool = False
) -> "Shape":
    from reportlab.graphics.shapes import Circle  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import black, white  # noqa: PLC0415 - see above

    edge = None if is_white else black
    return Circle(x, y, radius, fillColor=black if is_filled else white, strokeColor=edge,
                  strokeWidth=_PEN)  # fmt: skip


def box(
    place: tuple[float, float, float, float], pen: float, *, is_filled: bool = False
) -> "Shape":
    """Return a rectangle by its left lower corner, width and height; no edge with a pen of 0."""
    from reportlab.graphics.shapes import Rect  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import black, white  # noqa: PLC0415 - see above

    drawn = Rect(*place)
    drawn.fillColor = black if is_filled else white
    drawn.strokeColor = black if pen else None
    drawn.strokeWidth = pen
    return drawn
