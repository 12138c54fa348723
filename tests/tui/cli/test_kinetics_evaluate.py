"""`sirolimus kinetics evaluate` and `simulate-trial`, as a person runs them."""

import json
from pathlib import Path
from typing import Any

import pypdf
import pytest

from monitoring.demo.clinic import write_demo
from monitoring.store.opening import open_records
from tests.builders import day
from tests.dosing.evaluation.test_evaluate_table import HEADER, TWO
from tests.tui.cli.test_kinetics_command import MODEL
from tui.cli.main import main

Captured = pytest.CaptureFixture[str]
LINE = "on this clinic's"
HOSTILE = ("[/]", "<img src=x>", "Łukasz", "=1+1", "\u202eright to left", "\x1b[31mred", "9" * 300)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a table in it, a state folder, and a place for records."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("SIROLIMUS_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(tmp_path / "records.sqlite"))
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text(TWO, encoding="utf-8")
    return tmp_path


@pytest.fixture
def clinic(folder: Path) -> Path:
    """Begin the synthetic clinic."""
    records = open_records(str(folder / "records.sqlite"), create=True)
    write_demo(records.store.engine, day("2026-11-24"), "Europe/Paris")
    return folder


def run(*arguments: str, code: int = 0) -> None:
    assert main(("kinetics", *arguments)) == code, arguments


def page(capsys: Captured, *arguments: str, code: int = 0) -> str:
    run(*arguments, code=code)
    printed = capsys.readouterr()
    lines = [each for each in printed.out.splitlines() if not each.endswith(".pdf")]
    assert max(map(len, lines), default=0) <= 80  # but for a path, which is never cut
    return printed.out


def document(capsys: Captured, *arguments: str, code: int = 0) -> dict[str, Any]:
    run(*arguments, "--json", code=code)
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


# --- a table


def test_a_table_on_the_page(capsys: Captured) -> None:
    told = " ".join(page(capsys, "evaluate", "table.csv", "--model", "fan2024").split())
    assert "2 patients of table.csv. An evaluation describes these levels. It does not" in told
    assert "Fan 2024 2" in told  # its two levels from earlier ones
    assert "NPDE 5 levels: mean" in told
    assert "(0 and 1 if the model holds)" in told
    assert "2 levels: no level before it: predicted a priori only" in told
    assert "Fan 2024, Front Pharmacol 15:1457614" in told


def test_every_figure_of_the_page_is_of_the_document(capsys: Captured) -> None:
    told = page(capsys, "evaluate", "table.csv", "--model", "fan2024")
    (model,) = document(capsys, "evaluate", "table.csv", "--model", "fan2024")["models"]
    row = next(line for line in told.splitlines() if line.strip().startswith("Fan 2024"))
    shown = [
        str(model["n"]), f"{model['mpe_percent']:.1f}", f"{model['mape_percent']:.1f}",
        f"{model['rmse']:.2f}", f"{model['relative_rmse']:.2f}", f"{100 * model['f20']:.0f}",
        f"{100 * model['f30']:.0f}",
    ]  # fmt: skip
    assert row.split()[2:] == shown


def test_without_a_model_all_that_apply_and_their_average(capsys: Captured) -> None:
    found = document(capsys, "evaluate", "table.csv")
    models = {each["model"]: each for each in found["models"]}
    assert {"fan2024", "chen2021", "golubovic2019", "average"} <= models.keys()
    assert models["average"]["n"] == 2
    assert models["golubovic2019"]["n"] == 0
    assert models["golubovic2019"]["left_out"]


def test_several_tables_are_one_evaluation(capsys: Captured) -> None:
    Path("more.csv").write_text(TWO, encoding="utf-8")
    found = document(capsys, "evaluate", "table.csv", "more.csv", "--model", "fan2024")
    assert found["patients"] == 4
    assert found["models"][0]["n"] == 4


def test_a_model_of_one_s_own_and_a_margin(capsys: Captured) -> None:
    Path("own.toml").write_text(MODEL, encoding="utf-8")
    plain = document(capsys, "evaluate", "table.csv", "--model", "own.toml")
    wide = document(capsys, "evaluate", "table.csv", "--model", "own.toml", "--margin", "50ng/mL")
    assert plain["margin_ng_ml"] is None
    assert wide["margin_ng_ml"] == 50
    assert wide["models"][0]["f20"] == 1
    assert "within both margins" in page(
        capsys, "evaluate", "table.csv", "--model", "own.toml", "--margin", "50ng/mL"
    )


def test_the_page_as_pdf(capsys: Captured) -> None:
    run("evaluate", "table.csv", "--out", "page.pdf")
    text = "\n".join(each.extract_text() for each in pypdf.PdfReader("page.pdf").pages)
    for words in ("Evaluation of models", "Average of the models", "predictive check, drawn",
                  "does not validate", "Left out"):  # fmt: skip
        assert words in " ".join(text.split())
    assert "page.pdf" in capsys.readouterr().out
    run("evaluate", "table.csv", "--out", "page.pdf", code=2)
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "either a table, or --cohort"),
        (("table.csv", "--cohort"), "either a table, or --cohort"),
        (("none.csv",), "cannot be read"),
        (("table.csv", "--model", "none"), "neither a model"),
        (("table.csv", "--model", "golubovic2019"), "AST"),
        (("table.csv", "--margin", "1"), "has no unit"),
        (("table.csv", "--margin", "-1ng/mL"), "-1"),
    ],
)
def test_wrong_input_is_refused(capsys: Captured, arguments: tuple[str, ...], words: str) -> None:
    run("evaluate", *arguments, code=2)
    assert words in capsys.readouterr().err


def test_a_table_without_a_level_is_no_evaluation(capsys: Captured) -> None:
    Path("none.csv").write_text(HEADER + "A,0,1,0.875,.,12,49,.,25,7,0\n", encoding="utf-8")
    told = page(capsys, "evaluate", "none.csv", code=2)
    assert "No level can be predicted." in told


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_no_fault_and_reach_no_terminal(capsys: Captured, name: str) -> None:
    rows = TWO.replace("\nA,", f'\n"{name}",') + f'"{name}",1,1,.,.,,,,,,\n'
    Path("hostile.csv").write_text(rows, encoding="utf-8")
    told = page(capsys, "evaluate", "hostile.csv", "--out", "hostile.pdf")
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert Path("hostile.pdf").read_bytes().startswith(b"%PDF")


# --- the clinic


def test_an_empty_clinic(capsys: Captured, folder: Path) -> None:
    open_records(str(folder / "records.sqlite"), create=True)
    told = page(capsys, "evaluate", "--cohort", code=2)
    assert "0 patients of the clinic" in " ".join(told.split())
    assert "No level can be predicted." in told


def test_no_records_are_not_begun(folder: Path) -> None:
    run("evaluate", "--cohort", code=2)
    assert not (folder / "records.sqlite").exists()


def test_the_clinic_s_own_levels(capsys: Captured, clinic: Path) -> None:
    assert clinic.exists()
    found = document(capsys, "evaluate", "--cohort")
    average = found["models"][-1]
    assert average["model"] == "average"
    assert average["n"] > 10
    assert {each["group"] for each in average["by_product"]} == {"solution", "tablets"}
    assert len(average["by_age_band"]) > 2
    assert sum(each["levels"] for each in found["left_out"]) > 0
    json.dumps(found, allow_nan=False)


def test_the_line_beside_a_forecast(capsys: Captured, clinic: Path) -> None:
    """It is not computed there: it says so until an evaluation or a cohort has computed it."""
    assert clinic.exists()
    assert main(("forecast", "DEMO-01")) == 0
    assert "not computed here yet" in " ".join(capsys.readouterr().out.split())
    found = document(capsys, "evaluate", "--cohort")["models"][-1]
    assert main(("forecast", "DEMO-01")) == 0
    told = " ".join(capsys.readouterr().out.split())
    label = found["baselines"]["label_arithmetic"]
    assert (
        f"{LINE} {found['n']} levels: within 30 % in {100 * found['f30']:.0f} %, label rule "
        f"{100 * label['f30']:.0f} %"
    ) in told
    assert main(("forecast", "DEMO-01", "--json")) == 0
    shown = json.loads(capsys.readouterr().out)["track_record"]
    assert (shown["levels"], shown["f30"]) == (found["n"], found["f30"])


def test_one_model_of_the_clinic_is_not_its_track_record(capsys: Captured, clinic: Path) -> None:
    assert clinic.exists()
    document(capsys, "evaluate", "--cohort", "--model", "fan2024")
    assert main(("forecast", "DEMO-01")) == 0
    assert "not computed here yet" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("command", [("cohort",), ("report", "--clinic", "--out", "clinic.pdf")])
def test_the_cohort_and_the_clinic_report_keep_it_too(
    capsys: Captured, clinic: Path, command: tuple[str, ...]
) -> None:
    assert clinic.exists()
    assert main(command) == 0
    assert main(("forecast", "DEMO-01")) == 0
    assert LINE in " ".join(capsys.readouterr().out.split())


# --- the simulated trial


def test_a_small_trial(capsys: Captured) -> None:
    told = page(capsys, "simulate-trial", "--patients", "2", "--truth", "fan2024", "--seed", "7")
    assert "2 virtual patients for each truth, 26 weeks, seed 7" in " ".join(told.split())
    assert "Truth: Fan 2024, % in the target" in told
    found = document(
        capsys, "simulate-trial", "--patients", "2", "--truth", "fan2024", "--seed", "7"
    )
    (trial,) = found["trials"]
    assert [each["arm"] for each in trial["arms"]] == [
        "starting_dose", "label_arithmetic", "recommendation",
    ]  # fmt: skip
    assert [each["week"] for each in trial["arms"][0]["weeks"]] == [2, 4, 8, 12, 26]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--patients", "0"), "1 to 100,000"),
        (("--patients", "100001"), "1 to 100,000"),
        (("--seed", "-1"), "from 0 on"),
        (("--truth", "golubovic2019"), "needs"),
        (("--truth", "none"), "neither a model"),
    ],
)
def test_a_wrong_trial_is_refused(capsys: Captured, arguments: tuple[str, ...], words: str) -> None:
    run("simulate-trial", *arguments, code=2)
    assert words in capsys.readouterr().err
