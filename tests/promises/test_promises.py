"""What others build on stays: JSON, exit codes, commands, stored and exported records, hashes."""

import json
import shutil
from pathlib import Path

import pytest

from monitoring.exchange.export import export, restore_export
from monitoring.store.connection import Place, engine_of
from monitoring.store.opening import open_records
from monitoring.store.schema import HEAD, prepare
from monitoring.store.verify import verify
from tests.promises.recording import ANSWERS, EXPORTED, NEWEST, OPTIONS, STORED, answers, options

HEADS = {
    "0001": ("fe043a4747c7396d3472b9d5b0ca58f8aee93a55740ada619e0a05ded275ab2c", 185),
    "0002": ("510ad7b98c64c61fa2d80093ec0e217277bac7298d6838876fd629cb168bef3b", 274),
    "0003": ("2ac70fbd172f245c859cde87ea1adb9786dbe6a812e3bfc43baa5788c618c4d4", 360),
    "0004": ("365d037e4440632e250f1d53307e4a8f5645daa0014c2016029b1df67c08461c", 360),
    "0005": ("365d037e4440632e250f1d53307e4a8f5645daa0014c2016029b1df67c08461c", 360),
    "0006": ("365d037e4440632e250f1d53307e4a8f5645daa0014c2016029b1df67c08461c", 360),
    "0007": ("365d037e4440632e250f1d53307e4a8f5645daa0014c2016029b1df67c08461c", 360),
    "0008": ("365d037e4440632e250f1d53307e4a8f5645daa0014c2016029b1df67c08461c", 360),
    "0009": ("e565264bf892296a36625473fc11872c8874994da9bccd6f4a8057b76df23ff4", 360),
    "0010": ("2de286e6515868099b89e1676c813ff3bbe9dfbc72530da12848536a1990b016", 360),
    "0011": ("c89b33477f4858b2a0106559b8215381b856bfeaf2b3096234c0077018446670", 360),
}
"""The head and the number of changes of the synthetic clinic as it was stored, by schema.

`sirolimus verify --records tests/promises/records-….sqlite` prints them for a new schema.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds the user's data, too."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize("schema", sorted(STORED))
def test_stored_records_open_and_verify_with_the_same_head(schema: str, folder: Path) -> None:
    stored = shutil.copy(STORED[schema], folder / "records.sqlite")
    found = verify(open_records(str(stored)).store.engine)
    assert (found.findings, (found.head, found.changes)) == ((), HEADS[schema])


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.campaign)])
def test_every_command_answers_as_before(every: int, folder: Path) -> None:
    """A patient has 14 commands: every fifth one asks each of them of some patients."""
    stored = Path(shutil.copy(NEWEST, folder / "records.sqlite"))
    before = ANSWERS.read_text(encoding="utf-8").splitlines()[::every]
    for was, now in zip(before, answers(stored, every), strict=True):
        typed = json.loads(was)["typed"]
        assert json.loads(now) == json.loads(was), typed
        assert now == was, f"{typed}: the order of the keys"


def test_every_command_takes_the_same_options() -> None:
    assert list(options()) == OPTIONS.read_text(encoding="utf-8").splitlines()


def test_an_export_is_taken_over_and_written_the_same(tmp_path: Path) -> None:
    engine = engine_of(Place.of(str(tmp_path / "records.sqlite")), create=True)
    prepare(engine, before_upgrade=lambda: None)
    found = restore_export(engine, EXPORTED)
    assert (found.findings, found.head) == ((), HEADS[HEAD][0])
    export(engine, tmp_path / "export")
    names = sorted(each.name for each in EXPORTED.iterdir())
    assert sorted(each.name for each in (tmp_path / "export").iterdir()) == names
    for name in names:
        was, now = ((place / name).read_bytes() for place in (EXPORTED, tmp_path / "export"))
        if name.endswith(".json"):
            assert json.loads(now)["changes"] == json.loads(was)["changes"], name
        else:
            assert now == was, name
