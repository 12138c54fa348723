"""The builder of a report: paragraphs, tables, numbered sources, letters the font lacks.

A section only gives its content. Here it is set, and nothing is cut off: a text too long for a cell
is printed in full below the row, every table repeats its title and its headings on the next page,
and no page has a heading alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dosing import cite
from reports.printed_text import as_drawn, missing_letters, safe_lines
from reports.style import (
    DECIMALS_ROOM,
    HAIRLINE,
    INK,
    MUTED,
    PADDING,
    SECTION_GAP,
    Align,
    TableColumn,
    Text,
    colour,
    paragraph_style,
    table_commands,
)

if TYPE_CHECKING:
    from reportlab.platypus import Flowable, Paragraph

Side = Literal["left", "right"]

_LONGEST_CELL = 120
"""Characters: a longer text is shortened in its cell, and printed in full below the row."""
_BETWEEN_SIGNATURES = 24.0
_LONGEST_LINE = 110
"""Characters: short remarks below a row share a line of about so many."""


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of a table, and details below it over the whole width. `struck` for a voided entry.

    Cells and details are plain text.
    """

    cells: tuple[str, ...]
    details: tuple[str, ...] = ()
    struck: bool = False


class ReportBuilder:
    """The content of a report, in its order, `width` points wide."""

    def __init__(self, width: float) -> None:
        """Begin an empty one."""
        self.content: list[Flowable] = []
        self.empty: list[str] = []
        """The titles of tables that had no rows."""
        self.width = width
        self._sources: list[str] = []
        self._missing: dict[str, None] = {}

    @property
    def missing_letters(self) -> str:
        """The letters written so far that the font does not have, each once."""
        return "".join(self._missing)

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """The sources cited so far, each with its number and its key with the citation."""
        cited = cite(self._sources)
        return tuple((self._number(key), f"{citation} ({key})") for key, citation in cited.items())

    def cited(self, *keys: str) -> str:
        """Return the numbers of sources, to be put after a figure.

        >>> sheet = ReportBuilder(500)
        >>> sheet.cited("nadal2016"), sheet.cited("us-label", "nadal2016")
        ('[1]', '[2][1]')
        """
        for key in keys:
            if key not in self._sources:
                self._sources.append(key)
        return "".join(dict.fromkeys(map(self._number, keys)))

    def _number(self, key: str) -> str:
        return f"[{self._sources.index(key) + 1}]"

    def text(self, text: str, style: Text = Text.BODY) -> None:
        """Add a paragraph."""
        self.content.append(self._paragraph(text, style, self.width))

    def space(self, points: float) -> None:
        """Add some room."""
        from reportlab.platypus import Spacer  # noqa: PLC0415 - ReportLab is heavy

        self.content.append(Spacer(1, points))

    def drawing(self, title: str, drawing: "Flowable", legend: str) -> None:
        """Add a drawing with its title and legend, all on one page."""
        from reportlab.platypus import KeepTogether  # noqa: PLC0415 - ReportLab is heavy

        parts = [
            self._table_of(title, (TableColumn("", 1),), (), headed=False),
            drawing,
            self._paragraph(legend, Text.SMALL, self.width),
        ]
        self.content.append(KeepTogether(parts))
        self.space(SECTION_GAP)

    def table(
        self,
        title: str,
        columns: tuple[TableColumn, ...],
        rows: Sequence[PrintedRow],
        remark: str = "",
    ) -> None:
        """Add a table; without rows its title is kept in `empty`, to be listed.

        A remark is set below the last row.
        """
        if not rows:
            self.empty.append(title)
            return
        last = [PrintedRow((), (remark,))] if remark else []
        self.content.append(self._table_of(title, columns, [*rows, *last], headed=True))
        self.space(SECTION_GAP)

    def facts(self, title: str, facts: Iterable[tuple[str, ...]], style: Text = Text.CELL) -> None:
        """Add a table without headings: a name and a fact, or a fact alone.

        A fact alone is set in `style`.
        """
        columns = (TableColumn("", 0.16), TableColumn("", 0.84))
        rows = [PrintedRow(fact) if len(fact) == 2 else PrintedRow((), fact) for fact in facts]
        table = self._table_of(title, columns, rows, headed=False, alone=style)
        self.content.append(table)
        self.space(SECTION_GAP)

    def end(self, title: str, facts: Iterable[tuple[str, ...]], signed_by: Sequence[str]) -> None:
        """Add the last facts in small print, and room for signatures on the same page."""
        from reportlab.platypus import KeepTogether  # noqa: PLC0415 - ReportLab is heavy

        before = len(self.content)
        self.facts(title, facts, style=Text.DETAIL)
        parts = [*self.content[before:], self._signatures(signed_by)]
        self.content[before:] = [KeepTogether(parts)]

    def _signatures(self, roles: Sequence[str]) -> "Flowable":
        """Return lines to sign on, side by side, each over its role."""
        from reportlab.platypus import Table  # noqa: PLC0415 - ReportLab is heavy

        wide = (self.width - _BETWEEN_SIGNATURES * (len(roles) - 1)) / len(roles)
        widths = [width for _ in roles for width in (wide, _BETWEEN_SIGNATURES)][:-1]
        cells = [text for role in roles for text in (f"{role} (name, date, signature)", "")][:-1]
        commands: list[tuple[Any, ...]] = [
            ("FONT", (0, 0), (-1, -1), Text.SMALL.font, Text.SMALL.size),
            ("TEXTCOLOR", (0, 0), (-1, -1), colour(MUTED)),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ]
        commands += [
            ("LINEABOVE", (2 * number, 0), (2 * number, 0), 0.6, colour(INK))
            for number in range(len(roles))
        ]
        return Table([cells], widths, style=commands, hAlign="LEFT", spaceBefore=24)

    def _table_of(
        self,
        title: str,
        columns: tuple[TableColumn, ...],
        rows: Sequence[PrintedRow],
        *,
        headed: bool,
        alone: Text = Text.CELL,
    ) -> "Flowable":
        from reportlab.platypus import Table  # noqa: PLC0415 - ReportLab is heavy

        shares = sum(column.share for column in columns)
        widths = [self.width * column.share / shares for column in columns]
        blank = [""] * (len(columns) - 1)
        cells: list[list[Any]] = [[title, *blank]]
        commands = table_commands(columns, headed=headed)
        if headed:
            cells.append([column.heading for column in columns])
        for row in rows:
            first, details = len(cells), row.details
            if row.cells:
                shown, too_long = self._cells(row, columns, widths)
                for place, (cell, column) in enumerate(zip(shown, columns, strict=True)):
                    commands += _cell_commands(cell, column, (place, first))
                cells.append(shown)
                details = (*_packed(details), *too_long)
            style = Text.DETAIL if row.cells else alone
            for detail in details:
                commands.append(("SPAN", (0, len(cells)), (-1, len(cells))))
                cells.append([self._paragraph(detail, style, self.width - PADDING), *blank])
            if details and row.cells:
                commands.append(("NOSPLIT", (0, first), (0, first + 1)))
            if headed and row.cells:
                end = len(cells) - 1
                commands.append(("LINEBELOW", (0, end), (-1, end), 0.3, colour(HAIRLINE)))
        return Table(cells, widths, style=commands, repeatRows=2 if headed else 1, hAlign="LEFT")

    def _cells(
        self, row: PrintedRow, columns: tuple[TableColumn, ...], widths: Sequence[float]
    ) -> tuple[list[Any], list[str]]:
        """Return the cells of a row, and the texts that were too long for them."""
        shown: list[Any] = []
        too_long = []
        for text, column, width in zip(row.cells, columns, widths, strict=True):
            fitting = text
            if len(text) > _LONGEST_CELL and column.share < 0.5:
                fitting = f"{text[: _LONGEST_CELL // 3]}… (in full below)"
                too_long.append(f"{column.heading}: {text}")
            shown.append(self._cell(fitting, column, width, struck=row.struck))
        return shown, too_long

    def _cell(self, text: str, column: TableColumn, width: float, *, struck: bool) -> Any:
        """Return a cell: a bare string where it fits on a line, which is quicker to set."""
        from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

        drawn, style = as_drawn(text), column.text
        room = width - PADDING - (0 if column.align is Align.LEFT else DECIMALS_ROOM)
        if not struck and stringWidth(drawn, style.font, style.size) <= room:
            self.note_letters(text)
            return drawn
        side: Side = "left" if column.align is Align.LEFT else "right"
        return self._paragraph(text, style, room, struck=struck, align=side)

    def _paragraph(
        self, text: str, style: Text, width: float, *, struck: bool = False, align: Side = "left"
    ) -> "Paragraph":
        from reportlab.platypus import Paragraph  # noqa: PLC0415 - ReportLab is heavy

        self.note_letters(text)
        marked = safe_lines(text, style.font, style.size, width)
        if struck:
            marked = f"<strike>{marked}</strike>"
        return Paragraph(marked, paragraph_style(style, align))

    def note_letters(self, text: str) -> None:
        """Remember the letters of a text, wherever it is drawn, that the font does not have."""
        if not text.isascii():
            self._missing.update(dict.fromkeys(missing_letters(text)))


def _cell_commands(
    cell: Any, column: TableColumn, at: tuple[int, int]
) -> Iterator[tuple[Any, ...]]:
    """Yield the commands by which a cell differs from its column.

    A paragraph aligns itself. A figure is moved until its decimal point is below the others;
    ReportLab's own way draws the digits behind the point as a separate text, which is then read and
    copied as two numbers.
    """
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    if not isinstance(cell, str):
        yield "ALIGN", at, at, "LEFT"
    elif column.align is Align.DECIMAL and "." in cell:
        behind = stringWidth(cell[cell.index(".") :], column.text.font, column.text.size)
        yield "RIGHTPADDING", at, at, max(PADDING + DECIMALS_ROOM - behind, PADDING)


def _packed(details: Sequence[str]) -> tuple[str, ...]:
    """Return the details with short ones together in a line.

    >>> _packed(["Reason: start", "Ended because: better"])
    ('Reason: start · Ended because: better',)
    """
    lines: list[str] = []
    for detail in details:
        if lines and len(lines[-1]) + len(detail) < _LONGEST_LINE:
            lines[-1] += f" · {detail}"
        else:
            lines.append(detail)
    return tuple(lines)
