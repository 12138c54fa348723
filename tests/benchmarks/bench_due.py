"""How long it takes to say what is due and to count the cohort, as ratios to loading the records.

`python -m tests.benchmarks.bench_due` (`--small` for a quick look). As in `bench_dose`, the cases
take turns, their medians are compared, and the figures of one run compare with each other and with
nothing else. Loading is compared with reading the bare rows, memory with that of the records.
"""

import argparse
import random
import sqlite3
import tempfile
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path

from dosing import Product, QuantityKind, Sex, TargetTrough, read_quantity
from monitoring.cohort import cohort
from monitoring.due import due_of_all
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entry import Entry
from monitoring.record.kinds import NAMES
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import Prescription
from monitoring.record.response import Criterion, Response
from monitoring.store.audit_log import Link, hash_of
from monitoring.store.connection import Place, engine_of, writing
from monitoring.store.copying import Change, write_changes
from monitoring.store.opening import open_records
from monitoring.store.rows import row_of
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.store.tables import TABLES
from monitoring.store.trail_end import START
from monitoring.times import Moment
from tests.benchmarks.bench_dose import print_ratios
from tests.benchmarks.bench_record import medians

_NOW = Moment.read("2026-11-05T08:00", "UTC")
_TESTS = (("ALT", "35 U/L"), ("platelets", "250 10*9/L"), ("creatinine", "40 umol/L"),
          ("cholesterol", "4.2 mmol/L"), ("potassium", "4 mmol/L"))  # fmt: skip


def entries_of(number: int, chance: random.Random) -> Iterator[Entry]:
    """Yield a patient with a year of treatment: 32 entries."""
    yield Patient(
        record_number=f"{number:05d}",
        name=f"Sample {number}",
        born=date(2018, 2, 1) + timedelta(chance.randint(0, 2500)),
        sex=chance.choice(list(Sex)),
        anomaly=chance.choice(list(Anomaly)),
    )
    start = _NOW.utc - timedelta(days=chance.randint(150, 300))
    for visit in range(4):
        at = Moment(start + timedelta(days=35 * visit), "UTC")
        day = at.utc.date()
        yield Measurement(on=day, weight=read_quantity(f"{12 + visit}.4 kg", QuantityKind.WEIGHT))
        if visit < 2:
            yield Prescription(
                since=at, dose_mg=Decimal("0.44") + visit, times_a_day=2, product=Product.SOLUTION,
                protocol="review", target=TargetTrough(Decimal(5), Decimal(15)), rule_version="1",
            )  # fmt: skip
        if visit:
            last = Moment(at.utc - timedelta(hours=12), "UTC")
            value = read_quantity(f"{chance.randint(30, 180) / 10} ng/mL", QuantityKind.LEVEL)
            yield Level(sampled=at, value=value, last_dose=last, assay=Assay.LC_MS_MS)
        for test, text in _TESTS[: 5 if visit else 1]:
            yield LaboratoryValue(test=test, at=at, value=LaboratoryQuantity.read(text))
    yield CoMedication(drug=chance.choice(["prednisolone", "co-trimoxazole"]), since=start.date())
    yield AdverseEvent(term="mouth sores", since=start.date() + timedelta(20))
    improved = chance.random() < 0.7
    yield Response(
        on=start.date() + timedelta(chance.randint(1, 120)), criterion=Criterion.CLINICAL,
        improved=improved,
    )  # fmt: skip


def changes(patients: int) -> Iterator[Change]:
    """Yield a clinic's changes, as if they had been written down one by one."""
    numbers, previous, chance = count(1), START, random.Random(84)
    for patient in range(patients):
        first = 0
        for entry in entries_of(patient, chance):
            number = next(numbers)
            first = first or number
            link = Link(
                number=number, at_utc="2026-11-05T08:00:00Z", at_zone="UTC", by="Dr Example",
                kind=NAMES[type(entry)], patient=first,
            )  # fmt: skip
            row = row_of(entry)
            previous = hash_of(previous, link, row)
            yield Change(link, previous, row)


def clinic(file: Path, patients: int) -> Store:
    """Make records of so many patients."""
    engine = engine_of(Place.of(str(file)), create=True)
    prepare(engine, before_upgrade=lambda: None)
    with writing(engine, "fill the records") as connection:
        write_changes(connection, changes(patients))
    return open_records(str(file), "Dr Example").store


def read_rows(file: Path) -> int:
    """Read every row of every kind of entry, and make nothing of it."""
    connection = sqlite3.connect(file)
    rows = sum(len(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in TABLES)  # noqa: S608 - names of our own tables
    connection.close()
    return rows


def load(store: Store) -> int:
    """Read every record."""
    return sum(1 for _ in store.records())


def load_and_say_what_is_due(store: Store) -> int:
    """Read every record and say what is due."""
    return sum(len(found) for _, found in due_of_all(store.records(), _NOW))


def load_and_count(store: Store) -> int:
    """Read every record and count the cohort."""
    return cohort(store.records(), _NOW).treated


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few turns and a smaller clinic")
    is_small = parser.parse_args().small
    turns, patients = (3, 500) if is_small else (2, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.sqlite"
        store = clinic(file, patients)
        cases = {
            "loading": partial(load, store),
            "bare rows of SQLite": partial(read_rows, file),
            "loading, and what is due": partial(load_and_say_what_is_due, store),
            "loading, and the cohort": partial(load_and_count, store),
        }
        found = medians(cases, turns)
        print_ratios(f"{patients:,} patients, {read_rows(file):,} entries", "loading", found)
        alone = found["loading, and what is due"] - found["loading"]
        print(f"  what is due alone, against loading   × {alone / found['loading']:.2f}")

        tracemalloc.start()
        records = list(store.records())
        held = tracemalloc.get_traced_memory()[0]
        del records
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        load_and_say_what_is_due(store)
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        print(f"Memory: all records at once {held / 1e6:.1f} MB; the most that saying what is due")
        print(f"  held at a time {peak / 1e6:.1f} MB   × {peak / held:.2f}")


if __name__ == "__main__":
    main()
