"""The page of every report: the patient, the page number, the time and the build of the program.

The head repeats on each page; the foot counts the pages, which are known only at the end. The same
content and moment give the same file, byte for byte.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from typing import TYPE_CHECKING, Any

from dosing.build import this_build
from dosing.knowledge.clinic_limits import ClinicLimits
from dosing.version import PROGRAM
from monitoring.times import Moment
from reports.fonts import BOLD, REGULAR, register_fonts
from reports.presentation.times import clock_anywhere
from reports.printed_text import as_drawn, in_order
from reports.structure import ARTIFACT, Structure, marked, write_structure
from reports.style import ACCENT, HAIRLINE, INK, MUTED

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

DISCLAIMER = "Decision support, not a certified medical device: a professional decides."

_MARGIN = 42
_HEAD_ROOM = 32
_IDENTITY_LEADING = 12
_BELOW_HEAD = 23
_ABOVE_FOOT = 12
_TITLE_ROOM = 120
_NUMBER_ROOM = 60
_SMALLEST = 5.0
_FOOT_ROOM = 29
_POINTS_PER_MM = 72 / 25.4
_ENDLESS = 1e6
"""More points than any content is high."""


class Paper(Enum):
    """The sizes of paper, by their width and height in mm."""

    A4 = (210, 297)
    LETTER = (215.9, 279.4)

    @property
    def points(self) -> tuple[float, float]:
        """Width and height in points."""
        width, height = self.value
        return width * _POINTS_PER_MM, height * _POINTS_PER_MM

    @property
    def width_between_margins(self) -> float:
        """The width that the content has, in points."""
        return self.points[0] - 2 * _MARGIN

    @property
    def height_of_content(self) -> float:
        """The height that the content of a page has, in points."""
        return self.points[1] - _HEAD_ROOM - _BELOW_HEAD - _FOOT_ROOM - _ABOVE_FOOT

    @property
    def height_above_the_middle(self) -> float:
        """The height that the content has in the upper half of a page, in points."""
        return self.points[1] / 2 - _HEAD_ROOM - _BELOW_HEAD


def _page_in_english(number: int, pages: int) -> str:
    return f"Page {number} of {pages}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """The words of a page's head and foot, in the language of the page."""

    language: str = "en"
    """Its code, for a program that reads the page aloud."""
    is_right_to_left: bool = False
    """True for a page that begins on the right."""
    made: str = ""
    """The time of the report, and the version of the program; empty for the usual one."""
    disclaimer: str = DISCLAIMER
    page: Callable[[int, int], str] = _page_in_english
    """The number of a page among so many."""

    def drawn(self, text: str) -> str:
        """Return one of these words, or a text made with them, in the order of its drawing."""
        return in_order(text, base="R") if self.is_right_to_left else as_drawn(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Head and foot of every page of a report.

    `head` is drawn in bold with `title` on its right, and `identity` below. A head that is too long
    is made smaller and in the end shortened; the identity never is.
    """

    title: str
    head: str
    identity: str = ""
    subject: str = ""
    """The subject of the document for its properties, without a patient's data."""
    sender: str = ""
    """The institution and its telephone, in the foot of every page."""
    made: Moment
    paper: Paper = Paper.A4
    words: PageWords = PageWords()
    limits: ClinicLimits | None = None
    """The clinic's limits by which the content was made; None where it has nothing of them."""

    @property
    def made_words(self) -> str:
        """The time of the report, the build of the program, and the limits."""
        if self.words.made:
            return self.words.made
        made = f"Made {clock_anywhere(self.made)} by {PROGRAM} {this_build().label}"
        return f"{made}. {self.limits.words}" if self.limits else made


def height_of(content: Iterable["Flowable"], width: float) -> float:
    """Return the height of parts below each other in so much width, with the room between them.

    All are points. Parts that are kept together count one by one.
    """
    parts = [part for each in content for part in getattr(each, "_content", (each,))]
    return sum(_height_of(part, width) for part in parts)


def _height_of(part: Any, width: float) -> float:
    _, height = part.wrapOn(None, width, _ENDLESS)
    return float(part.getSpaceBefore() + height + part.getSpaceAfter())


def pdf_of(frame: Frame, content: Sequence["Flowable"]) -> bytes:
    """Return a document of these pages; its title and language are set, no patient's data is."""
    from reportlab.platypus import BaseDocTemplate, PageTemplate  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.platypus import Frame as Area  # noqa: PLC0415 - see above

    register_fonts()
    width, height = frame.paper.points
    area = Area(
        _MARGIN,
        _FOOT_ROOM + _ABOVE_FOOT,
        width - 2 * _MARGIN,
        frame.paper.height_of_content,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    stream = BytesIO()
    document = BaseDocTemplate(
        stream, pagesize=(width, height), title=frame.title, author=PROGRAM,
        subject=frame.subject or frame.title,
        creator=f"{PROGRAM} {this_build().label}", lang=frame.words.language,
        displayDocTitle=True, invariant=1, initialFontName=REGULAR,
    )  # fmt: skip
    document.addPageTemplates(PageTemplate(id="page", frames=[area]))
    document.build(list(content), canvasmaker=_canvas_maker(frame))
    return stream.getvalue()


def _canvas_maker(frame: Frame) -> Callable[..., "Canvas"]:
    """Return the class of a canvas that draws head and foot once all pages are known."""
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - ReportLab is heavy

    class CountedPages(Canvas):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._doc._timeStamp = _Stamp(frame.made)  # type: ignore[attr-defined]  # noqa: SLF001 - its only way to a set date
            self._pages: list[dict[str, Any]] = []
            self.bookmarks: list[tuple[str, float]] = []
            self.structure = Structure()

        def showPage(self) -> None:  # noqa: N802 - ReportLab's name
            self._pages.append(dict(self.__dict__))
            self.bookmarks = []
            self.structure.page = len(self._pages)
            self._startPage()  # type: ignore[attr-defined]  # the stubs do not know it

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                for place, (title, top) in enumerate(self.bookmarks):
                    key = f"{number}-{place}"
                    self.bookmarkPage(key, fit="XYZ", left=0, top=top, zoom=0)
                    self.addOutlineEntry(title, key, 0)
                self.structure.page = number - 1
                with self.structure.at_the_front():
                    _draw_head_and_foot(self, frame, number, len(self._pages))
                super().showPage()
            write_structure(self.structure, self._doc)  # type: ignore[attr-defined]  # the stubs lack it
            super().save()

    return CountedPages


class _Stamp:
    """The moment of a document in the form of ReportLab."""

    def __init__(self, made: Moment) -> None:
        self.t = made.utc.timestamp()
        self.lt = time.gmtime(self.t)
        self.YMDhms = tuple(self.lt)[:6]
        self.dhh = self.dmm = 0
        self.tzname = "UTC"


def _draw_head_and_foot(canvas: Any, frame: Frame, number: int, pages: int) -> None:
    width, height = frame.paper.points
    canvas.saveState()
    top, room = height - _HEAD_ROOM, width - 2 * _MARGIN
    words = frame.words
    canvas.setFillColor(ACCENT)
    is_first = number == 1
    with marked(canvas, "P" if is_first else ARTIFACT):
        _draw_fitting(canvas, frame, frame.head, (BOLD, 12), (top, room - _TITLE_ROOM))
    canvas.setFont(REGULAR, 9)
    with marked(canvas, "H1" if is_first else ARTIFACT):
        _draw_at_the_end(canvas, frame, top, frame.title)
    canvas.setFillColor(INK)
    below = top - _IDENTITY_LEADING
    with marked(canvas, "P" if is_first else ARTIFACT):
        _draw_fitting(canvas, frame, frame.identity, (REGULAR, 8.5), (below, room))
    canvas.structure.mark(canvas, ARTIFACT)
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(1.2)
    canvas.line(_MARGIN, top - 18, width - _MARGIN, top - 18)
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.5)
    canvas.line(_MARGIN, _FOOT_ROOM + 9, width - _MARGIN, _FOOT_ROOM + 9)
    canvas.setFillColor(MUTED)
    canvas.setFont(REGULAR, 7)
    _draw_fitting(canvas, frame, frame.made_words, (REGULAR, 7), (_FOOT_ROOM, room - _NUMBER_ROOM))
    _draw_at_the_end(canvas, frame, _FOOT_ROOM, words.page(number, pages))
    last = " · ".join(filter(None, (words.disclaimer, frame.sender)))
    if canvas.stringWidth(words.drawn(last), REGULAR, _SMALLEST) > room:
        last = words.disclaimer  # half a telephone number helps nobody
    _draw_fitting(canvas, frame, last, (REGULAR, 7), (_FOOT_ROOM - 9, room))
    canvas.structure.unmark(canvas)
    canvas.restoreState()


def _draw_at_the_start(canvas: "Canvas", frame: Frame, y: float, drawn: str) -> None:
    """Draw a line from the margin where the page's lines begin."""
    if frame.words.is_right_to_left:
        canvas.drawRightString(frame.paper.points[0] - _MARGIN, y, drawn)
    else:
        canvas.drawString(_MARGIN, y, drawn)


def _draw_at_the_end(canvas: "Canvas", frame: Frame, y: float, text: str) -> None:
    """Draw a line up to the margin where the page's lines end."""
    drawn = frame.words.drawn(text)
    if frame.words.is_right_to_left:
        canvas.drawString(_MARGIN, y, drawn)
    else:
        canvas.drawRightString(frame.paper.points[0] - _MARGIN, y, drawn)


def _draw_fitting(
    canvas: "Canvas", frame: Frame, text: str, font: tuple[str, float], place: tuple[float, float]
) -> None:
    """Draw a line as large as fits; its beginning where the smallest letters do not fit.

    `place` is its height on the page and the room that it has, in points.
    """
    y, room = place
    name, size = font
    drawn = frame.words.drawn
    shown = drawn(text)
    while canvas.stringWidth(shown, name, _SMALLEST) > room:
        text = text[: int(len(text) * 0.95)]
        shown = drawn(f"{text}…")
    width = canvas.stringWidth(shown, name, size)
    canvas.setFont(name, size if width <= room else size * room / width)
    _draw_at_the_start(canvas, frame, y, shown)
