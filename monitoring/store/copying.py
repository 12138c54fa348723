"""Records as a stream of changes, for backup, export and import.

A change is its link of the audit trail, its hash, and its row. Written into an empty store in
order, they give the same records with the same head.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import ColumnClause, Connection, func, insert, inspect, literal_column, select

from monitoring.store.audit_log import Link, append_link, link_of
from monitoring.store.errors import RecordsError
from monitoring.store.rows import Cell, Row
from monitoring.store.server.guards import let_copies_pass
from monitoring.store.tables import AUDIT, BESIDE_TRAIL, REMOVED, TABLES

_BATCH = 500
_NOTHING: Mapping[str, frozenset[int]] = MappingProxyType({})
# Every column in the file: records of an older schema are backed up, too.
_EVERY_COLUMN: ColumnClause[Cell] = literal_column("*")
_COLUMNS = {
    kind: set(table.columns.keys()) - {"entry", "patient"} for kind, table in TABLES.items()
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change with its link, its hash and its row; the row is empty once it was removed."""

    link: Link
    hash: str
    row: Row


def count_changes(connection: Connection) -> int:
    """Return the number of changes."""
    return connection.execute(select(func.count()).select_from(AUDIT)).scalar() or 0


def read_changes(connection: Connection) -> Iterator[Change]:
    """Yield every change in order, in little memory.

    Records of an older schema have fewer tables. Raises `RecordsError` for a missing row.
    """
    found = set(inspect(connection).get_table_names())
    tables = {kind: table for kind, table in TABLES.items() if table.name in found}
    last = connection.execute(select(func.max(AUDIT.c.number))).scalar() or 0
    for start in range(1, last + 1, _BATCH):
        inside = (start, start + _BATCH - 1)
        rows: dict[tuple[str, int], dict[str, Cell]] = {}
        for kind, table in tables.items():
            query = select(_EVERY_COLUMN).select_from(table).where(table.c.entry.between(*inside))
            for row in connection.execute(query).mappings():
                cells = {name: row[name] for name in row if name not in {"entry", "patient"}}
                rows[kind, row["entry"]] = cells
        query = select(AUDIT).where(AUDIT.c.number.between(*inside)).order_by(AUDIT.c.number)
        for audited in connection.execute(query).mappings():
            link = link_of(audited)
            if link.kind == REMOVED:
                yield Change(link, audited["hash"], {})
                continue
            if (link.kind, link.number) not in rows:
                raise RecordsError(
                    f"The row of change {link.number} is missing. Run `sirolimus verify`."
                )
            yield Change(link, audited["hash"], rows[link.kind, link.number])


def write_changes(connection: Connection, changes: Iterable[Change]) -> int:
    """Write changes unaltered into an empty store, and return their number."""
    if count_changes(connection):
        raise RecordsError(
            "Changes can only be imported into empty records. Choose a new place for the records."
        )
    let_copies_pass(connection)
    number = 0
    for number, change in enumerate(changes, start=1):  # noqa: B007 - the count is returned
        link = change.link
        if link.kind == REMOVED:
            append_link(connection, link, change.hash, {})
            continue
        if link.kind not in TABLES:
            raise RecordsError(f"Change {link.number} is of an unknown kind. Update the program.")
        if not set(change.row) <= _COLUMNS[link.kind]:
            raise RecordsError(f"Change {link.number} has unknown columns. Update the program.")
        append_link(connection, link, change.hash, change.row)
    return number


def copy_beside_trail(
    old: Connection, new: Connection, *, without: Mapping[str, frozenset[int]] = _NOTHING
) -> None:
    """Copy the rows that the audit trail does not cover; records of an older schema have none.

    Rows are left out whose numbers `without` has under the name of their table.
    """
    found = set(inspect(old).get_table_names())
    for table in BESIDE_TRAIL:
        if table.name not in found:
            continue
        query = select(table).order_by(*table.primary_key).execution_options(yield_per=_BATCH)
        for rows in old.execute(query).mappings().partitions():
            (key,) = table.primary_key.columns
            left_out = without.get(table.name, frozenset())
            kept = [dict(row) for row in rows if row[key] not in left_out]
            if kept:
                new.execute(insert(table), kept)
