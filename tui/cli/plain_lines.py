"""Parts of a page as lines for a screen reader: one fact a line, its label first.

A title has an empty line before it and no colon. Nothing is drawn, coloured, aligned or folded; a
sign that only repeats the word behind it is left out.
"""

import re
from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dosing import clean
from reports.presentation.alerts import LOOKS
from tui.rich_page import FigureTable, Page, unkept

_WORDS = (*(look.word for look in LOOKS.values()), "below", "above", "within", "not evaluable",
          "voided", "excluded")  # fmt: skip
_SIGN = re.compile(rf"[■▲▼●○◇!·](?: +(?=(?:{'|'.join(_WORDS)})\b)|$)")
"""A sign of the program's own, before its word or alone: a sign in somebody's text stays."""
_PART_OF = re.compile(r"([0-9]+)/([0-9]+|\?)")
_OPEN_INTERVAL = re.compile(r"(?=.*\?)([0-9]+|\?)-([0-9]+|\?) days")
_NOT_GIVEN = {"-": "not given"}
_ROWS_OF_ONE, _ROWS_OF_TWO = 1, 2


def plain_lines(parts: Iterable[RenderableType]) -> Iterator[str]:
    """Yield the lines of the parts of a page. Raises `TypeError` for a part of another kind."""
    for part in parts:
        match part:
            case str() | Text():
                yield from _lines_of(part)
            case Padding():
                yield from plain_lines((part.renderable,))
            case Group():
                yield from plain_lines(part.renderables)
            case Page():
                yield from plain_lines(part.parts)
            case FigureTable():
                yield from _figures(part)
            case Table():
                yield from _table(part)
            case _:
                raise TypeError(f"no plain lines for {type(part).__name__}")


def plain_fact(label: str, text: str) -> str:
    """Return a label and what belongs to it in one line.

    >>> plain_fact("▲ URGENT", "Act."), plain_fact(" 1.", "Steps"), plain_fact("", "Seen.")
    ('URGENT: Act.', '1. Steps', 'Seen.')
    """
    said, text = unsigned(label), unsigned(text)
    if not said or not text:
        return said or text
    return f"{said} {text}" if said[-1] in ".:" else f"{said}: {text}"


def unsigned(text: str) -> str:
    """Return a line in one piece, without a sign that only repeats the word behind it.

    >>> unsigned("▼ below: 3.8 ng/mL"), unsigned("! caution"), unsigned("▲ 2 mg")
    ('below: 3.8 ng/mL', 'caution', '▲ 2 mg')
    """
    line = clean(unkept(text))
    found = _SIGN.match(line)
    return line[found.end() :] if found else line


def _lines_of(text: str | Text) -> list[str]:
    written = text.plain if isinstance(text, Text) else text
    return [unsigned(line) for line in written.split("\n")]


def _table(table: Table) -> Iterator[str]:
    """Yield the rows of a table without headings: of parts below each other, or of facts."""
    columns = [list(column.cells) for column in table.columns]
    if len(columns) == _ROWS_OF_ONE:
        yield from plain_lines(columns[0])
    elif len(columns) == _ROWS_OF_TWO:
        for label, cell in zip(*columns, strict=True):
            first, *others = plain_lines((cell,))
            yield plain_fact(" ".join(plain_lines((label,))), first)
            yield from others
    else:
        raise TypeError("no plain lines for a table without headings: use FigureTable")


def _figures(table: FigureTable) -> Iterator[str]:
    """Yield each figure with its row and its heading; a column without one adds to its left."""
    above = ""
    for name, *cells in table.rows:
        row = clean(f"{table.spoken[0]} {name}")
        if name.startswith(" ") and above:
            row = f"{above}, {row}"
        else:
            above = row
        of_heading: dict[str, list[str]] = {}
        heading = ""
        for given, cell in zip(table.spoken[1:], cells, strict=True):
            heading = given or heading
            if figure := clean(cell):
                of_heading.setdefault(heading, []).append(_spoken(figure))
        for heading, figures in of_heading.items():
            yield plain_fact(f"{row}, {heading}" if heading else row, ", ".join(figures))


def _spoken(figure: str) -> str:
    """Return a figure of a table as it is said.

    >>> _spoken("3/16"), _spoken("7/?"), _spoken("-"), _spoken("3.2 (1.1 to 2.9) *")
    ('3 of 16', '7 of an unknown number', 'not given', '3.2 (1.1 to 2.9), outside')
    >>> _spoken("16-? days"), _spoken("4.0-45.6 %")
    ('16 days to not reached', '4.0-45.6 %')
    """
    if ends := _OPEN_INTERVAL.fullmatch(figure):
        return " to ".join("not reached" if end == "?" else f"{end} days" for end in ends.groups())
    if figure.endswith(" *"):
        return f"{figure.removesuffix(' *')}, outside"
    if part := _PART_OF.fullmatch(figure):
        whole = "an unknown number" if part[2] == "?" else part[2]
        return f"{part[1]} of {whole}"
    return _NOT_GIVEN.get(figure, figure)
