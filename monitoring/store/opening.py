"""Opening the records by their path or URL; older ones are upgraded.

Reading never begins records: only a caller who asks for it does.
"""

import getpass
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dosing import clean
from monitoring.store.backup import automatic_backup
from monitoring.store.connection import Place, engine_of
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.times import Moment, local_zone

if TYPE_CHECKING:
    import pandas as pd

    from monitoring.record.entries import Record


@dataclass(frozen=True)
class Records:
    """Open records: the store and its place. Iterating gives the record of every patient."""

    store: Store
    place: Place
    is_new: bool = False
    """Whether they were begun by this opening."""

    def __repr__(self) -> str:
        """Return the number of patients."""
        return f"<{type(self).__name__} of {self.store.count_patients()} patients>"

    def __iter__(self) -> "Iterator[Record]":
        """Yield the record of every patient, in the order they were added."""
        return self.store.records()

    def find(self, record_number: str) -> "Record":
        """Return the record of a patient by the record number. Raises `RecordsError`."""
        return self.store.find(record_number)

    def levels(self) -> "pd.DataFrame":
        """Return every level of every patient with its assessment, a row each."""
        from monitoring.levels.frame import levels_frame  # noqa: PLC0415 - pandas is heavy

        return levels_frame(tuple(self))


def place_of(chosen: str | None) -> Place:
    """Return the place of a path or URL, of the variable SIROLIMUS_RECORDS, or the default."""
    return Place.of(chosen or os.environ.get("SIROLIMUS_RECORDS") or None)


def author_of(chosen: str | None) -> str:
    """Return the name under which entries are stored; see `open_records`."""
    given = (clean(name) for name in (chosen, os.environ.get("SIROLIMUS_USER")) if name)
    return next(filter(None, given), None) or getpass.getuser()


def open_records(
    place: str | None = None, author: str | None = None, *, create: bool = False
) -> Records:
    """Open the records at a path or URL, or those in the user's data folder.

    `author` is the name under which entries are stored; the default is the variable
    SIROLIMUS_USER, or else the computer's user. Older records are backed up and upgraded first.
    With `create` new records are begun where there are none; their folder must be there, except for
    the user's data folder.

    Raises `NoRecordsError` if there are no records and `create` is false, `RecordsError` if they
    cannot be opened.
    """
    where = place_of(place)
    engine = engine_of(where, create=create)
    is_new = prepare(
        engine,
        before_upgrade=lambda: automatic_backup(engine, where, "before-upgrade"),
        create=create,
    )
    name, zone = author_of(author), local_zone()
    return Records(Store(engine, name, lambda: Moment.now(zone)), where, is_new)
