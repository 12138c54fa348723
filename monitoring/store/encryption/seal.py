"""The seal of encrypted records: a keyed hash beside each link of the audit trail.

The trail's own hashes need no key, and anybody can make a chain anew. A seal is an HMAC of a link's
number and hash under a key derived from the data key. Plain records have no seals, and the trail
is the same with and without them.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    select,
)

from monitoring.store.connection import encryption_of
from monitoring.store.encryption.key_ring import KEY_RING
from monitoring.store.tables import AUDIT

_METADATA = MetaData()
SEAL = Table(
    "seal",
    _METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seal", Text, nullable=False),
    CheckConstraint("length(seal) = 64", name="seal_is_sha256"),
    sqlite_strict=True,
)


def make_seals(connection: Connection) -> None:
    """Make the empty table of the seals, unless it is there."""
    if connection.dialect.has_table(connection, SEAL.name):
        return
    _METADATA.create_all(connection)
    for event in ("update", "delete"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {SEAL.name}_no_{event} BEFORE {event.upper()} ON {SEAL.name} "
            "BEGIN SELECT RAISE(ABORT, 'rows are never changed'); END"
        )


def drop_seals(connection: Connection) -> None:
    """Remove the table of the seals, before records are made anew."""
    _METADATA.drop_all(connection)


def add_seals(connection: Connection, links: Iterable[tuple[int, str]]) -> None:
    """Seal links of the audit trail, by number and hash; nothing in plain records."""
    if sealer := _sealer_of(connection):
        rows = [{"number": number, "seal": sealer(number, hash_)} for number, hash_ in links]
        connection.execute(insert(SEAL), rows)


def wrong_seals(connection: Connection) -> Iterator[tuple[int, str]]:
    """Yield the changes whose seal is wrong, with the problem; nothing in plain records."""
    sealer = _sealer_of(connection)
    if sealer is None:
        return
    both = (
        select(AUDIT.c.number, AUDIT.c.hash, SEAL.c.seal)
        .select_from(AUDIT)
        .outerjoin(SEAL, AUDIT.c.number == SEAL.c.number)
        .order_by(AUDIT.c.number)
    )
    for number, hash_, seal in connection.execute(both):
        if seal is None:
            yield number, "has no seal: another program wrote it"
        elif not hmac.compare_digest(seal.encode(), sealer(number, hash_).encode()):
            yield number, "has a wrong seal: another program wrote or changed it"
    alone = select(SEAL.c.number).where(SEAL.c.number.not_in(select(AUDIT.c.number)))
    for number in connection.execute(alone.order_by(SEAL.c.number)).scalars():
        yield number, "was removed: its seal is still there"


def _sealer_of(connection: Connection) -> Callable[[int, str], str] | None:
    encryption = encryption_of(connection)
    return KEY_RING.key_of(encryption).sealer() if encryption else None
