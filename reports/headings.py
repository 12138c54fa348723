"""The title of a section as it is drawn: once in the outline, and named again on the next page."""

from typing import Any

from reportlab.platypus import Flowable

from reports.printed_text import as_drawn
from reports.structure import ARTIFACT, marked
from reports.style import ACCENT, Text, colour

_ROOM = Text.SECTION.size * 1.2
_FOOT = 2.0


class Heading(Flowable):
    """The title of a table. The row of titles repeats on each page: from the second on it says so.

    Its first place is a bookmark of the document (`reports.page`).
    """

    def __init__(self, title: str) -> None:
        """Keep the title."""
        super().__init__()
        self.title = title
        self._is_drawn = False

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Return the width and height that it takes, in points."""
        return width, _ROOM

    def draw(self) -> None:
        """Draw the title, and note its place for the outline the first time."""
        canvas: Any = self.canv
        with marked(canvas, ARTIFACT if self._is_drawn else "H2"):
            self._draw_title(canvas)
        if not self._is_drawn and hasattr(canvas, "bookmarks"):
            canvas.bookmarks.append((self.title, canvas.absolutePosition(0, _ROOM)[1]))
        self._is_drawn = True

    def _draw_title(self, canvas: Any) -> None:
        canvas.setFillColor(colour(ACCENT))
        canvas.setFont(Text.SECTION.font, Text.SECTION.size)
        canvas.drawString(
            0, _FOOT, as_drawn(f"{self.title}, continued" if self._is_drawn else self.title)
        )
