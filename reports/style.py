"""The looks of every report in one place: a few named text styles and one kind of table.

One accent colour, dark enough that a grey print loses nothing; figures aligned; thin lines instead
of boxes.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from reports.fonts import BOLD, REGULAR

if TYPE_CHECKING:
    from reportlab.lib.colors import Color
    from reportlab.lib.styles import ParagraphStyle

ACCENT = "#17506b"
MUTED = "#555555"
HAIRLINE = "#c4c4c4"
INK = "#000000"

CELL_SIZE = 9
CELL_LEADING = 11
PADDING = 8
"""The least room between two columns: more than a space, or two cells read as one."""
HANGING = 9
"""The indent of the second line of a fact: its name stays in sight."""
SECTION_GAP = 3
DECIMALS_ROOM = 15
"""Room for the digits behind the decimal point of a column of figures."""


class Text(Enum):
    """The named styles of text: font, size, line height, colour, space after."""

    LEAD = (BOLD, 11, 13.5, INK, 3)
    BODY = (REGULAR, 9, 11.5, INK, 2)
    SMALL = (REGULAR, 7.5, 9.5, MUTED, 2)
    CELL = (REGULAR, CELL_SIZE, CELL_LEADING, INK, 0)
    STRONG_CELL = (BOLD, CELL_SIZE, CELL_LEADING, INK, 0)
    DETAIL = (REGULAR, 8, 10, MUTED, 0)
    SOURCES = (REGULAR, 7, 8.6, MUTED, 0)
    SECTION = (BOLD, 10, 12, ACCENT, 2)

    @property
    def font(self) -> str:
        """The name of the font."""
        return str(self.value[0])

    @property
    def size(self) -> float:
        """The size of the letters in points."""
        return float(self.value[1])


@cache
def colour(code: str) -> "Color":
    """Return one of the colours for ReportLab, parsed once: every row uses them."""
    from reportlab.lib.colors import HexColor  # noqa: PLC0415 - ReportLab is heavy

    return HexColor(code)


@cache
def paragraph_style(
    text: Text, align: Literal["left", "right"] = "left", hanging: float = 0
) -> "ParagraphStyle":
    """Return the style of a paragraph; `hanging` is the indent of its second line in points."""
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - ReportLab is heavy

    font, size, leading, code, after = text.value
    return ParagraphStyle(
        text.name, fontName=font, fontSize=size, leading=leading, textColor=colour(code),
        spaceAfter=after, alignment=TA_LEFT if align == "left" else TA_RIGHT,
        leftIndent=hanging, firstLineIndent=-hanging,
    )  # fmt: skip


class Align(Enum):
    """The alignment of the cells of a column."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"
    DECIMAL = "DECIMAL"
    """By the decimal point."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: its heading, and its share of the width."""

    heading: str
    share: float
    align: Align = Align.LEFT
    strong: bool = False

    @property
    def decimals_room(self) -> float:
        """The room behind the decimal points of its figures, in points."""
        return DECIMALS_ROOM if self.align is Align.DECIMAL else 0

    @property
    def text(self) -> Text:
        """The style of its cells."""
        return Text.STRONG_CELL if self.strong else Text.CELL


def table_commands(columns: tuple[TableColumn, ...], *, headed: bool) -> list[tuple[Any, ...]]:
    """Return ReportLab's commands for a table whose first row is its title.

    With `headed` the second row holds the headings of the columns.
    """
    below_heads = 2 if headed else 1
    commands: list[tuple[Any, ...]] = [
        ("SPAN", (0, 0), (-1, 0)),
        ("FONT", (0, 0), (-1, 0), Text.SECTION.font, Text.SECTION.size, 10),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colour(ACCENT)),
        ("FONT", (0, 1), (-1, -1), REGULAR, CELL_SIZE, CELL_LEADING),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 0.9),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.9),
    ]
    if headed:
        commands += [
            ("FONT", (0, 1), (-1, 1), REGULAR, Text.DETAIL.size, 10),
            ("TEXTCOLOR", (0, 1), (-1, 1), colour(MUTED)),
        ]
    for number, column in enumerate(columns):
        if column.strong:
            body = ((number, below_heads), (number, -1))
            commands.append(("FONT", *body, BOLD, CELL_SIZE, CELL_LEADING))
        if column.align is not Align.LEFT:
            commands.append(("ALIGN", (number, 1), (number, -1), "RIGHT"))
            padding = PADDING + column.decimals_room
            commands.append(("RIGHTPADDING", (number, 1), (number, -1), padding))
    return commands
