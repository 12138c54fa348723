"""Records on a server: its address without a password, safe connections, and waits that end."""

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from monitoring.store import connection
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import OutcomeUnknownError, RecordsError, without_password
from monitoring.store.opening import open_records
from monitoring.store.server import connecting
from monitoring.store.server.connecting import connection_settings, lock_writers
from monitoring.store.verify import verify
from tests.builders import AUTHOR, a_note, a_patient
from tests.monitoring.store.cut_connection import Cut, GoBetween
from tests.stores import prepared, store_of

SECRET = "se/c?r@et"  # noqa: S105 - of nobody

WITH_A_PASSWORD = [
    f"postgresql://ann:{SECRET}@host/records",
    f"postgresql+psycopg://ann:{SECRET}@host:5432/records",
    f"postgres://ann:{SECRET}@host/records",
    f"mysql://ann:{SECRET}@host/records",
    f"postgresql:/ann:{SECRET}@host/records",
    f"postgres:ann:{SECRET}@host/records",
    f"postgresql://ann@host/records?password={SECRET}",
    f"postgresql://ann@host/records?PASSWORD={SECRET}&sslmode=require",
    f"postgresql://ann@host/records?pass%77ord={SECRET}",
    f"postgresql://ann@host/records?sslpassword={SECRET}",
    f"host=localhost password={SECRET} dbname=records",
    f"password = '{SECRET}' host=localhost",
    "postgresql://ann:se%40cret@host/records",
]


@pytest.mark.parametrize("place", WITH_A_PASSWORD)
def test_a_password_in_an_address_is_refused_with_its_place_and_never_shown(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordsError, match=r"\.pgpass") as refused:
        open_records(place, AUTHOR)
    assert SECRET not in str(refused.value)
    safe = without_password(place)
    assert [part for part in ("c?r", "et", "se%40", "cret") if part in safe] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    [
        "host=localhost dbname=records",
        "dbname=records",
        "service=clinic",
        " host = localhost",
        "postgresql:/ann@host/records",
        "postgres:records",
    ],
)
def test_a_server_that_is_not_written_as_a_url_makes_no_file(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordsError, match="postgresql://user@host/database"):
        open_records(place, AUTHOR)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    [
        "postgresql://ann@host/records",
        "postgresql://ann@host:5432/records?sslmode=require",
        "postgresql:///?service=clinic",
        "postgresql:///records?host=a%3A5432&host=b%3A5432",
    ],
)
def test_an_address_without_a_password_stays_as_it_is(place: str) -> None:
    assert Place.of(place).url == place.replace("postgresql:", "postgresql+psycopg:")
    assert without_password(place) == place


# --- encryption


@pytest.fixture
def bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home without a service file; nothing is chosen in the environment."""
    for name in ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGSERVICE", "PGSERVICEFILE", "PGOPTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("place", "sslmode"),
    [
        ("postgresql://ann@db.hospital.example/records", "verify-full"),
        ("postgresql://ann@192.0.2.7/records", "verify-full"),
        ("postgresql://ann@[2001:db8::7]:5432/records", "verify-full"),
        ("postgresql://ann@localhost.evil.example/records", "verify-full"),
        ("postgresql:///records?host=localhost&host=db.hospital.example", "verify-full"),
        ("postgresql:///records?host=localhost&hostaddr=192.0.2.7", "verify-full"),
        ("postgresql:///records?host=db.hospital.example&hostaddr=127.0.0.1", "verify-full"),
        ("postgresql:///?service=unknown", "verify-full"),
        ("postgresql://ann@db.hospital.example/records?sslmode=require", None),
        ("postgresql:///records", None),
        ("postgresql:///records?host=/run/postgresql", None),
        ("postgresql://ann@LOCALHOST/records", None),
        ("postgresql://ann@127.0.0.53:5433/records", None),
        ("postgresql://ann@[::1]/records", None),
        ("postgresql:///records?host=localhost:5432&host=127.0.0.1:5433", None),
    ],
)
def test_a_host_that_is_not_local_has_to_show_its_certificate(
    place: str, sslmode: str | None, bare_environment: Path
) -> None:
    assert bare_environment.is_dir()
    assert connection_settings(make_url(Place.of(place).url)).get("sslmode") == sslmode


def test_a_service_file_and_the_environment_choose_too(
    bare_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare_environment / ".pg_service.conf").write_text(
        "[near]\nhost=localhost\n[far]\nhost=db.hospital.example\npassword=50%\n"
        "[chosen]\nhost=db.hospital.example\nsslmode=verify-ca\nconnect_timeout=3\n"
    )

    def settings(place: str) -> dict[str, str]:
        return connection_settings(make_url(Place.of(place).url))

    assert "sslmode" not in settings("postgresql:///?service=near")
    assert settings("postgresql:///?service=far")["sslmode"] == "verify-full"
    assert not {"sslmode", "connect_timeout"} & settings("postgresql:///?service=chosen").keys()
    assert settings("postgresql:///?service=near&host=192.0.2.7")["sslmode"] == "verify-full"
    monkeypatch.setenv("PGHOST", "192.0.2.7")
    assert settings("postgresql:///records")["sslmode"] == "verify-full"
    monkeypatch.setenv("PGSSLMODE", "disable")
    assert "sslmode" not in settings("postgresql:///records")


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """Give the port of something that takes connections and answers once, or never."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    program, _ = listener.accept()
                except OSError:
                    return
                held.append(program)
                if answer is not None:
                    with suppress(OSError):  # the program may have gone
                        program.recv(8)
                        program.sendall(answer)

        held: list[socket.socket] = []
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        for program in held:
            program.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"S", "certificate cannot be checked"), (b"N", "the server has no TLS")],
)
def test_a_server_without_a_certificate_to_check_is_refused(
    answer: bytes, words: str, bare_environment: Path
) -> None:
    assert bare_environment.is_dir()
    with listening(answer) as port, pytest.raises(RecordsError, match=words):
        open_records(f"postgresql:///x?host=db.example&hostaddr=127.0.0.1&port={port}", AUTHOR)


# --- waits that end


def test_a_server_that_takes_the_connection_and_says_nothing_is_told() -> None:
    with listening(None) as port, pytest.raises(RecordsError, match="cannot be reached"):
        open_records(f"postgresql://ann@127.0.0.1:{port}/records?connect_timeout=2", AUTHOR)


def with_options(place: Place, options: str) -> Engine:
    return engine_of(Place(None, f"{place.url}&options={options}"))


def test_a_writer_who_waits_too_long_for_another_is_told(
    new_postgres: Callable[[], Place],
) -> None:
    place = new_postgres()
    engine = prepared(place)
    store_of(engine).add_patient(a_patient())
    with engine.begin() as holding:
        lock_writers(holding)
        waiting = store_of(with_options(place, "-c%20lock_timeout%3D50"))
        with pytest.raises(RecordsError, match=r"another program is using .* Nothing was stored"):
            waiting.add(1, a_note())
        assert store_of(engine).read(1).entries  # readers do not wait
    assert verify(engine).changes == 1


def test_several_who_open_an_empty_database_at_once_make_the_records_once(
    bare_postgres: Place,
) -> None:
    with ThreadPoolExecutor(4) as people:
        opened = list(
            people.map(lambda _: open_records(bare_postgres.url, AUTHOR, create=True), range(4))
        )
    opened[0].store.add_patient(a_patient())
    assert [each.store.count_patients() for each in opened] == [1] * 4
    assert verify(opened[3].store.engine).is_whole


def test_a_statement_that_takes_too_long_is_told(new_postgres: Callable[[], Place]) -> None:
    engine = with_options(new_postgres(), "-c%20statement_timeout%3D50")
    with (
        pytest.raises(RecordsError, match="the server took too long"),
        connection.reading(engine, "read the records") as reader,
    ):
        reader.execute(text("SELECT pg_sleep(10)"))


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout"])
def test_the_server_itself_ends_what_takes_too_long(
    new_postgres: Callable[[], Place], name: str
) -> None:
    with engine_of(new_postgres()).connect() as opened:
        limit = opened.exec_driver_sql(f"SELECT setting FROM pg_settings WHERE name = '{name}'")  # noqa: S608
        assert 10_000 <= int(limit.scalar_one()) <= 600_000


# --- refused by the server


@pytest.fixture
def url_of(postgres_url: str) -> Callable[[str, str], str]:
    """Give a maker of URLs of a user and a database on the server of the tests."""
    return lambda user, name: (
        make_url(postgres_url.format(name)).set(username=user).render_as_string()
    )


@pytest.mark.parametrize(
    ("user", "name", "words"),
    [
        ("nobody_of_this_name", "made", "no such login"),
        (AUTHOR, "no_such_database", "no such database"),
        ("asked", "made", "asks for a password"),
        ("pg_monitor", "made", "a role and no login"),
    ],
)
def test_what_the_server_refuses_is_told_as_what_it_is(
    url_of: Callable[[str, str], str], user: str, name: str, words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setenv("PGPASSFILE", "/nowhere")
    with pytest.raises(RecordsError, match=words) as refused:
        open_records(url_of(user, name), AUTHOR)
    assert "cannot be reached" not in str(refused.value)


def test_a_wrong_password_is_told_and_a_right_one_is_read_from_its_file(
    url_of: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of("asked", "made")
    with engine_of(Place.of(url_of(AUTHOR, "made"))).begin() as owner:
        owner.exec_driver_sql("DROP ROLE IF EXISTS asked")
        owner.exec_driver_sql("CREATE ROLE asked LOGIN PASSWORD 'right'")
        owner.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO asked")
    passwords = tmp_path / "pgpass"
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    try:
        for password in ("wrong", "right"):
            passwords.write_text(f"*:*:*:asked:{password}\n")
            passwords.chmod(0o600)
            if password == "right":  # noqa: S105 - of nobody
                assert open_records(url).store.count_patients() == 0
            else:
                with pytest.raises(RecordsError, match="refused the password") as refused:
                    open_records(url)
                assert password not in str(refused.value)
    finally:
        with engine_of(Place.of(url_of(AUTHOR, "made"))).begin() as owner:
            owner.exec_driver_sql("DROP OWNED BY asked")
            owner.exec_driver_sql("DROP ROLE asked")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("postgresql:///records?service=of_nobody", "not in the service file"),
        ("postgresql://127.0.0.1/records?sslmode=careless", "address of the server is not valid"),
        ("postgresql://127.0.0.1/records?colour=blue", "address of the server is not valid"),
        ("postgresql://db.invalid/records", "the server's name is unknown"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(
    place: str, words: str, bare_environment: Path
) -> None:
    assert bare_environment.is_dir()
    with pytest.raises(RecordsError, match=words):
        open_records(place, AUTHOR)


# --- a connection that is lost while it commits


@pytest.fixture
def go_between(
    new_postgres: Callable[[], Place], postgres_url: str
) -> Iterator[tuple[GoBetween, Engine, Engine]]:
    """Give a go-between, an engine through it, and one past it."""
    place = new_postgres()
    server_folder = postgres_url.split("host=")[1]
    with tempfile.TemporaryDirectory(prefix="cut-") as folder:
        query = {"host": folder, "options": "-c lock_timeout=200"}
        between = GoBetween(Path(server_folder), Path(folder), Cut.NEVER)
        through = engine_of(
            Place(None, make_url(place.url).update_query_dict(query).render_as_string())
        )
        yield between, through, prepared(place)
        between.close()


def notes(engine: Engine) -> list[str]:
    with engine.connect() as opened:
        return list(opened.execute(text("SELECT text FROM note ORDER BY entry")).scalars())


def test_an_entry_that_was_committed_is_acknowledged_though_the_answer_was_lost(
    go_between: tuple[GoBetween, Engine, Engine],
) -> None:
    between, through, past = go_between
    store_of(past).add_patient(a_patient())
    between.cut = Cut.AFTER
    added = store_of(through).add(1, a_note("committed"))
    assert (between.cut, notes(past), added.number) == (Cut.NEVER, ["committed"], 2)
    assert verify(past).is_whole


def test_nothing_is_stored_where_it_is_said(go_between: tuple[GoBetween, Engine, Engine]) -> None:
    between, through, past = go_between
    store_of(past).add_patient(a_patient())
    between.cut = Cut.BEFORE
    with pytest.raises(RecordsError, match=r"connection.*|server.*") as refused:
        store_of(through).add(1, a_note("not committed"))
    assert str(refused.value).endswith("Nothing was stored.")
    assert (between.cut, notes(past)) == (Cut.NEVER, [])


def test_what_nobody_can_tell_is_said_so(
    go_between: tuple[GoBetween, Engine, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server never hears of the commit, and still holds the lock of the transaction."""
    between, through, past = go_between
    store_of(past).add_patient(a_patient())
    monkeypatch.setattr(connecting, "_SILENT_FOR_S", 0.3)
    between.cut = Cut.SILENT
    with pytest.raises(OutcomeUnknownError) as refused:
        store_of(through).add(1, a_note("on its way"))
    assert "Nothing was stored" not in str(refused.value)
    assert "Look whether the entry is there" in str(refused.value)


def test_a_login_that_could_be_another_author_does_not_write(
    new_postgres: Callable[[], Place],
) -> None:
    place = new_postgres()
    engine = prepared(place)
    login = "ann on behalf of Dr Example"
    with engine.begin() as owner:
        owner.exec_driver_sql(f'CREATE ROLE "{login}" SUPERUSER LOGIN')
    try:
        posing = make_url(place.url).set(username=login).render_as_string()
        with pytest.raises(RecordsError, match="mistaken for another author"):
            open_records(posing).store.add_patient(a_patient())
    finally:
        with engine.begin() as owner:
            owner.exec_driver_sql(f'DROP ROLE "{login}"')
    assert verify(engine).changes == 0
