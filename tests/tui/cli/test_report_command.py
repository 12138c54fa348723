"""`sirolimus report` as a person runs it."""

import os
import stat
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import pytest

from monitoring.times import Moment
from tests.tui.commands import Captured, run

WORDS = "correct horse"


@pytest.fixture
def zone() -> str:
    """Return a zone without changes of the clocks."""
    return "UTC"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Path) -> Path:
    """Give an empty folder to work in, with records of a patient of one's own."""
    assert records.exists()
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    run("patient", "add", "--mrn", "00123", "--name", "Sample Łukasz", "--born", "2024-02-29",
        "--sex", "male")  # fmt: skip
    return here


def type_in(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    typed = iter(passwords)
    monkeypatch.setattr("tui.cli.report.getpass", lambda _prompt: next(typed))


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


def test_the_summary_is_written_for_its_owner_alone_and_its_path_is_printed(
    folder: Path, capsys: Captured
) -> None:
    capsys.readouterr()
    run("report", "00123", "--out", "summary.pdf")
    file = folder / "summary.pdf"
    assert capsys.readouterr().out == f"{file}\n"
    assert "Sample Łukasz" in text_of(file.read_bytes())
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_rest_of_the_record_follows_with_full(folder: Path) -> None:
    run("note", "add", "00123", "seen in clinic", "--on", "2026-01-01")
    run("report", "00123", "--out", "first.pdf")
    run("report", "00123", "--full", "--out", "full.pdf")
    first, full = (text_of((folder / f"{name}.pdf").read_bytes()) for name in ("first", "full"))
    assert "seen in clinic" not in first
    assert "Full summary (" in first
    assert "seen in clinic" in full
    assert "Full summary (" not in full


@pytest.mark.parametrize("other", ["--card", "--give-log"])
def test_full_is_for_a_summary(other: str, capsys: Captured) -> None:
    capsys.readouterr()
    run("report", "00123", "--full", other, code=2)
    assert "--full is for a summary. Leave it out." in capsys.readouterr().err


def test_the_head_on_the_page_is_the_one_that_verify_prints(folder: Path, capsys: Captured) -> None:
    capsys.readouterr()
    run("verify")
    head = capsys.readouterr().out.rsplit("Head ", 1)[1].strip(" .\n")
    run("report", "00123", "--out", "summary.pdf")
    assert head in text_of((folder / "summary.pdf").read_bytes())


def test_the_proposed_file_has_no_name_of_the_patient(folder: Path, capsys: Captured) -> None:
    capsys.readouterr()
    run("report", "00123")
    day = f"{Moment.now('UTC').local:%Y-%m-%d}"
    assert [file.name for file in folder.iterdir()] == [f"sirolimus-summary-{day}-00123.pdf"]


def test_a_file_that_is_there_stays_unless_forced(folder: Path, capsys: Captured) -> None:
    file = folder / "summary.pdf"
    file.write_text("mine")
    capsys.readouterr()
    run("report", "00123", "--out", str(file), code=2)
    assert "exists already" in capsys.readouterr().err
    assert file.read_text() == "mine"
    run("report", "00123", "--out", str(file), "--force")
    assert file.read_bytes().startswith(b"%PDF")


def test_the_paper_can_be_chosen(folder: Path) -> None:
    run("report", "00123", "--out", "summary.pdf", "--paper", "letter")
    with pikepdf.open(folder / "summary.pdf") as document:
        assert [float(number) for number in document.pages[0].mediabox] == [0, 0, 612, 792]


def test_a_password_is_asked_for_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, WORDS, WORDS)
    run("report", "00123", "--out", "summary.pdf", "--password")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(folder / "summary.pdf")
    with pikepdf.open(folder / "summary.pdf", password=WORDS) as document:
        assert document.encryption.R == 6


@pytest.mark.parametrize("passwords", [(WORDS, "other"), ("", "")])
def test_nothing_is_written_where_the_passwords_differ_or_are_empty(
    folder: Path, monkeypatch: pytest.MonkeyPatch, passwords: tuple[str, str]
) -> None:
    type_in(monkeypatch, *passwords)
    run("report", "00123", "--out", "summary.pdf", "--password", code=2)
    assert list(folder.iterdir()) == []


def test_an_unknown_patient_is_told(folder: Path, capsys: Captured) -> None:
    capsys.readouterr()
    run("report", "999", "--out", "summary.pdf", code=2)
    assert "No patient has the record number 999" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
