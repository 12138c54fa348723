"""The first rows of the worklist, read by the database's driver before SQLAlchemy is imported.

They are rows to look at: the records are opened and checked after them, as ever, and nothing else
is done with what was read here. Where anything is not as usual there are no first rows.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dosing import UserError
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits, read_value_texts
from dosing.quantities.reading_limits import RECORDS_BYTES
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.files import home_path_of, read_head
from monitoring.store.default_file import SQLITE_HEADER, default_file
from monitoring.store.worklist_lines import StoredLine, whole_line
from monitoring.store.worklist_statements import READ_LIMITS, READ_LINES
from monitoring.times import Moment
from monitoring.worklist_index.index import indexed, key_of
from monitoring.worklist_index.line import LINE_ERRORS, order_of_line
from monitoring.worklist_index.row import WorklistRow

_WAIT_FOR_LOCK_S = 0.2


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
        file = _file_of(place)
        if file is None:
            return None
        is_plain = read_head(file, len(SQLITE_HEADER), RECORDS_BYTES) == SQLITE_HEADER
        return (_of_plain if is_plain else _of_encrypted)(file, clinic, now, most)
    except (UserError, OSError, ValueError, RuntimeError, sqlite3.Error):
        return None


def _file_of(place: str | None) -> Path | None:
    chosen = place or os.environ.get("SIROLIMUS_RECORDS")
    if not chosen:
        return default_file()
    return None if "://" in chosen else home_path_of(chosen).absolute()


def _of_plain(file: Path, clinic: ClinicChoices, now: Moment, most: int) -> FirstRows:
    with closing(sqlite3.connect(_address(file), uri=True, timeout=_WAIT_FOR_LOCK_S)) as connection:
        return _read(connection, clinic, now, most)


def _of_encrypted(file: Path, clinic: ClinicChoices, now: Moment, most: int) -> FirstRows | None:
    """Return the rows of an encrypted file whose key is held."""
    from monitoring.store.encryption.key_file import KeyFile, key_file_of  # noqa: PLC0415 - encrypted
    from monitoring.store.encryption.key_ring import KEY_RING, Encryption  # noqa: PLC0415 - as above

    key_file = key_file_of(file)
    held = KEY_RING.key_of(Encryption(key_file, KeyFile.read(key_file).name))
    import sqlcipher3.dbapi2 as driver  # noqa: PLC0415 - as above

    try:
        with closing(driver.connect(_address(file), uri=True, timeout=_WAIT_FOR_LOCK_S)) as made:
            made.execute("PRAGMA cipher_log_level = NONE")  # else it writes to stderr
            made.execute(f"PRAGMA key = \"x'{held.file_key()}'\"")
            return _read(made, clinic, now, most)
    except driver.Error:
        return None


def _address(file: Path) -> str:
    """Return the address of a file that is only read."""
    path = quote(os.fsencode(file.as_posix()))
    return f"file://{'' if path.startswith('/') else '/'}{path}?mode=ro"


def _read(connection: Any, clinic: ClinicChoices, now: Moment, most: int) -> FirstRows:
    key = key_of(now, clinic, _limits(connection))
    lines = [
        whole_line(row, key) for row in connection.execute(READ_LINES, (key.choices, key.rules))
    ]
    first = nsmallest(most, _ordered(lines, now))
    rows = (indexed(lines[place], now).row for _, place in first)
    return FirstRows(tuple(row for row in rows if row is not None), len(lines))


def _limits(connection: Any) -> ClinicLimits:
    """Return the values of the clinic's limits in force, by which the lines are chosen."""
    row = connection.execute(READ_LIMITS).fetchone()
    if row is None:
        return DEFAULT_LIMITS
    return ClinicLimits(values=read_value_texts((row[0] or "").split()))


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
