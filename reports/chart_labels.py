"""Free places for the labels of a drawing: no label over a mark, a line or another label."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reports.fonts import REGULAR

SIZE = 6.5
"""The size of the letters of a label, in points."""
_GAP = 0.8
_SAMPLES = 24


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a drawing, in points."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """The width."""
        return self.right - self.left

    def moved(self, right: float, up: float) -> "Box":
        """Return the rectangle so much farther to the right and up."""
        return replace(
            self,
            left=self.left + right,
            right=self.right + right,
            bottom=self.bottom + up,
            top=self.top + up,
        )

    def meets(self, other: "Box") -> bool:
        """Return whether two rectangles have a part in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def holds(self, other: "Box") -> bool:
        """Return whether another rectangle is inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.bottom <= other.bottom
            and other.top <= self.top
        )

    def is_crossed_by(self, one: tuple[float, float], other: tuple[float, float]) -> bool:
        """Return whether a straight line passes through, looked at in some places of it."""
        if max(one[0], other[0]) < self.left or self.right < min(one[0], other[0]):
            return False
        begin, end = max(min(one[0], other[0]), self.left), min(max(one[0], other[0]), self.right)
        for number in range(_SAMPLES + 1):
            x = begin + (end - begin) * number / _SAMPLES
            share = (x - one[0]) / (other[0] - one[0]) if other[0] != one[0] else number / _SAMPLES
            if self.bottom <= one[1] + (other[1] - one[1]) * share <= self.top:
                return True
        return False


def text_box(text: str, left: float, bottom: float) -> Box:
    """Return the rectangle of a label whose letters begin at a place."""
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    wide = stringWidth(text, REGULAR, SIZE)
    return Box(left, bottom, left + wide, bottom + SIZE * 0.95)


class LabelPlaces:
    """The part of a drawing in which labels are placed, with all that they may not cover."""

    def __init__(self, inside: Box) -> None:
        """Begin with a free plot."""
        self._inside = inside
        self._taken: list[Box] = []
        self._lines: list[tuple[tuple[float, float], tuple[float, float]]] = []

    def keep(self, *boxes: Box) -> None:
        """Keep these rectangles free of labels."""
        self._taken += boxes

    def avoid(self, one: tuple[float, float], other: tuple[float, float]) -> None:
        """Keep labels off a straight line where another place is free."""
        self._lines.append((one, other))

    def first_free(self, places: Iterable[Box]) -> Box | None:
        """Return the first free one of these places and take it; off the lines if possible."""
        free = [each for each in places if self._is_free(each)]
        off_lines = (
            each for each in free if not any(each.is_crossed_by(*line) for line in self._lines)
        )
        found = next(off_lines, next(iter(free), None))
        if found is not None:
            self._taken.append(found)
        return found

    def _is_free(self, place: Box) -> bool:
        wider = Box(place.left - _GAP, place.bottom, place.right + _GAP, place.top)
        return self._inside.holds(place) and not any(wider.meets(each) for each in self._taken)
