"""Reading of a file of records by the database's driver alone, before SQLAlchemy is imported.

Nothing is upgraded, checked or written; a file whose key was not given yet cannot be read so.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dosing.quantities.reading_limits import RECORDS_BYTES
from monitoring.files import home_path_of, read_head
from monitoring.store.default_file import SQLITE_HEADER, default_file

_WAIT_FOR_LOCK_S = 0.2


def file_of(place: str | None) -> Path | None:
    """Return the file of the records at a place, or in the data folder; None for a server."""
    chosen = place or os.environ.get("SIROLIMUS_RECORDS")
    if not chosen:
        return default_file()
    return None if "://" in chosen else home_path_of(chosen).absolute()


@contextmanager
def reading_by_driver(file: Path) -> Iterator[Any]:
    """Give a connection that reads a file, plain or encrypted.

    Raises `UserError`, `OSError` or `sqlite3.Error` where it cannot be read so.
    """
    if read_head(file, len(SQLITE_HEADER), RECORDS_BYTES) == SQLITE_HEADER:
        connecting = sqlite3.connect(_address(file), uri=True, timeout=_WAIT_FOR_LOCK_S)
        with closing(connecting) as connection:
            yield connection
        return
    from monitoring.store.encryption.key_file import KeyFile, key_file_of  # noqa: PLC0415 - encrypted
    from monitoring.store.encryption.key_ring import KEY_RING, Encryption  # noqa: PLC0415 - as above

    key_file = key_file_of(file)
    held = KEY_RING.key_of(Encryption(key_file, KeyFile.read(key_file).name))
    import sqlcipher3.dbapi2 as driver  # noqa: PLC0415 - as above

    try:
        with closing(driver.connect(_address(file), uri=True, timeout=_WAIT_FOR_LOCK_S)) as made:
            made.execute("PRAGMA cipher_log_level = NONE")  # else it writes to stderr
            made.execute(f"PRAGMA key = \"x'{held.file_key()}'\"")
            yield made
    except driver.Error as error:
        raise sqlite3.Error(str(error)) from None


def _address(file: Path) -> str:
    """Return the address of a file that is only read."""
    path = quote(os.fsencode(file.as_posix()))
    return f"file://{'' if path.startswith('/') else '/'}{path}?mode=ro"
