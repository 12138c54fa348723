"""`sirolimus forecast` as a person or a program runs it: the answer, the exit code, the page."""

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from dosing.pharmacokinetics import MODEL_KEYS
from tests.tui.commands import Captured, run

NAME = "Sample Łukasz [/] =1+1 <img src=x> \u202eabc"
KEYS = {
    "model", "model_name", "population", "assay", "basis", "eta", "clearance_l_h",
    "clearance_low_l_h", "clearance_high_l_h", "population_clearance_l_h", "volume_l",
    "half_life_h", "population_half_life_h", "days_to_steady_state", "target_ng_ml", "levels",
    "forecast", "doses", "recommended", "label_arithmetic", "second_model", "alerts", "sources",
    "version", "commit", "tables_hash", "limits", "recommendation",
    "last_observed", "models", "models_left_out",
    "models_differ_percent", "auc24_ng_h_ml", "auc24_low_ng_h_ml", "auc24_high_ng_h_ml",
    "next_sample", "track_record",
}  # fmt: skip
"""As docs/commands.md names them."""
BUILD = {"version", "commit", "tables_hash", "limits"}
"""What made the answer."""
OUTCOME = {
    "dose_mg", "times_a_day", "trough_ng_ml", "low_ng_ml", "high_ng_ml", "below", "within", "above",
}  # fmt: skip
LISTS = ("levels", "forecast", "doses", "models", "models_left_out")


pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def zone() -> str:
    """Return a zone without changes of the clocks."""
    return "UTC"


def ago(**by: float) -> str:
    return (datetime.now(UTC) - timedelta(**by)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def sample() -> str:
    """A child of 25 kg on 0.875 mg, here 0.88 mg, every 12 hours for 60 days."""
    run("patient", "add", "--mrn", "00123", "--name", NAME, "--born", ago(days=3000)[:10],
        "--sex", "male")  # fmt: skip
    run("measure", "add", "00123", "--weight", "25 kg", "--height", "125cm", "--on",
        ago(days=20)[:10])  # fmt: skip
    run("prescribe", "00123", "--dose", "0.88mg", "--times-a-day", "2", "--from", ago(days=60))
    return "00123"


def add_level(record_number: str, value: str, *, days: int = 1, assay: str = "emit") -> None:
    run("level", "add", record_number, value, "--at", ago(days=days), "--last-dose",
        ago(days=days, hours=12), "--assay", assay)  # fmt: skip


def answer(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    run("forecast", *arguments, "--json", code=code)
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out)
    assert found.keys() == KEYS
    assert all(map(math.isfinite, numbers(found)))
    return found


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, int | float):
        yield value


def test_the_answer_as_json(sample: str, capsys: Captured) -> None:
    """The reference's fit at 25 kg: a trough of 14 → CL 5.88 L/h, 7.03 typical, V 319 L."""
    add_level(sample, "14 ng/mL")
    found = answer(capsys, sample, "--model", "fan2024")
    assert (found["model"], found["assay"], found["basis"]) == ("fan2024", "emit", "levels")
    assert found["eta"].keys() == {"CL"}
    assert found["eta"]["CL"] == pytest.approx(-0.1785, abs=0.005)  # 0.88 mg, not 0.875
    assert found["population_clearance_l_h"] == pytest.approx(7.0295, abs=5e-5)
    assert found["clearance_l_h"] == pytest.approx(7.0295 * math.exp(found["eta"]["CL"]), rel=1e-5)
    assert found["volume_l"] == pytest.approx(319.39, abs=0.005)
    half_life = math.log(2) * found["volume_l"] / found["clearance_l_h"]
    assert found["half_life_h"] == pytest.approx(half_life, rel=1e-5)
    assert found["days_to_steady_state"] == pytest.approx(
        half_life / 24 * math.log(20) / math.log(2), rel=1e-5
    )
    assert found["target_ng_ml"] == [5, 15]
    (level,) = found["levels"]
    assert level.keys() == {
        "at", "observed_ng_ml", "comparator", "predicted_ng_ml", "residual_ng_ml", "percentile",
        "haematocrit_percent",
    }  # fmt: skip
    assert level["observed_ng_ml"] == 14
    assert level["residual_ng_ml"] == pytest.approx(14 - level["predicted_ng_ml"], abs=2e-6)
    assert 80 < level["percentile"] < 99
    times = [datetime.fromisoformat(each["at"]) for each in found["forecast"]]
    assert times == sorted(times)
    assert len(times) in {14, 15}  # the next one, and one a day that 14 days touch
    for each in found["forecast"]:
        assert each.keys() == {
            "at", "trough_ng_ml", "low_ng_ml", "high_ng_ml", "measured_low_ng_ml",
            "measured_high_ng_ml",
        }  # fmt: skip
        assert each["measured_low_ng_ml"] < each["low_ng_ml"] < each["trough_ng_ml"]
        assert each["trough_ng_ml"] < each["high_ng_ml"] < each["measured_high_ng_ml"]
    assert [each["dose_mg"] for each in found["doses"]] == sorted(
        {each["dose_mg"] for each in found["doses"]}
    )
    for each in found["doses"]:
        assert each.keys() == OUTCOME
        assert each["below"] + each["within"] + each["above"] == pytest.approx(1, abs=2e-4)
    assert found["recommended"].keys() == OUTCOME | {"is_change", "dose"}
    assert (found["recommended"]["dose"] is None) is not found["recommended"]["is_change"]
    assert (found["second_model"], found["models_differ_percent"]) == (None, None)
    assert {each["source"] for each in found["alerts"]} <= set(found["sources"])


def test_the_average_as_json(sample: str, capsys: Captured) -> None:
    add_level(sample, "14 ng/mL")
    found = answer(capsys, sample)
    assert (found["model"], found["eta"]) == ("average", None)
    assert [each["model"] for each in found["models"]] == ["chen2021", "fan2024"]
    for each in found["models"]:
        assert each.keys() == {
            "model", "name", "population", "assay", "supposed", "weight", "eta", "trough_ng_ml",
        }  # fmt: skip
    assert sum(each["weight"] for each in found["models"]) == pytest.approx(1, abs=2e-4)
    troughs = sorted(each["trough_ng_ml"] for each in found["models"])
    apart = (troughs[1] / troughs[0] - 1) * 100
    assert found["models_differ_percent"] == pytest.approx(apart, abs=0.01)
    assert found["second_model"].keys() == {
        "model", "population", "assay", "eta", "trough_ng_ml", "difference_percent",
    }  # fmt: skip
    assert found["second_model"]["difference_percent"] == pytest.approx(apart, abs=0.01)
    assert {"golubovic2019", "cheng2020"} <= {each["model"] for each in found["models_left_out"]}
    assert all(each.keys() == {"model", "name", "why"} for each in found["models_left_out"])
    low, value, high = (found[f"auc24_{end}ng_h_ml"] for end in ("low_", "", "high_"))
    assert low < value < high
    assert found["next_sample"].keys() == {"at", "narrowing_percent"}
    assert {"chen2021", "fan2024"} <= set(found["sources"])


def test_without_a_level_it_is_the_population(sample: str, capsys: Captured) -> None:
    found = answer(capsys, sample, "--model", "fan2024")
    assert (found["basis"], found["eta"], found["levels"]) == ("population only", {"CL": 0}, [])
    assert "population-only" in {alert["code"] for alert in found["alerts"]}


def test_a_stop_has_no_number_and_exit_code_3(sample: str, capsys: Captured) -> None:
    add_level(sample, "7 ng/mL", days=5)
    run("drug", "add", sample, "fluconazole", "--from", ago(days=2)[:10])
    found = answer(capsys, sample, code=3)
    assert [a["code"] for a in found["alerts"] if a["kind"] == "stop"] == ["drug-changed-since"]
    assert {key for key in KEYS if found[key] == []} == set(LISTS)
    told = {"model", "model_name", "population", "assay", "alerts", "sources", *BUILD}
    advised = {"label_arithmetic", "recommendation"}
    assert all(found[key] is None for key in KEYS - told - set(LISTS) - advised)
    unsaid = {key: found[key] for key in KEYS - advised - BUILD}
    assert list(numbers(unsaid)) == []
    capsys.readouterr()
    run("forecast", sample, code=3)
    page = capsys.readouterr().out
    assert "No forecast." in page
    assert "■ STOP" in page
    for shown in ("Clearance", "Next troughs", "Best dose"):
        assert shown not in page


def test_a_last_dose_that_nobody_stated_is_assumed_from_the_schedule(
    sample: str, capsys: Captured
) -> None:
    run("level", "add", sample, "7 ng/mL", "--at", ago(days=1), "--assay", "emit")
    assert [each["observed_ng_ml"] for each in answer(capsys, sample)["levels"]] == [7]


def test_nobody_without_a_weight_or_outside_the_model(capsys: Captured) -> None:
    run("patient", "add", "--mrn", "1", "--name", "Sample", "--born", ago(days=9000)[:10], "--sex",
        "male")  # fmt: skip
    found = answer(capsys, "1", code=3)
    stops = {alert["code"] for alert in found["alerts"] if alert["kind"] == "stop"}
    assert "covariate-unknown" in stops
    run("measure", "add", "1", "--weight", "80 kg", "--on", ago(days=1)[:10])
    found = answer(capsys, "1", "--dose", "2mg", "--times-a-day", "1", code=3)
    assert "outside-model" in {alert["code"] for alert in found["alerts"]}
    run("forecast", "nobody", code=2)


def test_doses_asked_about(sample: str, capsys: Captured) -> None:
    asked = ("--dose", "0.5mg", "--times-a-day", "2", "--dose", "1 mg", "--times-a-day", "1")
    found = answer(capsys, sample, *asked)
    assert [(each["dose_mg"], each["times_a_day"]) for each in found["doses"]] == [
        (0.5, 2), (1, 1),
    ]  # fmt: skip
    found = answer(capsys, sample, "--dose", "0.44mg", "--dose", "0.88 mg")
    assert [each["times_a_day"] for each in found["doses"]] == [2, 2]
    half, whole = (each["trough_ng_ml"] for each in found["doses"])
    assert half == pytest.approx(whole / 2, rel=1e-6)  # the model is linear


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--times-a-day", "2"], "--dose"),
        (["--dose", "1mg", "--times-a-day", "2", "--times-a-day", "1"], "--dose"),
        (["--dose", "1mg", "--dose", "2mg", "--times-a-day", "2"], "every --dose"),
        (["--dose", "1", "--times-a-day", "2"], "unit"),
        (["--dose", "0mg", "--times-a-day", "2"], "above zero"),
        (["--dose", "-1mg", "--times-a-day", "2"], ""),
        (["--dose", "1mg", "--times-a-day", "0"], "1 to 4"),
        (["--dose", "1mg", "--times-a-day", "5"], "1 to 4"),
        (["--dose", "1mg", "--times-a-day", "twice"], "--times-a-day"),
        (["--dose", "5ng/mL", "--times-a-day", "1"], "mg"),
        (["--model", ""], "is a folder. Choose a regular file."),
        (["--model", "fan2025"], "neither a model"),
        (["--model", "missing\u001b[31m.toml"], "neither a model"),
        (["--model", "nul\u0000.toml"], "no file name can have"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_exit_code_2(
    sample: str, capsys: Captured, arguments: list[str], said: str
) -> None:
    capsys.readouterr()
    run("forecast", sample, *arguments, "--json", code=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert "\u001b" not in captured.err


def test_doses_without_one_in_force_need_their_times(capsys: Captured) -> None:
    run("patient", "add", "--mrn", "1", "--name", "Sample", "--born", ago(days=3000)[:10], "--sex",
        "male")  # fmt: skip
    run("measure", "add", "1", "--weight", "25 kg", "--on", ago(days=1)[:10])
    run("forecast", "1", "--dose", "1mg", code=2)
    assert "--times-a-day" in capsys.readouterr().err
    arguments = ("--model", "fan2024", "--dose", "0.875mg", "--times-a-day", "2")
    found = answer(capsys, "1", *arguments)
    # The reference's steady state at 25 kg.
    assert found["doses"][0]["trough_ng_ml"] == pytest.approx(9.486, abs=5e-4)
    assert (found["forecast"], found["recommended"]) == ([], None)


def model_text() -> str:
    return (files("dosing.pharmacokinetics") / "models" / "fan2024.toml").read_text(
        encoding="utf-8"
    )


def test_a_model_of_a_person_s_own(sample: str, capsys: Captured, tmp_path: Path) -> None:
    """Twice the clearance of the packaged one, in a file that only differs so."""
    own = tmp_path / "Łukasz [b].toml"
    text = model_text().replace('"fan2024"', '"own2026"').replace("value = 4.06", "value = 8.12")
    own.write_text(text, encoding="utf-8")
    found = answer(capsys, sample, "--model", str(own))
    assert found["model"] == "own2026"
    assert found["population_clearance_l_h"] == pytest.approx(2 * 7.0295, abs=1e-4)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("value = 4.06", "value = four"),
        ('unit = "L/h"', 'unit = "mL/min"'),
        ("additive_ng_ml = 3.41", "additive_ng_ml = -1"),
    ],
)
def test_a_damaged_model_names_its_line(
    sample: str, capsys: Captured, tmp_path: Path, good: str, bad: str
) -> None:
    text = model_text().replace('"fan2024"', '"own2026"').replace(good, bad, 1)
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    line = text[: text.index(bad)].count("\n") + 1
    capsys.readouterr()
    run("forecast", sample, "--model", str(tmp_path / "own.toml"), code=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"own.toml, line {line}:" in captured.err


def test_what_is_no_model_s_file(sample: str, capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\x00\xff\xfe\x80" * 100)
    unread = f"neither a model ({', '.join(MODEL_KEYS)}) nor a file"
    special = "is a folder. Choose a regular file."
    names = {"": special, "binary.toml": unread, "missing.toml": unread}
    for place, said in ((tmp_path / name, said) for name, said in names.items()):
        capsys.readouterr()
        run("forecast", sample, "--model", str(place), "--json", code=2)
        captured = capsys.readouterr()
        assert captured.out == ""
        assert said in captured.err
        assert captured.err.count("\n") == 1


def test_gaps_are_a_wash_out_only_where_somebody_says_so(capsys: Captured) -> None:
    run("patient", "add", "--mrn", "1", "--name", "Sample", "--born", ago(days=3000)[:10], "--sex",
        "male")  # fmt: skip
    run("measure", "add", "1", "--weight", "25 kg", "--on", ago(days=1)[:10])
    run("prescribe", "1", "--dose", "0.88mg", "--times-a-day", "2", "--from", ago(days=50))
    number = re.findall(r"Prescription ([0-9]+)", capsys.readouterr().out)[0]
    run("prescription", "end", "1", number, "--at", ago(days=40))
    run("prescribe", "1", "--dose", "0.88mg", "--times-a-day", "2", "--from", ago(days=20))
    found = answer(capsys, "1", code=3)
    assert "dose-record-gap" in {alert["code"] for alert in found["alerts"]}
    found = answer(capsys, "1", "--nothing-given-in-gaps")
    assert found["basis"] == "population only"


@pytest.mark.parametrize("columns", ["40", "80", "140"])
def test_the_page_holds_what_a_clinician_needs(
    sample: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    add_level(sample, "14 ng/mL", assay="cmia")
    capsys.readouterr()
    run("forecast", sample)
    page = capsys.readouterr().out
    text = " ".join(page.split())
    assert max(map(len, page.splitlines())) <= int(columns)
    assert "Sample Łukasz [/] =1+1 <img src=x>" in text
    assert "\u202e" not in page
    for shown in (
        "Fan 2024", "49 children with vascular anomalies", "by emit", "1 level of this patient",
        "Recommendation Keep the dose.", "Label no change",
        "Based on level yesterday (14 ng/mL, within 5-15 ng/mL), weight 20 days",
        "Last level observed 14 ng/mL, predicted", "5-15 ng/mL", "most probably",
        "the average of 2 models", "Weight", "Chen 2021 [chen2021]", "AUC24", "Next sample",
        "Not used",
    ):  # fmt: skip
        assert shown in text
    assert "CMIA reads" in text
    assert not re.search(r"[0-9]\n *(mg|mL|ng/mL|L/h|hours)", page)


def test_nothing_is_stored(sample: str, capsys: Captured) -> None:
    run("history", sample)
    capsys.readouterr()
    run("history", sample)
    before = capsys.readouterr().out
    run("forecast", sample)
    capsys.readouterr()
    run("history", sample)
    assert capsys.readouterr().out == before
