"""`sirolimus advise` as a person or a program runs it: the answer, the exit code, the page."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.tui.commands import Captured, run

NAME = "Sample Łukasz [/] =1+1 <img src=x>"


pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def zone() -> str:
    """Return a zone without changes of the clocks."""
    return "UTC"


def ago(**by: float) -> str:
    return (datetime.now(UTC) - timedelta(**by)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def sample() -> str:
    """A patient of 2/3 m² on 0.4 mg twice a day for 20 days."""
    run("patient", "add", "--mrn", "00123", "--name", NAME, "--born", ago(days=1500)[:10],
        "--sex", "male")  # fmt: skip
    run("measure", "add", "00123", "--weight", "16 kg", "--height", "100cm", "--on",
        ago(days=25)[:10])  # fmt: skip
    run("prescribe", "00123", "--dose", "0.4mg", "--times-a-day", "2", "--from", ago(days=20))
    return "00123"


def add_level(record_number: str, value: str, *, hours: float = 12) -> None:
    run("level", "add", record_number, value, "--at", ago(days=1), "--last-dose",
        ago(days=1, hours=hours), "--assay", "lc-ms/ms")  # fmt: skip


def answer(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    run("advise", *arguments, "--json", code=code)
    return json.loads(capsys.readouterr().out)


def test_the_answer_as_json(sample: str, capsys: Captured) -> None:
    """0.8 × 6 / 4 = 1.2 mg/day = 2 × 0.6 mg; 1.2 / (2/3) = 1.8 mg/m²/day; 3 × 0.4 = 1.2 mg."""
    add_level(sample, "4.0 ng/mL")
    found = answer(capsys, sample, "--aim", "6 ug/L", "--loading")
    assert (found["level_ng_ml"], found["current_daily_mg"]) == (4, 0.8)
    assert (found["target_ng_ml"], found["aim_ng_ml"], found["factor"]) == ([5, 15], 6, 1.5)
    assert found["dose"] == {
        "exact_mg": 0.6, "given_mg": 0.6, "volume_ml": 0.6, "syringe_ml": 1, "tablets": None,
        "strength_mg_per_ml": 1, "parts": [{"at": "each dose", "mg": 0.6}],
        "times_a_day": 2, "every_hours": 12, "daily_mg": 1.2, "mg_per_m2_per_dose": 0.9,
        "mg_per_m2_per_day": 1.8, "rounding_percent": 0,
    }  # fmt: skip
    assert (found["loading_dose_mg"], found["loading_dose"]["times_a_day"]) == (1.2, 1)
    assert found["assay"] == "lc-ms/ms"
    assert found["sampled_at"].startswith(ago(days=1)[:10])
    assert "0.8 mg/day × 6 / 4 = 1.2 mg/day, factor 1.5" in [s["working"] for s in found["steps"]]
    cited = {entry["source"] for entry in [*found["steps"], *found["alerts"]]}
    assert cited <= set(found["sources"])
    recommended = found["recommendation"]
    assert (recommended["action"], recommended["dose"]) == ("raise", found["dose"])
    first, last = (datetime.now(UTC).date() + timedelta(days=days) for days in (7, 14))
    assert (found["next_level"]["from"], found["next_level"]["to"]) == (str(first), str(last))
    assert found["state"]["kind"] == "on"


def test_inside_the_target_the_exit_code_is_0(sample: str, capsys: Captured) -> None:
    add_level(sample, "7.2 ng/mL")
    found = answer(capsys, sample)
    assert (found["factor"], found["dose"], found["loading_dose_mg"]) == (1, None, None)
    assert {alert["kind"] for alert in found["alerts"]} == {"note"}


@pytest.mark.parametrize(
    ("value", "hours", "code"),
    [("<2.0 ng/mL", 12, "level-censored"), ("4 ng/mL", 5, "level-not-trough"),
     ("46.8 ng/mL", 12, "level-too-high-to-adjust")],
)  # fmt: skip
def test_what_the_level_cannot_bear_is_a_stop(
    sample: str, capsys: Captured, value: str, hours: float, code: str
) -> None:
    """The stop is against the arithmetic: nothing forbids the treatment, and the exit code is 0."""
    add_level(sample, value, hours=hours)
    found = answer(capsys, sample)
    assert code in {alert["code"] for alert in found["alerts"] if alert["kind"] == "stop"}
    assert (found["factor"], found["dose"], found["steps"]) == (None, None, [])


def test_a_patient_without_a_level_or_a_dose_is_told(capsys: Captured) -> None:
    run("patient", "add", "--mrn", "1", "--name", "Sample", "--born", "2020-01-01", "--sex", "male")
    found = answer(capsys, "1")
    assert (found["level_ng_ml"], found["target_ng_ml"], found["current_daily_mg"]) == (
        None, None, None,
    )  # fmt: skip
    run("level", "add", "1", "4 ng/mL", "--at", ago(days=1))
    assert answer(capsys, "1")["level_ng_ml"] == 4


def test_an_override_passes_what_it_can_and_is_told(sample: str, capsys: Captured) -> None:
    """2.6 mg/day × 6 / 4 is 3.9 mg/day, on 2/3 m² 5.85 mg/m²/day: above 4, below 8."""
    dose = ("--dose", "1.3mg", "--times-a-day", "2", "--from", ago(days=15))
    run("prescribe", sample, *dose, "--override", "no level yet", "--by", "A. Name")
    add_level(sample, "4.0 ng/mL")
    assert answer(capsys, sample, "--aim", "6 ng/mL", code=3)["override"] is None
    capsys.readouterr()
    run("advise", sample, "--aim", "6 ng/mL", code=3)
    assert 'without --override "REASON" --by "NAME"' in capsys.readouterr().out
    found = answer(
        capsys, sample, "--aim", "6 ng/mL", "--override", "agreed [/]", "--by", "A. Name"
    )
    assert found["override"] == {"reason": "agreed [/]", "by": "A. Name", "passed": ["dose-high"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--aim", "16 ng/mL"], "outside the target"),
        (["--aim", "8"], "no unit"),
        (["--aim", ""], "empty"),
        (["--aim", "8 mg/L"], "ng/mL"),
        (["--by", "A. Name"], "--override"),
    ],
)
def test_what_cannot_be_read_is_exit_code_2(
    sample: str, capsys: Captured, arguments: list[str], said: str
) -> None:
    add_level(sample, "4.0 ng/mL")
    capsys.readouterr()
    run("advise", sample, *arguments, code=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_an_unknown_patient_is_exit_code_2() -> None:
    run("advise", "nobody", code=2)


def test_nothing_is_stored(sample: str, capsys: Captured) -> None:
    add_level(sample, "4.0 ng/mL")
    capsys.readouterr()
    run("history", sample)
    before = capsys.readouterr().out
    run("advise", sample)
    capsys.readouterr()
    run("history", sample)
    assert capsys.readouterr().out == before


@pytest.mark.parametrize("columns", ["40", "80", "140"])
def test_the_page_holds_the_dose_its_volume_and_its_working(
    sample: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    add_level(sample, "4.0 ng/mL")
    capsys.readouterr()
    run("advise", sample, "--aim", "6 ng/mL", "--loading")
    page = capsys.readouterr().out
    text = " ".join(page.split())
    assert max(map(len, page.splitlines())) <= int(columns)
    assert NAME in text
    for shown in (
        "0.6 mg (0.6 mL of 1 mg/mL) by mouth", "1.2 mg (1.2 mL of 1 mg/mL) by mouth",
        "0.6 mg per dose = 0.9 mg/m²/dose", "1.2 mg per day = 1.8 mg/m²/day",
        "0.8 mg/day × 6 / 4 = 1.2 mg/day, factor 1.5", "16 kg, weighed 25 days ago; 100 cm",
        "5-15 ng/mL [nadal2016]", "On 0.4 mg × 2 a day since",
        "level yesterday (4.0 ng/mL, below 5-15 ng/mL), weight 25 days ago",
        "Raise the dose to 0.6 mg (0.6 mL of 1 mg/mL) every 12 hours.",
    ):  # fmt: skip
        assert shown in text
    assert not re.search(r"[0-9]\n *(mg|mL|ng/mL|kg|cm|m²|%|days)", page)


def page_of(capsys: Captured, sample: str, code: int = 0) -> str:
    capsys.readouterr()
    run("advise", sample, code=code)
    return capsys.readouterr().out


def test_the_page_of_a_hold_shows_no_dose(sample: str, capsys: Captured) -> None:
    add_level(sample, "46.8 ng/mL")
    page = page_of(capsys, sample)
    assert "Hold the dose." in page
    assert re.search(r"Label +gives no dose", page)
    assert "▲ URGENT" in page
    assert "Give" not in page
    assert "Steps" not in page


def test_the_page_of_no_change_says_so(sample: str, capsys: Captured) -> None:
    add_level(sample, "7.2 ng/mL")
    page = page_of(capsys, sample)
    assert "Keep the dose." in page
    assert re.search(r"Label +no change", page)
    assert "Give" not in page


def test_a_dose_that_is_not_recommended_is_nowhere_on_the_page(
    sample: str, capsys: Captured
) -> None:
    """4.0 is below 5: the label's arithmetic asks for 1.5 times; neutropenia of grade 3 bars it."""
    run("event", "add", sample, "neutropenia", "--from", ago(days=2)[:10], "--grade", "3")
    add_level(sample, "4.0 ng/mL")
    page = page_of(capsys, sample)
    assert "Review the open grade 3 or 4 first; keep the dose." in page
    assert "not recommended" in page
    assert "0.6 mg" not in page
    assert "1.2 mg" not in page


def test_what_forbids_a_dose_heads_the_page_once(sample: str, capsys: Captured) -> None:
    run("event", "add", sample, "pneumonitis", "--from", ago(days=2)[:10], "--grade", "3")
    add_level(sample, "7.2 ng/mL")
    page = page_of(capsys, sample, code=3)
    assert "Hold the dose." in page
    assert " ".join(page.split()).count("Pneumonitis of grade 3 is recorded") == 1
    assert "Keep 0.8 mg/day" not in page
