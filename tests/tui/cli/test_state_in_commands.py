"""The state of treatment, and what it forbids, in every command that shows or makes a dose."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.builders import ZONE
from tests.tui.commands import Captured, read, run

pytestmark = pytest.mark.usefixtures("records")

OVERRIDE = ("--override", "a plan", "--by", "Dr Example")


def ago(days: int) -> str:
    today = datetime.now(ZoneInfo(ZONE)).date()  # of the zone that the commands are run in
    return str(today - timedelta(days=days))


@pytest.fixture
def weighed(sample: str) -> str:
    """Give a patient with a weight and a height."""
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on", ago(60))
    return sample


@pytest.fixture
def treated(weighed: str) -> str:
    """Give a patient who has been treated for 30 days."""
    prescribe(weighed, "0.44mg", days_ago=30)
    return weighed


def prescribe(patient: str, dose: str, *more: str, days_ago: int = 0, code: int = 0) -> None:
    run("prescribe", patient, "--dose", dose, "--times-a-day", "2", "--from",
        f"{ago(days_ago)}T00:01", *more, code=code)  # fmt: skip


def state(capsys: Captured, patient: str) -> dict[str, object]:
    found = read(capsys, "patient", "show", patient)["state"]
    assert isinstance(found, dict)
    return found


def test_a_patient_has_a_state(weighed: str, capsys: Captured) -> None:
    assert state(capsys, weighed)["kind"] == "not-started"
    prescribe(weighed, "0.44mg", days_ago=30)
    found = state(capsys, weighed)
    assert (found["kind"], found["conflict"]) == ("on", None)
    assert isinstance(found["dose"], dict)
    assert (found["dose"]["given_mg"], found["dose"]["times_a_day"]) == (0.44, 2)
    assert {"since", "until", "last_exposure_change", "drugs", "contraindications",
            "open_severe"} <= found.keys()  # fmt: skip
    capsys.readouterr()
    run("patient", "show", weighed)
    assert "state: On 0.44 mg × 2 a day since " in capsys.readouterr().out
    run("missed", "add", weighed, "--kind", "held", "--at", f"{ago(5)}T08:00")
    assert state(capsys, weighed)["kind"] == "on-hold"


@pytest.mark.parametrize("action", ["held", "stopped"])
def test_an_event_that_disagrees_with_the_record_is_told_at_once(
    treated: str, action: str, capsys: Captured
) -> None:
    capsys.readouterr()
    run("event", "add", treated, "mouth sores", "--from", ago(3), "--grade", "2", "--action",
        action)  # fmt: skip
    told = capsys.readouterr().out
    assert f"stop: Mouth sores of {told.partition('Mouth sores of ')[2]}" in told
    assert f"says that sirolimus was {action}, but the dose goes on. Was it {action}?" in told
    found = state(capsys, treated)
    assert f"was {action}" in str(found["conflict"])
    run("patient", "show", treated)
    assert "in question" in capsys.readouterr().out
    run("event", "add", treated, "headache", "--from", ago(2), "--grade", "1")
    assert "says that" not in capsys.readouterr().out  # it was asked already


def test_a_starting_dose_of_a_patient_takes_all_from_the_record(
    weighed: str, capsys: Captured
) -> None:
    run("drug", "add", weighed, "propranolol", "--from", ago(20))
    found = read(capsys, "dose", "--patient", weighed, "--with", "omeprazole")
    inputs = found["inputs"]
    assert (inputs["weight_kg"], inputs["height_cm"], inputs["sex"]) == (12.4, 88, "male")
    assert (inputs["with"], inputs["measured_days_ago"]) == (["propranolol", "omeprazole"], 60)
    assert found["dose"]["given_mg"] == 0.44  # 0.8 mg/m² of 0.55 m², twice a day


@pytest.mark.parametrize(
    ("option", "value"),
    [("--weight", "12kg"), ("--height", "88cm"), ("--age", "2y"), ("--born", "2023-05-01"),
     ("--sex", "male"), ("--measured", "2026-01-01")],
)  # fmt: skip
def test_what_the_record_answers_is_not_typed(
    weighed: str, option: str, value: str, capsys: Captured
) -> None:
    run("dose", "--patient", weighed, option, value, code=2)
    assert f"Leave out {option}" in capsys.readouterr().err


def test_a_patient_on_treatment_gets_no_starting_dose(treated: str, capsys: Captured) -> None:
    found = read(capsys, "dose", "--patient", treated, code=3)
    assert found["dose"] is None
    assert "already-on-treatment" in {each["code"] for each in found["alerts"]}
    capsys.readouterr()
    run("prescribe", treated, "--accept", "--from", f"{ago(0)}T00:01", code=3)
    told = capsys.readouterr().out
    assert "not a first dose" in " ".join(told.split())
    assert "Give  " not in told
    assert len(read(capsys, "prescription", "list", treated)) == 1


def test_the_calculator_without_a_patient_is_as_before(capsys: Captured) -> None:
    found = read(capsys, "dose", "--weight", "12.4kg", "--height", "88cm", "--age", "2y")
    assert found["dose"]["given_mg"] == 0.44


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (("event", "pneumonitis", "--from", ago(9), "--grade", "3"), "pneumonitis-severe"),
        (("condition", "pregnancy", "--from", ago(9)), "pregnancy"),
        (("condition", "peanut allergy", "--from", ago(900)), "allergy-soya"),
    ],
)
def test_what_needs_an_override_needs_it_everywhere(
    treated: str, facts: tuple[str, ...], code: str, tmp_path: Path, capsys: Captured
) -> None:
    kind, *rest = facts
    run(kind, "add", treated, *rest)
    assert code in {each["code"] for each in _list(state(capsys, treated)["contraindications"])}
    assert code in {
        each["code"] for each in read(capsys, "dose", "--patient", treated, code=3)["alerts"]
    }
    prescribe(treated, "0.46mg", code=3)
    card = tmp_path / "card.pdf"
    run("report", treated, "--card", "--out", str(card), code=3)
    assert capsys.readouterr().err.startswith("No card for a dose with an open override: ")
    assert not card.exists()
    prescribe(treated, "0.46mg", *OVERRIDE)
    passed = read(capsys, "prescription", "list", treated)[-1]["passed"]
    assert set(passed) == {code, "raise-without-level"}  # nothing was measured yet
    run("report", treated, "--card", "--out", str(card))
    assert card.exists()


def _list(value: object) -> list[dict[str, str]]:
    assert isinstance(value, list)
    return value


def test_a_hold_leaves_no_card_and_no_raise_and_a_reduction_is_free(
    treated: str, tmp_path: Path, capsys: Captured
) -> None:
    run("missed", "add", treated, "--kind", "held", "--at", f"{ago(5)}T08:00")
    run("report", treated, "--card", "--out", str(tmp_path / "card.pdf"), code=3)
    assert "Sirolimus is on hold since" in capsys.readouterr().err
    prescribe(treated, "0.46mg", *OVERRIDE, code=3)
    prescribe(treated, "0.44mg")
    assert state(capsys, treated)["kind"] == "on"


def test_a_reduction_passes_a_conflict(treated: str, capsys: Captured) -> None:
    run("event", "add", treated, "pneumonitis", "--from", ago(3), "--grade", "3", "--action",
        "held")  # fmt: skip
    prescribe(treated, "0.46mg", *OVERRIDE, code=3)
    capsys.readouterr()
    prescribe(treated, "0.2mg")
    told = capsys.readouterr().out
    assert "urgent: Pneumonitis of " in told
    assert "urgent: Pneumonitis of grade 3" in told


@pytest.mark.parametrize("is_restart", [True, False])
def test_a_restart_asks_what_forbids_it(
    treated: str, capsys: Captured, *, is_restart: bool
) -> None:
    run("missed", "add", treated, "--kind", "held", "--at", f"{ago(9)}T08:00")
    number = str(read(capsys, "missed", "list", treated)[-1]["number"])
    end = ("restart", treated) if is_restart else ("missed", "end", treated, number)
    run("event", "add", treated, "pneumonitis", "--from", ago(9), "--grade", "3")
    capsys.readouterr()
    run(*end, "--at", f"{ago(2)}T08:00", code=3)
    told = capsys.readouterr().out
    assert "override: Pneumonitis of grade 3" in told
    assert "Nothing was stored." in told
    assert state(capsys, treated)["kind"] == "on-hold"
    prescribe(treated, "0.44mg", *OVERRIDE)
    assert state(capsys, treated)["kind"] == "on"


@pytest.mark.parametrize("is_restart", [True, False])
def test_a_restart_answers_a_dose_reported_while_held(
    treated: str, capsys: Captured, *, is_restart: bool
) -> None:
    run("missed", "add", treated, "--kind", "held", "--at", f"{ago(9)}T08:00")
    number = str(read(capsys, "missed", "list", treated)[-1]["number"])
    run("level", "add", treated, "5 ng/mL", "--at", f"{ago(1)}T08:00", "--last-dose",
        f"{ago(2)}T20:00")  # fmt: skip
    assert state(capsys, treated)["conflict"]
    end = ("restart", treated) if is_restart else ("missed", "end", treated, number)
    run(*end, "--at", f"{ago(3)}T08:00")
    found = state(capsys, treated)
    assert (found["kind"], found["conflict"]) == ("on", None)
