"""Real databases for the records' tests, and entries to write into them."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from dosing import Measure, Product, Sex, TargetTrough, read_written
from monitoring.record.adverse_event import Action, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Ending
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.record.response import Criterion, Response
from monitoring.store.connection import Place, engine_of, reading, writing
from monitoring.store.copying import Change, read_changes, write_changes
from monitoring.store.schema import prepare, upgrade
from monitoring.store.store import Store
from monitoring.times import Moment

AUTHOR = "Dr Example"
_SERVER_STARTS_WITHIN_S = 30
_ROOM_BYTES = 2**30
_MADE = "made"  # a database whose schema is made, to be copied


class Ticking:
    """A clock that goes on by one second a call."""

    def __init__(self) -> None:
        self._next = at("2026-11-05T08:00")

    def __call__(self) -> Moment:
        now = self._next
        self._next = replace(now, utc=now.utc + timedelta(seconds=1))
        return now


def at(text: str, zone: str = "Europe/Paris") -> Moment:
    return Moment.read(text, zone)


def a_patient(record_number: str = "00123", name: str = "Łukasz O'Neil") -> Patient:
    return Patient(
        record_number=record_number,
        name=name,
        born=date(2024, 2, 29),
        sex=Sex.MALE,
        anomaly=Anomaly.LYMPHATIC,
        diagnosis="cystic hygroma",
        allergies="penicillin",
    )


def a_note(text: str = "Seen in clinic") -> Note:
    return Note(on=date(2026, 11, 5), text=text)


def a_prescription() -> Prescription:
    return Prescription(
        since=at("2026-11-01T08:00"),
        dose_mg=Decimal("0.440"),
        times_a_day=2,
        product=Product.SOLUTION,
        protocol="review",
        target=TargetTrough(Decimal(5), Decimal("15.0")),
        rule_version="0.1.0",
        proposal='{"dose": {"given_mg": 0.44}}',
        override_reason="seen before",
        override_by="Dr Example",
        reason="start",
    )


def every_kind() -> tuple[Entry, ...]:
    """Return one entry of every kind that is added to a patient, with its fields filled."""
    quantity = LaboratoryQuantity.read
    return (
        Measurement(
            on=date(2026, 11, 5),
            weight=read_written("12.40 kg", Measure.WEIGHT),
            height=read_written("88 cm", Measure.HEIGHT),
            reason="measured twice",
        ),
        a_prescription(),
        MissedDose(
            at=at("2026-11-02T08:00"),
            kind=NotGiven.HELD,
            until=at("2026-11-03T20:00"),
            reason="fever",
        ),
        Level(
            sampled=at("2026-11-05T07:45"),
            value=read_written("7.20 ng/mL", Measure.LEVEL),
            comparator=Comparator.ABOVE,
            last_dose=at("2026-11-04T20:00"),
            assay=Assay.CMIA,
            laboratory="University laboratory",
            reason="sampled early",
        ),
        AdverseEvent(
            term="Mouth ulcers",
            since=date(2026, 11, 3),
            grade=2,
            action=Action.REDUCED,
            text="painful",
        ),
        LaboratoryValue(
            test="Platelets",
            at=at("2026-11-05T07:45"),
            value=quantity("112 10*9/L"),
            comparator=Comparator.BELOW,
            lower_limit=quantity("150 10*9/L"),
            upper_limit=quantity("450.0 10*9/L"),
            laboratory="University laboratory",
        ),
        CoMedication(drug="Fluconazole", since=date(2026, 11, 4), text="7 days"),
        Response(
            on=date(2026, 11, 5), criterion=Criterion.IMAGING, improved=True, text="half the size"
        ),
        a_note(),
    )


def fill(store: Store, patients: int = 1) -> tuple[int, ...]:
    """Write patients with every kind of entry, an end and a void; return their numbers."""
    numbers = []
    for index in range(patients):
        number = store.add_patient(a_patient(f"{index:05d}", f"Łukasz the {index}.")).number
        added = {type(entry): store.add(number, entry) for entry in every_kind()}
        dose = added[Prescription].number
        store.end(dose, Ending(of=dose, at=at("2026-11-06T08:00"), reason="new dose"))
        store.void(added[Level].number, "another patient's sample")
        numbers.append(number)
    return tuple(numbers)


def prepared(place: Place) -> Engine:
    """Return an engine whose schema is up to date."""
    engine = engine_of(place)
    prepare(engine, before_upgrade=lambda: None)
    return engine


def filled_0001(place: Place, changes: Iterable[Change]) -> None:
    """Write changes into a new place as the first version of the program would have."""
    engine = engine_of(place)
    with writing(engine, "fill the records", lock_audit=False) as connection:
        upgrade(connection, "0001")
        old = (
            replace(change, row={k: v for k, v in change.row.items() if k != "passed"})
            for change in changes
        )
        write_changes(connection, old)


def changes_of(engine: Engine) -> list[Change]:
    with reading(engine, "read the records") as connection:
        return list(read_changes(connection))


def store_of(engine: Engine, author: str = AUTHOR) -> Store:
    return Store(engine, author, Ticking())


def _unavailable(reason: str) -> None:
    """Skip in sight where PostgreSQL cannot be had; in CI it must be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _program(name: str) -> str | None:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*map(str, newest_first), os.environ["PATH"]]))


def _in_memory() -> Path | None:
    """Return a folder that is kept in memory, where there is one with room: it is quicker."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it is made with a name of its own
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES else None


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL server on a socket of its own; the URL has `{}` for the database."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        _unavailable("PostgreSQL is not installed here (Debian package postgresql).")
    folder = Path(tempfile.mkdtemp(prefix="records-", dir=_in_memory()))
    user = "nobody" if os.name == "posix" and os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data, common = folder / "data", {"cwd": folder, "user": user}
    try:
        subprocess.run(  # type: ignore[call-overload]  # user and cwd come together
            [
                initdb, "-D", data, "-A", "trust", "-U", "tester", "--no-sync",
                "--encoding=UTF8", "--locale=C.UTF-8",
            ],
            check=True, capture_output=True, **common,
        )  # fmt: skip
        server = subprocess.Popen(  # type: ignore[call-overload]
            [
                postgres, "-D", data, "-k", folder,
                "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=40",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **common,
        )  # fmt: skip
        try:
            _wait_for(folder)
            url = f"postgresql+psycopg://tester@/{{}}?host={folder}"
            _on_server(folder, f"CREATE DATABASE {_MADE}")
            prepared(Place.of(url.format(_MADE)))
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=_SERVER_STARTS_WITHIN_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(folder: Path) -> None:
    deadline = time.monotonic() + _SERVER_STARTS_WITHIN_S
    while True:
        try:
            _on_server(folder, "SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _on_server(folder: Path, statement: str) -> None:
    with psycopg.connect(
        host=str(folder), user="tester", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(statement.encode())


_numbers = count(1)


@pytest.fixture
def bare_postgres(postgres_url: str) -> Iterator[Place]:
    """Give a database in which nothing was made."""
    folder, name = Path(postgres_url.split("host=")[1]), f"records_{next(_numbers)}"
    _on_server(folder, f"CREATE DATABASE {name}")
    yield Place.of(postgres_url.format(name))
    _on_server(folder, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
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


@pytest.fixture(params=["sqlite", "postgresql"])
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
