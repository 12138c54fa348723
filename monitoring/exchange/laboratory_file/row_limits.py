"""The limits of a laboratory's rows, checked while they are read: no row is built beyond them."""

import time
from collections.abc import Iterator

from dosing.quantities.reading_limits import (
    LABORATORY_CHARACTERS,
    LABORATORY_COLUMNS,
    LABORATORY_LAST_ROW,
    LABORATORY_ROWS,
    LABORATORY_SECONDS,
)
from monitoring.exchange.laboratory_file.cells import SheetRow

_FILE = "The file"


class ReadingTime:
    """The CPU time that one thread has spent since this was made."""

    def __init__(self) -> None:
        """Begin now."""
        self._begin = time.thread_time()

    def check(self) -> None:
        """Raise `UserError` after too long."""
        LABORATORY_SECONDS.check(int(time.thread_time() - self._begin), _FILE)


def within_limits(rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
    """Yield the rows; raise `UserError` at the first limit that one passes.

    The time counts what is done with the rows, too.
    """
    spent, count = ReadingTime(), 0
    for row in rows:
        count += not row.is_empty
        LABORATORY_ROWS.check(count, _FILE)
        LABORATORY_LAST_ROW.check(row.number, _FILE)
        where = f"Row {row.number}"
        LABORATORY_COLUMNS.check(len(row.cells), where)
        LABORATORY_CHARACTERS.check(max((len(each.text) for each in row.cells), default=0), where)
        spent.check()
        yield row
