"""How long a starting dose takes, as ratios against named baselines of the same run.

`python -m tests.benchmarks.bench_dose` (`--small` for a quick look). Ratios, because machines are
noisy: the cases take turns, their medians are compared, and the figures of one run compare with
each other and with nothing else.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from statistics import median

from dosing import Age, Height, Request, Weight, propose_starting_dose
from tests.second_implementation import Choice, Patient, all_limits

_START = "import sys; from tui.start import main; sys.exit(main())"
_EXAMPLE = ("dose", "--weight", "12.4kg", "--height", "88cm", "--age", "2 years")
_PROCESSES = {
    "import pint": ("-c", "import pint"),
    "sirolimus dose": ("-c", _START, *_EXAMPLE),
    "sirolimus dose --json": ("-c", _START, *_EXAMPLE, "--json"),
    "sirolimus --help": ("-c", _START, "--help"),
}


def run_process(arguments: tuple[str, ...]) -> None:
    """Run Python once; it may keep what it compiles, as an installed pint has done."""
    command = [sys.executable, *arguments]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)


def propose(number: int) -> None:
    """Propose for one of many different children."""
    kg = Decimal(10 + number % 100) / 1 + Decimal(number % 7) / 10
    request = Request(weight=Weight(kg), height=Height(Decimal(130)), age=Age.read("9 years"))
    propose_starting_dose(request)


def propose_plainly(number: int) -> None:
    """Do the same by the second implementation in plain floats."""
    patient = Patient(10 + number % 100 + number % 7 / 10, 108, 130)
    all_limits(patient, Choice())


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def print_ratios(title: str, baseline: str, medians: Mapping[str, float]) -> None:
    """Print each median beside its ratio to the baseline's."""
    print(f"{title}, against {baseline}")
    for name, value in medians.items():
        print(f"  {name:32} {value * 1000:9.2f} ms   × {value / medians[baseline]:.2f}")


def main() -> None:
    """Run both comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few turns only")
    turns = 5 if parser.parse_args().small else 30

    times: dict[str, list[float]] = {name: [] for name in _PROCESSES}
    for arguments in _PROCESSES.values():
        run_process(arguments)  # once for nothing: the first run compiles
    for _ in range(turns):
        for name, arguments in _PROCESSES.items():
            times[name].append(seconds(partial(run_process, arguments)))
    print_ratios("Whole processes", "import pint", {n: median(t) for n, t in times.items()})

    many = 20 * turns
    cases = {"plain floats": propose_plainly, "dosing": propose}
    propose(0)  # the growth tables are read once
    per_proposal = {
        name: median(seconds(partial(case, n)) for n in range(many)) for name, case in cases.items()
    }
    print_ratios("One proposal", "plain floats", per_proposal)
    print(f"  {1 / per_proposal['dosing']:.0f} proposals a second")


if __name__ == "__main__":
    main()
