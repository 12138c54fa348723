"""What pytest leaves alone, which tests it picks, and how hypothesis runs."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.campaign import FULL, cases

# Matrices of three rows, shared between threads, wait for the cores that the other tests have.
# This is read when numpy is first imported, which is later.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The choices of this machine's own settings are no part of a test.
os.environ["SIROLIMUS_SETTINGS"] = os.devnull
# Nor are the heads known on it: each test has a folder of its own for them.
_STATE = Path(tempfile.mkdtemp(prefix="sirolimus-state-"))
os.environ["SIROLIMUS_STATE"] = str(_STATE)
atexit.register(shutil.rmtree, _STATE, ignore_errors=True)
_tests = count(1)

# The mutation campaign needs packages of its own (requirements-mutation.txt) and is no test, and
# neither are the benchmarks.
collect_ignore = ["mutation.py", "benchmarks"]

# Speed is measured by the benchmarks, not in tests: a busy machine must not fail one. The random
# cases are the same in every run, so that a change is what fails a test; at full size they are new.
settings.register_profile(
    "no-clock",
    deadline=None,
    derandomize=not FULL,
    max_examples=cases(60, 100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("no-clock")


def pytest_configure(config: pytest.Config) -> None:
    """Pick the campaigns, too, where all run at full size, unless told otherwise by -m."""
    if FULL and config.option.markexpr == "not campaign and not full_size":
        config.option.markexpr = ""


def pytest_collection_finish() -> None:
    """Leave what was collected out of the search for garbage, which would walk over it each time.

    The modules and the tests, half a million objects or more, stay to the end of the run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)


def pytest_xdist_auto_num_workers() -> int | None:
    """Take three workers for two cores with `-n auto`: the app's tests wait half of their time."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return max(1, (os.cpu_count() or 1) * 3 // 2)


@pytest.fixture(autouse=True)
def state_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a state folder of its own; it is made when a head is kept in it."""
    folder = _STATE / str(next(_tests))
    monkeypatch.setenv("SIROLIMUS_STATE", str(folder))
    return folder


@pytest.fixture
def empty_key_ring() -> Iterator[None]:
    """Hold no key of another test's encrypted records, and ask nobody for a passphrase."""
    from monitoring.store.encryption.key_ring import KEY_RING  # noqa: PLC0415 - for encrypted records only

    KEY_RING.lock()
    KEY_RING.ask_with(None)
    yield
    KEY_RING.lock()
    KEY_RING.ask_with(None)
