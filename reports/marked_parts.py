"""The parts of a page that mark themselves for programs that read aloud (`reports.structure`)."""

from typing import Any

from reportlab.platypus import Flowable, Paragraph

from reports.structure import marked


class MarkedParagraph(Paragraph):
    """A paragraph: a part of its own, or of the cell that it is in."""

    def draw(self) -> None:
        """Draw it, marked."""
        with marked(self.canv, "P"):
            super().draw()


class MarkedDrawing(Flowable):
    """A drawing with the words that are read instead of it."""

    def __init__(self, drawing: Any, alternative: str) -> None:
        """Keep the drawing and its words."""
        super().__init__()
        self.drawing = drawing
        self.alternative = alternative
        self.hAlign = drawing.hAlign

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return the width and height of the drawing, in points."""
        size: tuple[float, float] = self.drawing.wrap(width, height)
        return size

    def draw(self) -> None:
        """Draw it, marked."""
        with marked(self.canv, "Figure", self.alternative):
            self.drawing.drawOn(self.canv, 0, 0)
