"""`sirolimus taper`: the page, the document, what is stored, and what is refused."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from monitoring.times import Moment
from tests.tui.commands import Captured, read, run

ZONE = "Europe/Paris"


def days_ago(days: int) -> str:
    """Return eight o'clock, so many days ago: commands take the present moment as it is."""
    day = Moment.now(ZONE).local.date() - timedelta(days=days)
    return f"{day}T08:00"


START = days_ago(1)


@pytest.fixture
def treated(sample: str) -> str:
    """Prescribe a dose for the patient."""
    run("prescribe", sample, "--dose", "0.44mg", "--times-a-day", "2", "--from", days_ago(40))
    return sample


def test_the_page_shows_each_step_and_stores_nothing(treated: str, capsys: Captured) -> None:
    capsys.readouterr()
    run("taper", treated, "--from", START)
    shown = " ".join(capsys.readouterr().out.split())
    assert ", 08:00 91 %, 0.4 mg (0.4 mL of 1 mg/mL) every 12 hours" in shown
    assert "0 %, stop: no dose from then on" in shown
    assert "33 of 61 relapsed, median 13 months [vase2023]" in shown
    assert "Nothing is stored without --accept." in shown
    assert len(read(capsys, "prescription", "list", treated)) == 1


def test_the_document_has_the_promised_keys(treated: str, capsys: Captured) -> None:
    document = read(capsys, "taper", treated, "--from", START)
    promised = {"steps", "ends", "relapse", "alerts", "sources", "version"}
    assert promised <= document.keys()
    assert document["stored"] is False
    assert document["steps"][0].keys() == {"from", "dose", "daily_mg", "percent_of_start"}
    assert [each["daily_mg"] for each in document["steps"]] == [
        0.8, 0.72, 0.64, 0.56, 0.48, 0.4, 0.32, 0.24, 0.16, 0.08,
    ]  # fmt: skip
    first = date.fromisoformat(START[:10])
    assert document["steps"][0]["from"][:16] == START
    assert document["ends"][:16] == f"{first + timedelta(days=280)}T08:00"


def test_an_accepted_plan_is_stored_and_is_the_state(treated: str, capsys: Captured) -> None:
    document = read(capsys, "taper", treated, "--from", START, "--accept")
    assert document["stored"] is True
    doses = read(capsys, "prescription", "list", treated)
    assert [each["taper"] for each in doses] == [False] + [True] * 10
    assert [each["from"] for each in doses[1:]] == [each["from"] for each in document["steps"]]
    assert [each["ended"] is None for each in doses] == [True] * 10 + [False]
    assert doses[3]["reason"] == "taper step 3 of 10"
    state = read(capsys, "patient", "show", treated)["state"]
    assert (state["kind"], state["next_step"]) == ("tapering", document["steps"][1]["from"])
    run("verify")
    run("taper", treated, "--from", START, "--accept", code=2)
    assert "tapered already" in capsys.readouterr().err


def test_a_hold_comes_first(treated: str, capsys: Captured) -> None:
    run("missed", "add", treated, "--kind", "held", "--at", days_ago(10))
    document = read(capsys, "taper", treated, "--from", START, "--accept", code=3)
    assert (document["steps"], document["ends"], document["stored"]) == ([], None, False)
    assert document["alerts"][0]["code"] == "on-hold"
    run("taper", treated, code=3)
    assert "Nothing is stored." in capsys.readouterr().out
    assert len(read(capsys, "prescription", "list", treated)) == 1


def test_without_a_dose_it_is_refused(sample: str, capsys: Captured) -> None:
    capsys.readouterr()
    run("taper", sample, "--json", code=2)
    caught = capsys.readouterr()
    assert caught.out == ""
    assert "No dose is given" in caught.err


def test_the_clinics_marks_are_used(
    sample: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("prescribe", sample, "--dose", "0.1mg", "--times-a-day", "2", "--from", days_ago(40))
    usual = read(capsys, "taper", sample, "--from", START)
    file = tmp_path / "settings.toml"
    file.write_text('[clinic]\nsyringe_step_ml = "0.01"\n', encoding="utf-8")
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(file))
    fine = read(capsys, "taper", sample, "--from", START)
    assert [each["dose"]["given_mg"] for each in usual["steps"]] == [0.08, 0.06, 0.04, 0.02]
    assert fine["steps"][0]["dose"]["given_mg"] == 0.09
