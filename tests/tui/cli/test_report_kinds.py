"""`sirolimus report` for the family, the clinic and everybody, as a person runs it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.times import Moment
from tests.encrypted import plain_place
from tests.reports.pdf_marks import size_of, text_of
from tests.tui.commands import Captured
from tests.tui.places import put_demo_of_today
from tui.cli.main import main


@pytest.fixture
def zone() -> str:
    """Return a zone without changes of the clocks."""
    return "UTC"


@pytest.fixture(autouse=True)
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Path) -> Path:
    """Give the synthetic clinic, in records of its own."""
    records.unlink()
    monkeypatch.chdir(tmp_path)
    return put_demo_of_today(records)


@pytest.fixture
def three(demo: Path) -> Path:
    """Give three patients with every kind of entry in the place of the clinic."""
    demo.unlink()
    plain_place(demo, 3)
    return demo


def today() -> str:
    return str(Moment.now("UTC").local.date())


def test_the_card_is_written_and_its_place_told(tmp_path: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert main(["report", "DEMO-01", "--card", "--out", "card.pdf"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'card.pdf'}\n"
    told = text_of((tmp_path / "card.pdf").read_bytes())
    assert "Sample Łukasz" in told
    assert "0.42 mL each time" in told


def test_the_familys_pages_are_written_in_a_language(tmp_path: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert main(["report", "DEMO-01", "--give-log", "--language", "es"]) == 0
    file = tmp_path / f"sirolimus-give-log-{today()}-DEMO-01.pdf"
    assert capsys.readouterr().out == f"{file}\n"
    told = text_of(file.read_bytes())
    assert "Registro de tomas de sirolimus" in told
    assert "0.42 mL" in told
    assert main(["report", "DEMO-01", "--card", "--language", "ar", "--out", "card.pdf"]) == 0
    assert main(["report", "DEMO-11", "--give-log", "--out", "held.pdf"]) == 3
    assert "Sirolimus is on hold" in capsys.readouterr().err
    assert not (tmp_path / "held.pdf").exists()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--card", "--language", "zh"], '"zh" is not a language'),
        (["--card", "--language", "[/]\x1b"], '"[/]" is not a language'),
        (["--language", "es"], "--language is for the family's pages"),
        (["--card", "--give-log"], "two documents"),
    ],
)
def test_a_page_that_there_is_not_is_refused(
    capsys: Captured, options: list[str], why: str
) -> None:
    capsys.readouterr()
    assert main(["report", "DEMO-01", *options]) == 2
    assert why in capsys.readouterr().err
    assert main(["report", "--clinic", "--give-log"]) == 2
    assert "--give-log is for one patient" in capsys.readouterr().err


def test_the_proposed_names_do_not_name_the_patient(tmp_path: Path) -> None:
    assert main(["report", "DEMO-01", "--card"]) == 0
    assert main(["report", "--clinic"]) == 0
    assert (tmp_path / f"sirolimus-dose-card-{today()}-DEMO-01.pdf").exists()
    assert (tmp_path / f"sirolimus-clinic-{today()}.pdf").exists()


@pytest.mark.parametrize(
    ("number", "code", "why"),
    [
        ("DEMO-08", 2, "no current dose"),
        ("DEMO-11", 3, "Sirolimus is on hold"),
        ("DEMO-13", 3, "Sirolimus is on hold"),
        ("DEMO-17", 3, "Pregnancy is recorded"),
    ],
)
def test_a_card_that_must_not_be_handed_out_is_refused(
    tmp_path: Path, capsys: Captured, number: str, code: int, why: str
) -> None:
    assert main(["report", number, "--card", "--out", "card.pdf"]) == code
    assert why in capsys.readouterr().err
    assert not (tmp_path / "card.pdf").exists()


def test_the_clinic_on_letter_paper(tmp_path: Path) -> None:
    assert main(["report", "--clinic", "--paper", "letter", "--out", "clinic.pdf"]) == 0
    pdf = (tmp_path / "clinic.pdf").read_bytes()
    assert size_of(pdf) == (612, 792)
    assert "17 of 17 patients were given sirolimus" in text_of(pdf)


def test_a_file_that_is_there_stays_unless_forced(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "clinic.pdf").write_text("mine")
    assert main(["report", "--clinic", "--out", "clinic.pdf"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "clinic.pdf").read_text() == "mine"
    assert main(["report", "--clinic", "--out", "clinic.pdf", "--force"]) == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "Name one document"),
        (("DEMO-01", "--clinic"), "Name one document"),
        (("--clinic", "--all", "--out", "x"), "Name one document"),
        (("DEMO-01", "--all", "--out", "x"), "Name one document"),
        (("--clinic", "--card"), "--card is for one patient"),
        (("--all", "--card", "--out", "x"), "--card is for one patient"),
        (("--all",), "Give --out FOLDER"),
    ],
)
def test_what_does_not_go_together_is_refused(
    tmp_path: Path, capsys: Captured, arguments: tuple[str, ...], why: str
) -> None:
    before = sorted(tmp_path.iterdir())
    assert main(["report", *arguments]) == 2
    assert why in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.usefixtures("three")
def test_all_are_written_then_resumed_and_told(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "out"
    capsys.readouterr()
    assert main(["report", "--all", "--out", "out"]) == 0
    written = capsys.readouterr()
    assert written.out == f"{folder}: 3 written.\n"
    assert written.err == ""  # no bar where standard error is no terminal
    assert len(list(folder.iterdir())) == 3
    next(folder.iterdir()).unlink()
    assert main(["report", "--all", "--out", "out"]) == 0
    assert capsys.readouterr().out == (
        f"{folder}: 1 written.\n"
        "2 of today exist already and stay as they are (--force writes them again).\n"
    )
    assert main(["report", "--all", "--out", "out", "--force"]) == 0
    assert capsys.readouterr().out == f"{folder}: 3 written.\n"


def test_a_bad_record_is_listed_at_the_end_with_exit_code_1(
    three: Path, tmp_path: Path, capsys: Captured
) -> None:
    with closing(sqlite3.connect(three, isolation_level=None)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in found.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE prescription SET dose_mg = 'much' WHERE patient = 1")
    capsys.readouterr()
    assert main(["report", "--all", "--out", "out"]) == 1
    told = capsys.readouterr()
    assert told.out == f"{tmp_path / 'out'}: 2 written.\n"
    assert told.err.startswith("Not written, patient 1: ")
    assert "Łukasz" not in told.err


@pytest.mark.usefixtures("three")
def test_a_terminal_sees_a_bar(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    capsys.readouterr()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["report", "--all", "--out", "out"]) == 0
    told = capsys.readouterr()
    assert "Summaries" in told.err
    assert told.out == f"{tmp_path / 'out'}: 3 written.\n"
