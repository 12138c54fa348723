"""Records on a PostgreSQL server: its address, safe settings of a connection, and the login.

A password in an address is refused: it would be in the list of processes and in the shell's
history. A host that is not local has to show its certificate, unless the address, the service file
or the environment chooses another `sslmode`.
"""

import os
import re
from collections.abc import Generator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from dosing import clean
from monitoring.store.errors import RecordsError, holds_password

if TYPE_CHECKING:
    import psycopg

_CONNECT_WITHIN_S = 10
_WAIT_FOR_LOCK_MS = 30_000
_STATEMENT_WITHIN_MS = 120_000
_SILENT_FOR_S = 150
"""The server stops a statement itself, much earlier: after this it does not answer."""

# A client that vanished while it wrote keeps the others waiting until the server notices it: after
# 25 seconds, which is less than the wait for the lock.
_OPTIONS = (
    f"-c statement_timeout={_STATEMENT_WITHIN_MS} -c lock_timeout={_WAIT_FOR_LOCK_MS} "
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)
_CLIENT = {
    "connect_timeout": str(_CONNECT_WITHIN_S),
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
_WRITE_LOCK = 0x5349524F
"""The key of the lock that gives writers one order; PostgreSQL keeps it apart for a database."""

_IS_KEYWORDS = re.compile(
    r"\s*(host|hostaddr|port|dbname|user|service|sslmode)\s*=|\s*postgres(ql)?(\+\w+)?:(?!//)",
    re.IGNORECASE,
)
_OF_ENVIRONMENT = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS",
}


def refuse_unsafe_address(place: str) -> None:
    """Raise `RecordsError` for a password, and for an address that is not written as a URL."""
    if holds_password(place):
        raise RecordsError(
            "The address of the records holds a password, which others could see. Keep it in "
            "~/.pgpass or a service file (postgresql:///?service=NAME), see docs/postgresql.md."
        )
    if _IS_KEYWORDS.match(place):
        raise RecordsError(
            "A server is named by a URL. Write postgresql://user@host/database, or "
            "postgresql:///?service=NAME."
        )


def address_of(place: str) -> URL:
    """Return the URL of records: of a file, or of a PostgreSQL server.

    Raises `RecordsError` for another database and for what is not a URL.
    """
    try:
        url = make_url(place)
    except ArgumentError:
        raise RecordsError(
            "The address of the records is not valid. Write it as postgresql://user@host/database."
        ) from None
    if url.get_backend_name() == "sqlite" and url.database:
        return url
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise RecordsError(
            "Records are kept in a file or on PostgreSQL. Give a path or a postgresql:// URL."
        )
    return url.set(drivername="postgresql+psycopg")


def connection_settings(url: URL) -> dict[str, str]:
    """Return the settings that neither the address nor the service file nor the environment has."""
    given = _given(url)
    settings = {name: value for name, value in _CLIENT.items() if name not in given}
    settings["options"] = " ".join(filter(None, (_OPTIONS, given.get("options"))))
    if "sslmode" not in given and not _is_local(given):
        settings["sslmode"] = "verify-full"
    return settings


def _given(url: URL) -> Mapping[str, str]:
    """Return what was chosen elsewhere, in the order of libpq: address, service, environment."""
    environment = {
        name: os.environ[variable]
        for name, variable in _OF_ENVIRONMENT.items()
        if os.environ.get(variable)
    }
    address = {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in url.query.items()
    }
    if url.host:
        address["host"] = url.host
    service = address.get("service", environment.get("service"))
    return {**environment, **(_service(service) if service else {}), **address}


def _service(name: str) -> Mapping[str, str]:
    """Return a section of the user's service file; a host of another file counts as not local."""
    file = Path(os.environ.get("PGSERVICEFILE") or Path.home() / ".pg_service.conf")
    services = ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    try:
        services.read(file, encoding="utf-8")
    except (ConfigError, UnicodeDecodeError):
        return {"host": "unknown"}
    return dict(services[name]) if services.has_section(name) else {"host": "unknown"}


def _is_local(given: Mapping[str, str]) -> bool:
    hosts = ",".join(filter(None, (given.get("host"), given.get("hostaddr"))))
    return all(_is_local_host(re.sub(r"(?<=[^:]):\d+$", "", each)) for each in hosts.split(","))


def _is_local_host(host: str) -> bool:
    if not host or host[0] in "/@" or host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen_on_server(engine: Engine) -> None:
    """Let an engine give up where the server accepts a connection and then says nothing."""
    import psycopg  # noqa: PLC0415 - records in a file need no driver

    class Impatient(psycopg.Connection[Any]):
        """A connection that is closed where an answer takes too long."""

        def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
            try:
                return super().wait(_within(gen, monotonic() + _SILENT_FOR_S), *args, **options)
            except TimeoutError:
                self.pgconn.finish()
                raise psycopg.OperationalError("connection timeout expired") from None

    @event.listens_for(engine, "do_connect")
    def _connect(
        _dialect: object, _record: object, args: Any, options: Any
    ) -> "psycopg.Connection":
        return Impatient.connect(*args, **options)


def _within(steps: Generator[Any, Any, Any], deadline: float) -> Generator[Any, Any, Any]:
    """Go through the steps of the driver, and raise `TimeoutError` after the deadline."""
    ready = None
    while True:
        try:
            wanted = steps.send(ready)
        except StopIteration as end:
            return end.value
        ready = yield wanted
        if monotonic() > deadline:
            raise TimeoutError


def lock_writers(connection: Connection) -> None:
    """Wait until no other writes; the lock ends with the transaction.

    It needs no right on a table: a login that may only insert rows can take it.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")


_ON_BEHALF = " on behalf of "


def author_on_server(connection: Connection, name: str) -> str:
    """Return the author of entries on a server: the login, and for whom it writes.

    Raises `RecordsError` for a login that no page could show as it is.
    """
    login = str(connection.exec_driver_sql("SELECT session_user").scalar())
    refuse_unclear_login(login)
    return login if name in {"", login} else f"{login}{_ON_BEHALF}{name}"


def refuse_unclear_login(login: str) -> None:
    """Raise `RecordsError` for the name of a login that could be read as another author."""
    if clean(login) != login or _ON_BEHALF in login:
        raise RecordsError(
            f"The login {clean(login)} can be mistaken for another author. Use another login."
        )
