"""The builder of a report: paragraphs, tables, numbered sources, letters the font lacks.

A section only gives its content. Here it is set, and nothing is cut off: a text too long for a cell
is printed in full below the row, every table repeats its title and its headings on the next page,
and no page has a heading alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dosing import cite
from reports.page import height_of
from reports.printed_text import as_drawn, fact_lines, missing_letters, safe, safe_lines
from reports.structure import mark_lines, mark_table
from reports.style import (
    DECIMALS_ROOM,
    HAIRLINE,
    HANGING,
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
_NAMED = 2
"""The parts of a fact with a name."""
_BETWEEN_FACTS = " · "
_INDENT = "&#160;" * 3
"""Before a fact that belongs to the name above."""
_MOST_ROWS_TOGETHER = 8
"""A table of at most so many rows is not split between two pages."""
_MOST_LETTERS_TOGETHER = 1500
"""A row or a short table of at most so many characters is not split between two pages."""
_ON_ONE_PAGE = ("NOSPLIT", (0, 0), (0, -1))
"""ReportLab's command for a table that is not split: the next page takes it whole."""
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
        self._last: tuple[int, list[Flowable]] = (0, [])
        """The place of the last section, and its parts if a page holds them."""

    @property
    def missing_letters(self) -> str:
        """The letters written so far that the font does not have, each once."""
        return "".join(self._missing)

    @property
    def height(self) -> float:
        """The height of all content below each other, in points."""
        return height_of(self.content, self.width)

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

        from reports.marked_parts import MarkedDrawing  # noqa: PLC0415 - ReportLab is heavy

        parts = [
            self._table_of(title, (TableColumn("", 1),), (), headed=False),
            MarkedDrawing(drawing, f"{title}: {legend}"),
            self._paragraph(legend, Text.SMALL, self.width),
        ]
        self._add(KeepTogether(parts), parts)

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
        table = self._table_of(title, columns, [*rows, *last], headed=True)
        is_short = _is_short([(row.cells, row.details) for row in rows])
        self._add(table, [table] if is_short else [])

    def facts(
        self,
        title: str,
        facts: Iterable[tuple[str, ...]],
        style: Text = Text.CELL,
        *,
        share_lines: bool = False,
    ) -> None:
        """Add a table without headings: a name and a fact, or a fact alone.

        The name begins the line of its fact: every program that reads or copies the page has both
        together. A fact alone is set in `style`. Short facts with names may share a line.
        """
        from reportlab.platypus import Table  # noqa: PLC0415 - ReportLab is heavy

        cells: list[list[Any]] = [[self._title(title)]]
        lines = list(self._lines(facts, share_lines=share_lines))
        for line in lines:
            is_named = len(line[0]) == _NAMED
            part = self._named(line) if is_named else self._paragraph(line[0][0], style, self.width)
            cells.append([part])
        commands = table_commands((TableColumn("", 1),), headed=False)
        commands.append(("RIGHTPADDING", (0, 0), (-1, -1), 0))
        is_short = _is_short(lines)
        if is_short:
            commands.append(_ON_ONE_PAGE)
        table = Table(
            cells, [self.width], style=commands, repeatRows=1, hAlign="LEFT",
            renderCB=mark_lines,  # type: ignore[arg-type]  # any function will do
        )  # fmt: skip
        self._add(table, [table] if is_short else [])

    def _lines(
        self, facts: Iterable[tuple[str, ...]], *, share_lines: bool
    ) -> Iterator[list[tuple[str, ...]]]:
        """Yield the facts of each line."""
        line: list[tuple[str, ...]] = []
        for fact in facts:
            shared = [*line, fact]
            can_share = share_lines and all(len(each) == _NAMED and each[0] for each in shared)
            if line and not (can_share and _width_of(shared) <= self.width):
                yield line
                line = []
            line.append(fact)
        if line:
            yield line

    def _named(self, facts: Sequence[tuple[str, ...]]) -> "Paragraph":
        """Return facts as one paragraph, each after its name in bold."""
        from reports.marked_parts import MarkedParagraph  # noqa: PLC0415 - ReportLab is heavy

        style, parts = Text.CELL, []
        for name, text in facts:
            self.note_letters(name)
            self.note_letters(text)
            room = self.width - max(_width_of([(name, "")]) if name else 0, HANGING)
            marked = fact_lines(text, style.font, style.size, room)
            parts.append(f"<b>{safe(name)}</b> &#160;{marked}" if name else f"{_INDENT}{marked}")
        return MarkedParagraph(_BETWEEN_FACTS.join(parts), paragraph_style(style, hanging=HANGING))

    def _add(self, section: "Flowable", parts: "Sequence[Flowable]") -> None:
        """Add a section and some room; `parts` are those of one that a page holds, else none."""
        self.content.append(section)
        self._last = (len(self.content) - 1, list(parts))
        self.space(SECTION_GAP)

    def _title(self, title: str) -> "Flowable":
        from reports.headings import Heading  # noqa: PLC0415 - ReportLab is heavy

        return Heading(title)

    def end(self, title: str, facts: Iterable[tuple[str, ...]], signed_by: Sequence[str]) -> None:
        """Add the last facts in small print, and room for signatures on the same page.

        A short section before them goes with them: the last page has never sources alone.
        """
        from reportlab.platypus import KeepTogether  # noqa: PLC0415 - ReportLab is heavy

        before, (place, with_it) = len(self.content), self._last
        self.facts(title, facts, style=Text.SOURCES)
        parts = [*self.content[before:], self._signatures(signed_by)]
        if with_it and place == before - 2:
            parts = [*with_it, self.content[place + 1], *parts]
            before = place
        self.content[before:] = [KeepTogether(parts)]

    def _signatures(self, roles: Sequence[str]) -> "Flowable":
        """Return lines to sign on, side by side, each over its role."""
        from reportlab.platypus import Table  # noqa: PLC0415 - ReportLab is heavy

        wide = (self.width - _BETWEEN_SIGNATURES * (len(roles) - 1)) / len(roles)
        widths = [width for _ in roles for width in (wide, _BETWEEN_SIGNATURES)][:-1]
        lines = (
            self._paragraph(f"{role} (name, date, signature)", Text.SMALL, wide) for role in roles
        )
        cells = [cell for line in lines for cell in (line, "")][:-1]
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
        return Table(
            [cells], widths, style=commands, hAlign="LEFT", spaceBefore=20,
            renderCB=mark_lines,  # type: ignore[arg-type]  # any function will do
        )  # fmt: skip

    def _table_of(
        self,
        title: str,
        columns: tuple[TableColumn, ...],
        rows: Sequence[PrintedRow],
        *,
        headed: bool,
    ) -> "Flowable":
        from reportlab.platypus import Table  # noqa: PLC0415 - ReportLab is heavy

        shares = sum(column.share for column in columns)
        widths = [self.width * column.share / shares for column in columns]
        blank = [""] * (len(columns) - 1)
        cells: list[list[Any]] = [[self._title(title), *blank]]
        commands = table_commands(columns, headed=headed)
        if headed:
            cells.append(list(map(self._heading, columns, widths)))
            commands += _heading_commands(cells[-1], columns, widths)
        for row in rows:
            first, details = len(cells), row.details
            if row.cells:
                shown, too_long = self._cells(row, columns, widths)
                for place, (cell, column) in enumerate(zip(shown, columns, strict=True)):
                    commands += _cell_commands(cell, column, (place, first))
                cells.append(shown)
                details = (*_packed(details), *too_long)
            for detail in details:
                commands.append(("SPAN", (0, len(cells)), (-1, len(cells))))
                cells.append([self._paragraph(detail, Text.DETAIL, self.width - PADDING), *blank])
            if details and row.cells:
                is_long = sum(map(len, details)) > _MOST_LETTERS_TOGETHER
                last = first + 1 if is_long else len(cells) - 1
                commands.append(("NOSPLIT", (0, first), (0, last)))
            if headed and row.cells:
                end = len(cells) - 1
                commands.append(("LINEBELOW", (0, end), (-1, end), 0.3, colour(HAIRLINE)))
        if _is_short([(row.cells, row.details) for row in rows]):
            commands.append(_ON_ONE_PAGE)
        return Table(
            cells, widths, style=commands, repeatRows=2 if headed else 1, hAlign="LEFT",
            renderCB=mark_table,  # type: ignore[arg-type]  # any function will do
        )  # fmt: skip

    def _heading(self, column: TableColumn, width: float) -> Any:
        """Return the heading of a column: in two lines where it does not fit on one."""
        from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

        style, room = Text.DETAIL, width - PADDING
        if stringWidth(column.heading, style.font, style.size) <= room:
            return column.heading
        side: Side = "left" if column.align is Align.LEFT else "right"
        return self._paragraph(column.heading, style, room, align=side)

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
        room = width - PADDING - column.decimals_room
        if not struck and stringWidth(drawn, style.font, style.size) <= room:
            self.note_letters(text)
            return drawn
        side: Side = "left" if column.align is Align.LEFT else "right"
        return self._paragraph(text, style, room, struck=struck, align=side)

    def _paragraph(
        self, text: str, style: Text, width: float, *, struck: bool = False, align: Side = "left"
    ) -> "Paragraph":
        from reports.marked_parts import MarkedParagraph  # noqa: PLC0415 - ReportLab is heavy

        self.note_letters(text)
        marked = safe_lines(text, style.font, style.size, width)
        if struck:
            marked = f"<strike>{marked}</strike>"
        return MarkedParagraph(marked, paragraph_style(style, align))

    def note_letters(self, text: str) -> None:
        """Remember the letters of a text, wherever it is drawn, that the font does not have."""
        if not text.isascii():
            self._missing.update(dict.fromkeys(missing_letters(text)))


def _is_short(rows: Sequence[Sequence[Sequence[str]]]) -> bool:
    """Return whether a table of these texts has so few rows and letters that a page holds it."""
    letters = sum(len(text) for row in rows for texts in row for text in texts)
    return len(rows) <= _MOST_ROWS_TOGETHER and letters <= _MOST_LETTERS_TOGETHER


def _width_of(facts: Sequence[tuple[str, ...]]) -> float:
    """Return the width of facts with their names on one line, in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    bold, style = Text.STRONG_CELL, Text.CELL
    between = stringWidth(_BETWEEN_FACTS, style.font, style.size) * (len(facts) - 1)
    return between + sum(
        stringWidth(as_drawn(name), bold.font, bold.size)
        + stringWidth(f"  {as_drawn(text)}", style.font, style.size)
        for name, text in facts
    )


def _heading_commands(
    headings: Sequence[Any], columns: Sequence[TableColumn], widths: Sequence[float]
) -> Iterator[tuple[Any, ...]]:
    """Yield the commands of the headings: a paragraph aligns itself.

    A heading too wide for the room of its figures takes the room of their decimals too.
    """
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    style = Text.DETAIL
    yield "VALIGN", (0, 1), (-1, 1), "BOTTOM"
    for place, (heading, column, width) in enumerate(zip(headings, columns, widths, strict=True)):
        at = (place, 1)
        if not isinstance(heading, str):
            yield "ALIGN", at, at, "LEFT"
        room = width - PADDING - column.decimals_room
        is_wide = stringWidth(column.heading, style.font, style.size) > room
        if is_wide and column.align is not Align.LEFT:
            yield "RIGHTPADDING", at, at, PADDING


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
