"""An oral syringe as a drawing, the plunger at the volume; and tablets, counted.

The picture is to scale along the barrel. Syringes of other sizes have other lengths, thicknesses
and marks, and the volume is in figures at its mark: 0.1 mL and 1 mL never look alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from dosing import ORAL_SOLUTION, plain
from dosing.knowledge.products import STRENGTH_MG_PER_ML, rounding_step
from reports.fonts import BOLD, REGULAR, register_fonts

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing, Shape

_MM = 72 / 25.4
_HALF_SIZE = Decimal("0.5")
_TIP = 30.0
_NUMBERS = 11.0
"""The room below the barrel for the figures of its marks, in points."""
_FIGURE_ROOM = 17.0
"""The least distance of two figures at the marks: nearer ones would touch."""
_VOLUME_ROOM = 26.0
_VOLUME_LETTERS = 15.0
_PLUNGER_BEYOND = 12.0
_BEFORE_A_TABLET = 58.0
POINTER_WIDTH = 1.8
"""The width of the line that points to the volume; no other line is as wide."""


@dataclass(frozen=True, slots=True)
class SyringeLook:
    """The drawing of a syringe: the length and thickness of its scale in mm, and its figures."""

    scale_mm: Decimal
    thick_mm: Decimal
    number_every_ml: Decimal


LOOKS = {
    Decimal("0.5"): SyringeLook(Decimal(80), Decimal(6), Decimal("0.1")),
    Decimal(1): SyringeLook(Decimal(95), Decimal(8), Decimal("0.1")),
    Decimal(3): SyringeLook(Decimal(105), Decimal(11), Decimal("0.5")),
    Decimal(5): SyringeLook(Decimal(110), Decimal(14), Decimal(1)),
}
"""By the size in mL (`products.SYRINGES_ML`); a matter of drawing, not of any maker."""


def mark_step_ml(syringe_ml: Decimal) -> Decimal:
    """Return the distance of the marks: the step in which doses of this size are rounded.

    >>> mark_step_ml(Decimal(1)), mark_step_ml(Decimal(5))
    (Decimal('0.02'), Decimal('0.2'))
    """
    return rounding_step(syringe_ml * STRENGTH_MG_PER_ML, ORAL_SOLUTION) / STRENGTH_MG_PER_ML


def draws_ml(volume_ml: Decimal, syringe_ml: Decimal) -> tuple[tuple[int, Decimal], ...]:
    """Return the draws, each as a number and a volume: full syringes first, then the rest.

    >>> draws_ml(Decimal(13), Decimal(5))
    ((2, Decimal('5')), (1, Decimal('3')))
    """
    full, left = divmod(volume_ml, syringe_ml)
    found = [(int(full), syringe_ml)] if full else []
    return tuple([*found, (1, left)] if left else found)


def syringe_drawing(
    volume_ml: Decimal,
    syringe_ml: Decimal,
    width: float,
    *,
    half_as_long: bool = False,
    name: str = "",
) -> "Drawing":
    """Return the syringe with the plunger at the volume, so many points wide.

    `name` is the syringe with its size, as drawn; empty for the English one.

    A volume above the syringe's is shown as its draws, half as long, side by side.
    """
    from reportlab.graphics.shapes import Drawing, Group  # noqa: PLC0415 - ReportLab is heavy

    register_fonts()
    draws = draws_ml(volume_ml, syringe_ml)
    several = volume_ml > syringe_ml
    height = _VOLUME_ROOM + float(LOOKS[syringe_ml].thick_mm) * _MM + _NUMBERS
    drawing = Drawing(width, height)
    for place, (times, volume) in enumerate(draws):
        shrunk = several or half_as_long
        named = name or f"{plain(syringe_ml)} mL oral syringe"
        group = Group(
            *_syringe(volume, syringe_ml, times if several else 0, shrunk=shrunk, name=named)
        )
        group.translate(place * width / 2, 0)
        drawing.add(group)
    return drawing


@dataclass(frozen=True, slots=True)
class _Barrel:
    """Places of the parts of a syringe, in points; zero is at the tip."""

    left: float
    per_ml: float
    bottom: float
    top: float
    right: float

    def x(self, ml: Decimal) -> float:
        return self.left + float(ml) * self.per_ml

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


def _syringe(
    volume: Decimal, size: Decimal, times: int, *, shrunk: bool, name: str
) -> Iterator["Shape"]:
    look = LOOKS[size]
    length = float(look.scale_mm * (_HALF_SIZE if shrunk else 1)) * _MM
    top = _NUMBERS + float(look.thick_mm) * _MM
    barrel = _Barrel(_TIP, length / float(size), _NUMBERS, top, _TIP + length + 8)
    yield from _body(barrel, volume)
    yield from _marks(barrel, size, look)
    yield from _volume(barrel, volume, size, times, name)


def _body(barrel: _Barrel, volume: Decimal) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line, Rect  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color, black, white  # noqa: PLC0415 - see above

    liquid, rod = Color(0.8, 0.8, 0.8), Color(0.93, 0.93, 0.93)
    high, x = barrel.top - barrel.bottom, barrel.x(volume)
    end = barrel.right + _PLUNGER_BEYOND + 0.35 * (x - barrel.left)
    nozzle = Rect(barrel.left - 16, barrel.middle - 2.5, 16, 5)
    nozzle.fillColor, nozzle.strokeColor, nozzle.strokeWidth = liquid, black, 0.6
    yield nozzle
    for left, bottom, wide, tall, fill, stroke in (
        (barrel.left, barrel.bottom, x - barrel.left, high, liquid, None),
        (x, barrel.bottom + high * 0.3, end - x, high * 0.4, rod, black),
        (x, barrel.bottom, 4, high, black, None),
        (end, barrel.bottom - 1, 3, high + 2, white, black),
        (barrel.right, barrel.bottom - 4, 3, high + 8, white, black),
    ):
        part = Rect(left, bottom, wide, tall)
        part.fillColor, part.strokeColor, part.strokeWidth = fill, stroke, 0.6
        yield part
    for y in (barrel.bottom, barrel.top):
        yield Line(barrel.left, y, barrel.right, y, strokeWidth=0.9)
    yield Line(barrel.left, barrel.bottom, barrel.left, barrel.top, strokeWidth=0.9)


def _marks(barrel: _Barrel, size: Decimal, look: SyringeLook) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Line, String  # noqa: PLC0415 - ReportLab is heavy

    step = mark_step_ml(size)
    is_tight = float(look.number_every_ml) * barrel.per_ml < _FIGURE_ROOM
    numbered_every = look.number_every_ml * (2 if is_tight else 1)
    for number in range(int(size / step) + 1):
        ml = step * number
        is_numbered = ml % numbered_every == 0
        x, long = barrel.x(ml), 8 if is_numbered else 4
        yield Line(
            x, barrel.bottom, x, barrel.bottom + long, strokeWidth=0.9 if is_numbered else 0.4
        )
        if is_numbered:
            yield String(x, 1, plain(ml), fontName=REGULAR, fontSize=8, textAnchor="middle")


def _volume(
    barrel: _Barrel, volume: Decimal, size: Decimal, times: int, name: str
) -> Iterator["Shape"]:
    """Yield the pointer with the volume in figures, and the syringe size on the other side."""
    from reportlab.graphics.shapes import Line, String  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - see above

    x = barrel.x(volume)
    yield Line(x, barrel.bottom, x, barrel.top + 9, strokeWidth=POINTER_WIDTH)
    label = f"{times} × {plain(volume)} mL" if times else f"{plain(volume)} mL"
    half = stringWidth(label, BOLD, _VOLUME_LETTERS) / 2
    yield String(max(x, half), barrel.top + 12, label, fontName=BOLD, fontSize=_VOLUME_LETTERS,
                 textAnchor="middle")  # fmt: skip
    on_the_right = volume < size / 2
    room = (barrel.right - x if on_the_right else x - barrel.left) - 2 * POINTER_WIDTH
    letters = min(8, 8 * room / stringWidth(name, REGULAR, 8))  # it does not reach the pointer
    yield String(
        barrel.right if on_the_right else barrel.left, barrel.top + 5,
        name, fontName=REGULAR, fontSize=letters,
        textAnchor="end" if on_the_right else "start",
    )  # fmt: skip


def tablets_drawing(tablets: tuple[tuple[Decimal, int], ...], width: float) -> "Drawing":
    """Return each strength as a tablet with its mg in it, after the number to take."""
    from reportlab.graphics.shapes import Circle, Drawing, String  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color, black  # noqa: PLC0415 - see above

    register_fonts()
    drawing = Drawing(width, 58)
    left = 0.0
    for strength, number in tablets:
        if not number:
            continue
        radius = 16 + 6 * float(strength)
        drawing.add(String(left, 21, f"{number} ×", fontName=BOLD, fontSize=22))
        middle = left + _BEFORE_A_TABLET + radius
        drawing.add(Circle(middle, 29, radius, fillColor=Color(0.93, 0.93, 0.93),
                           strokeColor=black, strokeWidth=1.2))  # fmt: skip
        drawing.add(String(middle, 25, f"{plain(strength)} mg", fontName=BOLD, fontSize=11,
                           textAnchor="middle"))  # fmt: skip
        left = middle + radius + 30
    return drawing
