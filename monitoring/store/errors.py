"""What can go wrong with the records, each told in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from dosing import UserError


class RecordsError(UserError):
    """The records cannot be read or written: what is wrong, and what to do."""


class NotFoundError(RecordsError):
    """There is no such patient or entry."""


class ConflictError(RecordsError):
    """Somebody else changed the patient's record since it was read."""


_CAUSES = (
    ("readonly", "the records are read-only: give this user the right to write to them"),
    ("disk is full", "the disk is full: make room, then enter it again"),
    ("disk i/o error", "the disk refused to read or write, or is full: check the disk"),
    ("malformed", "the file is damaged: run `sirolimus verify`, then restore a backup"),
    ("not a database", "the file is no records file, or is damaged"),
    ("locked", "another program holds the records: try again in a moment"),
    ("unable to open", "the file or its folder cannot be opened: check that both may be written"),
    ("connection", "the server cannot be reached, or went away: try again when it is back"),
)  # fmt: skip


@contextmanager
def translate_database_errors(doing: str) -> Iterator[None]:
    """Turn what the database raises into `RecordsError`; nothing of the data is in it."""
    # The command line knows these errors without the database.
    from sqlalchemy.exc import (  # noqa: PLC0415
        DBAPIError,
        OperationalError,
        SQLAlchemyError,
    )

    try:
        yield
    except (DBAPIError, OperationalError) as error:
        original = str(error.orig).lower()
        cause = next((told for sign, told in _CAUSES if sign in original), None)
        told = cause or f"the database refused ({type(error.orig).__name__})"
        raise RecordsError(f"Could not {doing}: {told}. Nothing was stored.") from None
    except UnicodeDecodeError:
        # SQLite's own words of a damaged schema can hold bytes that are no text.
        raise RecordsError(f"Could not {doing}: the file is damaged. Nothing was stored.") from None
    except SQLAlchemyError as error:
        told = f"the database refused ({type(error).__name__})"
        raise RecordsError(f"Could not {doing}: {told}. Nothing was stored.") from None
