"""Real databases for the tests of the records."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from monitoring.store.connection import Place
from monitoring.store.store import Store
from tests.postgres import Server
from tests.stores import OF_0002, fill, prepared, store_of

_ROOM_BYTES = 2**30
_MADE = "made"  # a database whose schema is made, to be copied


# The store and a dictionary, and what concerns PostgreSQL alone, run on a server in the usual run.
BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.campaign)]


def _in_memory() -> Path | None:
    """Return a folder that is kept in memory, where there is one with room: it is quicker."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it is made with a name of its own
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES else None


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL server on a socket of its own; the URL has `{}` for the database.

    The login is the author of the tests: the records are the same on either database.
    """
    folder = Path(tempfile.mkdtemp(prefix="records-", dir=_in_memory()))
    server = Server(folder, "fsync=off", "max_connections=40")
    try:
        server.make()
        server.start()
        server.run(f"CREATE DATABASE {_MADE}")
        prepared(Place.of(server.url(_MADE)))
        yield server.url("{}")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _on_server(folder: Path, statement: str) -> None:
    Server(folder).run(statement)


_numbers = count(1)


@pytest.fixture
def bare_postgres(postgres_url: str) -> Iterator[Place]:
    """Give a database in which nothing was made."""
    folder, name = Path(postgres_url.split("host=")[1]), f"records_{next(_numbers)}"
    _on_server(folder, f"CREATE DATABASE {name}")
    yield Place.of(postgres_url.format(name))
    _on_server(folder, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=BOTH_DATABASES)
def bare_place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give a place in which nothing was made, on both databases in turn."""
    if request.param == "sqlite":
        return Place.of(str(tmp_path / f"bare-{next(_numbers)}.sqlite"))
    place: Place = request.getfixturevalue("bare_postgres")
    return place


@pytest.fixture
def new_postgres(postgres_url: str) -> Iterator[Callable[[], Place]]:
    """Give a maker of fresh databases without a patient; they are dropped after the test."""
    folder, made = Path(postgres_url.split("host=")[1]), []

    def make() -> Place:
        name = f"records_{next(_numbers)}"
        _on_server(folder, f"CREATE DATABASE {name} TEMPLATE {_MADE}")
        made.append(name)
        return Place.of(postgres_url.format(name))

    yield make
    for name in made:
        _on_server(folder, f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _made_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.sqlite"
        prepared(Place.of(str(file)))
        return file.read_bytes()


@pytest.fixture
def new_sqlite(tmp_path: Path) -> Callable[[], Place]:
    """Give a maker of fresh files without a patient."""

    def make() -> Place:
        file = tmp_path / f"records-{next(_numbers)}.sqlite"
        file.touch(0o600)
        file.write_bytes(_made_file())
        return Place.of(str(file))

    return make


@pytest.fixture(params=BOTH_DATABASES)
def new_place(request: pytest.FixtureRequest) -> Callable[[], Place]:
    """Give a maker of places without a patient, on both databases in turn."""
    maker: Callable[[], Place] = request.getfixturevalue(
        "new_sqlite" if request.param == "sqlite" else "new_postgres"
    )
    return maker


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture
def engine(place: Place) -> Engine:
    """Give an engine with the schema made, in an empty database."""
    return prepared(place)


@pytest.fixture
def store(engine: Engine) -> Store:
    return store_of(engine)


@pytest.fixture
def sqlite_place(new_sqlite: Callable[[], Place]) -> Place:
    return new_sqlite()


@pytest.fixture
def sqlite_store(sqlite_place: Place) -> Store:
    return store_of(prepared(sqlite_place))


@cache
def _filled_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.sqlite"
        fill(store_of(prepared(Place.of(str(file)))), 2, OF_0002)
        return file.read_bytes()


@pytest.fixture
def filled_place(sqlite_place: Place) -> Place:
    """Give a file with two patients, who have every kind of entry; filled once and copied."""
    assert sqlite_place.file is not None
    sqlite_place.file.write_bytes(_filled_file())
    return sqlite_place


@pytest.fixture
def filled_store(filled_place: Place) -> Store:
    return store_of(prepared(filled_place))
