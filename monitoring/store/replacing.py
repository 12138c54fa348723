"""Records in a file replaced by an altered copy in one step, while writers are locked out.

The copy is made and verified beside the old file. Killed at any moment, the old or the new records
are in the place.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from monitoring.files import sync_folder
from monitoring.store.backup import part_of, remove_part
from monitoring.store.errors import RecordsError
from monitoring.store.verify import Verification

_CAN_REPLACE_OPEN_FILES = os.name == "posix"
_CHUNK = 1024 * 1024

MakeCopy = Callable[[Connection, Path], Verification]
"""Makes the new file under a name of its own and verifies it."""


def replace_file(
    opened: AbstractContextManager[Connection],
    file: Path,
    make_copy: MakeCopy,
    *,
    overwrite: bool,
) -> Verification:
    """Put a copy of records in their place while `opened` is open, and return its verification.

    With `overwrite` what the old file held is overwritten. Raises `RecordsError` where the file
    cannot be replaced; then nothing was changed.
    """
    part = part_of(file)

    def take_place() -> None:
        part.replace(file)
        sync_folder(file.parent)

    try:
        # It is closed at the very end: closing a file ends SQLite's locks on it.
        with file.open("r+b") as old:
            with opened as connection:
                copied = make_copy(connection, part)
                if _CAN_REPLACE_OPEN_FILES:
                    take_place()
            if _CAN_REPLACE_OPEN_FILES and overwrite:
                _overwrite(old)
        if not _CAN_REPLACE_OPEN_FILES:
            take_place()
    except OSError as error:
        raise RecordsError(
            f"{file} cannot be replaced ({error.strerror}). Nothing was changed."
        ) from None
    finally:
        remove_part(part)
    return copied


def _overwrite(file: BinaryIO) -> None:
    """Overwrite a file that has no name any longer; a disk may keep traces nevertheless."""
    left = file.seek(0, os.SEEK_END)
    file.seek(0)
    while left > 0:
        left -= file.write(bytes(min(left, _CHUNK)))
    file.flush()
    os.fsync(file.fileno())
