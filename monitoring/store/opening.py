"""Opening the records by their path or URL; they are created or upgraded if needed."""

import getpass
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dosing import clean
from dosing.quantities.text import LONGEST_AUTHOR
from monitoring.store.backup import automatic_backup
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import RecordsError
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.times import Moment, local_zone

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Engine

    from monitoring.record.entries import Record


@dataclass(frozen=True)
class Records:
    """Open records: the store and its place. Iterating gives the record of every patient."""

    store: Store
    place: Place

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


def open_records(place: str | None = None, author: str | None = None) -> Records:
    """Open the records at a path or URL, or those in the user's data folder.

    `author` is the name under which entries are stored; the default is the variable
    SIROLIMUS_USER, or else the computer's user. Older records are backed up and upgraded first.

    Raises `RecordsError` if the records cannot be opened, and for too long a name of the author.
    """
    name = _author(author, os.environ.get("SIROLIMUS_USER"))
    where = Place.of(place or os.environ.get("SIROLIMUS_RECORDS") or None)
    engine = engine_of(where)
    prepare(engine, before_upgrade=lambda: _before_upgrade(engine, where))
    zone = local_zone()
    return Records(Store(engine, name, lambda: Moment.now(zone)), where)


def _before_upgrade(engine: "Engine", place: Place) -> None:
    if place.read_only:
        raise RecordsError(
            "These records are of an older version. Open them once without ?mode=ro to upgrade."
        )
    automatic_backup(engine, place, "before-upgrade")


def _author(*given: str | None) -> str:
    """Return the first name that is given, or the computer's user, in one line."""
    names = (clean(name) for name in given if name)
    name = next(filter(None, names), None) or clean(getpass.getuser())
    if len(name) > LONGEST_AUTHOR:
        raise RecordsError(
            f"The author's name has {len(name)} characters. Use at most {LONGEST_AUTHOR}."
        )
    return name
