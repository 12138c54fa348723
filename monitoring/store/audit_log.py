"""The audit trail's chain: each link is the hash of the one before, of who, when, and of the row.

A row that was changed, removed, added or moved outside the program breaks the chain at its place.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, insert

from monitoring.record.entry import Entry
from monitoring.record.kinds import NAMES
from monitoring.store.encryption.seal import add_seals
from monitoring.store.rows import Cell, Row, row_of, utc_text
from monitoring.store.tables import AUDIT, REMOVED, TABLES
from monitoring.store.trail_end import last_link
from monitoring.times import Moment

# Made once: building a statement takes longer than running it.
_INSERTS = {table.name: insert(table) for table in (AUDIT, *TABLES.values())}
_CANONICAL = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One change: its number, when, by whom, what kind of entry, and of which patient."""

    number: int
    at_utc: str
    at_zone: str
    by: str
    kind: str
    patient: int


_OF_LINK = tuple(each.name for each in fields(Link))


def hash_of(previous: str, link: Link, row: Row) -> str:
    """Return the hash of a change after the one whose hash is `previous`."""
    content = [
        previous,
        link.number,
        link.at_utc,
        link.at_zone,
        link.by,
        link.kind,
        link.patient,
        {name: cell for name, cell in row.items() if cell is not None},
    ]
    return hashlib.sha256(_CANONICAL.encode(content).encode("ascii")).hexdigest()


class Chain:
    """The end of the audit trail, to which one author adds changes at one moment."""

    def __init__(self, connection: Connection, author: str, moment: Moment) -> None:
        """Find the end in the transaction of `connection`."""
        self.last, self._hash = last_link(connection)
        self._connection = connection
        self._author = author
        self._moment = moment

    def append(self, entry: Entry, patient: int | None) -> Link:
        """Add one row and its link; without a patient's number the entry is a new patient."""
        link, row = self._link(entry, patient)
        append_link(self._connection, link, self._hash, row)
        return link

    def append_all(self, entries: Sequence[tuple[int, Entry]]) -> None:
        """Add rows and their links, with one statement a table."""
        links: list[dict[str, Cell]] = []
        sealed: list[tuple[int, str]] = []
        rows: dict[str, list[dict[str, Cell]]] = {}
        for patient, entry in entries:
            link, row = self._link(entry, patient)
            links.append(_audit_row(link, self._hash))
            sealed.append((link.number, self._hash))
            rows.setdefault(link.kind, []).append(_entry_row(link, row))
        self._connection.execute(_INSERTS[AUDIT.name], links)
        for kind, table_rows in rows.items():
            self._connection.execute(_INSERTS[kind], table_rows)
        add_seals(self._connection, sealed)

    def _link(self, entry: Entry, patient: int | None) -> tuple[Link, Row]:
        """Return the next link and its row; its hash is the chain's end now."""
        self.last += 1
        link = Link(
            number=self.last,
            at_utc=utc_text(self._moment.utc),
            at_zone=self._moment.zone,
            by=self._author,
            kind=NAMES[type(entry)],
            patient=self.last if patient is None else patient,
        )
        row = row_of(entry)
        self._hash = hash_of(self._hash, link, row)
        return link, row


def append_link(connection: Connection, link: Link, link_hash: str, row: Row) -> None:
    """Add a link to the audit trail, and its row; that of a removed patient has none."""
    connection.execute(_INSERTS[AUDIT.name], _audit_row(link, link_hash))
    if link.kind != REMOVED:
        connection.execute(_INSERTS[link.kind], _entry_row(link, row))
    add_seals(connection, [(link.number, link_hash)])


def without_content(link: Link) -> Link:
    """Return what stays of a link once its patient is removed: its number and the patient's."""
    return Link(
        number=link.number, at_utc="", at_zone="", by="", kind=REMOVED, patient=link.patient
    )


def _audit_row(link: Link, link_hash: str) -> dict[str, Cell]:
    return {**{name: getattr(link, name) for name in _OF_LINK}, "hash": link_hash}


def _entry_row(link: Link, row: Row) -> dict[str, Cell]:
    return {"entry": link.number, "patient": link.patient, **row}


def link_of(row: Mapping[Any, Any]) -> Link:
    """Return the link that a row of the audit trail holds."""
    return Link(
        number=row["number"],
        at_utc=row["at_utc"],
        at_zone=row["at_zone"],
        by=row["by"],
        kind=row["kind"],
        patient=row["patient"],
    )
