"""`sirolimus export` in one format: one form at a time, the chosen patients, never over a file."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.tui.commands import Captured, read, run

pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def two(sample: str) -> str:
    """Add a second patient, and a level of each; return the first record number."""
    run("patient", "add", "--mrn", "123", "--name", "Sample Other", "--born", "2020", "--sex",
        "female")  # fmt: skip
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on", "2026-11-01")
    run("prescribe", sample, "--dose", "0.44mg", "--times-a-day", "2", "--from",
        "2026-11-01T08:00")  # fmt: skip
    for number in (sample, "123"):
        run("level", "add", number, "7.20ng/mL", "--at", "2026-11-20T08:00", "--last-dose",
            "2026-11-19T20:00")  # fmt: skip
    return sample


@pytest.fixture
def sample_in_a_folder(sample: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Add a patient, and go into an empty folder."""
    assert sample
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_levels_of_all_or_of_the_chosen(two: str, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "all.csv"
    found = read(capsys, "export", "--levels", str(file))
    assert (found["written"], found["kind"], found["file"]) == (2, "levels", str(file))
    assert [row["record_number"] for row in rows(file)] == [two, "123"]
    run("export", "--levels", str(tmp_path / "one.csv"), "--patient", two, "--patient", two)
    assert [row["record_number"] for row in rows(tmp_path / "one.csv")] == ["00123"]


def test_the_figures_are_those_of_the_list(two: str, tmp_path: Path, capsys: Captured) -> None:
    run("export", "--levels", str(tmp_path / "a.csv"), "--patient", two)
    (row,) = rows(tmp_path / "a.csv")
    (shown,) = read(capsys, "level", "list", two)

    def number(name: str) -> Any:
        return float(row[name]) if row[name] else None

    for name in ("level_ng_ml", "hours_since_last_dose", "days_since_change", "change_percent"):
        assert number(name) == shown[name], name
    for name in ("status", "assay", "reported", "comparator"):
        assert (row[name] or None) == shown[name], name
    for name in ("is_trough", "steady_state", "counts", "excluded"):
        assert {"true": True, "false": False, "": None}[row[name]] == shown[name], name
    assert row["sampled_at"] == shown["at"]
    assert row["alerts"].split() == [each["code"] for each in shown["alerts"]]
    (dose,) = read(capsys, "prescription", "list", two)
    assert (number("dose_mg"), number("daily_mg")) == (dose["dose_mg"], dose["daily_mg"])
    # Mosteller: sqrt(12.4 × 88 / 3600) = 0.550555; 0.88 / 0.550555 = 1.5984
    assert row["mg_per_m2_per_day"] == "1.5984"


def test_omop_writes_a_folder(two: str, tmp_path: Path, capsys: Captured) -> None:
    document = read(capsys, "export", "--omop", str(tmp_path / "omop"), "--patient", two)
    assert document["kind"] == "omop"
    assert document["written"] == sum(
        len(file.read_text(encoding="utf-8").splitlines()) - 1
        for file in (tmp_path / "omop").iterdir()
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "An export has one form"),
        (("out", "--levels", "a.csv"), "An export has one form"),
        (("--omop", "out", "--levels", "a.csv"), "An export has one form"),
        (("out", "--patient", "00123"), "A complete export has all patients"),
        (("--levels", "a.csv", "--patient", "00999"), "No patient has the record number 00999"),
        (("--levels", "a.csv", "--patient", "[/] =1+1"), "No patient has the record number"),
        (("--levels", "a.doc"), "neither .csv nor .xlsx"),
        (("--levels", "missing/a.csv"), "cannot be written"),
        (("--levels", ""), "neither .csv nor .xlsx"),
    ],
)
def test_wrong_arguments_are_refused_and_nothing_is_written(
    sample_in_a_folder: Path, capsys: Captured, arguments: tuple[str, ...], message: str
) -> None:
    run("export", *arguments, code=2)
    assert message in capsys.readouterr().err
    assert list(sample_in_a_folder.iterdir()) == []


def test_an_existing_file_is_never_replaced(sample: str, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.csv").write_text("mine", encoding="utf-8")
    run("export", "--levels", str(tmp_path / "a.csv"), "--patient", sample, code=2)
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "mine"
