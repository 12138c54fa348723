"""How long it takes to read HL7 v2, as a ratio to splitting the same text at its delimiters.

`python -m tests.benchmarks.bench_hl7` (`--small` for a quick look). The figures of one run compare
with each other and with nothing else.
"""

import argparse
import tracemalloc
from time import process_time

from monitoring.exchange.hl7.reading import read_hl7
from monitoring.exchange.incoming import Incoming, ReadingChoices
from tests.benchmarks.bench_dose import print_ratios
from tests.monitoring.exchange.hl7.messages import ZONE, msh, obx, oru, pid

_RESULTS_OF_A_MESSAGE = 5


def a_file(results: int) -> bytes:
    """Return messages of five levels each, every one of another patient."""
    levels = [
        obx(f"{7 + place}.20", _1=str(place + 1), _17="LC-MS/MS")
        for place in range(_RESULTS_OF_A_MESSAGE)
    ]
    return b"".join(
        oru(*levels, header=msh(f"C{number}"), patient=pid(_3=f"{number:06d}^^^CITY^MR"))
        for number in range(results // _RESULTS_OF_A_MESSAGE)
    )


def read(content: bytes) -> int:
    choices = ReadingChoices(time_zone=ZONE)
    return sum(isinstance(each, Incoming) for each in read_hl7(content, choices))


def split(content: bytes) -> int:
    """Return the number of fields, each split into components, and nothing checked."""
    segments = content.decode().split("\r")
    return sum(len([field.split("^") for field in each.split("|")]) for each in segments)


def main() -> None:
    """Run both and print them, and the memory beside the file's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few results only")
    results = 10_000 if parser.parse_args().small else 100_000
    content = a_file(results)
    seconds = {}
    for name, case in (("split", split), ("read", read)):
        begin = process_time()
        case(content)
        seconds[name] = process_time() - begin
    print_ratios(f"{results:,} results of HL7 v2", "split", seconds)
    tracemalloc.start()
    read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"  memory {peak / 2**20:.1f} MiB beside a file of {len(content) / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
