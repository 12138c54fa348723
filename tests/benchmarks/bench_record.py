"""How long the record takes to write and to read, as ratios against baselines of the same run.

`python -m tests.benchmarks.bench_record` (`--small` for a quick look). As in `bench_dose`, the
cases take turns, their medians are compared, and the figures of one run compare with each other and
with nothing else.
"""

import argparse
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import process_time

from dosing import QuantityKind, Sex, read_quantity
from monitoring.record.entry import Entry
from monitoring.record.kinds import NAMES
from monitoring.record.level import Level
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.store.audit_log import Link, hash_of
from monitoring.store.connection import Place, _set_sqlite, engine_of, writing
from monitoring.store.copying import Change, write_changes
from monitoring.store.encryption.in_place import encrypt
from monitoring.store.encryption.key_file import KeyFile
from monitoring.store.opening import open_records
from monitoring.store.rows import row_of
from monitoring.store.schema import prepare
from monitoring.store.trail_end import START
from monitoring.times import Moment
from tests.benchmarks.bench_dose import _START, print_ratios, run_process, seconds

_LEVELS_A_PATIENT = 5
_PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of made-up records
_AT = Moment.read("2026-11-05T08:00", "UTC")
_NOTE = Note(on=date(2026, 11, 5), text="Seen in clinic")


def entries_of(number: int) -> Iterator[Entry]:
    """Yield one patient and the patient's levels."""
    born, name = date(2024, 2, 29), f"Sample {number}"
    yield Patient(record_number=f"{number:05d}", name=name, born=born, sex=Sex.MALE)
    value = read_quantity("7.2 ng/mL", QuantityKind.LEVEL)
    yield from [Level(sampled=_AT, value=value)] * _LEVELS_A_PATIENT


def changes(patients: int) -> Iterator[Change]:
    """Yield a clinic's changes, as if they had been written down one by one."""
    numbers, previous = count(1), START
    for patient in range(patients):
        first = 1 + patient * (1 + _LEVELS_A_PATIENT)
        for entry in entries_of(patient):
            link = Link(
                number=next(numbers),
                at_utc="2026-11-05T08:00:00Z",
                at_zone="UTC",
                by=f"Dr Example, of {patients} patients",  # two clinics are not one
                kind=NAMES[type(entry)],
                patient=first,
            )
            row = row_of(entry)
            previous = hash_of(previous, link, row)
            yield Change(link, previous, row)


def clinic(file: Path, patients: int) -> Path:
    """Make records of so many patients."""
    engine = engine_of(Place.of(str(file)), create=True)
    prepare(engine, before_upgrade=lambda: None)
    with writing(engine, "fill the records") as connection:
        write_changes(connection, changes(patients))
    return file


def bare_commit(connection: sqlite3.Connection, number: int) -> None:
    """Commit two inserts of the size of a change, and nothing else."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO audit VALUES (?, '2026-11-05T08:00:00Z', 'UTC', 'Dr Example', 'note', 1, ?)",
        (number, START),
    )
    connection.execute(
        'INSERT INTO note (entry, patient, "on", text) VALUES (?, 1, ?, ?)',
        (number, "2026-11-05", _NOTE.text),
    )
    connection.execute("COMMIT")


def medians(cases: Mapping[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Return the median seconds of each case; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(turns + 1):
        for name, case in cases.items():
            taken = seconds(case)
            if turn:  # the first one warms up
                times[name].append(taken)
    return {name: median(each) for name, each in times.items()}


def compare_writing(folder: Path, turns: int) -> None:
    """Compare one entry stored with a bare commit into the same tables."""
    store = open_records(str(clinic(folder / "stored.sqlite", 1)), "Dr Example").store
    bare = sqlite3.connect(clinic(folder / "bare.sqlite", 1))
    _set_sqlite(bare, None)
    numbers = count(2 + _LEVELS_A_PATIENT)
    cases = {
        "bare commit of two inserts": lambda: bare_commit(bare, next(numbers)),
        "one entry stored": lambda: store.add(1, _NOTE),
    }
    print_ratios("One entry", "bare commit of two inserts", medians(cases, 10 * turns))
    bare.close()


def open_and_read(file: Path) -> None:
    """Open the records and read the patient in their middle."""
    records = open_records(str(file), "Dr Example")
    records.store.find("00005")


def compare_reading(folder: Path, patients: int, turns: int) -> None:
    """Compare one patient among many with one among 10."""
    cases = {
        f"one patient among {size:,}": partial(
            open_and_read, clinic(folder / f"{size}.sqlite", size)
        )
        for size in (10, patients)
    }
    print_ratios("Opening and reading", "one patient among 10", medians(cases, 5 * turns))


def compare_processes(folder: Path, turns: int) -> None:
    """Compare the command as a whole process with an import of SQLAlchemy."""
    os.environ["SIROLIMUS_RECORDS"] = str(clinic(folder / "command.sqlite", 10))
    times = count()

    def add_level() -> None:
        hour, minute = divmod(next(times), 60)  # a time of its own: the same one asks for a reason
        at = f"2026-11-05T{hour:02}:{minute:02}"
        level = ("level", "add", "00005", "7.2 ng/mL", "--at", at, "--reason", "a benchmark")
        run_process(("-c", _START, *level))

    cases: dict[str, Callable[[], object]] = {
        "import sqlalchemy": partial(run_process, ("-c", "import sqlalchemy")),
        "sirolimus level add": add_level,
    }
    print_ratios("Whole processes", "import sqlalchemy", medians(cases, turns))


def compare_encryption(folder: Path, turns: int) -> None:
    """Compare an encrypted entry with a plain one, and print the CPU time of one unlocking."""
    plain, encrypted = (Place.of(str(clinic(folder / f"{each}.sqlite", 10))) for each in "pe")
    key_file, key, _ = KeyFile.new("Dr Example", _PASSPHRASE)
    encrypt(encrypted, key_file, key)
    cases = {
        name: partial(open_records(str(place.file), "Dr Example").store.add, 1, _NOTE)
        for name, place in (("one plain entry", plain), ("one encrypted entry", encrypted))
    }
    print_ratios("Encryption", "one plain entry", medians(cases, 10 * turns))
    taken = []
    for _ in range(turns):
        began = process_time()
        key_file.unlock(_PASSPHRASE)
        taken.append(process_time() - began)
    print(f"One unlocking, once a session: {median(taken):.2f} s of CPU time (the aim is 1.5).")


def main() -> None:
    """Run the four comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few turns and a smaller clinic")
    is_small = parser.parse_args().small
    turns, patients = (5, 1_000) if is_small else (30, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        compare_writing(Path(folder), turns)
        compare_reading(Path(folder), patients, turns)
        compare_encryption(Path(folder), turns)
        compare_processes(Path(folder), turns)


if __name__ == "__main__":
    main()
