"""How quickly the app starts and fills: `python -m tests.benchmarks.bench_app`.

Processes without a terminal, against a minimal Textual app in the same run: from their start to the
first painted frame, to the first rows of a large clinic's worklist (read from the index by the
driver, and by way of the open records), to the last of its patients, and the most memory held by
then (on Linux, whose kernel tells it). A process is left at once, so that no leaving is measured.
Then the time from a key to the repaint on that worklist, against the same in a minimal app with a
table of 200 rows, each the median of many presses, in one process each. `bench_worklist` has the
index alone.
"""

import argparse
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from monitoring.store.opening import open_records
from monitoring.times import Moment
from monitoring.worklist_index.index import rows_of_all
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
def first(now, clinic):
    from monitoring.worklist_index.first_rows import first_rows
    return first_rows({records!r}, now, clinic)
def ours(has_first=True):
    app = SirolimusApp(opened, lambda: Moment.now("UTC"))
    app.first_rows = first if has_first else None
    return app
"""

_LEAVE = """
import os, sys
def tell(what):
    print(what)
    sys.stdout.flush()
    os._exit(0)
def held():
    return open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
async def leave(pilot):
    from asyncio import sleep
    compositor = pilot.app.screen._compositor
    while not any(strip.text.strip() for strip in compositor.render_strips()):
        await sleep(0)
    tell(held())
async def leave_filled(pilot):
    while not pilot.app.screen_stack[0].is_filled:
        await pilot.pause(0.01)
    tell(held())
async def leave_complete(pilot):
    while not pilot.app.screen_stack[0].is_complete:
        await pilot.pause(0.01)
    tell(held())
async def press(pilot):
    import asyncio
    from statistics import median
    from time import perf_counter
    from textual.events import Key
    app, repainted = pilot.app, asyncio.Event()
    while not getattr(app.screen_stack[0], "is_complete", True):
        await pilot.pause(0.01)
    await pilot.pause(0.2)
    def display(screen, update):
        if update is not None:
            update.render_segments(app.console)
            repainted.set()
    app._display = display
    times = []
    for turn in range(300):
        repainted.clear()
        begun = perf_counter()
        app.post_message(Key("down" if turn % 150 < 75 else "up", None))
        await repainted.wait()
        times.append((perf_counter() - begun) * 1000)
        await asyncio.sleep(0.02)
    tell(median(times) / 1000)
"""

_LIST = """
from textual.app import App
from textual.widgets import DataTable
class Minimal(App):
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns(*"abcde")
        for row in range(200):
            table.add_row(*[f"cell {row} {column}" for column in range(5)])
"""

_PAINTED = "minimal Textual app, painted"


_PRESSED = "minimal Textual app with a table"


def scripts(records: Path) -> dict[str, str]:
    """Return what each process does."""
    ours = _OURS.format(records=str(records)) + _LEAVE
    run = "{app}.run(headless=True, auto_pilot={leave})"
    return {
        _PAINTED: _MINIMAL + _LEAVE + run.format(app="Minimal()", leave="leave"),
        "sirolimus, painted": ours + run.format(app="ours()", leave="leave"),
        "sirolimus, first rows": ours + run.format(app="ours()", leave="leave_filled"),
        "sirolimus, rows of the records": ours
        + run.format(app="ours(has_first=False)", leave="leave_filled"),
        "sirolimus, every patient known": ours + run.format(app="ours()", leave="leave_complete"),
    }


def floors() -> dict[str, str]:
    """Return what only imports the libraries that the worklist needs."""
    return {
        "Textual, and a table and a field": _MINIMAL.replace(
            'yield Static("Sirolimus")', "yield DataTable(); yield Input()"
        ).replace("import Static", "import DataTable, Input")
        + _LEAVE
        + "Minimal().run(headless=True, auto_pilot=leave)",
        "import textual, pint, sqlalchemy": "import textual.app, pint, sqlalchemy",
        "the same and pandas": "import textual.app, pint, sqlalchemy, pandas",
    }


def presses(records: Path) -> dict[str, str]:
    """Return what presses keys on a table, in a minimal app and in ours."""
    run = "{app}.run(headless=True, auto_pilot=press)"
    return {
        _PRESSED: _LIST + _LEAVE + run.format(app="Minimal()"),
        "sirolimus, worklist": _OURS.format(records=str(records))
        + _LEAVE
        + run.format(app="ours()"),
    }


def told(script: str) -> float:
    """Return the number that a process tells last."""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def main() -> None:
    """Run the comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few turns and a smaller clinic")
    turns, patients = (3, 300) if parser.parse_args().small else (10, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        records = clinic(Path(folder) / "clinic.sqlite", patients)
        rows_of_all(open_records(str(records), "Dr Example").store, Moment.now("UTC"))
        each = scripts(records)
        cases = {
            name: partial(run_process, ("-c", script)) for name, script in (each | floors()).items()
        }
        print_ratios(f"Start, {patients:,} patients", _PAINTED, medians(cases, turns))
        memory = {name: median(told(script) for _ in range(3)) for name, script in each.items()}
        print("Most memory held, against the minimal app")
        for name, kilobytes in memory.items():
            ratio = kilobytes / memory[_PAINTED]
            print(f"  {name:<32} {kilobytes / 1000:7.1f} MB   × {ratio:.2f}")
        pressed = {
            name: median(told(script) for _ in range(3))
            for name, script in presses(records).items()
        }
        print_ratios("From a key to the repaint", _PRESSED, pressed)


if __name__ == "__main__":
    main()
