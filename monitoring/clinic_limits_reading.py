"""The clinic's limits in force for a dose of nobody in the records, which are not opened."""

import sqlite3
from datetime import date
from typing import Any

from dosing import UserError
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits, read_value_texts
from monitoring.store.driver_reading import file_of, reading_by_driver
from monitoring.store.worklist_statements import READ_LIMITS

_UNREAD = ClinicLimits(is_unread=True)


def limits_at(place: str | None) -> ClinicLimits:
    """Return the limits in force in the records at a place, as it was typed; None for the usual.

    Without records there are none of a clinic's own. Where the records cannot be read, such as
    encrypted ones before their passphrase, the set says so: a dose is shown with a caution.
    """
    try:
        file = file_of(place)
        if file is None:
            return _of_server(place)
        if not file.exists():
            return DEFAULT_LIMITS
        with reading_by_driver(file) as connection:
            return limits_read(connection)
    except (UserError, OSError, ValueError, RuntimeError, sqlite3.Error):
        return _UNREAD


def limits_read(connection: Any) -> ClinicLimits:
    """Return the limits in force by a connection of the driver; none in an earlier schema."""
    has_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'clinic_limits'"
    if connection.execute(has_table).fetchone() is None:
        return DEFAULT_LIMITS
    row = connection.execute(READ_LIMITS).fetchone()
    if row is None:
        return DEFAULT_LIMITS
    figures, signed_by, signed_on = row
    return ClinicLimits(
        values=read_value_texts((figures or "").split()),
        signed_by=signed_by,
        signed_on=date.fromisoformat(signed_on),
    )


def _of_server(place: str | None) -> ClinicLimits:
    from monitoring.store.opening import open_records  # noqa: PLC0415 - the database is heavy

    return open_records(place, tell=lambda _text: None).store.limits()
