"""`sirolimus import FILE --guess`: shown, confirmed once at a terminal, and kept by name."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.monitoring.exchange.laboratory_shapes import GERMAN
from tests.tui.commands import Captured, read, run

AMBIGUOUS = """\
MRN,Test,Result,Unit,Collected
00123,Sirolimus,7.2,ng/mL,03/04/2026 07:50
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Path) -> Path:
    """Give a folder with files, records with one patient, and settings of its own."""
    assert records.exists()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(tmp_path / "settings.toml"))
    run("patient", "add", "--mrn", "00123", "--name", "Sample [/]", "--born", "2024-02-29",
        "--sex", "male")  # fmt: skip
    Path("de.csv").write_text(GERMAN, encoding="utf-8")
    Path("open.csv").write_text(AMBIGUOUS, encoding="utf-8")
    return tmp_path


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Answer the question, as a person at a terminal does."""

    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self, *_: Any) -> str:
            return answer

    monkeypatch.setattr(sys, "stdin", Terminal())


def test_a_preview_shows_the_guess_and_writes_nothing(folder: Path, capsys: Captured) -> None:
    capsys.readouterr()
    run("import", "de.csv", "--guess", "--preview")
    page = " ".join(capsys.readouterr().out.split())
    for part in ("Ergebnis result: 7,20 · 35* · 250", "Befunddatum not read",
                 "the day is first", "new levels 1"):  # fmt: skip
        assert part in page
    assert not (folder / "mappings").exists()
    assert read(capsys, "level", "list", "00123") == []


@pytest.mark.parametrize(("answer", "is_kept"), [("y\n", True), ("\n", False), ("", False)])
def test_a_guess_is_confirmed_kept_and_used_again(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, answer: str, *, is_kept: bool
) -> None:
    at_a_terminal(monkeypatch, answer)
    run("import", "de.csv", "--guess", "--name", "City lab", code=0 if is_kept else 2)
    assert (folder / "mappings" / "City lab.toml").exists() == is_kept
    levels = [each["reported"] for each in read(capsys, "level", "list", "00123")]
    assert levels == (["7.20 ug/L"] if is_kept else [])
    capsys.readouterr()
    run("import", "de.csv", code=0 if is_kept else 2)
    printed = capsys.readouterr()
    if is_kept:
        assert 'Mapping: "City lab", kept for these headings.' in printed.err
        assert "Nothing to add" in printed.out
    else:
        assert "--guess finds" in printed.err


def test_without_a_terminal_nothing_is_confirmed(capsys: Captured) -> None:
    capsys.readouterr()
    run("import", "de.csv", "--guess", code=2)
    assert "must be confirmed at a terminal" in capsys.readouterr().err
    run("import", "de.csv", "--guess", "--mapping", "x", code=2)
    run("import", ".", "--guess", code=2)


def test_an_open_question_stops_it(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch, "y\n")
    capsys.readouterr()
    run("import", "open.csv", "--guess", code=2)
    assert '"03/04/2026 07:50" is a date of two readings.' in capsys.readouterr().out
    assert not (folder / "mappings").exists()
    told = read(capsys, "import", "open.csv", "--guess", "--preview", code=2)
    assert [(each["about"], each["options"]) for each in told["questions"]] == [
        ("date order", ["dmy", "mdy"])
    ]


def test_a_guess_is_written_to_be_completed(folder: Path, capsys: Captured) -> None:
    run("import", "open.csv", "--guess", "--write-mapping", "open.toml")
    text = (folder / "open.toml").read_text(encoding="utf-8")
    assert '#   "03/04/2026 07:50" is a date of two readings.' in text
    file = folder / "open.toml"
    file.write_text(text.replace('date_order = ""', 'date_order = "dmy"'), encoding="utf-8")
    told = read(capsys, "import", "open.csv", "--mapping", "open.toml")
    assert told["entries"][0]["at"].startswith("2026-04-03T07:50")


@pytest.mark.parametrize(
    ("value", "kept"),
    [("60 10^9/L", "60 10*9/L"), ("60 G/l", "60 10*9/L"), ("60 K/µL", "60 10*9/L"),
     ("60 10⁹/l", "60 10*9/L"), ("60 x10E9/L", "60 10*9/L")],
)  # fmt: skip
def test_a_unit_is_typed_in_every_spelling(capsys: Captured, value: str, kept: str) -> None:
    run("lab", "add", "00123", "platelets", value, "--lln", "150", "--at", "2026-11-03T07:50")
    capsys.readouterr()
    run("lab", "list", "00123")
    number, unit = kept.split()
    assert f"value {number}; unit {unit}" in " ".join(capsys.readouterr().out.split())
