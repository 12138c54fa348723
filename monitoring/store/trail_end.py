"""The end of the audit trail: the number and the hash of its last change."""

from sqlalchemy import Connection, select

from monitoring.store.tables import AUDIT

START = "0" * 64
"""The hash before the first link."""

# Made once: building a statement takes longer than running it.
_LAST_LINK = select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)


def last_link(connection: Connection) -> tuple[int, str]:
    """Return the number and the hash of the last link: 0 and `START` in empty records."""
    last = connection.execute(_LAST_LINK).first()
    return (last.number, last.hash) if last else (0, START)
