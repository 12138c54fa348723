"""Backups: a copy of the records at one moment, as a records file of its own.

A backup of a server is a records file too, and can be restored into either. Each copy is verified
by opening it again. Automatic backups are thinned with age: all of the last 7
days, one a day for 30 days, one a month after that (proposed).
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import Connection, Engine

from monitoring.files import sync_folder
from monitoring.store.connection import (
    Place,
    encryption_beside,
    encryption_of,
    engine_of,
    is_encrypted,
    reading,
    writing,
)
from monitoring.store.copying import (
    copy_beside_trail,
    count_changes,
    read_changes,
    write_changes,
)
from monitoring.store.encryption.key_file import KeyFile, key_file_of
from monitoring.store.encryption.key_ring import Encryption
from monitoring.store.encryption.seal import wrong_seals
from monitoring.store.errors import (
    BusyError,
    KeyFileError,
    LockedError,
    NewerError,
    RecordsError,
    WrongPassphraseError,
)
from monitoring.store.known_heads import accept_head_at
from monitoring.store.print_log import log_copy
from monitoring.store.schema import make_anew, open_unchanged, prepare
from monitoring.store.verify import Progress, Verification, verify
from monitoring.times import Moment

_KEEP_ALL = timedelta(days=7)
_KEEP_DAILY = timedelta(days=30)
_ABANDONED = timedelta(days=1)
"""The age at which half a backup is one that was killed."""
_DAMAGED = "The records are damaged, and a copy would be too. Run `sirolimus verify`."
_NAME = "records-%Y%m%dT%H%M%S%fZ"


def _silent(_done: int, _all: int) -> None:
    """Report no progress."""


def back_up(engine: Engine, file: Path, progress: Progress = _silent) -> Verification:
    """Copy the records to a new file, consistently while others write, and verify the copy.

    `progress` is called with the changes verified in the copy, and all of them.
    Raises `RecordsError` if the file exists or the copy is damaged; then no file is left.
    """
    with reading(engine, "read the records") as connection:
        return _back_up_within(connection, file, progress)


def _back_up_within(
    connection: Connection, file: Path, progress: Progress = _silent
) -> Verification:
    """Copy the records as the transaction of `connection` sees them."""
    encryption = encryption_of(connection)
    part = part_of(file)
    try:
        for each in (file, key_file_of(file)):
            if each.exists():
                raise RecordsError(f"{each} already exists. Choose another name.")
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.touch(0o600)  # fails in words where nothing can be written
        copied = copy_records(connection, part, progress, encryption=encryption)
        if encryption:  # first: the backup is never there without its key file
            KeyFile.read(encryption.key_file).write(key_file_of(file))
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise RecordsError(
            f"{file} cannot be written ({error.strerror}). Choose another place."
        ) from None
    finally:
        with suppress(OSError):
            remove_part(part)
    return copied


def part_of(file: Path) -> Path:
    """Return the name under which a file is made before it takes its place."""
    return file.with_name(f".{file.name}.part")


def _journal_of(file: Path) -> Path:
    """Return the name of SQLite's journal of a file."""
    return file.with_name(f"{file.name}-journal")


def remove_part(part: Path) -> None:
    """Remove what an earlier or this attempt left."""
    part.unlink(missing_ok=True)
    _journal_of(part).unlink(missing_ok=True)


def copy_records(
    connection: Connection,
    part: Path,
    progress: Progress = _silent,
    *,
    encryption: Encryption | None,
) -> Verification:
    """Make a whole file of records under the name `part`, encrypted or plain, and verify it."""
    remove_part(part)
    if any(wrong_seals(connection)):  # a copy would be sealed anew
        raise RecordsError(_DAMAGED)
    target = engine_of(Place.of(str(part)), encryption, create=True)
    prepare(target, before_upgrade=lambda: None)
    with writing(target, "copy the records") as copy:
        write_changes(copy, read_changes(connection))
        copy_beside_trail(connection, copy)
        log_copy(copy, Moment.now())
    copied = verify(target, progress)
    if not copied.is_whole:
        raise RecordsError(_DAMAGED)
    return copied


def restore(place: Place, file: Path) -> tuple[Verification, Path | None]:
    """Replace the records by a backup; return its verification and the file of the old records.

    The backup is verified first, and never written. Whole records are backed up, and the change is
    one transaction that locks out other writers. A file that is damaged or cannot be opened is kept
    unchanged under another name; the new records are made and verified in its folder and take its
    place in one step. Where there are none they are made, with their folder. Their head is the
    known one from then on.
    Raises `RecordsError` if the backup is missing, empty, foreign, newer or damaged, `BusyError` if
    another program is using the records, `NewerError` for records of a newer version.
    """
    with checked_backup(file) as source:
        if place.file is not None and _must_be_replaced(place, source):
            kept = _replace(place.file, source)
            anew = engine_of(place)
            accept_head_at(anew, place)
            return verify(anew), kept
        engine = _opened(place)
        with (
            reading(source, "read the backup") as backup,
            writing(engine, "restore the records") as connection,
        ):
            kept_whole = _keep(connection, place, "before-restore")
            make_anew(connection)
            write_changes(connection, read_changes(backup))
            copy_beside_trail(backup, connection)
        accept_head_at(engine, place)
        return verify(engine), kept_whole


def _opened(place: Place) -> Engine:
    """Return an engine on the records; those on a server are begun."""
    engine = engine_of(place)
    prepare(
        engine,
        before_upgrade=lambda: automatic_backup(engine, place, "before-upgrade"),
        create=place.file is None,
    )
    return engine


def _must_be_replaced(place: Place, source: Engine) -> bool:
    """Return whether a new file is needed: for none or damaged records, and for empty plain ones.

    Raises `RecordsError` where an encrypted backup would be written into plain records.
    """
    try:
        engine = _opened(place)
        found = verify(engine)
    except (BusyError, LockedError, NewerError, WrongPassphraseError):
        raise
    except RecordsError:
        return True
    would_be_plain = is_encrypted(source) and not is_encrypted(engine)
    if found.is_whole and found.changes and would_be_plain:
        raise RecordsError(
            "The backup is encrypted and the records are not. Run `sirolimus encrypt` first, or "
            "restore to another place."
        )
    return would_be_plain or not found.is_whole


def _replace(file: Path, source: Engine) -> Path | None:
    """Put a copy of a backup in the place of a file, and return where what was there is kept.

    If the program is killed, either the old or the new file is in the place. Entries that somebody
    adds to damaged records meanwhile stay in them alone.
    """
    part, journal = part_of(file), _journal_of(file)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with reading(source, "read the backup") as backup:
            copy_records(backup, part, encryption=_encryption_for(file, backup))
        kept = _kept_aside(file) if file.exists() and file.stat().st_size else None
        if journal.exists():
            journal.unlink()  # else SQLite would play it into the new records
            sync_folder(file.parent)
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise RecordsError(
            f"{file} cannot be replaced ({error.strerror}). Nothing was changed."
        ) from None
    finally:
        with suppress(OSError):
            remove_part(part)
    return kept


def _encryption_for(file: Path, backup: Connection) -> Encryption | None:
    """Return the encryption of records that a backup replaces: their own, or else the backup's.

    A damaged key file gives way to the backup's. Encrypted patients are never written plain.
    """
    beside, of_backup = key_file_of(file), encryption_of(backup)
    with suppress(KeyFileError):
        if own := encryption_beside(file):
            return own
    if of_backup is None:
        return None
    keep_key_file_aside(beside)
    KeyFile.read(of_backup.key_file).write(beside)
    return replace(of_backup, key_file=beside)


def keep_key_file_aside(key_file: Path) -> None:
    """Rename a key file whose place is needed: no key is ever thrown away."""
    if key_file.exists():
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        key_file.rename(key_file.with_name(f"{key_file.name}.{now}"))


@contextmanager
def checked_backup(file: Path) -> Iterator[Engine]:
    """Give an engine on a backup that exists, is ours and is intact; it is not written."""
    if not file.is_file() or not file.stat().st_size:
        raise RecordsError(f"{file} is missing or empty. Choose a backup of this program.")
    with open_unchanged(engine_of(Place.of(str(file)), read_only=True)) as source:
        checked = verify(source)
        if not checked.is_whole:
            first = checked.findings[0]
            raise RecordsError(
                f"{file} is damaged ({first.where} {first.what}). Nothing was changed."
            )
        yield source


def automatic_backup(engine: Engine, place: Place, why: str) -> Path | None:
    """Back up the records into their own folder before a change of all of them.

    Returns None for empty records.
    """
    with reading(engine, "read the records") as connection:
        return _keep(connection, place, why)


def _keep(connection: Connection, place: Place, why: str) -> Path | None:
    if not count_changes(connection):
        return None
    file = _new_name(place, why)
    _back_up_within(connection, file)
    now = datetime.now(UTC)
    for old in to_thin(file.parent.glob("records-*.sqlite"), now):
        old.unlink()
        key_file_of(old).unlink(missing_ok=True)
    for part in file.parent.glob(".records-*.sqlite*.part*"):
        with suppress(OSError):
            if datetime.fromtimestamp(part.stat().st_mtime, UTC) < now - _ABANDONED:
                part.unlink()
    return file


def _kept_aside(damaged: Path) -> Path:
    """Copy damaged records unchanged into their own folder, with their journal."""
    aside = _new_name(Place.of(str(damaged)), "damaged")
    pairs = (
        (damaged, aside),
        (_journal_of(damaged), _journal_of(aside)),
        (key_file_of(damaged), key_file_of(aside)),
    )
    for old, new in pairs:
        if old.exists():
            handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with old.open("rb") as source, os.fdopen(handle, "wb") as target:
                shutil.copyfileobj(source, target)
                target.flush()
                os.fsync(target.fileno())
    sync_folder(aside.parent)
    return aside


def backups_folder(place: Place) -> Path:
    """Return the folder of the automatic backups of a place."""
    folder = place.file.parent if place.file else user_data_path("sirolimus-assistant")
    return folder / "backups"


def automatic_backups(place: Place) -> tuple[Path, ...]:
    """Return the automatic backups of a place, with what was kept of damaged records."""
    return tuple(sorted(backups_folder(place).glob("*.sqlite")))


def _new_name(place: Place, why: str) -> Path:
    folder = backups_folder(place)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{datetime.now(UTC).strftime(_NAME)}-{why}.sqlite"


def to_thin(files: Iterable[Path], now: datetime) -> tuple[Path, ...]:
    """Return the automatic backups that may be deleted, by the time in their names."""
    kept: set[str] = set()
    thinned = []
    for file in sorted(files, reverse=True):
        try:
            made = datetime.strptime(file.name.split("Z-")[0] + "Z", _NAME).replace(tzinfo=UTC)
        except ValueError:
            continue
        age = now - made
        if age <= _KEEP_ALL:
            continue
        period = made.strftime("%Y%m%d" if age <= _KEEP_DAILY else "%Y%m")
        if period in kept:
            thinned.append(file)
        kept.add(period)
    return tuple(thinned)
