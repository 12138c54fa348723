"""Connections to the records, with the settings under which each database loses nothing.

SQLite runs with a rollback journal and `synchronous=EXTRA`, which lost no acknowledged entry in
simulated power cuts where weaker settings did (see docs/measurements.md). Only
`engine_of(place, create=True)` makes a file, 0600; SQLite itself makes none. A write transaction
takes its lock at the start, which gives the chain one order: on SQLite by BEGIN IMMEDIATE, on
PostgreSQL by an advisory lock (`monitoring.store.server.connecting`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from sqlite3 import SQLITE_LIMIT_LENGTH
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from dosing import UserError
from dosing.quantities.reading_limits import RECORDS_BYTES, RECORDS_VALUE_BYTES
from dosing.quantities.text import quoted
from monitoring.files import home_path_of, path_of, read_head
from monitoring.store.default_file import SQLITE_HEADER, default_file
from monitoring.store.encryption.key_file import key_file_of
from monitoring.store.encryption.key_ring import KEY_RING, Encryption
from monitoring.store.errors import (
    DamagedError,
    NoRecordsError,
    OutcomeUnknownError,
    RecordsError,
    is_unreachable,
    translate_database_errors,
)
from monitoring.store.server.connecting import (
    address_of,
    connection_settings,
    listen_on_server,
    lock_writers,
    refuse_unsafe_address,
)
from monitoring.store.tables import AUDIT
from monitoring.store.trail_end import last_link

APPLICATION_ID = 0x5349524F  # "SIRO" in a SQLite file's header marks it as ours
_WAIT_FOR_LOCK_MS = 30_000
_LOOK_FOR_S = 60
_LOOK_AGAIN_S = 0.2
_ENCRYPTION = "sirolimus_encryption"  # the execution option of an engine on an encrypted file
_OPENED = "sirolimus_opened"  # in the information of a connection: the file it opened


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
            return cls._of_file(default_file())
        refuse_unsafe_address(place)
        if "://" not in place:
            return cls._of_file(home_path_of(place))
        url = address_of(place)
        if url.get_backend_name() == "sqlite" and url.database:
            return replace(cls._of_file(path_of(url.database)), read_only=_is_read_only(url))
        return cls(None, url.render_as_string())

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

    def __str__(self) -> str:
        """Return the path, or the URL without its password."""
        return str(self.file) if self.file else str(make_url(self.url))


def _is_read_only(url: URL) -> bool:
    if url.query and dict(url.query) != {"mode": "ro"}:
        raise RecordsError("The address of a file may end in ?mode=ro alone. Remove the rest.")
    return bool(url.query)


def engine_of(
    place: Place,
    encryption: Encryption | None = None,
    *,
    create: bool = False,
    read_only: bool = False,
) -> Engine:
    """Return an engine with the settings of this module.

    With `create` a missing file is made, 0600, in its folder; a missing folder is made for the
    records in the user's data folder alone. With `read_only` a file is never written. A file is
    encrypted if its key file is beside it, or a new one by the given encryption.
    Raises `NoRecordsError` without a file or with an empty one, `RecordsError` without its folder
    or for a damaged file, and the errors of `KeyRing.encryption_by`.
    """
    if place.file is None:
        return _engine_on_server(make_url(place.url))
    begin = _begin_of(place.file, create=create and not place.read_only)
    found = encryption or encryption_beside(place.file)
    if begin and begin != SQLITE_HEADER and not found:
        raise DamagedError(
            f"{place.file} is not a records file, or is damaged. It was left unchanged. Run "
            "`sirolimus verify`. If it is encrypted, put its key file beside it: "
            f"{key_file_of(place.file).name}."
        )
    url = _url_of(place.file, "ro" if read_only or place.read_only else "rw")
    engine = _encrypted_engine(url, found) if found else _plain_engine(url)
    event.listen(engine, "do_connect", partial(_remember_file, place.file))
    event.listen(engine, "connect", _set_sqlite)
    event.listen(engine, "begin", partial(_begin_file, place.file))
    return engine


def _engine_on_server(url: URL) -> Engine:
    settings = connection_settings(url)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=settings)
    listen_on_server(engine)
    return engine


def _plain_engine(url: URL) -> Engine:
    return create_engine(url, poolclass=NullPool, hide_parameters=True)


def _encrypted_engine(url: URL, encryption: Encryption) -> Engine:
    """Return an engine that gives SQLCipher the raw key at each connection."""
    import sqlcipher3.dbapi2  # noqa: PLC0415 - for encrypted records only

    engine = create_engine(
        url,
        module=sqlcipher3.dbapi2,
        poolclass=NullPool,
        hide_parameters=True,
        execution_options={_ENCRYPTION: encryption},
    )
    event.listen(engine, "connect", partial(_unlock, encryption))
    return engine


def encryption_beside(file: Path) -> Encryption | None:
    """Return the encryption of a file by the key file beside it, None for a plain file.

    A key file beside plain records is what a killed `encrypt` or `decrypt` left.
    Raises the errors of `KeyRing.encryption_by`.
    """
    key_file = key_file_of(file)
    return KEY_RING.encryption_by(key_file) if not is_plain(file) and key_file.exists() else None


def is_encrypted(engine: Engine) -> bool:
    """Return whether an engine is on encrypted records."""
    return encryption_of(engine) is not None


def encryption_of(behind: Connection | Engine) -> Encryption | None:
    """Return the encryption of the records behind a connection or engine, None for plain ones."""
    found: Encryption | None = behind.get_execution_options().get(_ENCRYPTION)
    return found


def is_plain(file: Path) -> bool:
    """Return whether a file is there and begins as SQLite's own files do."""
    try:
        return read_head(file, len(SQLITE_HEADER), RECORDS_BYTES) == SQLITE_HEADER
    except OSError:
        return False


@contextmanager
def engine_in_memory(encryption: Encryption | None = None) -> Iterator[Engine]:
    """Give an engine on new records in memory, discarded at the end.

    A copy of encrypted records has their encryption for its seals.
    """
    engine = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        hide_parameters=True,
        execution_options={_ENCRYPTION: encryption} if encryption else {},
    )
    event.listen(engine, "connect", _set_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    try:
        yield engine
    finally:
        engine.dispose()


def _url_of(file: Path, mode: str) -> URL:
    """Return the URL of a file that SQLite opens and never makes, even if it has vanished."""
    path = quote(os.fsencode(file.as_posix()))
    name = f"file://{'' if path.startswith('/') else '/'}{path}"
    return URL.create("sqlite", database=name, query={"mode": mode, "uri": "true"})


def _begin_of(path: Path, *, create: bool) -> bytes:
    """Return the first bytes of a file; with `create` a missing one is made."""
    try:
        if create:
            _create_file(path)
        begin = read_head(path, len(SQLITE_HEADER), RECORDS_BYTES)
    except FileNotFoundError:
        if path.parent.is_dir() or path == default_file():
            raise NoRecordsError(
                f"There are no records at {path}. Check the path, or begin with `sirolimus "
                "patient add`."
            ) from None
        raise RecordsError(
            f"The folder {path.parent} of the records is not there. Connect its disk or share, "
            "or check the path."
        ) from None
    except UserError as error:
        raise RecordsError(str(error)) from None
    except OSError as error:
        raise RecordsError(
            f"The records at {path} cannot be opened ({error.strerror}). Check the path and its "
            "permissions."
        ) from None
    if not begin and not create:
        raise NoRecordsError(f"The records at {path} are empty, 0 bytes. Restore a backup.")
    return begin


def _create_file(path: Path) -> None:
    """Make an empty file, unless there is one."""
    if path == default_file():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


_SETTINGS = (
    f"busy_timeout = {_WAIT_FOR_LOCK_MS}",
    "journal_mode = DELETE",
    "synchronous = EXTRA",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
)


def _unlock(encryption: Encryption, connection: Any, _record: object) -> None:
    """Give SQLCipher the raw key, before anything is read."""
    try:
        key = KEY_RING.key_of(encryption).file_key()
        connection.execute("PRAGMA cipher_log_level = NONE")  # else it writes to stderr
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except Exception as error:
        connection.close()
        if "not a database" in str(error):  # the key file opened: the key is right
            raise DamagedError(
                "The encrypted records are damaged, or their key file belongs to others. Restore "
                "a backup, or put the right key file beside them."
            ) from None
        raise


# Bytes that are not UTF-8 fail the row that has them (`whole_text`), and not the whole query.
_TEXT = partial(str, encoding="utf-8", errors="surrogateescape")


def _set_sqlite(connection: Any, _record: object) -> None:
    if hasattr(connection, "setlimit"):  # SQLCipher's connections have none
        connection.setlimit(SQLITE_LIMIT_LENGTH, RECORDS_VALUE_BYTES.most)
    connection.text_factory = _TEXT
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite` alone
    try:
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except Exception:
        connection.close()  # a damaged file refuses the settings
        raise


def _remember_file(
    file: Path, _dialect: object, record: Any, _arguments: object, _options: object
) -> None:
    """Note which file is opened, before it is."""
    record.info[_OPENED] = _identity(file)


def _identity(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def _begin_file(file: Path, connection: Connection) -> None:
    """Begin a transaction; refuse to write into a file that was replaced since it was opened."""
    _begin_sqlite(connection)
    writes = connection.get_execution_options().get("sirolimus_writes")
    if writes and connection.info[_OPENED] != _identity(file):
        raise RecordsError(
            "The records were replaced meanwhile. Nothing was stored. Please try again."
        )


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
def writing(engine: Engine, doing: str, *, has_trail: bool = True) -> Iterator[Connection]:
    """Give the only connection that may write; all is committed at the end, or nothing.

    Where the connection breaks while it commits, the end of the audit trail says which. Raises
    `OutcomeUnknownError` if it cannot be read, or without the trail (`has_trail`).
    """
    with translate_database_errors(doing), engine.connect() as connection:
        connection.execution_options(sirolimus_writes=True)
        on_server = engine.dialect.name == "postgresql"
        end: tuple[int, str] | None = None
        is_committing = False
        try:
            with connection.begin():
                if on_server:
                    lock_writers(connection)
                yield connection
                end = last_link(connection) if on_server and has_trail else None
                is_committing = True
        except DBAPIError as error:
            lost_in_commit = is_committing and error.connection_invalidated
            if not lost_in_commit or not _was_stored(engine, end):
                raise


def _was_stored(engine: Engine, end: tuple[int, str] | None) -> bool:
    """Return whether the audit trail holds the end that a broken commit would have given it.

    The lock is taken first: the other end of the broken connection has finished by then. A server
    that starts again is waited for.
    """
    deadline = monotonic() + _LOOK_FOR_S
    while end is not None:
        try:
            with engine.begin() as connection:
                lock_writers(connection)
                link = select(AUDIT.c.hash).where(AUDIT.c.number == end[0])
                return bool(connection.execute(link).scalar() == end[1])
        except DBAPIError as error:
            if not is_unreachable(error.orig) or monotonic() > deadline:
                break
            sleep(_LOOK_AGAIN_S)
    raise OutcomeUnknownError(
        "The connection was lost while the records were stored. Look whether the entry is there "
        "before entering it again."
    )
