"""The rows of a damaged SQLite file, page by page, by the file format of SQLite 3.

SQLite itself reads a table from its root down: one damaged page hides every row below it. Here each
page is read by itself, and only the rows on a damaged page are lost. See
https://www.sqlite.org/fileformat2.html for the terms.
"""

from collections.abc import Iterator
from dataclasses import dataclass

SQLITE_HEADER = b"SQLite format 3\0"

_USUAL_PAGE_SIZE = 4096
_TABLE_LEAF = 0x0D
_TREE_PAGES = {0x02: 12, 0x05: 12, 0x0A: 8, 0x0D: 8}
"""The first byte of a page of a table or an index, and the size of its heading."""
_WHOLE_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""The serial types of whole numbers, and their sizes in bytes."""
_MOST_COLUMNS = 100
_LOCKED_BYTE = 2**30
"""The page of this byte is never used."""

Value = str | int | None


@dataclass(frozen=True, slots=True)
class PageRow:
    """A row as it is on a page: its number, and its values in the order of the columns."""

    number: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """The rows of a file, and the pages that cannot be read."""

    rows: tuple[PageRow, ...]
    unreadable: tuple[int, ...]
    """The numbers of damaged and of missing pages."""


class _NotReadableError(Exception):
    """A page or a cell does not follow the format."""


class _File:
    def __init__(self, content: bytes) -> None:
        self.content = content
        has_header = content.startswith(SQLITE_HEADER)
        size = int.from_bytes(content[16:18], "big") if has_header else _USUAL_PAGE_SIZE
        size = 65536 if size == 1 else size
        is_size = size >= 512 and size & (size - 1) == 0
        self.page_size = size if is_size else _USUAL_PAGE_SIZE
        there = -(-len(content) // self.page_size)
        said = int.from_bytes(content[28:32], "big") if has_header and is_size else 0
        self.there = there
        self.pages = max(there, said if said < 2**31 and said <= there * 1000 else 0)
        self.followed = {_LOCKED_BYTE // self.page_size + 1}
        """The pages that hold the rest of a long row, or nothing."""
        if has_header:
            self._follow_free_pages()

    def page(self, number: int) -> bytes:
        """Return a page. Raises `_NotReadableError` if it is not whole."""
        page = self.content[(number - 1) * self.page_size : number * self.page_size]
        if number < 1 or len(page) < self.page_size:
            raise _NotReadableError
        return page

    def _follow_free_pages(self) -> None:
        trunk = int.from_bytes(self.content[32:36], "big")
        while trunk and trunk not in self.followed:
            try:
                page = self.page(trunk)
            except _NotReadableError:
                return
            self.followed.add(trunk)
            count = min(int.from_bytes(page[4:8], "big"), self.page_size // 4 - 2)
            self.followed |= {
                int.from_bytes(page[8 + 4 * each : 12 + 4 * each], "big") for each in range(count)
            }
            trunk = int.from_bytes(page[:4], "big")

    def overflow(self, number: int, missing: int) -> bytes:
        """Return the rest of a row from its chain of pages."""
        rest, seen = b"", set[int]()
        while missing > len(rest):
            if number in seen:
                raise _NotReadableError
            seen.add(number)
            page = self.page(number)
            rest += page[4:]
            number = int.from_bytes(page[:4], "big")
        self.followed |= seen
        return rest[:missing]


def read_pages(content: bytes) -> Pages:
    """Return every row that can be read from the bytes of a SQLite file, whatever is damaged."""
    file = _File(content)
    rows: list[PageRow] = []
    damaged = list(range(file.there + 1, file.pages + 1))
    for number in range(1, file.there + 1):
        try:
            rows.extend(_rows_of_page(file, number))  # what was read of it stays
        except _NotReadableError:
            damaged.append(number)
    unreadable = [each for each in damaged if each not in file.followed]
    return Pages(tuple(rows), tuple(unreadable))


def _rows_of_page(file: _File, number: int) -> Iterator[PageRow]:
    page = file.page(number)
    start = 100 if number == 1 else 0
    kind = page[start]
    if kind not in _TREE_PAGES or (number == 1 and not page.startswith(SQLITE_HEADER)):
        raise _NotReadableError
    begin, cells = start + _TREE_PAGES[kind], int.from_bytes(page[start + 3 : start + 5], "big")
    if begin + 2 * cells > file.page_size:
        raise _NotReadableError
    places = [
        int.from_bytes(page[begin + 2 * each : begin + 2 * each + 2], "big")
        for each in range(cells)
    ]
    if any(not begin + 2 * cells <= place < file.page_size for place in places):
        raise _NotReadableError
    if kind == _TABLE_LEAF and number > 1:  # the first page holds the schema
        is_whole = True
        for place in places:
            try:
                yield _row(file, page, place)
            except _NotReadableError:
                is_whole = False
        if not is_whole:
            raise _NotReadableError


def _row(file: _File, page: bytes, at: int) -> PageRow:
    size, at = _varint(page, at)
    number, at = _varint(page, at)
    most = file.page_size - 35
    here = size
    if size > most:
        least = (file.page_size - 12) * 32 // 255 - 23
        here = least + (size - least) % (file.page_size - 4)
        here = here if here <= most else least
    payload = page[at : at + here]
    if len(payload) < here or size > len(file.content):
        raise _NotReadableError
    if here < size:
        first = int.from_bytes(page[at + here : at + here + 4], "big")
        payload += file.overflow(first, size - here)
    return PageRow(number, _values(payload))


def _values(payload: bytes) -> tuple[Value, ...]:
    heading, at = _varint(payload, 0)
    types = []
    while at < heading:
        kind, at = _varint(payload, at)
        types.append(kind)
    if at != heading or len(types) > _MOST_COLUMNS:
        raise _NotReadableError
    values: list[Value] = []
    for kind in types:
        size = _WHOLE_NUMBERS.get(kind, 0)
        if kind >= 13 and kind % 2:
            size = (kind - 13) // 2
        elif size == 0 and kind not in {0, 8, 9}:
            raise _NotReadableError  # records hold neither fractions nor bytes
        part = payload[at : at + size]
        if len(part) < size:
            raise _NotReadableError
        at += size
        values.append(_value(kind, part))
    return tuple(values)


def _value(kind: int, part: bytes) -> Value:
    if kind == 0:
        return None
    if kind in {8, 9}:
        return kind - 8
    if kind in _WHOLE_NUMBERS:
        return int.from_bytes(part, "big", signed=True)
    try:
        return part.decode("utf-8")
    except UnicodeDecodeError:
        raise _NotReadableError from None


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and the place after it."""
    value = 0
    for index in range(9):
        if at >= len(content):
            raise _NotReadableError
        byte = content[at]
        at += 1
        if index == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    raise _NotReadableError
