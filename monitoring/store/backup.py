"""Backups: a copy of the records at one moment, as a records file of its own.

A backup of a server is a records file too, and can be restored into either. Each copy is verified
by opening it again before it counts. Automatic backups are thinned with age: all of the last 7
days, one a day for 30 days, one a month after that (proposed).
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import Engine

from monitoring.store.connection import Place, engine_of, reading, writing
from monitoring.store.copying import read_changes, write_changes
from monitoring.store.faults import RecordsError
from monitoring.store.schema import make_anew, prepare
from monitoring.store.verify import Verification, verify

_KEEP_ALL = timedelta(days=7)
_KEEP_DAILY = timedelta(days=30)
_NAME = "records-%Y%m%dT%H%M%S%fZ"


def back_up(engine: Engine, file: Path) -> Verification:
    """Copy the records to a new file, consistently while others write, and verify the copy.

    Raises `RecordsError` where the file exists, or the copy is not whole; then no file is left.
    """
    if file.exists():
        raise RecordsError(f"{file} exists already: choose another name.")
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        copied = _copy(engine, part)
        part.replace(file)
        _sync_folder(file.parent)
    except OSError as error:
        raise RecordsError(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return copied


def _copy(engine: Engine, part: Path) -> Verification:
    target = engine_of(Place.of(str(part)))
    prepare(target, before_upgrade=lambda: None)
    with reading(engine, "read the records") as source, writing(target, "copy them") as copy:
        write_changes(copy, read_changes(source))
    copied = verify(target)
    if not copied.is_whole:
        raise RecordsError("The records are not whole, so that a copy would not be: run verify.")
    return copied


def restore(engine: Engine, place: Place, file: Path) -> tuple[Verification, Path | None]:
    """Replace the records by those of a backup, and return it and where the old ones are kept.

    The backup is verified first; the old records are backed up; the change is one transaction.
    Raises `RecordsError` where the backup is missing, foreign, newer or not whole.
    """
    if not file.is_file():
        raise RecordsError(f"There is no file {file}.")
    source = engine_of(Place.of(str(file)))
    prepare(source, before_upgrade=lambda: None)
    checked = verify(source)
    if not checked.is_whole:
        first = checked.findings[0]
        raise RecordsError(
            f"{file} is not whole ({first.where} {first.what}): nothing was changed."
        )
    kept = automatic_backup(engine, place, "before-restore")
    with (
        reading(source, "read the backup") as backup,
        writing(engine, "restore the records") as connection,
    ):
        make_anew(connection)
        write_changes(connection, read_changes(backup))
    return verify(engine), kept


def automatic_backup(engine: Engine, place: Place, why: str) -> Path | None:
    """Back up the records beside themselves before something touches them all.

    Returns None where there is nothing to keep yet.
    """
    with reading(engine, "read the records") as connection:
        if next(read_changes(connection), None) is None:
            return None
    folder = (
        place.file.parent if place.file else user_data_path("sirolimus-assistant")
    ) / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{datetime.now(UTC).strftime(_NAME)}-{why}.sqlite"
    back_up(engine, file)
    for old in to_thin(folder.glob("records-*.sqlite"), datetime.now(UTC)):
        old.unlink()
    return file


def to_thin(files: Iterable[Path], now: datetime) -> tuple[Path, ...]:
    """Return the automatic backups that need not be kept any more, by the time in their names."""
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


def _sync_folder(folder: Path) -> None:
    """Make sure that the new name is on the disk."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
