"""How quickly the app starts and fills: `python -m tests.benchmarks.bench_app`.

Whole processes without a terminal, against a minimal Textual app in the same run: to the first
painted frame, to the worklist of a large clinic filled with its 200 patients, and the most memory
held (on Linux, whose kernel tells it).
"""

import argparse
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks.bench_dose import print_ratios, run_process
from tests.benchmarks.bench_record import clinic, medians

_MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("Sirolimus")
"""

_OURS = """
from tui.app.app import SirolimusApp
from monitoring.times import Moment
def opened():
    from monitoring.store.opening import open_records
    return open_records({records!r}, "Dr Example")
def ours():
    return SirolimusApp(opened, lambda: Moment.now("UTC"))
"""

_LEAVE = """
async def leave(pilot):
    pilot.app.exit()
async def leave_filled(pilot):
    while not pilot.app.screen_stack[0].is_filled:
        await pilot.pause(0.02)
    pilot.app.exit()
"""

_PAINTED = "minimal Textual app, painted"


def scripts(records: Path) -> dict[str, str]:
    """Return what each process does."""
    ours = _OURS.format(records=str(records)) + _LEAVE
    run = "{app}.run(headless=True, auto_pilot={leave})\n{tell}"
    tell = "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    return {
        _PAINTED: _MINIMAL + _LEAVE + run.format(app="Minimal()", leave="leave", tell=tell),
        "sirolimus, painted": ours + run.format(app="ours()", leave="leave", tell=tell),
        "sirolimus, worklist filled": ours
        + run.format(app="ours()", leave="leave_filled", tell=tell),
    }


def most_memory_mb(script: str) -> float:
    """Return the most memory that a process held; the kernel counts in kB."""
    command = [sys.executable, "-c", script]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(told.stdout.split()[-1]) / 1000


def main() -> None:
    """Run the comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few turns and a smaller clinic")
    turns, patients = (3, 300) if parser.parse_args().small else (10, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        each = scripts(clinic(Path(folder) / "clinic.sqlite", patients))
        cases = {name: partial(run_process, ("-c", script)) for name, script in each.items()}
        print_ratios(f"Start, {patients:,} patients", _PAINTED, medians(cases, turns))
        memory = {
            name: median(most_memory_mb(script) for _ in range(3)) for name, script in each.items()
        }
        print("Most memory held, against the minimal app")
        for name, megabytes in memory.items():
            print(f"  {name:<32} {megabytes:7.1f} MB   × {megabytes / memory[_PAINTED]:.2f}")


if __name__ == "__main__":
    main()
