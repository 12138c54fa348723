"""The backups near records that cannot be opened or are not whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from monitoring.store.backup import backups_folder
from monitoring.store.connection import Place, engine_of, is_plain, reading
from monitoring.store.encryption.key_file import key_file_of
from monitoring.store.encryption.key_ring import KEY_RING
from monitoring.store.errors import RecordsError
from monitoring.store.rows import read_utc
from monitoring.store.schema import open_unchanged
from monitoring.store.tables import AUDIT
from monitoring.store.verify import verify
from monitoring.times import Moment

_MOST_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class NearbyBackup:
    """A file of whole records: its changes, the moment of the last one, and the head."""

    file: Path
    changes: int
    last_change: Moment
    head: str


def nearby_backups(place: Place) -> tuple[NearbyBackup, ...]:
    """Return the whole backups near a place, the newest change first; none is written to.

    Verified are the newest twenty files of the automatic backups and beside the records.
    """
    whole = filter(None, map(_whole, _candidates(place)))
    return tuple(sorted(whole, key=lambda each: each.last_change.utc, reverse=True))


def _candidates(place: Place) -> list[Path]:
    folders = [backups_folder(place), *([place.file.parent] if place.file else [])]
    files = (file for folder in folders for file in _files_in(folder) if file != place.file)
    return sorted(filter(_can_be_opened, files), key=_age, reverse=True)[:_MOST_LOOKED_AT]


def _files_in(folder: Path) -> Iterator[Path]:
    try:
        yield from (each for each in folder.iterdir() if each.is_file() and each.name[0] != ".")
    except OSError:
        return


def _can_be_opened(file: Path) -> bool:
    """Return whether a file is plain, or encrypted under a key that is held: nobody is asked."""
    key_file = key_file_of(file)
    return is_plain(file) or (key_file.exists() and KEY_RING.holds(key_file))


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0


def _whole(file: Path) -> NearbyBackup | None:
    """Return a file of records that is whole and has changes, else None."""
    try:
        with open_unchanged(engine_of(Place.of(str(file)), read_only=True)) as engine:
            found = verify(engine)
            if not found.is_whole or not found.changes:
                return None
            query = select(AUDIT.c.at_utc, AUDIT.c.at_zone).where(AUDIT.c.number == found.changes)
            with reading(engine, "read the backup") as connection:
                last = connection.execute(query).one()
    except RecordsError:
        return None
    return NearbyBackup(
        file, found.changes, Moment(read_utc(last.at_utc), last.at_zone), found.head
    )
