"""The size of an Excel workbook, counted before anything is built from it.

A workbook is a zip archive of XML. A small one can unpack to gigabytes, and openpyxl reads all
texts and styles before the first row. So every part is unpacked piece by piece, its elements are
counted and nothing is kept but what Excel hides or merges. Parts that are not XML are left to
openpyxl to refuse.
"""

import re
import zlib
from collections import Counter
from io import BytesIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from dosing import UserError
from dosing.quantities.reading_limits import (
    LABORATORY_COLUMNS,
    LABORATORY_LAST_ROW,
    LABORATORY_ROWS,
    WORKBOOK_CELLS,
    WORKBOOK_ELEMENTS,
    WORKBOOK_INFLATED_BYTES,
    WORKBOOK_NESTING,
    WORKBOOK_PARTS,
    WORKBOOK_STRINGS,
)
from monitoring.exchange.laboratory_file.cells import SheetMarks
from monitoring.exchange.laboratory_file.row_limits import ReadingTime

_WORKBOOK = "The workbook"
_PIECE = 1 << 16
# What a part that is damaged, encrypted or not XML raises.
_UNREADABLE = (
    BadZipFile,
    zlib.error,
    expat.ExpatError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,  # a place before the beginning of the file
    OSError,
)
# The elements with a limit of their own, by the first element of their part; all others are few.
_LIMITS = {
    "worksheet": {"row": LABORATORY_ROWS}
    | dict.fromkeys(("c", "v", "f", "is", "t"), WORKBOOK_CELLS),
    "sst": dict.fromkeys(("si", "t"), WORKBOOK_STRINGS),
}
_LAST_COLUMN = 16_384
_CELL = re.compile(r"([A-Z]{1,3})[0-9]+")
_AREA = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")


def check_workbook(content: bytes) -> dict[str, SheetMarks]:
    """Return what each part with a sheet hides or merges, by the name of the part.

    Raises `UserError` for a workbook beyond a limit, and for one that declares entities.
    """
    spent = ReadingTime()
    marks: dict[str, SheetMarks] = {}
    try:
        archive = ZipFile(BytesIO(content))
    except _UNREADABLE:
        return marks
    with archive:
        parts = archive.infolist()
        WORKBOOK_PARTS.check(len(parts), _WORKBOOK)
        # More than a part declares is never unpacked of it.
        WORKBOOK_INFLATED_BYTES.check(sum(part.file_size for part in parts), _WORKBOOK)
        others = Counter[str]()
        for part in parts:
            reader = _PartReader(others)
            try:
                with archive.open(part) as stream:
                    while piece := stream.read(_PIECE):
                        reader.feed(piece)
                        spent.check()
            except UserError:  # which is a ValueError
                raise
            except _UNREADABLE:
                continue
            if reader.is_sheet:
                marks[part.filename] = reader.marks
    return marks


class _PartReader:
    """The counts of one part; `others` counts elements without a limit of their own."""

    def __init__(self, others: Counter[str]) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_entities
        self._others = others
        self._counts = Counter[str]()
        self._root = ""
        self._depth = 0
        self._cells = 0
        self._width = 0
        self._row = 0
        self._hidden_rows: set[int] = set()
        self._hidden_columns: list[tuple[int, int]] = []
        self._merged: list[tuple[int, int, int, int]] = []

    @property
    def is_sheet(self) -> bool:
        return self._root == "worksheet"

    @property
    def marks(self) -> SheetMarks:
        return SheetMarks(
            hidden_rows=frozenset(self._hidden_rows),
            hidden_columns=tuple(self._hidden_columns),
            merged=tuple(self._merged),
        )

    def feed(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)  # noqa: FBT003 - it takes no keyword

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self._root = self._root or name
        self._depth += 1
        WORKBOOK_NESTING.check(self._depth, _WORKBOOK)
        limit = _LIMITS.get(self._root, {}).get(name)
        if limit is None:
            self._others["all"] += 1
            WORKBOOK_ELEMENTS.check(self._others["all"], _WORKBOOK)
            if self.is_sheet:
                self._mark(name, attributes)
            return
        self._counts[name] += 1
        limit.check(self._counts[name], _WORKBOOK)
        if name == "row":
            self._begin_row(attributes.get("r", ""))
            if _is_true(attributes.get("hidden")):
                self._hidden_rows.add(self._row)
        elif name == "c":
            self._width = max(self._width + 1, _column(attributes.get("r", "")))
            if self._width > _LAST_COLUMN:  # beyond Excel; empty cells up to there are left out
                raise LABORATORY_COLUMNS.passed(_WORKBOOK)

    def _begin_row(self, number: str) -> None:
        """Add the cells of the row before, with the empty ones that openpyxl puts between."""
        self._cells += self._width
        self._width = 0
        WORKBOOK_CELLS.check(self._cells, _WORKBOOK)
        self._row += 1
        if number.isdecimal():
            self._row = int(number[:10])
            LABORATORY_LAST_ROW.check(self._row, _WORKBOOK)

    def _mark(self, name: str, attributes: dict[str, str]) -> None:
        """Keep a hidden column and a merged cell."""
        if name == "col" and _is_true(attributes.get("hidden")):
            low, high = attributes.get("min", ""), attributes.get("max", "")
            if low.isdecimal() and high.isdecimal():
                self._hidden_columns.append((int(low[:10]) - 1, int(high[:10]) - 1))
        elif name == "mergeCell" and (found := _AREA.fullmatch(attributes.get("ref", ""))):
            left, top, right, bottom = found.groups()
            first, last = (_column(f"{each}1") - 1 for each in (left, right))
            self._merged.append((int(top), int(bottom), first, last))

    def _end(self, _tag: str) -> None:
        self._depth -= 1

    def _refuse_entities(self, *_about: object) -> None:
        raise UserError("The workbook declares entities of its own. Save it again as .xlsx.")


def _is_true(text: str | None) -> bool:
    return text in {"1", "true"}


def _column(reference: str) -> int:
    """Return the column of a cell, from 1 on; 0 for one without.

    >>> _column("A1"), _column("XFD12"), _column("")
    (1, 16384, 0)
    """
    found = _CELL.fullmatch(reference)
    number = 0
    for letter in found[1] if found else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
