"""Parts of a page below each other that are drawn smaller, as wide as the page nevertheless."""

from collections.abc import Iterable
from typing import Any

from reportlab.platypus import Flowable

_ENDLESS = 1e6


class ScaledContent(Flowable):
    """Parts that are laid out for a wider page and drawn at a scale of at most 1."""

    def __init__(self, parts: Iterable[Flowable], size: tuple[float, float], scale: float) -> None:
        """Keep the parts, and the width and height in points that they have on the page."""
        super().__init__()
        self.parts = tuple(parts)
        self.size = size
        self.scale = scale

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return the width and height that they take, in points."""
        return self.size

    def draw(self) -> None:
        """Draw each part below the one before it."""
        canvas: Any = self.canv
        width, y = self.size[0] / self.scale, 0.0
        canvas.saveState()
        canvas.translate(0, self.size[1])
        canvas.scale(self.scale, self.scale)
        parts: tuple[Any, ...] = self.parts  # the stubs do not know the room at a part's side
        for part in parts:
            used, height = part.wrapOn(canvas, width, _ENDLESS)
            y -= part.getSpaceBefore() + height
            part.drawOn(canvas, 0, y, _sW=width - used)
            y -= part.getSpaceAfter()
        canvas.restoreState()
