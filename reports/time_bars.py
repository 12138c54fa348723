"""Bars of time with their names, below the dates of a drawing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from dosing import clean
from dosing.quantities.formatting import count_of
from reports.chart_labels import SIZE
from reports.fonts import REGULAR
from reports.presentation.treatment_bars import lanes_of
from reports.printed_text import as_drawn

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Shape

_LANE = 9.0
_GAP = 3.0
_PADDING = 2.0
_TIP = 4.0
_LONGEST_NAME = 150.0
_MOST_LANES = 8


class TimeScale(Protocol):
    """The places of times on a drawing, in points."""

    @property
    def begin(self) -> datetime:
        """The first moment."""

    @property
    def end(self) -> datetime:
        """The last moment."""

    @property
    def width(self) -> float:
        """The width of the drawing."""

    def x(self, moment: datetime) -> float:
        """Return the place of a time."""


@dataclass(frozen=True, slots=True)
class TimeBar:
    """A bar: its kind in a word, its name, and its times in UTC; without an end it lasts."""

    kind: str
    label: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedBar:
    """A bar on the drawing: its ends, its name and the place of the name, in points."""

    bar: TimeBar
    left: float
    right: float
    name: str
    name_at: float
    lasts: bool


@dataclass(frozen=True, slots=True)
class Lanes:
    """The rows of bars below a drawing, from the top, each of one kind."""

    rows: tuple[tuple[str, tuple[PrintedBar, ...]], ...]
    left_out: int
    """The bars without room."""

    @property
    def height(self) -> float:
        """The height of all rows, in points."""
        return (len(self.rows) + bool(self.left_out)) * _LANE


def lanes_below(bars: Iterable[TimeBar], scale: TimeScale) -> Lanes:
    """Return the rows of the bars in the time of a scale: no bar over another, nor a name.

    Each kind has a row before one has two.
    """
    shown = [
        each
        for each in bars
        if each.since < scale.end and (each.until is None or scale.begin < each.until)
    ]
    rows: dict[tuple[int, int], list[PrintedBar]] = {}
    for order, kind in enumerate(dict.fromkeys(each.kind for each in shown)):
        placed = [_place(each, scale) for each in shown if each.kind == kind]
        for lane, each in zip(lanes_of(map(_extent, placed)), placed, strict=True):
            rows.setdefault((lane, order), []).append(each)
    kept = sorted(rows)[:_MOST_LANES]
    drawn = tuple((rows[each][0].bar.kind, tuple(rows[each])) for each in
                  sorted(kept, key=lambda each: each[::-1]))  # fmt: skip
    return Lanes(drawn, len(shown) - sum(len(row) for _, row in drawn))


def _place(bar: TimeBar, scale: TimeScale) -> PrintedBar:
    """Return the place of a bar: its name inside where that fits, else on the wider side."""
    first, last = scale.x(scale.begin), scale.x(scale.end)
    left = scale.x(max(bar.since, scale.begin))
    until = None if bar.until is None or scale.end < bar.until else bar.until
    right = last if until is None else max(scale.x(until), left + 1)
    name, inside = clean(bar.label), right - left - 2 * _PADDING - (_TIP if until is None else 0)
    before, behind = left - first - _GAP, scale.width - right - _GAP
    if _wide(_fitting(name, _LONGEST_NAME)) <= inside:
        name = _fitting(name, _LONGEST_NAME)
        name_at = left + _PADDING
    elif inside > max(before, behind):
        name, name_at = _fitting(name, inside), left + _PADDING
    elif behind >= min(_wide(name), before):
        name, name_at = _fitting(name, min(behind, _LONGEST_NAME)), right + _GAP
    else:
        name = _fitting(name, min(before, _LONGEST_NAME))
        name_at = left - _GAP - _wide(name)
    return PrintedBar(
        bar=bar, left=left, right=right, name=name, name_at=name_at, lasts=until is None
    )


def _extent(placed: PrintedBar) -> tuple[float, float]:
    """Return the ends of a bar with its name, and some room beyond a name outside."""
    begin, end = placed.left, placed.right
    if placed.name_at < begin:
        begin = placed.name_at - _GAP
    if end < placed.name_at:
        end = placed.name_at + _wide(placed.name) + _GAP
    return begin, end


def _wide(name: str) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    return float(stringWidth(as_drawn(name), REGULAR, SIZE))


def _fitting(name: str, room: float) -> str:
    """Return a name, or its beginning that fits into so many points."""
    shown = name
    while shown and _wide(f"{shown}…" if shown != name else shown) > room:
        shown = shown[:-1]
    return name if shown == name else f"{shown.rstrip()}…"


def bars_drawn(lanes: Lanes) -> Iterator["Shape"]:
    """Yield the bars with their names, each row with its kind at the left."""
    from reportlab.graphics.shapes import String  # noqa: PLC0415 - ReportLab is heavy

    top = lanes.height
    for number, (kind, row) in enumerate(lanes.rows):
        y = top - (number + 1) * _LANE + 2
        yield String(0, y, kind, fontName=REGULAR, fontSize=SIZE)
        for placed in row:
            yield from _bar(placed, y)
    if lanes.left_out:
        text = f"and {count_of(lanes.left_out, 'bar')} more: see the tables"
        yield String(0, 2, text, fontName=REGULAR, fontSize=SIZE)


def _bar(placed: PrintedBar, y: float) -> Iterator["Shape"]:
    from reportlab.graphics.shapes import Polygon, String  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.colors import Color  # noqa: PLC0415 - see above

    low, high, tip = y - 1.3, y + 5.7, placed.right
    shoulder = max(tip - _TIP, placed.left) if placed.lasts else tip
    outline = [placed.left, low, shoulder, low, tip, (low + high) / 2, shoulder, high,
               placed.left, high]  # fmt: skip
    yield Polygon(outline, fillColor=Color(0.9, 0.9, 0.9), strokeColor=Color(0.3, 0.3, 0.3),
                  strokeWidth=0.4)  # fmt: skip
    yield String(placed.name_at, y, as_drawn(placed.name), fontName=REGULAR, fontSize=SIZE)
