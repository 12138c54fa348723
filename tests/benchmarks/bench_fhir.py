"""How long an export as FHIR takes, as a ratio to `json.dumps` of the same, and what it holds.

`python -m tests.benchmarks.bench_fhir` (`--small` for a quick look): 1,000 patients, each with six
levels, whose treatment has ended; then 100 who are treated, each with a forecast. CPU time; the
figures of one run compare with each other and with nothing else.
"""

import argparse
import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from monitoring.exchange.fhir.writing import write_fhir
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.builders import (
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_side_effect,
    at,
    later,
)
from tests.stores import store_of

BEGUN, NOW = at("2026-05-01T20:00"), at("2026-11-24T16:00")
_LEVELS = 6
_LABS = (("ALT", "24 U/L", "40 U/L"), ("Platelets", "310 10*9/L", "450 10*9/L"))


def entries_of_one() -> list[Entry]:
    """Return a course of half a year: a dose, then monthly visits."""
    found: list[Entry] = [
        a_side_effect("Mucositis oral", "2026-07-01", 1),
        a_drug(since="2026-08-01"),
        a_condition("surgery", "2026-06-01"),
    ]
    for visit in range(_LEVELS):
        sampled = later(BEGUN, days=14 + 30 * visit, hours=12)
        day = sampled.local.date()
        found.append(a_measurement(f"{12.4 + visit / 10:.1f} kg", "88 cm", day - timedelta(days=1)))
        found.append(a_level(f"{7 + visit / 10:.2f} ng/mL", sampled))
        for test, value, upper in _LABS:
            found.append(a_laboratory_value(test, value, sampled, upper=upper))
    return found


@contextmanager
def clinic(patients: int, *, treated: bool) -> Iterator[Store]:
    """Give records of so many patients in memory."""
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        store = store_of(engine)
        for each in range(patients):
            number = store.add_patient(a_patient(f"{each:05d}", f"Sample {each}")).number
            dose = store.add(number, a_dose(BEGUN, "0.44")).number
            if not treated:
                store.end(dose, StopRecord(of=dose, at=later(NOW, days=-1)))
        numbers = store.patient_numbers()
        entries = [(number, entry) for number in numbers for entry in entries_of_one()]
        store.add_all(entries, store.last_change())
        yield store


def cpu_of(work: Callable[[], object]) -> float:
    """Return the CPU time of one call."""
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def compare(patients: int, *, treated: bool) -> None:
    """Print the cost of one export beside `json.dumps` of the same document."""
    with clinic(patients, treated=treated) as store, TemporaryDirectory() as folder:
        file = Path(folder) / "out.json"
        taken = cpu_of(partial(write_fhir, store, None, file, NOW))
        size = file.stat().st_size / 1e6
        document = json.loads(file.read_text(encoding="utf-8"))
        bare = cpu_of(partial(json.dumps, document, ensure_ascii=False))
    what = "with forecasts" if treated else "without a forecast"
    print(f"{patients} patients {what}, {len(document['entry'])} resources, {size:.1f} MB:")
    print(f"  {taken:.2f} s of CPU, {taken / bare:.1f} × json.dumps of the same ({bare:.2f} s)")


def most_memory(patients: int) -> float:
    """Return the most memory that one export holds, in MB."""
    with clinic(patients, treated=False) as store, TemporaryDirectory() as folder:
        tracemalloc.start()
        write_fhir(store, None, Path(folder) / "out.json", NOW)
        most = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return most


def main() -> None:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a fortieth of the patients")
    share = 40 if parser.parse_args().small else 1
    with clinic(1, treated=True) as store, TemporaryDirectory() as folder:
        write_fhir(store, None, Path(folder) / "out.json", NOW)  # the imports are no part of it
    compare(1_000 // share, treated=False)
    compare(100 // share, treated=True)
    few, many = most_memory(200 // share), most_memory(1_000 // share)
    print(f"At most {few:.1f} MB for {200 // share} patients, {many:.1f} MB for {1_000 // share}")


if __name__ == "__main__":
    main()
