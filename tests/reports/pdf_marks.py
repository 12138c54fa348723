"""What is drawn on a page, read back from the PDF by another program than the one that wrote it."""

import re
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

import pikepdf
import pypdf

from tests.reports.paper import program

_TOP_AND_BOTTOM = 14.0
"""Head and foot stand in the margins, 5 mm from the edge, which printers reach."""


@dataclass(frozen=True)
class Segment:
    """A straight line, in points of the page, with the width of the pen where nothing scales it."""

    x0: float
    y0: float
    x1: float
    y1: float
    pen: float


@dataclass(frozen=True)
class Box:
    """A rectangle: its left lower corner, width and height, in points of the page."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Marks:
    segments: tuple[Segment, ...]
    boxes: tuple[Box, ...]


@lru_cache(maxsize=64)
def marks(pdf: bytes, page: int = 0) -> Marks:
    """Return the lines and rectangles of a page, each moved to where it really lies."""
    segments: list[Segment] = []
    boxes: list[Box] = []
    matrix, kept, pen, at = pikepdf.Matrix(), [], 1.0, (0.0, 0.0)
    with pikepdf.open(BytesIO(pdf)) as document:
        for instruction in pikepdf.parse_content_stream(document.pages[page]):
            operands: list[object] = list(instruction.operands)
            numbers = [float(each) for each in operands if isinstance(each, int | Decimal)]
            match str(instruction.operator):
                case "q":
                    kept.append((matrix, pen))
                case "Q":
                    matrix, pen = kept.pop()
                case "cm":
                    matrix = pikepdf.Matrix(*numbers) @ matrix
                case "w":
                    pen = numbers[0]
                case "m":
                    at = matrix.transform((numbers[0], numbers[1]))
                case "l":
                    end = matrix.transform((numbers[0], numbers[1]))
                    segments.append(Segment(*at, *end, pen))
                    at = end
                case "re":
                    x, y, width, height = numbers
                    low = matrix.transform((x, y))
                    high = matrix.transform((x + width, y + height))
                    boxes.append(Box(*low, high[0] - low[0], high[1] - low[1]))
    return Marks(tuple(segments), tuple(boxes))


@lru_cache(maxsize=64)
def text_of(pdf: bytes) -> str:
    """Return the text of all pages as pypdf reads it, each run of blanks as one."""
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def lines_of(pdf: bytes) -> list[str]:
    """Return the lines of all pages as pdftotext lays them out."""
    done = subprocess.run(
        [program("pdftotext"), "-layout", "-", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().splitlines()


@dataclass(frozen=True)
class Word:
    """A word and its box, from the upper left corner of its page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def words_of(pdf: bytes) -> list[Word]:
    """Return every word with its box, as pdftotext finds them."""
    done = subprocess.run(
        [program("pdftotext"), "-bbox", "-", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    )
    found, page = [], -1
    for line in done.stdout.decode().splitlines():
        if "<page " in line:
            page += 1
        word = re.search(
            r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*)</word>',
            line,
        )
        if word:
            left, top, right, bottom = map(float, word.groups()[:4])
            found.append(Word(page, left, top, right, bottom, word[5]))
    return found


def size_of(pdf: bytes) -> tuple[float, float]:
    """Return the width and height of the first page in points."""
    box = pypdf.PdfReader(BytesIO(pdf)).pages[0].mediabox
    return float(box.width), float(box.height)


def fonts_not_embedded(pdf: bytes) -> list[str]:
    """Return the fonts that are named on a page and do not come with the file."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [
            str(font["/BaseFont"])
            for page in document.pages
            for font in page.resources["/Font"].values()
            if "/FontDescriptor" not in font or "/FontFile2" not in font["/FontDescriptor"]
        ]


def outside(pdf: bytes, margin: float) -> list[object]:
    """Return what reaches into the left or right margin, or up to the edge of its page."""
    width, height = size_of(pdf)
    found: list[object] = [
        word
        for word in words_of(pdf)
        if word.left < margin
        or word.right > width - margin
        or word.top < _TOP_AND_BOTTOM
        or word.bottom > height - _TOP_AND_BOTTOM
    ]
    for page in range(len(pypdf.PdfReader(BytesIO(pdf)).pages)):
        drawn = marks(pdf, page)
        found += [
            line
            for line in drawn.segments
            if min(line.x0, line.x1) < margin or max(line.x0, line.x1) > width - margin
        ]
        found += [
            box for box in drawn.boxes if box.x < margin or box.x + box.width > width - margin
        ]
    return found
