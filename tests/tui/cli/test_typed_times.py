"""Shorthand in commands: read by the one reader, and read back in full before it is stored."""

from pathlib import Path

import pytest

from monitoring.times import Moment
from tests.tui.commands import Captured, read, run

NOW = Moment.read("2026-11-29T10:00", "Europe/Paris")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, records: Path) -> None:
    assert records.exists()
    monkeypatch.setattr("monitoring.times.Moment.now", lambda _zone=None: NOW)
    settings = tmp_path / "settings.toml"
    settings.write_text('[clinic]\ndate_order = "dmy"\n', encoding="utf-8")
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(settings))
    run("patient", "add", "--mrn", "1", "--name", "Ann", "--born", "2024-08-23", "--sex", "female")


def test_shorthand_is_read_and_read_back_by_every_command(capsys: Captured) -> None:
    run("prescribe", "1", "--from", "-3d 8:00", "--dose", "0.44mg", "--times-a-day", "2")
    assert "From: Thursday 26 Nov 2026, 08:00, Europe/Paris" in capsys.readouterr().out
    run("level", "add", "1", "7.2 ng/mL", "--at", "8:00", "--last-dose", "yesterday 20:00")
    said = capsys.readouterr().out
    assert said.startswith("Sampled: Sunday 29 Nov 2026, 08:00, Europe/Paris\n"), said
    assert "Last dose: Saturday 28 Nov 2026, 20:00, Europe/Paris" in said
    run("drug", "add", "1", "fluconazole", "--from", "-3d", "--to", "28.11.")
    said = capsys.readouterr().out
    assert "From: Thursday 26 Nov 2026\nTo: Saturday 28 Nov 2026\n" in said
    run("event", "add", "1", "mouth sores", "--from", "yesterday", "--action", "held",
        "--at", "Sat 8:00")  # fmt: skip
    said = capsys.readouterr().out
    assert "No dose from: Saturday 28 Nov 2026, 08:00" in said
    number = said.partition("Adverse event ")[2].partition(",")[0]
    run("event", "end", "1", number, "--on", "today")
    assert "ended 2026-11-29." in capsys.readouterr().out
    run("restart", "1", "--at", "9:00")
    assert "Given from: Sunday 29 Nov 2026, 09:00" in capsys.readouterr().out
    assert "2026-11-29T08:00+01:00" in str(read(capsys, "level", "list", "1"))


def test_a_time_in_full_is_not_read_back(capsys: Captured) -> None:
    capsys.readouterr()
    run("level", "add", "1", "7.2 ng/mL", "--at", "2026-11-28T08:00")
    assert "Sampled:" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("at", "says"),
    [("Sunday 8:00", "may be 2026-11-22 or 2026-11-29"), ("11:00", "is in the future"),
     ("3/14 8:00", "not in the calendar"), ("later", "not a valid time")],
)  # fmt: skip
def test_what_has_two_readings_is_refused(capsys: Captured, at: str, says: str) -> None:
    run("level", "add", "1", "7.2 ng/mL", "--at", at, code=2)
    assert says in " ".join(capsys.readouterr().err.split())


def test_a_document_holds_no_read_back(capsys: Captured) -> None:
    run("prescribe", "1", "--from", "-30d 8:00", "--dose", "0.44mg", "--times-a-day", "2")
    plan = read(capsys, "taper", "1", "--from", "tomorrow 8:00")
    assert plan["steps"][0]["from"] == "2026-11-30T08:00+01:00"
