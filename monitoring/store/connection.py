"""Connections to the records, with the settings under which each database loses nothing.

SQLite runs with a rollback journal and `synchronous=EXTRA`, which lost no acknowledged entry in
simulated power cuts where weaker settings did (see docs/measurements.md). Its folder is 0700, its
file 0600. A write transaction takes its lock at the start: on SQLite by BEGIN IMMEDIATE, on
PostgreSQL by a lock on the audit trail, which gives the chain one order.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import SQLITE_LIMIT_LENGTH
from typing import Any

from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, StaticPool

from dosing import UserError
from dosing.quantities.reading_limits import RECORDS_BYTES, RECORDS_VALUE_BYTES
from dosing.quantities.text import quoted
from monitoring.files import home_path_of, path_of, read_head
from monitoring.store.errors import RecordsError, translate_database_errors

APPLICATION_ID = 0x5349524F  # "SIRO" in a SQLite file's header marks it as ours
_WAIT_FOR_LOCK_MS = 30_000
_SQLITE_HEADER = b"SQLite format 3\0"


@dataclass(frozen=True)
class Place:
    """The place of records: a file of this machine, or a server by its URL."""

    file: Path | None
    url: str
    read_only: bool = False
    """True for a file whose address ends in ?mode=ro: nothing is written to it."""

    @classmethod
    def of(cls, place: str | None) -> "Place":
        """Return the place that a path or URL names, or the default in the user's data folder."""
        if place is None:
            return cls._of_file(user_data_path("sirolimus-assistant") / "records.sqlite")
        if "://" not in place:
            return cls._of_file(home_path_of(place))
        try:
            url = make_url(place)
        except ArgumentError:
            raise RecordsError(
                "The address of the records is not valid. Write it as postgresql://user@host/database."
            ) from None
        if url.get_backend_name() == "sqlite" and url.database:
            return replace(cls._of_file(path_of(url.database)), read_only=_is_read_only(url))
        if url.get_backend_name() != "postgresql":
            raise RecordsError(
                "Records are kept in a file or on PostgreSQL. Give a path or a postgresql:// URL."
            )
        return cls(
            None, url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        )

    @classmethod
    def _of_file(cls, path: Path) -> "Place":
        absolute = path.absolute()
        try:
            str(absolute).encode()
        except UnicodeEncodeError:
            raise RecordsError(
                f"The name {quoted(str(path))} is not UTF-8. Choose another name."
            ) from None
        url = URL.create("sqlite", database=str(absolute))
        return cls(absolute, url.render_as_string(hide_password=False))


def _is_read_only(url: URL) -> bool:
    if url.query and dict(url.query) != {"mode": "ro"}:
        raise RecordsError("The address of a file may end in ?mode=ro alone. Remove the rest.")
    return bool(url.query)


def engine_of(place: Place) -> Engine:
    """Return an engine with the settings of this module; a missing file is created, 0600."""
    url: str | URL = place.url
    if place.file is not None:
        _prepare_file(place.file, may_create=not place.read_only)
        database, query = str(place.file), {}
        if place.read_only:
            database, query = place.file.as_uri(), {"mode": "ro", "uri": "true"}
        url = URL.create("sqlite", database=database, query=query)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if place.file is not None:
        event.listen(engine, "connect", _set_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def engine_in_memory() -> Iterator[Engine]:
    """Give an engine on new records in memory, discarded at the end."""
    engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
    event.listen(engine, "connect", _set_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    try:
        yield engine
    finally:
        engine.dispose()


def _prepare_file(path: Path, *, may_create: bool) -> None:
    try:
        if may_create:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if may_create and not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        begin = read_head(path, len(_SQLITE_HEADER), RECORDS_BYTES)
    except FileExistsError:
        return
    except UserError as error:
        raise RecordsError(str(error)) from None
    except OSError as error:
        raise RecordsError(
            f"The records at {path} cannot be opened ({error.strerror}). Check the path and its "
            "permissions."
        ) from None
    if begin and begin != _SQLITE_HEADER:
        raise RecordsError(f"{path} is not a records file, or is damaged. It was left unchanged.")


_SETTINGS = (
    f"busy_timeout = {_WAIT_FOR_LOCK_MS}",
    "journal_mode = DELETE",
    "synchronous = EXTRA",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
)


def _set_sqlite(connection: Any, _record: object) -> None:
    connection.setlimit(SQLITE_LIMIT_LENGTH, RECORDS_VALUE_BYTES.most)
    connection.create_function("lower", 1, _lower, deterministic=True)
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite` alone
    try:
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except Exception:
        connection.close()  # a damaged file refuses the settings
        raise


def _lower(text: object) -> object:
    """Replace SQLite's own function, which knows the letters A to Z alone."""
    return text.lower() if isinstance(text, str) else text


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("sirolimus_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine, doing: str) -> Iterator[Connection]:
    """Give a connection that sees one state of the records."""
    with translate_database_errors(doing), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine, doing: str, *, lock_audit: bool = True) -> Iterator[Connection]:
    """Give the only connection that may write; all is committed at the end, or nothing."""
    with translate_database_errors(doing), engine.connect() as connection:
        connection.execution_options(sirolimus_writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql" and lock_audit:
                connection.exec_driver_sql("LOCK TABLE audit IN EXCLUSIVE MODE")
            yield connection
