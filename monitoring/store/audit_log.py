"""The audit trail's chain: each link is the hash of the one before, of who, when, and of the row.

So a row that was changed, removed, added or moved behind the program's back breaks the chain at its
place.
"""

import hashlib
import json
from dataclasses import dataclass

from monitoring.store.rows import Row

START = "0" * 64
"""What the first link hangs on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One change: its number, when, by whom, what kind of entry, and of which patient."""

    number: int
    at_utc: str
    at_zone: str
    by: str
    kind: str
    patient: int


def hash_of(previous: str, link: Link, row: Row) -> str:
    """Return the hash of a change that follows the one whose hash is `previous`."""
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
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
