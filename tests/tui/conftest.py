"""What the tests of the commands share: records of their own, in a zone whose clocks are known."""

from pathlib import Path

import pytest

from tests.tui.commands import run
from tests.tui.places import put_empty, put_once

_ASK_FOR_THE_ZONE = (
    "monitoring.store.opening", "monitoring.times", "tui.cli.import_command",
)  # fmt: skip


@pytest.fixture
def zone() -> str:
    """Return the zone of the machine; a file of tests takes another by a fixture of this name."""
    return "Europe/Paris"


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str) -> Path:
    """Give new records, which every command takes."""
    place = put_empty(tmp_path / "data" / "records.sqlite")
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(place))
    monkeypatch.setenv("SIROLIMUS_USER", "Dr Example")
    monkeypatch.setenv("COLUMNS", "80")
    for module in _ASK_FOR_THE_ZONE:
        monkeypatch.setattr(f"{module}.local_zone", lambda: zone)
    return place


@pytest.fixture
def sample(records: Path) -> str:
    """Write a patient down, and return the record number."""
    put_once(records, "sample", _add_sample)
    return "00123"


def _add_sample() -> None:
    run("patient", "add", "--mrn", "00123", "--name", "Sample Łukasz [/]", "--born", "2023-05-01",
        "--sex", "male", "--anomaly", "lymphatic-malformation", "--allergies", "=1+1")  # fmt: skip
