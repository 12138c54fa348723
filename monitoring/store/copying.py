"""Records as a stream of changes: the one way by which they are backed up, exported and imported.

A change is its link of the audit trail, its hash, and its row. Written into an empty store in
order, the changes give the same records with the same head.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnClause, Connection, func, literal_column, select

from monitoring.store.audit_log import Link, append_link, link_of
from monitoring.store.errors import RecordsError
from monitoring.store.rows import Cell, Row
from monitoring.store.tables import AUDIT, TABLES

_BATCH = 500
# Every column that is there: records are backed up before an upgrade, too.
_EVERY_COLUMN: ColumnClause[Cell] = literal_column("*")
_COLUMNS = {
    kind: set(table.columns.keys()) - {"entry", "patient"} for kind, table in TABLES.items()
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change as it stands in the records."""

    link: Link
    hash: str
    row: Row


def count_changes(connection: Connection) -> int:
    """Return how many changes there are."""
    return connection.execute(select(func.count()).select_from(AUDIT)).scalar() or 0


def read_changes(connection: Connection) -> Iterator[Change]:
    """Yield every change in order, in little memory.

    Raises `RecordsError` where a row is missing.
    """
    last = connection.execute(select(func.max(AUDIT.c.number))).scalar() or 0
    for start in range(1, last + 1, _BATCH):
        inside = (start, start + _BATCH - 1)
        rows: dict[tuple[str, int], dict[str, Cell]] = {}
        for kind, table in TABLES.items():
            query = select(_EVERY_COLUMN).select_from(table).where(table.c.entry.between(*inside))
            for row in connection.execute(query).mappings():
                cells = {name: row[name] for name in row if name not in {"entry", "patient"}}
                rows[kind, row["entry"]] = cells
        query = select(AUDIT).where(AUDIT.c.number.between(*inside)).order_by(AUDIT.c.number)
        for audited in connection.execute(query).mappings():
            link = link_of(audited)
            if (link.kind, link.number) not in rows:
                raise RecordsError(f"The row of change {link.number} is missing: run verify.")
            yield Change(link, audited["hash"], rows[link.kind, link.number])


def write_changes(connection: Connection, changes: Iterable[Change]) -> int:
    """Write changes into an empty store as they are, and return how many."""
    if count_changes(connection):
        raise RecordsError("Changes can only be taken over into empty records.")
    number = 0
    for number, change in enumerate(changes, start=1):  # noqa: B007 - the count is returned
        link = change.link
        if link.kind not in TABLES:
            raise RecordsError(f"Change {link.number} is of an unknown kind.")
        if not set(change.row) <= _COLUMNS[link.kind]:
            raise RecordsError(f"Change {link.number} holds what this version does not know.")
        append_link(connection, link, change.hash, change.row)
    return number
