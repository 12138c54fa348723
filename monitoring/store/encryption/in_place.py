"""Encrypting records in place, and the way back: the same changes with the same head.

The new file is made and verified beside the old one, and takes its place in one step while writers
are locked out. Killed at any moment, the old or the new records are in the place, and open: the key
file is written before the encrypted file takes its place, and removed after the plain one did.
"""

from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection

from monitoring.files import sync_folder
from monitoring.store.backup import (
    checked_backup,
    copy_records,
    keep_key_file_aside,
)
from monitoring.store.connection import Place, engine_of, is_plain, reading, writing
from monitoring.store.encryption.data_key import DataKey
from monitoring.store.encryption.key_file import KeyFile, key_file_of
from monitoring.store.encryption.key_ring import KEY_RING, Encryption
from monitoring.store.errors import RecordsError
from monitoring.store.replacing import replace_file
from monitoring.store.trail_end import last_link
from monitoring.store.verify import Verification


def encrypt(place: Place, key_file: KeyFile, key: DataKey) -> Verification:
    """Encrypt plain records in place under a new key, which is held from now on.

    Raises `RecordsError` for records on a server, encrypted or damaged records; then nothing was
    changed.
    """
    file = _file_of(place)
    if not is_plain(file):
        raise RecordsError(f"The records at {file} are already encrypted, or are not there.")
    beside = key_file_of(file)
    engine = engine_of(place)
    keep_key_file_aside(beside)
    key_file.write(beside)
    try:
        locked = writing(engine, "encrypt the records")
        return _exchange(locked, file, KEY_RING.hold(key, beside))
    except RecordsError:
        beside.unlink(missing_ok=True)
        raise


def decrypt(place: Place) -> Verification:
    """Write encrypted records plain in place. Encrypted backups stay as they are.

    Raises `RecordsError` for plain or damaged records; then nothing was changed.
    """
    file = _file_of(place)
    if is_plain(file):
        raise RecordsError(f"The records at {file} are not encrypted.")
    found = _exchange(writing(engine_of(place), "decrypt the records"), file, None)
    key_file_of(file).unlink(missing_ok=True)
    sync_folder(file.parent)
    return found


def plain_backups(place: Place) -> tuple[Path, ...]:
    """Return the automatic backups of records that anybody who has the file can read."""
    folder = _file_of(place).parent / "backups"
    return tuple(each for each in sorted(folder.glob("*.sqlite")) if is_plain(each))


def encrypt_backup(backup: Path, encryption: Encryption) -> Verification:
    """Encrypt a plain backup in place, under the key of the records.

    Raises `RecordsError` for a damaged one; then nothing was changed.
    """
    beside = key_file_of(backup)
    with checked_backup(backup) as source:
        KeyFile.read(encryption.key_file).write(beside)
        try:
            return _exchange(reading(source, "read the backup"), backup, encryption)
        except RecordsError:
            beside.unlink(missing_ok=True)
            raise


def _file_of(place: Place) -> Path:
    if place.file is None:
        raise RecordsError(
            "Records on a server are not encrypted by this program. Encrypt the server's disk."
        )
    return place.file


def _exchange(
    opened: AbstractContextManager[Connection], file: Path, encryption: Encryption | None
) -> Verification:
    """Put a copy of records in their place, encrypted or plain, while `opened` is open."""
    return replace_file(
        opened,
        file,
        lambda connection, part: _copied(connection, part, encryption),
        overwrite=encryption is not None,
    )


def _copied(connection: Connection, part: Path, encryption: Encryption | None) -> Verification:
    copied = copy_records(connection, part, encryption=encryption)
    if (copied.changes, copied.head) != last_link(connection):
        raise RecordsError("The copy differs from the records. Nothing was changed. Try again.")
    return copied
