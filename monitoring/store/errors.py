"""Errors of the records, each in words with its remedy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

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


class RolledBackError(RecordsError):
    """The records lack a change that was seen: an older copy or other records took their place."""


class OutcomeUnknownError(RecordsError):
    """The connection was lost in a commit, and nobody can say whether it is stored."""


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


_SCHEME = r"(?:--[\w-]+=)?\s*(?:\w[\w+.-]*://|postgres[\w+]*:/?(?!/))"
_HOLDS_PASSWORD = re.compile(rf"{_SCHEME}[^@/?]*:.*@|.*password\s*=", re.DOTALL | re.IGNORECASE)
_BEFORE_PASSWORD = re.compile(rf"({_SCHEME}|.*?password\s*=).*", re.DOTALL | re.IGNORECASE)


def holds_password(address: str) -> bool:
    """Return whether an address of records seems to hold a password, as it is or encoded."""
    return any(_HOLDS_PASSWORD.match(each) for each in (address, unquote(address)))


def without_password(text: str) -> str:
    """Return the address of a server without all that may be its password; others as they are.

    >>> without_password("postgresql://ann:se@cret@host/records")
    'postgresql://…'
    """
    return _BEFORE_PASSWORD.sub(r"\1…", text) if holds_password(text) else text


_CAUSES = (
    ("readonly", "the records are read-only. Give this user the right to write"),
    ("disk is full", "the disk is full. Free some space, then try again"),
    ("disk i/o error", "the disk failed to read or write, or is full. Check the disk"),
    ("malformed", "the file is damaged. Run `sirolimus verify`, then restore a backup"),
    ("not a database", "the file is not a records file, or is damaged. Run `sirolimus verify`"),
    ("locked", "another program is using the records. Try again in a moment"),
    ("unable to open", "the file or its folder cannot be opened. Check their permissions"),
    ("password authentication failed", "the server refused the password. Correct it in ~/.pgpass"),
    ("no password supplied", "the server asks for a password. Put it in ~/.pgpass"),
    ("certificate", "the server's certificate cannot be checked. See docs/postgresql.md"),
    ("does not support ssl", "the server has no TLS. Ask its administrator, or choose an sslmode"),
    ("permission denied for database", "this login has no role there. Ask the owner for one"),
    ("is not permitted to log in", "this is a role and no login. Choose another user"),
    ("pg_hba.conf", "the server admits no such login. Ask its administrator"),
    ("too many clients", "the server has too many connections. Try again in a moment"),
    ("connection slots", "the server has too many connections. Try again in a moment"),
    ("is starting up", "the server is starting. Try again in a moment"),
    ("is shutting down", "the server is shutting down. Try again later"),
    ("definition of service", "the service is not in the service file. Check its name"),
    ("connection option", "the address of the server is not valid. Check its options"),
    ("invalid sslmode", "the address of the server is not valid. Check its options"),
    ("failed to resolve host", "the server's name is unknown. Check the address"),
    ("connection", "the server cannot be reached. Try again later"),
)  # fmt: skip
_KINDS = {"malformed": DamagedError, "not a database": DamagedError, "locked": BusyError}
"""The signs that have a class of their own."""
_UNKNOWN_ON_SERVER = re.compile(r"(role|database) \".*\" does not exist")

# By the codes of PostgreSQL, which are the same in every language, and our own (`guards`).
_STATES = {
    "25006": "this server is a copy for reading. Write on the main server",
    "42501": "this login may not do that. Ask the owner for a role (`sirolimus clinic grant`)",
    "53100": "the server's disk is full. Free some space, then try again",
    "53300": "the server has too many connections. Try again in a moment",
    "55P03": "another program is using the records. Try again in a moment",
    "57014": "the server took too long. Try again later",
    "57P01": "the server ended the connection. Try again later",
    "57P02": "the server ended the connection. Try again later",
    "57P03": "the server is starting. Try again in a moment",
    "SR001": "the owner alone stores entries of other authors. Log in as an owner",
    "SR002": "another author's entry is voided by them, or by a login with the role voider",
}


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
        kind, cause = _cause_of(error.orig)
        raise kind(f"Could not {doing}: {cause}. Nothing was stored.") from None
    except UnicodeDecodeError:
        # SQLite's message about a damaged schema can hold bytes that are not text.
        raise DamagedError(
            f"Could not {doing}: the file is damaged. Restore a backup. Nothing was stored."
        ) from None
    except SQLAlchemyError as error:
        cause = f"the database refused ({type(error).__name__})"
        raise RecordsError(f"Could not {doing}: {cause}. Nothing was stored.") from None


def _cause_of(error: object) -> tuple[type[RecordsError], str]:
    """Return the class of the error, and what went wrong, without any data of patients."""
    state = _STATES.get(getattr(error, "sqlstate", None) or "")
    if state:
        return RecordsError, state
    original = str(error).lower()
    unknown = _UNKNOWN_ON_SERVER.search(original)
    if unknown:
        what = unknown[1].replace("role", "login")
        return RecordsError, f"the server has no such {what}. Check the address"
    for sign, cause in _CAUSES:
        if sign in original:
            return _KINDS.get(sign, RecordsError), cause
    return RecordsError, f"the database refused ({type(error).__name__})"


def is_unreachable(error: object) -> bool:
    """Return whether a server ended the connection, is not ready, or did not answer at all."""
    return getattr(error, "sqlstate", None) in {None, "57P01", "57P02", "57P03"}
