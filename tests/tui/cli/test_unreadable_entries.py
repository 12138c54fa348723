"""One row that cannot be read: every reader names it, goes on with the rest, and counts it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pypdf import PdfReader

from monitoring.store.connection import Place, engine_of
from monitoring.store.verify import verify
from tests.tui.commands import Captured, run
from tests.tui.places import put_once

ADD = ("--name", "Sample Second", "--born", "2021-05-01", "--sex", "female",
       "--anomaly", "lymphatic-malformation")  # fmt: skip
SAMPLED = "UPDATE level SET sampled_utc = '2026-06-30T0?:50:00Z' WHERE entry = 4"


def damage(records: Path, statement: str) -> None:
    """Change a row from outside, which the triggers would forbid."""
    with closing(sqlite3.connect(records)) as connection, connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


@pytest.fixture
def damaged(sample: str, records: Path) -> str:
    """Give two patients; a level of the first cannot be read: number 4."""
    put_once(records, "damaged", lambda: _damage_a_level(sample, records))
    return sample


def _damage_a_level(sample: str, records: Path) -> None:
    run("patient", "add", "--mrn", "00124", *ADD)
    run("prescribe", sample, "--dose", "0.4mg", "--times-a-day", "2",
        "--from", "2026-06-01T08:00")  # fmt: skip
    run("level", "add", sample, "7.2ng/mL", "--at", "2026-06-30T07:50")
    run("note", "add", sample, "seen")
    run("measure", "add", "00124", "--weight", "15kg", "--on", "2026-06-01")
    damage(records, SAMPLED)


@pytest.mark.parametrize(
    "typed",
    [
        ("due",), ("due", "--json"), ("due", "00123"), ("cohort",), ("cohort", "--json"),
        ("patient", "show", "00123"), ("history", "00123"), ("note", "list", "00123"),
        ("level", "list", "00123"), ("level", "list", "00123", "--json"),
        ("report", "--clinic", "--out", "clinic.pdf"), ("report", "00123", "--out", "one.pdf"),
    ],
)  # fmt: skip
def test_every_reader_names_the_entry_and_goes_on(
    typed: tuple[str, ...],
    damaged: str,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    run(*typed)
    printed = capsys.readouterr()
    named = f"level 4 of patient {damaged} cannot be read: its sampled is not valid."
    assert named in printed.err
    assert "1 entry is left out." in printed.err
    if "--json" in typed:
        json.loads(printed.out)


def test_the_summaries_of_all_leave_its_patient_out(
    damaged: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    run("report", "--all", "--out", "all", code=1)
    printed = capsys.readouterr()
    assert "Not written, patient 1: level 4 cannot be read." in printed.err
    assert f"level 4 of patient {damaged} cannot be read" in printed.err
    assert len(list((tmp_path / "all").iterdir())) == 1


def test_other_patients_are_not_touched(damaged: str, capsys: Captured) -> None:
    assert damaged
    capsys.readouterr()
    run("patient", "show", "00124")
    run("patient", "list")
    assert "left out" not in capsys.readouterr().err


def test_the_clinic_report_says_how_many_were_left_out(damaged: str, tmp_path: Path) -> None:
    run("report", "--clinic", "--out", str(tmp_path / "clinic.pdf"))
    page = " ".join(PdfReader(tmp_path / "clinic.pdf").pages[0].extract_text().split())
    assert f"Left out: 1 entry that cannot be read (level 4 of patient {damaged})" in page


@pytest.mark.parametrize(
    "typed",
    [
        ("advise", "00123"),
        ("prescribe", "00123", "--dose", "0.5mg", "--times-a-day", "2",
         "--from", "2026-11-05T08:00"),
        ("prescribe", "00123", "--dose", "0.5mg", "--times-a-day", "2",
         "--from", "2026-11-05T08:00", "--override", "agreed", "--by", "Dr Example"),
        ("prescribe", "00123", "--accept", "--from", "2026-11-05T08:00"),
        ("dose", "--patient", "00123"),
        ("report", "00123", "--card", "--out", "card.pdf"),
    ],
)  # fmt: skip
def test_no_dose_comes_from_an_incomplete_record(
    typed: tuple[str, ...],
    damaged: str,
    capsys: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    run("measure", "add", damaged, "--weight", "12kg", "--height", "88cm", "--on", "2026-06-01")
    capsys.readouterr()
    run(*typed, code=3)
    printed = capsys.readouterr()
    assert "The record is incomplete: level 4" in printed.out + printed.err


def test_the_rest_is_written_and_a_void_makes_the_record_complete(
    damaged: str, records: Path, capsys: Captured
) -> None:
    run("note", "add", damaged, "still possible")
    run("level", "void", damaged, "99", "--reason", "x", code=2)
    run("level", "void", damaged, "4", "--reason", "cannot be read")
    run("level", "add", damaged, "7.2ng/mL", "--at", "2026-06-30T07:50")
    capsys.readouterr()
    run("patient", "show", damaged)
    printed = capsys.readouterr()
    assert "incomplete" not in printed.out
    assert "left out" not in printed.err
    run("patient", "edit", damaged, "--name", "Sample Changed")
    places = {each.where for each in verify(engine_of(Place.of(str(records)))).findings}
    assert places == {"level 4"}


def test_a_patient_whose_own_row_cannot_be_read_is_named_and_hides_no_other(
    damaged: str, records: Path, capsys: Captured
) -> None:
    damage(records, "UPDATE patient SET born = 'never' WHERE entry = 1")
    for typed in (("patient", "list"), ("due",), ("cohort",)):
        capsys.readouterr()
        run(*typed)
        assert "patient 1 of patient number 1 cannot be read" in capsys.readouterr().err
    run("patient", "show", "00124")
    capsys.readouterr()
    run("patient", "show", damaged, code=2)
    assert "cannot be read: its born is not valid" in capsys.readouterr().err
