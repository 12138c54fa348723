"""Files of records for the tests: each is written once in a process, and copied from then on."""

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from monitoring.demo.clinic import write_demo
from monitoring.store.opening import Records, open_records
from monitoring.times import Moment


def written(write: Callable[[Engine], object]) -> bytes:
    """Return the file of new records into which something was written."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "records.sqlite"
        engine = open_records(str(file), "Dr Example", create=True).store.engine
        write(engine)
        engine.dispose()
        return file.read_bytes()


def put(file: Path, content: bytes) -> Path:
    """Write a file of records, for its owner alone, where there is none."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(0o600, exist_ok=False)
    file.write_bytes(content)
    return file


_CLOCK = vars(Moment)["now"]
_BY_COMMANDS: dict[tuple[str, str], bytes] = {}


def put_once(file: Path, name: str, write: Callable[[], object]) -> None:
    """Put what `write` records in a file by commands; it runs once in a process, and at each clock.

    The heads that it made known are forgotten, the first time too: each test finds the same.
    """
    clock = "" if vars(Moment)["now"] is _CLOCK else str(Moment.now())
    if (name, clock) not in _BY_COMMANDS:
        write()
        _BY_COMMANDS[name, clock] = file.read_bytes()
    file.write_bytes(_BY_COMMANDS[name, clock])
    shutil.rmtree(os.environ["SIROLIMUS_STATE"], ignore_errors=True)


@cache
def _empty() -> bytes:
    return written(lambda _engine: None)


@cache
def _demo_of_today(zone: str) -> bytes:
    return written(lambda engine: write_demo(engine, Moment.now(zone).local.date(), zone))


def put_empty(file: Path) -> Path:
    """Write new records without a patient."""
    return put(file, _empty())


def put_demo_of_today(file: Path, zone: str = "UTC") -> Path:
    """Write the synthetic clinic as `sirolimus demo` writes it today."""
    return put(file, _demo_of_today(zone))


def new_records(file: Path, author: str = "Dr Example") -> Records:
    """Open new records without a patient."""
    return open_records(str(put_empty(file)), author)
