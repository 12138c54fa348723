"""How long FHIR takes to read, as a ratio against `json.loads` of the same lines.

`python -m tests.benchmarks.bench_fhir_reading` (`--small` for a quick look). Times are of the
processor. The memory is the most that Python had at once beyond the file, for two sizes of it.
"""

import argparse
import json
import tracemalloc
from collections.abc import Callable, Iterator
from time import process_time

from monitoring.exchange.fhir.reading import read_fhir
from monitoring.exchange.incoming import Incoming, ReadingChoices
from tests.benchmarks.bench_dose import print_ratios

_CHOICES = ReadingChoices(time_zone="Europe/Paris")
_PATIENTS = 1_000
_UCUM = "http://unitsofmeasure.org"


def lines(observations: int) -> Iterator[str]:
    """Yield patients, and levels of them."""
    for number in range(_PATIENTS):
        yield json.dumps(
            {
                "resourceType": "Patient", "id": f"p{number}", "gender": "male",
                "identifier": [{"system": "urn:oid:1.2.3", "value": f"{number:05}"}],
                "name": [{"family": "Sample", "given": [f"No {number}"]}],
                "birthDate": "2024-02-29",
            }
        )  # fmt: skip
    for number in range(observations):
        minutes = number // _PATIENTS
        yield json.dumps(
            {
                "resourceType": "Observation", "id": f"o{number}", "status": "final",
                "meta": {"lastUpdated": "2026-11-05T12:00:00Z"},
                "code": {"coding": [{"system": "http://loinc.org", "code": "29247-4"}]},
                "subject": {"reference": f"Patient/p{number % _PATIENTS}"},
                "effectiveDateTime": f"2026-11-05T{minutes // 60:02}:{minutes % 60:02}:00+01:00",
                "issued": "2026-11-05T12:00:00Z",
                "valueQuantity": {"value": 7.25, "unit": "ng/mL", "system": _UCUM, "code": "ng/mL"},
                "referenceRange": [{"low": {"value": 5, "unit": "ng/mL"}}],
            }
        )  # fmt: skip


def content(observations: int) -> bytes:
    """Return them as NDJSON."""
    return "\n".join(lines(observations)).encode()


def parse(file: bytes) -> int:
    """Parse each line, and nothing else."""
    return sum(bool(json.loads(line)) for line in file.split(b"\n"))


def read(file: bytes) -> int:
    """Read the file, and return the number of its results."""
    return sum(isinstance(each, Incoming) for each in read_fhir(file, _CHOICES))


def processor_seconds(work: Callable[[bytes], int], file: bytes) -> float:
    """Return how long `work` takes of the processor."""
    began = process_time()
    work(file)
    return process_time() - began


def most_memory(observations: int) -> float:
    """Return the most memory of one reading, in MiB beyond the file."""
    file = content(observations)
    tracemalloc.start()
    assert read(file) == observations
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def main() -> None:
    """Compare the reading with `json.loads`, and the memory of two sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="fewer Observations")
    observations = 5_000 if parser.parse_args().small else 100_000
    file = content(observations)
    cases = {"json.loads of each line": parse, "read_fhir": read}
    taken = {name: processor_seconds(case, file) for name, case in cases.items()}
    print_ratios(f"{observations:,} Observations", "json.loads of each line", taken)
    few = observations // 10
    print(
        f"  memory beyond the file: {most_memory(few):.1f} MiB for {few:,}, "
        f"{most_memory(2 * few):.1f} MiB for {2 * few:,}"
    )


if __name__ == "__main__":
    main()
