"""The index of the worklist at several sizes: `python -m tests.benchmarks.bench_worklist`.

On a file, and on a server where PostgreSQL is installed: the rows of every patient from the index,
the first rows by the driver alone, and the same rows made from the records, in seconds of CPU of
this process. Then one stored entry with and without its line. `--small` has small clinics.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from monitoring.record.note import Note
from monitoring.store.connection import Place, engine_of, writing
from monitoring.store.copying import write_changes
from monitoring.store.opening import open_records
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.times import Moment
from monitoring.worklist_index.first_rows import first_rows
from monitoring.worklist_index.index import WorklistIndex, rows_of_all
from tests.benchmarks.bench_due import changes
from tests.postgres import Server

_NOW = Moment.read("2026-11-05T08:00", "UTC")
_TURNS = 5


@contextmanager
def server() -> Iterator[Server | None]:
    """Give a server of PostgreSQL, or None where it is not installed."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin")):
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="index-"))
    made = Server(folder, "fsync=off")
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def filled(place: str, patients: int) -> Store:
    """Return records of so many patients at a place that is empty."""
    engine = engine_of(Place.of(place), create=True)
    prepare(engine, before_upgrade=lambda: None)
    with writing(engine, "fill the records") as connection:
        write_changes(connection, changes(patients))
    return open_records(place, "Dr Example", throw_away=True).store


def cpu(work: Callable[[], object]) -> float:
    """Return the median seconds of CPU."""
    found = []
    for _ in range(_TURNS):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return median(found)


def report(place: str, store: Store, patients: int) -> None:
    """Print the figures of one clinic."""
    begun = time.process_time()
    rows_of_all(store, _NOW)
    made = time.process_time() - begun
    from_index = cpu(lambda: list(WorklistIndex(store, _NOW).patients()))
    print(f"  {patients:>6,} patients: every row {from_index:.3f} s, made at first {made:.1f} s")
    if "://" not in place:
        print(f"  {'':>6}           the first rows {cpu(lambda: first_rows(place, _NOW)):.3f} s")


def compare_an_entry(store: Store) -> None:
    """Print the cost of one entry, and of its line after it."""
    number = store.patient_numbers()[0]
    note = Note(on=_NOW.local.date(), text="seen")
    index = WorklistIndex(store, _NOW)
    stored = cpu(lambda: store.add(number, note))
    kept = cpu(lambda: index.keep(index.summaries_of([number])))
    print(f"One entry stored {stored * 1000:.1f} ms, its line made and kept {kept * 1000:.1f} ms")


def main() -> None:
    """Make the clinics and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="small clinics alone")
    sizes = (12, 300) if parser.parse_args().small else (12, 300, 1000, 10_000)
    with tempfile.TemporaryDirectory() as folder, server() as running:
        print("A file")
        for patients in sizes:
            place = str(Path(folder) / f"{patients}.sqlite")
            store = filled(place, patients)
            report(place, store, patients)
        compare_an_entry(store)
        if running is None:
            return
        print("A server, without its own CPU")
        for patients in sizes:
            running.run(f"CREATE DATABASE clinic_{patients}")
            place = running.url(f"clinic_{patients}").replace("+psycopg", "")
            report(place, filled(place, patients), patients)


if __name__ == "__main__":
    main()
