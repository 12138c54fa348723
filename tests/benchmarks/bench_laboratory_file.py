"""The time and memory of reading a laboratory's file, as ratios to `csv.reader` of the same bytes.

`python -m tests.benchmarks.bench_laboratory_file` (`--small` for a quick look). As in `bench_dose`,
the cases take turns, their medians are compared, and the figures of one run compare with each other
and with nothing else. The rows are read one after the other, and the memory of the rows that are
held at a time is that of a file of any length.
"""

import argparse
import csv
import io
import tracemalloc
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from time import process_time
from types import MappingProxyType

from monitoring.exchange.laboratory_file.guess import guess_mapping
from monitoring.exchange.laboratory_file.layout import FileLayout, sheet_in
from monitoring.exchange.laboratory_file.mapping import LEVEL, MappedColumns
from monitoring.exchange.laboratory_file.mapping import Mapping as Columns
from monitoring.exchange.laboratory_file.row_parsing import RowReader, RowResult

_SIZES, _SMALL_SIZES = (10_000, 100_000), (1_000, 3_000)
_TURNS, _SMALL_TURNS = 3, 1
_HEADINGS = "MRN,Test,Result,Unit,Range,Collected,Status"
_MAPPING = Columns(
    columns=MappedColumns(
        record_number="MRN", test="Test", value="Result", unit="Unit", range="Range",
        sample_time="Collected", status="Status",
    ),
    time_zone="UTC",
    layout=FileLayout(),
    decimal_sign="point",
    tests=MappingProxyType({"SIRO": LEVEL, "ALAT": "ALT"}),
)  # fmt: skip


def file_of(rows: int) -> bytes:
    """Return a file of so many results, in usual and in less usual spellings."""
    lines = []
    for number in range(rows):
        day, clock = number % 28 + 1, f"{number % 24:02d}:{number % 60:02d}"
        if number % 2:
            result = f"SIRO,{number % 290 / 10 + 0.1:.1f} H,µg/L,,2026/03/{day:02d} {clock}"
        else:
            result = f"ALAT,{number % 90 + 1},U/l,<41,2026-03-{day:02d} {clock}"
        lines.append(f"{number % 700:05d},{result},F")
    return "\n".join((_HEADINGS, *lines, "")).encode()


def read_plainly(content: bytes) -> int:
    """Return the number of cells by `csv.reader` alone."""
    return sum(map(len, csv.reader(io.StringIO(content.decode(), newline=""))))


def read_results(content: bytes) -> int:
    """Return the number of results; each is let go before the next."""
    sheet = sheet_in(content, _MAPPING.layout)
    reader = RowReader(_MAPPING, sheet)
    return sum(isinstance(reader.read(row), RowResult) for row in sheet.rows)


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work."""
    start = process_time()
    work()
    return process_time() - start


def medians(cases: Mapping[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Return the median CPU seconds of each case; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(turns):
        for name, case in cases.items():
            times[name].append(processor_seconds(case))
    return {name: median(each) for name, each in times.items()}


def peak_of(work: Callable[[], object]) -> int:
    """Return the most bytes that some work holds at a time."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main() -> None:
    """Run the comparison for two sizes and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    for rows in _SMALL_SIZES if small else _SIZES:
        content = file_of(rows)
        if read_results(content) != rows:
            raise SystemExit("not every row is a result")
        cases: dict[str, Callable[[], object]] = {
            "csv.reader": partial(read_plainly, content),
            "results": partial(read_results, content),
            "guess": partial(guess_mapping, content, "UTC"),
        }
        found = medians(cases, _SMALL_TURNS if small else _TURNS)
        print(f"{rows:,} rows, against csv.reader; CPU time")
        for name, value in found.items():
            print(f"  {name:12} {value * 1000:9.1f} ms   × {value / found['csv.reader']:.1f}")
        beyond = peak_of(cases["results"]) - peak_of(cases["csv.reader"])
        print(f"  memory beyond that of csv.reader: {beyond / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
