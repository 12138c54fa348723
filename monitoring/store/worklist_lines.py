"""The lines of the worklist: one a patient, made of the record and beside the audit trail.

A line says nothing that the record does not say, and is made anew wherever the
patient's last change, the clinical tables or the clinic's choices are others. It is the one table
whose rows are replaced.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from monitoring.store.worklist_statements import KEEP_LINE, READ_LINES, READ_REMOVED, for_server

if TYPE_CHECKING:  # the first rows are read without SQLAlchemy
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class LineKey:
    """The key of a line: the clinic's choices and zone, and the hash of the rules."""

    choices: str
    rules: str


@dataclass(frozen=True, slots=True)
class StoredLine:
    """The line of a patient at the last change of the record; None without one that is whole."""

    patient: int
    revision: int
    text: str | None


def hash_of_line(patient: int, revision: int, key: LineKey, text: str) -> str:
    """Return the hash by which a line that was damaged is known."""
    content = f"{patient}\n{revision}\n{key.choices}\n{key.rules}\n{text}"
    return sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def whole_line(row: tuple[int, int, str | None, str | None], key: LineKey) -> StoredLine:
    """Return the line of a row of `READ_LINES`, without its text where that was damaged."""
    patient, revision, text, found = row
    if text is not None and found != hash_of_line(patient, revision, key, text):
        text = None
    return StoredLine(patient, revision, text)


def read_lines(connection: "Connection", key: LineKey) -> Iterator[StoredLine]:
    """Yield each patient who is not void, with the line of the last change if there is one."""
    statement = _of(connection, READ_LINES)
    for row in connection.exec_driver_sql(statement, (key.choices, key.rules)):
        yield whole_line(tuple(row), key)


def keep_lines(connection: "Connection", lines: Iterable[StoredLine], key: LineKey) -> None:
    """Store lines in place of the earlier ones of the same patients and choices.

    Of a patient who was removed since the line was made, none is stored.
    """
    removed = {row[0] for row in connection.exec_driver_sql(READ_REMOVED)}
    rows = [
        (each.patient, key.choices, each.revision, key.rules, each.text,
         hash_of_line(each.patient, each.revision, key, each.text))
        for each in lines
        if each.text is not None and each.patient not in removed
    ]  # fmt: skip
    if rows:
        connection.exec_driver_sql(_of(connection, KEEP_LINE), rows)


def _of(connection: "Connection", statement: str) -> str:
    return for_server(statement) if connection.dialect.name == "postgresql" else statement
