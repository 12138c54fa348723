"""The first rows of the worklist, read by the database's driver before SQLAlchemy is imported.

They are rows to look at: the records are opened and checked after them, as ever, and nothing else
is done with what was read here. Where anything is not as usual there are no first rows.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from dosing import UserError
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.clinic_limits_reading import limits_read
from monitoring.store.driver_reading import file_of, reading_by_driver
from monitoring.store.worklist_lines import StoredLine, whole_line
from monitoring.store.worklist_statements import READ_LINES
from monitoring.times import Moment
from monitoring.worklist_index.index import indexed, key_of
from monitoring.worklist_index.line import LINE_ERRORS, order_of_line
from monitoring.worklist_index.row import WorklistRow


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The first rows in the usual order, and the number of all patients."""

    rows: tuple[WorklistRow, ...]
    total: int


def first_rows(
    place: str | None, now: Moment, clinic: ClinicChoices = USUAL_CHOICES, *, most: int = 100
) -> FirstRows | None:
    """Return the first rows of the records at a place; None where they cannot be read so soon.

    That is a server, a file whose key was not given yet, records without an index, and any problem,
    which the opening of the records reports.
    """
    try:
        file = file_of(place)
        if file is None:
            return None
        with reading_by_driver(file) as connection:
            return _read(connection, clinic, now, most)
    except (UserError, OSError, ValueError, RuntimeError, sqlite3.Error):
        return None


def _read(connection: Any, clinic: ClinicChoices, now: Moment, most: int) -> FirstRows:
    key = key_of(now, clinic, limits_read(connection))
    lines = [
        whole_line(row, key) for row in connection.execute(READ_LINES, (key.choices, key.rules))
    ]
    first = nsmallest(most, _ordered(lines, now))
    rows = (indexed(lines[place], now).row for _, place in first)
    return FirstRows(tuple(row for row in rows if row is not None), len(lines))


def _ordered(lines: list[StoredLine], now: Moment) -> Iterator[tuple[object, int]]:
    """Yield the order of each line that has the moment, and its place among them."""
    for place, line in enumerate(lines):
        if line.text is None:
            continue
        try:
            order = order_of_line(line.text, now)
        except LINE_ERRORS:  # another program wrote it
            continue
        if order is not None:
            yield order, place
