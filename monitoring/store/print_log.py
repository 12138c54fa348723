"""The log of printed pages: what was printed, of which record, and by which build.

It is beside the audit trail: a print changes no record, and the head stays. A page that cannot be
logged is printed nevertheless.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from dosing.build import Build, this_build
from monitoring.store.connection import reading
from monitoring.store.errors import RecordsError
from monitoring.store.queries import refuse_removed
from monitoring.store.rows import read_moment, utc_text
from monitoring.store.tables import COPY_LOG, PRINT_LOG
from monitoring.times import Moment

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from monitoring.record.entries import Author
    from monitoring.store.store import Store


class PrintedDocument(StrEnum):
    """The documents that are printed from the records."""

    SUMMARY = "summary"
    FULL_SUMMARY = "full-summary"
    DOSE_CARD = "dose-card"
    GIVE_LOG = "give-log"
    CLINIC_REPORT = "clinic-report"
    EVALUATION = "evaluation-report"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToLog:
    """A page as it goes into the log."""

    document: PrintedDocument
    made: Moment
    said: str = ""
    """The statement of the page as JSON; empty for one of the whole clinic."""
    patient: int | None = None
    """The patient's number in the store; None for a page of the whole clinic."""
    revision: int
    """The last change that was read for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPage:
    """A page in the log."""

    number: int
    at: Moment
    by: str
    document: str
    patient: int | None
    revision: int
    said: str
    build: Build


@dataclass(frozen=True, slots=True)
class LoggedCopy:
    """A copy that records come from, such as a backup: its time in UTC, and its build."""

    at_utc: str
    build: Build


def log_print(store: "Store", page: PageToLog, tell: Callable[[str], object]) -> None:
    """Add a page to the log; where nothing can be written, tell so and go on.

    A page of a patient who was removed since it was made is not logged: nothing of it comes back.
    """

    def add(connection: "Connection", author: "Author") -> None:
        refuse_removed(connection, page.patient)
        last = connection.execute(select(func.max(PRINT_LOG.c.number))).scalar() or 0
        row = {
            "number": last + 1,
            "at_utc": utc_text(page.made.utc),
            "at_zone": page.made.zone,
            "by": author.by,
            "document": page.document.value,
            "patient": page.patient,
            "revision": page.revision,
            "said": page.said,
            "made_by": this_build().label,
        }
        connection.execute(insert(PRINT_LOG), row)

    try:
        store.write_beside("keep the print log", add)
    except RecordsError as error:
        tell(f"This page is not in the print log: {error}")


def printed_pages(engine: "Engine") -> Iterator[PrintedPage]:
    """Yield the pages of the log, in the order they were printed."""
    with reading(engine, "read the print log") as connection:
        rows = connection.execute(select(PRINT_LOG).order_by(PRINT_LOG.c.number)).mappings().all()
    for row in rows:
        yield PrintedPage(
            number=row["number"],
            at=read_moment(row["at_utc"], row["at_zone"]),
            by=row["by"],
            document=row["document"],
            patient=row["patient"],
            revision=row["revision"],
            said=row["said"],
            build=Build.of_label(row["made_by"]),
        )


def log_copy(connection: "Connection", at: Moment) -> None:
    """Add to a new copy of records which build made it, and when."""
    last = connection.execute(select(func.max(COPY_LOG.c.number))).scalar() or 0
    row = {"number": last + 1, "at_utc": utc_text(at.utc), "made_by": this_build().label}
    connection.execute(insert(COPY_LOG), row)


def logged_copies(engine: "Engine") -> tuple[LoggedCopy, ...]:
    """Return the copies that the records come from, the oldest first."""
    query = select(COPY_LOG.c.at_utc, COPY_LOG.c.made_by).order_by(COPY_LOG.c.number)
    with reading(engine, "read the log of copies") as connection:
        return tuple(
            LoggedCopy(at_utc, Build.of_label(made_by))
            for at_utc, made_by in connection.execute(query)
        )
