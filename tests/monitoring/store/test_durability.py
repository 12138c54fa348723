"""Nothing that was acknowledged is lost, whatever happens to the process, the disk or the file.

Small campaigns here; SIROLIMUS_CAMPAIGN=full runs them at full size, and `pytest -s` shows their
figures.
"""

import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Literal

import apsw
import pytest
from sqlalchemy import select

from monitoring.exchange.export import export, preview_export
from monitoring.record.entries import of_kind
from monitoring.record.note import Note
from monitoring.store.audit_log import Link, hash_of
from monitoring.store.backup import automatic_backup, back_up, restore
from monitoring.store.connection import Place, _set_sqlite, engine_of, reading
from monitoring.store.errors import ConflictError, RecordsError, RolledBackError
from monitoring.store.opening import open_records
from monitoring.store.rows import row_of
from monitoring.store.schema import expected_schema, found_schema, prepare
from monitoring.store.tables import AUDIT, TABLES
from monitoring.store.trail_end import START
from monitoring.store.verify import Verification, verify
from tests.builders import AUTHOR, a_note, a_patient
from tests.campaign import sizes
from tests.monitoring.store.power_cut import Disk
from tests.stores import OF_0002, changes_of, fill, filled_before, prepared, store_of

if sys.platform == "win32":
    pytest.skip("kill -9 and limits of file size are POSIX", allow_module_level=True)

WRITERS = 8

PATIENT = 1
"""The number of the one patient, who is the first entry."""

_CHILDREN = get_context("forkserver")  # one process imports everything, the children are its forks
_CHILDREN.set_forkserver_preload([__name__, "alembic.command"])


def whole(place: Place) -> Verification:
    """Return the verification of records that must be whole."""
    found = verify(engine_of(place))
    assert found.is_whole, found.findings
    return found


def texts(place: Place) -> list[str]:
    """Return the notes of the one patient."""
    record = store_of(engine_of(place)).read(PATIENT)
    return [each.entry.text for each in of_kind(record.entries, Note)]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of records with one patient."""
    file = tmp_path_factory.mktemp("records") / "records.sqlite"
    store_of(prepared(Place.of(str(file)))).add_patient(a_patient())
    return file


@pytest.fixture
def new_records(records: Path, tmp_path: Path) -> Callable[[], Place]:
    """Give a maker of copies of those records."""
    numbers = count()
    return lambda: Place.of(str(shutil.copy(records, tmp_path / f"{next(numbers)}.sqlite")))


@contextmanager
def child(
    work: Callable[..., None], *arguments: object
) -> Iterator[tuple[Connection, Callable[[], None]]]:
    """Run `work(connection, *arguments)` in a process; it is killed at the end."""
    heard, said = _CHILDREN.Pipe(duplex=False)
    process = _CHILDREN.Process(target=work, args=(said, *arguments))
    process.start()
    said.close()
    try:
        yield heard, process.kill
    finally:
        process.kill()
        process.join()
        heard.close()


def all_heard(heard: Connection) -> Iterator[object]:
    """Yield what a process has said, until it is dead."""
    while True:
        try:
            yield heard.recv()
        except EOFError:
            return


# --- kill -9


def write_on_and_on(said: Connection, place: Place, pause_s: float = 0) -> None:
    """Write notes until killed, and say each one's text once it is stored.

    Records that were restored meanwhile are opened anew, as the refusal asks.
    """
    store = store_of(engine_of(place))
    said.send("ready")
    for number in count():
        try:
            store.add(PATIENT, a_note(f"note {number}"))
        except RolledBackError:
            store = store_of(engine_of(place))
            store.add(PATIENT, a_note(f"note {number}"))
        said.send(f"note {number}")
        time.sleep(pause_s)


@sizes(1, 4, 800)
def test_a_killed_writer_loses_nothing(new_records: Callable[[], Place], size: int) -> None:
    random, acknowledged, in_transaction = Random(1), 0, 0
    for number in range(size):
        place = new_records()
        with child(write_on_and_on, place) as (heard, kill):
            assert heard.recv() == "ready"
            first = [] if number % 2 else [heard.recv()]  # on a busy machine nothing else might be
            time.sleep(random.uniform(0, 0.3))
            kill()
            said = [*first, *all_heard(heard)]
        in_transaction += Path(f"{place.file}-journal").exists()
        whole(place)
        stored = texts(place)
        assert stored[: len(said)] == said
        assert len(stored) - len(said) in {0, 1}  # one may be stored and not yet acknowledged
        acknowledged += len(said)
    assert acknowledged
    print(
        f"\n{size} kills, {in_transaction} of them within a transaction: 0 of {acknowledged} "
        "acknowledged entries lost, 0 half entries"
    )


# --- power cuts


class BareConnection(apsw.Connection):
    """A connection that takes the program's own settings, which are made for sqlite3's."""

    isolation_level: None

    def create_function(self, *_: object, **__: object) -> None:
        """Leave the function out: writing calls none."""


def append(connection: apsw.Connection, number: int) -> None:
    """Add a note as the store does: a link and a row, in one immediate transaction."""
    row = row_of(a_note(f"note {number}"))
    connection.execute("BEGIN IMMEDIATE")
    last = connection.execute("SELECT max(number), hash FROM audit").fetchone()
    assert last is not None
    link = Link(number=last[0] + 1, at_utc="2026-11-05T08:00:00Z", at_zone="UTC",
                by="Dr Example", kind="note", patient=PATIENT)  # fmt: skip
    connection.execute(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)",
        (link.number, link.at_utc, link.at_zone, link.by, link.kind, link.patient,
         hash_of(last[1] or START, link, row)),
    )  # fmt: skip
    connection.execute(
        'INSERT INTO note (entry, patient, "on", text) VALUES (?, ?, ?, ?)',
        (link.number, link.patient, row["on"], row["text"]),
    )
    connection.execute("COMMIT")


def write_until_cut(disk: Disk, first: int, synchronous: str | None) -> int:
    """Write notes until the power is cut, and return how many were acknowledged before."""
    connection = BareConnection("records.sqlite", vfs=disk.name)
    _set_sqlite(connection, None)
    if synchronous:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
    acknowledged = 0
    while disk.left is None:
        append(connection, first + acknowledged)
        acknowledged += disk.left is None
    connection.close()
    return acknowledged


def what_is_left(
    files: dict[str, bytes], folder: Path, acknowledged: int
) -> tuple[Literal["whole", "lost", "damaged"], int]:
    """Open what a cut left with SQLite's own file system; return how many notes are there, too."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    file = folder / "records.sqlite"
    try:
        with apsw.Connection(str(file)) as connection:
            checked = connection.execute("PRAGMA integrity_check").fetchall()
            stored = connection.execute("SELECT text FROM note ORDER BY entry").fetchall()
    except apsw.Error:
        return "damaged", 0
    if checked != [("ok",)] or not verify(engine_of(Place.of(str(file)))).is_whole:
        return "damaged", 0
    if stored != [(f"note {number}",) for number in range(len(stored))]:
        return "damaged", 0
    return "whole" if len(stored) >= acknowledged else "lost", len(stored)


def cut_power(
    records: Path, folder: Path, cuts: int, synchronous: str | None = None
) -> Counter[str]:
    """Cut the power again and again, also while the harm of the last cut is repaired."""
    random, outcomes = Random(2), Counter[str]()
    files, stored = {"records.sqlite": records.read_bytes()}, 0
    for number in range(cuts):
        disk = Disk(files, random, cut_after=random.randrange(80))
        acknowledged = stored + write_until_cut(disk, stored, synchronous)
        assert disk.left is not None
        files = disk.left
        outcome, stored = what_is_left(files, folder / str(number), acknowledged)
        outcomes[outcome] += 1
        outcomes["with a journal left"] += "records.sqlite-journal" in files
        if outcome != "whole" or number % 20 == 19:
            files, stored = {"records.sqlite": records.read_bytes()}, 0
        shutil.rmtree(folder / str(number))
    return outcomes


@sizes(20, 60, 2_000)
def test_a_power_cut_loses_nothing(records: Path, tmp_path: Path, size: int) -> None:
    outcomes = cut_power(records, tmp_path, size)
    print(f"\n{size} power cuts: {dict(outcomes)}")
    assert outcomes["whole"] == size


@sizes(20, 60, 2_000)
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_the_power_cuts_do_harm_a_weaker_mode(
    synchronous: str, records: Path, tmp_path: Path, size: int
) -> None:
    outcomes = cut_power(records, tmp_path, size, synchronous)
    print(f"\nControl, synchronous={synchronous}, {size} power cuts: {dict(outcomes)}")
    assert outcomes["lost"] + outcomes["damaged"] > 0


# --- a killed upgrade


def bring_up_to_date(said: Connection, place: Place) -> None:
    """Make the records, or back them up and upgrade them, after saying that it begins."""
    engine = engine_of(place, create=True)

    def back_up_first() -> None:
        automatic_backup(engine, place, "before-upgrade")
        said.send("ready")

    if place.file is not None and not place.file.stat().st_size:
        said.send("ready")
    prepare(engine, before_upgrade=back_up_first)
    said.send("done")


def schema_of(place: Place) -> frozenset[tuple[str, ...]]:
    with reading(engine_of(place, create=True), "look at the schema") as connection:
        return found_schema(connection)


def killed_upgrades(old: Path | None, folder: Path, kills: int) -> tuple[Counter[str], list[Place]]:
    """Kill upgrades at random moments and return what is left: the old schema or the new one.

    Without an old file the records are made anew.
    """
    random, left, places = Random(3), Counter[str](), []
    expected = expected_schema()
    before = schema_of(Place.of(str(old))) if old else frozenset()

    def new(name: str) -> Place:
        (folder / name).mkdir()
        file = folder / name / "records.sqlite"
        if old:
            shutil.copy(old, file)
        return Place.of(str(file))

    with child(bring_up_to_date, new("timed")) as (heard, _):
        heard.recv()
        begun = time.perf_counter()
        heard.recv()
        takes_s = time.perf_counter() - begun
    for number in range(kills):
        place = new(str(number))
        with child(bring_up_to_date, place) as (heard, kill):
            heard.recv()
            time.sleep(random.uniform(0, 1.5 * takes_s))
            kill()
        left["within the transaction"] += Path(f"{place.file}-journal").exists()
        found = schema_of(place)
        assert found in {before, expected}
        left["new" if found == expected else "old"] += 1
        places.append(place)
    return left, places


@sizes(1, 4, 300)
def test_killed_before_the_records_are_made_they_are_there_whole_or_not(
    tmp_path: Path, size: int
) -> None:
    left, places = killed_upgrades(None, tmp_path, size)
    for place in places:
        open_records(str(place.file), AUTHOR, create=True)
        whole(place)
    print(f"\n{size} killed while records were made: {dict(left)}, 0 half")


@sizes(1, 4, 300)
def test_a_killed_upgrade_leaves_the_old_or_the_new(tmp_path: Path, size: int) -> None:
    filled = prepared(Place.of(str(tmp_path / "filled.sqlite")))
    fill(store_of(filled), min(4 * size, 20), OF_0002)
    changes, expected = changes_of(filled), verify(filled)
    old = tmp_path / "old.sqlite"
    filled_before(Place.of(str(old)), changes)
    left, places = killed_upgrades(old, tmp_path, size)
    for place in places:
        open_records(str(place.file), AUTHOR)
        assert whole(place) == expected
        assert changes_of(engine_of(place)) == changes
    print(
        f"\n{size} killed upgrades of {len(changes)} changes: {dict(left)}, 0 half, "
        "every row and hash as it was"
    )


# --- a killed restore over damaged records


def restore_damaged(said: Connection, place: Place, backup: Path) -> None:
    """Restore a backup over damaged records, after saying that it begins."""
    said.send("ready")
    restore(place, backup)
    said.send("done")


@sizes(1, 4, 300)
def test_a_killed_restore_leaves_the_damaged_records_or_the_new_ones(
    tmp_path: Path, size: int
) -> None:
    random, left = Random(6), Counter[str]()
    good = Place.of(str(tmp_path / "good.sqlite"))
    fill(store_of(prepared(good)), patients=3)
    saved = back_up(engine_of(good), tmp_path / "backup.sqlite")
    assert good.file is not None
    changed = good.file.read_bytes().replace(b"University", b"Unwversity")
    damages = (changed, changed[:9_000], b"\xff" * 5_000)  # the last two cannot be opened

    def damaged(name: str, content: bytes = changed) -> Place:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "records.sqlite").write_bytes(content)
        return Place.of(str(folder / "records.sqlite"))

    with child(restore_damaged, damaged("timed"), tmp_path / "backup.sqlite") as (heard, _):
        heard.recv()
        begun = time.perf_counter()
        heard.recv()
        takes_s = time.perf_counter() - begun
    for number in range(size):
        content = damages[number % len(damages)]
        place = damaged(str(number), content)
        assert place.file is not None
        with child(restore_damaged, place, tmp_path / "backup.sqlite") as (heard, kill):
            heard.recv()
            time.sleep(random.uniform(0, 1.5 * takes_s))
            kill()
        kept = [file.read_bytes() for file in place.file.parent.glob("backups/*-damaged.sqlite")]
        if place.file.read_bytes() == content:
            left["old"] += 1
            left["with half a copy"] += place.file.with_name(".records.sqlite.part").exists()
        else:
            assert whole(place) == saved
            assert kept == [content]
            left["new"] += 1
        restore(place, tmp_path / "backup.sqlite")
        assert whole(place) == saved
        names = {file.name for file in place.file.parent.iterdir()}
        assert names == {"records.sqlite", "backups"}
        shutil.rmtree(place.file.parent)
    print(f"\n{size} killed restores over damaged records: {dict(left)}, 0 else")


# --- a killed export


def export_on_and_on(said: Connection, place: Place, folder: Path) -> None:
    """Export into one new folder after the other, after saying that it begins."""
    engine = engine_of(place)
    said.send("ready")
    for number in count():
        export(engine, folder / str(number))


@sizes(1, 4, 100)
def test_a_killed_export_leaves_a_whole_one_or_none(tmp_path: Path, size: int) -> None:
    random, left = Random(7), Counter[str]()
    place = Place.of(str(tmp_path / "records.sqlite"))
    fill(store_of(prepared(place)), patients=10)
    expected = whole(place)
    for number in range(size):
        folder = tmp_path / str(number)
        folder.mkdir()
        with child(export_on_and_on, place, folder) as (heard, kill):
            heard.recv()
            time.sleep(random.uniform(0, 0.3))
            kill()
        for made in folder.iterdir():
            if made.name.startswith("."):
                left["half, under another name"] += 1
                export(engine_of(place), folder / made.name.removeprefix(".").removesuffix(".part"))
            else:
                assert preview_export(None, made).verification == expected
                left["whole"] += 1
        assert not [each for each in folder.iterdir() if each.name.startswith(".")]
        shutil.rmtree(folder)
    print(f"\n{size} killed exports: {dict(left)}, 0 half under their name")


# --- a full disk


def write_until_full(said: Connection, place: Place, bytes_left: int) -> None:
    """Write until the disk is full, then say why it was refused."""
    import resource  # noqa: PLC0415 - POSIX only

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    assert place.file is not None
    limit = place.file.stat().st_size + bytes_left
    store = store_of(engine_of(place))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    for number in count():
        text = f"note {number} " + "x" * 1900
        try:
            store.add(PATIENT, a_note(text))
        except RecordsError as error:
            said.send(error)
            return
        said.send(text)


@sizes(1, 3, 20)
def test_a_full_disk_is_told_and_loses_nothing(new_records: Callable[[], Place], size: int) -> None:
    random, acknowledged = Random(4), 0
    for _ in range(size):
        place = new_records()
        with child(write_until_full, place, random.randrange(100_000)) as (heard, _):
            *said, error = all_heard(heard)
        assert isinstance(error, RecordsError)
        told = str(error)
        assert told.startswith("Could not store the entry: the disk")
        assert told.endswith(" Nothing was stored.")
        assert "\n" not in told
        whole(place)
        assert texts(place) == said
        acknowledged += len(said)
    print(f"\n{size} full disks: 0 of {acknowledged} acknowledged entries lost; {told}")


# --- a bit that flips


def rows_in(file: Path) -> list[object]:
    """Read the stored changes without the program."""
    with closing(sqlite3.connect(file)) as connection:
        connection.text_factory = bytes
        return [
            connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()  # noqa: S608 - ours
            for name in sorted([AUDIT.name, *TABLES])
        ]


def changed_by(flipped: Path, before: list[object]) -> bool:
    """Return whether the stored changes differ, or cannot be read."""
    try:
        return rows_in(flipped) != before
    except (sqlite3.Error, UnicodeDecodeError):  # sqlite3 decodes a damaged schema in its message
        return True


def verification_of(file: Path) -> str:
    try:
        return "not found" if verify(engine_of(Place.of(str(file)))).is_whole else "found"
    except RecordsError:
        return "found"
    except Exception as error:  # noqa: BLE001 - what would be a traceback is counted by its name
        return type(error).__name__


@sizes(10, 20, 1_000)
def test_a_flipped_bit_that_changes_data_is_found(tmp_path: Path, size: int) -> None:
    random, outcomes, missed = Random(5), Counter[str](), []
    file = tmp_path / "records.sqlite"
    fill(store_of(prepared(Place.of(str(file)))), patients=5)
    content, before = file.read_bytes(), rows_in(file)
    for number in range(size):
        place, bit = random.randrange(len(content)), random.randrange(8)
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        damaged = tmp_path / f"{number}.sqlite"
        damaged.write_bytes(flipped)
        is_changed, outcome = changed_by(damaged, before), verification_of(damaged)
        outcomes[f"{'changed' if is_changed else 'same'}, {outcome}"] += 1
        if outcome != "found" and (is_changed or outcome != "not found"):
            missed.append((place, bit, outcome))
        damaged.unlink()
    print(f"\n{size} bit flips: {dict(outcomes)}")
    assert not missed


# --- many writers


def count_up(said: Connection, place: Place, times: int) -> None:
    """Read the notes of the one patient and add the next number, again where somebody was first."""
    store, conflicts = store_of(engine_of(place)), 0
    for _ in range(times):
        while True:
            record = store.read(PATIENT)
            try:
                store.add(PATIENT, a_note(str(len(record.of(Note)))), revision=record.revision)
                break
            except ConflictError:
                conflicts += 1
    said.send(conflicts)


@sizes(2, 5, 100)
def test_no_writer_overwrites_another(new_place: Callable[[], Place], size: int) -> None:
    place = new_place()
    engine = prepared(place)
    store_of(engine).add_patient(a_patient())
    begun = time.perf_counter()
    with ExitStack() as stack:
        children = [stack.enter_context(child(count_up, place, size))[0] for _ in range(WRITERS)]
        conflicts = sum(heard.recv() for heard in children)
    takes_s = time.perf_counter() - begun
    assert texts(place) == [str(number) for number in range(WRITERS * size)]
    whole(place)
    print(
        f"\n{WRITERS} processes, {size} entries each into one record on {engine.dialect.name}: "
        f"0 of {WRITERS * size} updates lost, {conflicts} refused and tried again, "
        f"{takes_s:.0f} s"
    )


# --- backups while others write


@sizes(2, 3, 50)
def test_backups_and_restores_while_another_writes(
    new_place: Callable[[], Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place, missing = new_place(), 0
    engine = prepared(place)
    store_of(engine).add_patient(a_patient())
    with child(write_on_and_on, place, 0.005) as (heard, _):
        heard.recv()
        assert heard.recv() == "note 0"
        for number in range(size):
            file = tmp_path / f"backup-{number}.sqlite"
            saved = back_up(engine, file)
            assert whole(Place.of(str(file))) == saved
            restored, kept = restore(place, file)
            assert restored.is_whole
            assert restored.changes >= saved.changes
            assert kept is not None
            whole(Place.of(str(kept)))
            with reading(engine, "read the trail") as connection:
                query = select(AUDIT.c.hash).where(AUDIT.c.number == saved.changes)
                assert connection.execute(query).scalar() == saved.head
            acknowledged = set[object]()
            while heard.poll():
                acknowledged.add(heard.recv())
            missing += len(acknowledged.difference(texts(place), texts(Place.of(str(kept)))))
    whole(place)
    print(
        f"\n{size} backups and restores while another wrote on {engine.dialect.name}: all "
        f"whole, {missing} entries missing"
    )
    assert not missing
