"""Errors of the records, each in words with its remedy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dosing import UserError


class RecordsError(UserError):
    """The records cannot be read or written."""


class NoRecordsError(RecordsError):
    """There are no records at the place: reading never begins any."""


class DamagedError(RecordsError):
    """The file at the place is damaged, or is not one of records."""


class NewerError(RecordsError):
    """A newer version of the program made the records."""


class BusyError(RecordsError):
    """Another program is using the records."""


class NotFoundError(RecordsError):
    """The patient or entry does not exist."""


class ConflictError(RecordsError):
    """Somebody else changed the record after it was read."""


class LockedError(RecordsError):
    """The records are encrypted, and no passphrase was given yet; by which key file they open."""

    def __init__(self, message: str, key_file: Path | None = None) -> None:
        """Take the message, and the key file if it is known."""
        super().__init__(message)
        self.key_file = key_file


class WrongPassphraseError(RecordsError):
    """The passphrase or the recovery code opens nothing."""


class KeyFileError(RecordsError):
    """The key file of encrypted records is missing or damaged, or cannot be written."""


_CAUSES = (
    ("readonly", "the records are read-only. Give this user the right to write"),
    ("disk is full", "the disk is full. Free some space, then try again"),
    ("disk i/o error", "the disk failed to read or write, or is full. Check the disk"),
    ("malformed", "the file is damaged. Run `sirolimus verify`, then restore a backup"),
    ("not a database", "the file is not a records file, or is damaged. Run `sirolimus verify`"),
    ("locked", "another program is using the records. Try again in a moment"),
    ("unable to open", "the file or its folder cannot be opened. Check their permissions"),
    ("connection", "the server cannot be reached. Try again later"),
)  # fmt: skip
_ERRORS = {"malformed": DamagedError, "not a database": DamagedError, "locked": BusyError}
"""The signs that have a class of their own."""


@contextmanager
def translate_database_errors(doing: str) -> Iterator[None]:
    """Turn an error of the database into `RecordsError`, without any data of patients."""
    # The command line imports these classes before the database is needed.
    from sqlalchemy.exc import (  # noqa: PLC0415
        DBAPIError,
        OperationalError,
        SQLAlchemyError,
    )

    try:
        yield
    except (DBAPIError, OperationalError) as error:
        original = str(error.orig).lower()
        sign, known = next(((sign, cause) for sign, cause in _CAUSES if sign in original), ("", ""))
        cause = known or f"the database refused ({type(error.orig).__name__})"
        kind = _ERRORS.get(sign, RecordsError)
        raise kind(f"Could not {doing}: {cause}. Nothing was stored.") from None
    except UnicodeDecodeError:
        # SQLite's message about a damaged schema can hold bytes that are not text.
        raise DamagedError(
            f"Could not {doing}: the file is damaged. Restore a backup. Nothing was stored."
        ) from None
    except SQLAlchemyError as error:
        cause = f"the database refused ({type(error).__name__})"
        raise RecordsError(f"Could not {doing}: {cause}. Nothing was stored.") from None
