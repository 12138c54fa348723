"""Opening the records by their path or URL; older ones are upgraded.

Reading never begins records: only a caller who asks for it does.
"""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dosing import clean
from dosing.quantities.text import LONGEST_AUTHOR
from monitoring.store.backup import automatic_backup
from monitoring.store.connection import Place, engine_in_memory, engine_of, reading
from monitoring.store.errors import RecordsError
from monitoring.store.known_heads import HeadWatch, KnownHeads, Lack, Tell, place_name, warn
from monitoring.store.known_removals import look_for_removed
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.store.verify import Finding, Progress, Verification, verify
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
    is_new: bool = False
    """Whether they were begun by this opening."""

    def __repr__(self) -> str:
        """Return the number of patients."""
        return f"<{type(self).__name__} of {self.store.count_patients()} patients>"

    def __iter__(self) -> "Iterator[Record]":
        """Yield the record of every patient, in the order they were added."""
        return self.store.records()

    @property
    def lack(self) -> Lack | None:
        """The change that was seen here earlier and that the records lack; None if they do not."""
        return self.store.watch.lack

    def accept_head(self) -> None:
        """Compare the records with their present head from now on, whatever was seen before."""
        self.store.watch.accept_head(self.store.engine)

    def verify(
        self,
        progress: Progress = lambda _done, _all: None,
        *,
        known_head: str | None = None,
        accept: bool = False,
    ) -> Verification:
        """Walk the whole trail, which must also hold the head that was seen here earlier.

        A copy at a new place that ends earlier is whole in itself: that is a remark. Whole records
        that lack the head can be accepted: their present head is compared from then on.
        """
        found = verify(self.store.engine, progress, known_head=known_head)
        if accept and found.is_whole:
            self.accept_head()
        if self.lack is None:
            return found
        lacking = (Finding("the records", self.lack.what),)
        if self.lack.is_older_copy:
            return replace(found, remarks=found.remarks + lacking)
        return replace(found, findings=found.findings + lacking)

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


def author_of(chosen: str | None, *, on_server: bool = False) -> str:
    """Return the name under which entries are stored; see `open_records`."""
    given = (clean(name) for name in (chosen, os.environ.get("SIROLIMUS_USER")) if name)
    name = next(filter(None, given), None) or ("" if on_server else clean(getpass.getuser()))
    if len(name) > LONGEST_AUTHOR:
        raise RecordsError(
            f"The author's name has {len(name)} characters. Use at most {LONGEST_AUTHOR}."
        )
    return name


def open_records(
    place: str | None = None,
    author: str | None = None,
    *,
    create: bool = False,
    tell: Tell = warn,
    throw_away: bool = False,
) -> Records:
    """Open the records at a path or URL, or those in the user's data folder.

    `author` is the name under which entries are stored; the default is the variable
    SIROLIMUS_USER, or else the computer's user. On a server it is the login, on behalf of the
    name where one is given. Older records are backed up and upgraded first.
    With `create` new records are begun where there are none; their folder must be there, except for
    the user's data folder.
    `tell` shows warnings: of records that lack a change seen here earlier, and of a clock that
    jumped back. The head of records to `throw_away` is not kept.

    Raises `NoRecordsError` if there are no records and `create` is false, `RecordsError` if they
    cannot be opened, and for too long a name of the author.
    """
    where = place_of(place)
    name = author_of(author, on_server=where.file is None)
    watch = HeadWatch(None if throw_away else KnownHeads(tell), place_name(where), tell)
    if create and where.file is not None:
        watch.refuse_other_disk(where.file)
    engine = engine_of(where, create=create)
    is_new = prepare(engine, before_upgrade=lambda: _before_upgrade(engine, where), create=create)
    zone = local_zone()
    watch.open(engine)
    if not throw_away:
        _tell_of_removed(engine, watch)
    return Records(Store(engine, name, lambda: Moment.now(zone), watch), where, is_new)


@contextmanager
def store_in_memory() -> Iterator[Store]:
    """Give a store without any entry that is gone at the end: for a preview."""
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        zone = local_zone()
        yield Store(engine, "", lambda: Moment.now(zone))


def _tell_of_removed(engine: "Engine", watch: HeadWatch) -> None:
    """Name the removed patients whom the records hold, as a backup of before does."""

    def tell_problem(text: str) -> None:
        if not watch.is_folder_told:
            watch.tell(text)

    with reading(engine, "look for removed patients") as connection:
        for each in look_for_removed(connection, tell_problem):
            watch.tell(str(each))


def _before_upgrade(engine: "Engine", place: Place) -> None:
    if place.read_only:
        raise RecordsError(
            "These records are of an older version. Open them once without ?mode=ro to upgrade."
        )
    automatic_backup(engine, place, "before-upgrade")
