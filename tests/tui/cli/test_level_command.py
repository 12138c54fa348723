"""What `sirolimus level` answers and lists."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from monitoring.levels import meaning
from monitoring.record import entry_checks as recording
from monitoring.record.entries import Record
from monitoring.record.note import Note
from monitoring.store.store import Store
from tests.tui.commands import Captured, read, run


@pytest.fixture
def dosed(sample: str) -> str:
    run("prescribe", sample, "--dose", "0.44mg", "--times-a-day", "2", "--from", "2026-10-01T08:00")
    return sample


def add(patient: str, value: str, at: str, last_dose: str, *more: str) -> None:
    run("level", "add", patient, value, "--at", at, "--last-dose", last_dose, *more)


def test_a_level_is_answered_at_once(dosed: str, capsys: Captured) -> None:
    capsys.readouterr()
    add(dosed, "7.20 ug/L", "2026-10-26T07:50", "2026-10-25T20:00", "--assay", "lc-ms/ms")
    assert capsys.readouterr().out.splitlines() == [
        (
            "Level 3, Sample Łukasz [/]: 7.20 ug/L sampled 26 Oct 2026, 07:50, "
            "last dose 25 Oct 2026, 20:00"
        ),
        "● within: 7.20 ug/L is within the target (5-15 ng/mL).",
        "It is a trough (11 h 50 min after the dose), at steady state (25 days after the change).",
    ]


def test_an_alert_is_answered_at_once(dosed: str, capsys: Captured) -> None:
    add(dosed, "31 ng/mL", "2026-10-26T12:50", "2026-10-26T08:00", "--assay", "cmia")
    shown = capsys.readouterr().out
    assert "urgent: 31 ng/mL is above 30 ng/mL. Re-check the level and consider holding" in shown
    assert "4 h 50 min after the last dose and is not a trough" in shown
    assert shown.index("urgent") < shown.index("caution")


def test_the_json_list_tells_what_each_level_means(dosed: str, capsys: Captured) -> None:
    add(dosed, "8 ng/mL", "2026-10-25T07:50", "2026-10-24T20:00", "--assay", "lc-ms/ms")
    add(dosed, "<2.0 ng/mL", "2026-10-26T07:50", "2026-10-25T20:00", "--assay", "lc-ms/ms")
    add(dosed, "9 ng/mL", "2026-10-27T07:50", "2026-10-27T00:00", "--assay", "lc-ms/ms")
    add(dosed, "10 ng/mL", "2026-10-24T07:50", "2026-10-23T20:00", "--assay", "lc-ms/ms")
    run("level", "void", dosed, "5", "--reason", "wrong tube")
    first, second, third, voided = read(capsys, "level", "list", dosed)
    assert second == {
        "at": "2026-10-25T07:50+01:00", "level_ng_ml": 8, "comparator": None,
        "reported": "8 ng/mL", "last_dose": "2026-10-24T20:00+02:00", "assay": "lc-ms/ms",
        "laboratory": None, "reason": None, "passed": [], "last_dose_assumed": False,
        "status": "within", "is_trough": True, "steady_state": True,
        "hours_since_last_dose": 12.83, "days_since_change": 24.03, "target_ng_ml": [5, 15],
        "counts": True, "change_percent": -20, "alerts": [],
        "cause": None, "excluded": False, "misfit": None,
        "number": 3, "ended": None, "written": second["written"], "by": "Dr Example",
        "voided": None,
    }  # fmt: skip
    assert (first["at"], first["change_percent"]) == ("2026-10-24T07:50+02:00", None)
    assert (third["comparator"], third["status"], third["counts"]) == ("<", "below", True)
    assert (voided["status"], voided["counts"], voided["alerts"]) == ("not-assessed", False, [])
    assert voided["voided"].startswith("wrong tube (Dr Example, ")


def test_a_level_without_a_dose_has_no_target(sample: str, capsys: Captured) -> None:
    run("level", "add", sample, "8 ng/mL", "--at", "2026-10-25T07:50")
    (level,) = read(capsys, "level", "list", sample)
    named = ("target_ng_ml", "is_trough", "steady_state", "hours_since_last_dose")
    assert [level[name] for name in named] == [None] * 4
    assert level["status"] == "not-assessed"
    assert {alert["code"] for alert in level["alerts"]} >= {"no-dose-in-force", "last-dose-unknown"}


@pytest.mark.parametrize("hostile", ["[/]", "<img src=x>", "[red]x[/red]", "=1+1", "Łódź"])
def test_the_list_for_people_shows_signs_and_hostile_names_as_they_are(
    dosed: str, hostile: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for value, day in (("4", 24), ("8", 25), ("<2", 26), ("19", 27)):
        last_dose = f"2026-10-{day - 1}T20:00"
        add(dosed, f"{value} ng/mL", f"2026-10-{day}T07:50", last_dose, "--laboratory", hostile)
    add(dosed, "9 ng/mL", "2026-10-28T07:50", "2026-10-28T06:50", "--assay", "cmia")
    capsys.readouterr()
    run("level", "list", dosed)
    page = capsys.readouterr().out
    assert max(map(len, page.splitlines())) <= 80
    for sign in ("▼ below", "● within", "◇ below, censored", "▲ above", "○ not evaluable"):
        assert sign in page
    assert page.count(f"laboratory {hostile}") == 4


def test_a_stored_level_is_read_and_judged_once(
    dosed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            done.append(name)
            return real(*arguments, **more)

        return call

    for place, name in (
        (Store, "find"), (Store, "read"), (meaning, "assess_levels"), (recording, "level_alerts"),
    ):  # fmt: skip
        monkeypatch.setattr(place, name, counted(name, getattr(place, name)))
    add(dosed, "7.20 ug/L", "2026-10-26T07:50", "2026-10-25T20:00")
    assert sorted(done) == ["assess_levels", "find", "level_alerts"]


def test_what_others_write_meanwhile_is_read_and_the_level_is_stored(
    dosed: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    real = Store.find
    reads: list[Record] = []

    def find(store: Store, record_number: str) -> Record:
        record = real(store, record_number)
        if not reads:  # somebody else is quicker, once
            store.add(record.number, Note(on=date(2026, 10, 26), text="by somebody else"))
        reads.append(record)
        return record

    monkeypatch.setattr(Store, "find", find)
    add(dosed, "7.20 ug/L", "2026-10-26T07:50", "2026-10-25T20:00")
    assert len(reads) == 2
    assert "Level 4," in capsys.readouterr().out
