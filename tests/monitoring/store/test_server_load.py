"""A server under load: many writers and readers, while connections are cut and it is restarted.

Small here; SIROLIMUS_CAMPAIGN=full runs it at full size, and `pytest -s` shows its figures.
"""

import random
import shutil
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, create_engine, insert, text
from sqlalchemy.pool import NullPool

from monitoring.record.entries import of_kind
from monitoring.record.note import Note
from monitoring.store.audit_log import Chain
from monitoring.store.connection import Place, engine_of, writing
from monitoring.store.errors import OutcomeUnknownError, RecordsError
from monitoring.store.opening import open_records
from monitoring.store.store import Store
from monitoring.store.verify import verify
from monitoring.times import Moment
from tests.builders import AUTHOR, a_note, a_patient, at
from tests.campaign import FULL, sizes
from tests.postgres import Server
from tests.stores import prepared, store_of

_CHILDREN = get_context("forkserver")
_CHILDREN.set_forkserver_preload([__name__])

PLAIN = Table(
    "plain", MetaData(), Column("number", Integer, primary_key=True), Column("hash", Text),
    Column("note", Text),
)  # fmt: skip
"""Two rows of it are what an entry is without its chain, author and checks."""


_GIVE_UP_S = 1800


@dataclass(frozen=True)
class Size:
    """The number of patients, of their entries, of writers with their entries, and of readers."""

    patients: int
    entries: int
    writers: int
    writes: int
    readers: int
    restarts: int


SIZES = {
    "few": Size(3, 2, 3, 3, 2, 1),
    "many": Size(10_000, 100, 16, 50, 50, 10) if FULL else Size(50, 10, 16, 20, 50, 2),
}


@dataclass
class Told:
    """What one writer was told about its entries, by their texts."""

    stored: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    plain_s: list[float] = field(default_factory=list)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server that keeps its data on a disk, with room for many connections."""
    folder = Path(tempfile.mkdtemp(prefix="load-"))
    found = Server(folder, "max_connections=200")
    found.make()
    found.start()
    try:
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fill_clinic(engine: Engine, patients: int, entries: int) -> tuple[int, ...]:
    """Write patients and their entries in one transaction; return the patients' numbers."""
    with writing(engine, "fill the records") as connection:
        chain = Chain(connection, AUTHOR, at("2026-11-05T08:00"))
        numbers = [
            chain.append(a_patient(f"{index:05d}"), None).number for index in range(patients)
        ]
        for some in range(0, patients, 20):
            chain.append_all(
                [
                    (number, a_note(f"{number}/{each}"))
                    for number in numbers[some : some + 20]
                    for each in range(entries)
                ]
            )
    return tuple(numbers)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@dataclass(frozen=True)
class Task:
    """The task of a writer: its name, its patients, and the number of entries it has to store."""

    url: str
    name: str
    patients: tuple[int, ...]
    writes: int
    is_quiet: bool


def _write(task: Task, answer: Connection) -> None:
    """Store so many entries, whatever happens meanwhile, and tell what was said of each."""
    told, chance = Told(), random.Random(task.name)
    url, name = task.url, task.name
    store = Store(engine_of(Place.of(url)), f"Dr {name}", lambda: Moment.now("UTC"))
    plain = create_engine(url, poolclass=NullPool)
    attempt = 0
    deadline = time.monotonic() + _GIVE_UP_S  # a server that stays away must not hold up the test
    while len(told.stored) < task.writes and time.monotonic() < deadline:
        attempt += 1
        said = f"{name}/{attempt}"
        try:
            took = _timed(partial(store.add, chance.choice(task.patients), a_note(said)))
        except OutcomeUnknownError:
            told.unknown.append(said)
        except RecordsError as error:
            said_so = str(error).endswith("Nothing was stored.")
            (told.refused if said_so else told.unclear).append(said)
            time.sleep(0.05)
        else:
            told.stored.append(said)
            told.took_s.append(took)
        if task.is_quiet:
            told.plain_s.append(_timed(partial(_write_plainly, plain, said)))
    answer.send(told)


def _write_plainly(engine: Engine, said: str) -> None:
    with engine.begin() as connection:
        for _ in range(2):
            connection.execute(insert(PLAIN), {"hash": "0" * 64, "note": said})


def _read(
    url: str, patients: list[int], threads: int, ends: Connection, answer: Connection
) -> None:
    """Read records of patients in some threads until told to end; only an error in words is one."""
    took: list[float] = []
    wrong: list[str] = []
    over = threading.Event()

    def read_on(seed: int) -> None:
        chance, store = random.Random(seed), store_of(engine_of(Place.of(url)))
        while not over.is_set():
            try:
                took.append(_timed(partial(store.read, chance.choice(patients))))
            except RecordsError:
                pass  # while the server is restarted
            except Exception as error:  # noqa: BLE001 - any other error fails the test
                wrong.append(repr(error))
                return
            over.wait(2)

    readers = [threading.Thread(target=read_on, args=(seed,)) for seed in range(threads)]
    for each in readers:
        each.start()
    ends.recv()
    over.set()
    for each in readers:
        each.join()
    answer.send((took, wrong))


def _disturb(server: Server, database: str, restarts: int, over: threading.Event) -> Counter[str]:
    """Cut connections within their writes, and crash and restart the server, again and again."""
    done: Counter[str] = Counter()
    cut = (
        "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
        " WHERE datname = %s AND xact_start IS NOT NULL AND backend_xid IS NOT NULL"
        " AND pid <> pg_backend_pid() LIMIT 1) AS writing"
    )
    next_restart = time.monotonic() + 0.5
    while not over.is_set():
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(
                host=str(server.folder), user=AUTHOR, dbname="postgres", autocommit=True
            ) as connection,
        ):
            for _ in range(200):
                row = connection.execute(cut, (database,)).fetchone()
                if row and row[0]:
                    done["connections cut"] += 1
                    break
        if done["restarts"] < restarts and time.monotonic() > next_restart:
            server.stop()
            server.start()
            done["restarts"] += 1
            next_restart = time.monotonic() + 1
        over.wait(0.3)
    return done


def _run_writers(url: str, patients: tuple[int, ...], size: Size, *, quiet: bool) -> list[Told]:
    pipes = [_CHILDREN.Pipe(duplex=False) for _ in range(size.writers)]
    kind = "quiet" if quiet else "disturbed"
    writers = [
        _CHILDREN.Process(
            target=_write,
            args=(Task(url, f"{kind}-{index}", patients, size.writes, quiet), sender),
        )
        for index, (_, sender) in enumerate(pipes)
    ]
    for each in writers:
        each.start()
    for _, sender in pipes:
        sender.close()
    found = [receiver.recv() for receiver, _ in pipes]
    for each in writers:
        each.join()
    return found


def _percentiles(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return " ".join(f"p{each} {cuts[each - 1] * 1000:.1f} ms" for each in (50, 90, 99))


@sizes(0, 1, 1)
def test_nothing_is_lost_or_doubled_while_a_server_is_restarted_and_connections_are_cut(
    server: Server, size: int
) -> None:
    of = SIZES["many" if size else "few"]
    database = f"load_{size}"
    server.run(f"CREATE DATABASE {database}")
    url = server.url(database)
    engine = prepared(Place.of(url))
    PLAIN.create(engine)
    filling_s = time.perf_counter()
    patients = fill_clinic(engine, of.patients, of.entries)
    filling_s = time.perf_counter() - filling_s

    each_reads = max(1, of.readers // 10)
    readers = []
    for _ in range(of.readers // each_reads):
        (ends, end), (answer, answered) = (_CHILDREN.Pipe(duplex=False) for _ in range(2))
        child = _CHILDREN.Process(target=_read, args=(url, patients, each_reads, ends, answered))
        child.start()
        readers.append((child, end, answer))

    quiet = _run_writers(url, patients, of, quiet=True)
    over, done = threading.Event(), Counter[str]()
    disturbing = threading.Thread(
        target=lambda: done.update(_disturb(server, database, of.restarts, over))
    )
    disturbing.start()
    disturbed = _run_writers(url, patients, of, quiet=False)
    over.set()
    disturbing.join()
    read_s: list[float] = []
    wrong: list[str] = []
    for child, end, answer in readers:
        end.send(None)
        took, errors = answer.recv()
        read_s += took
        wrong += errors
        child.join()

    with engine.connect() as connection:
        kept = Counter(connection.execute(text("SELECT text FROM note")).scalars())
    told = (*quiet, *disturbed)
    stored = [said for each in told for said in each.stored]
    lost = [said for said in stored if not kept[said]]
    refused_but_stored = [said for each in told for said in each.refused if kept[said]]
    doubled = [said for said, times in kept.items() if times > 1]
    found = verify(engine)
    sizes_of = (
        f"{of.patients} patients with {of.entries} entries each (filled in {filling_s:.0f} s)"
    )
    print(
        f"\n{sizes_of}; {of.writers} writers, {of.readers} readers\n"
        f"  {len(stored)} entries acknowledged, {len(lost)} lost, {len(doubled)} doubled; "
        f"{sum(len(each.refused) for each in told)} refused, {len(refused_but_stored)} of them "
        f"stored; {sum(len(each.unknown) for each in told)} unknown\n"
        f"  {dict(done)}\n"
        f"  an entry:          {_percentiles([s for each in quiet for s in each.took_s])}\n"
        f"  two plain inserts: {_percentiles([s for each in quiet for s in each.plain_s])}\n"
        f"  an entry, cut:     {_percentiles([s for each in disturbed for s in each.took_s])}\n"
        f"  a record read:     {_percentiles(read_s)} ({len(read_s)} read)"
    )
    assert (lost, doubled, refused_but_stored, wrong) == ([], [], [], [])
    assert [said for each in told for said in each.unclear] == []
    assert len(stored) == 2 * of.writers * of.writes
    assert (found.findings, len(read_s) > 0) == ((), True)
    assert done["restarts"] == of.restarts or not size
    assert done["connections cut"] > 0 or not size


@pytest.mark.campaign
def test_a_copy_for_reading_is_read_and_says_where_to_write(server: Server) -> None:
    server.run("CREATE DATABASE copied")
    engine = prepared(Place.of(server.url("copied")))
    number = store_of(engine).add_patient(a_patient()).number
    folder = Path(tempfile.mkdtemp(prefix="copy-"))
    copy = Server(folder, "max_connections=200")
    try:
        copy.make_copy_of(server)
        copy.start()
        store_of(engine).add(number, a_note("written after the copy was made"))
        place = copy.url("copied")
        deadline = time.monotonic() + 20
        while verify(engine_of(Place.of(place))).changes < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        records = open_records(place, AUTHOR, create=True)
        assert verify(records.store.engine) == verify(engine)
        (note,) = of_kind(records.find("00123").entries, Note)
        assert note.entry.text == "written after the copy was made"
        with pytest.raises(RecordsError, match="a copy for reading"):
            records.store.add(number, a_note())
        # The main server is lost, and the copy takes its place.
        copy.run("SELECT pg_promote()")
        records.store.add(number, a_note("written after it took the place"))
        assert verify(records.store.engine).findings == ()
    finally:
        copy.stop()
        shutil.rmtree(folder, ignore_errors=True)
