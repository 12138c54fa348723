"""`sirolimus due` and `sirolimus cohort` as a person or a program runs them."""

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitoring.cohort import Cohort, cohort
from monitoring.cohort.documents import cohort_as_csv
from monitoring.demo.clinic import write_demo
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.times import Moment
from reports.presentation.evaluation import shown_figures
from tests.tui.commands import Captured, run
from tui.cli.cohort_page import print_cohort

HOSTILE = "[/] <img src=x> =1+1 Łukasz"


pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def zone() -> str:
    """Return a zone without changes of the clocks."""
    return "UTC"


def printed(capsys: Captured, *arguments: str) -> str:
    capsys.readouterr()
    run(*arguments)
    return capsys.readouterr().out


def read(capsys: Captured, *arguments: str) -> Any:
    return json.loads(printed(capsys, *arguments, "--json"))


def days_ago(days: int) -> str:
    return str((Moment.now("UTC").local - timedelta(days)).date())


def shown_days_ago(days: int) -> str:
    return f"{Moment.now('UTC').local - timedelta(days):%-d %b %Y}"


def add(number: str, name: str, treated_days_ago: int | None) -> None:
    run("patient", "add", "--mrn", number, "--name", name, "--born", "2016-05-01", "--sex", "male",
        "--anomaly", "lymphatic-malformation")  # fmt: skip
    if treated_days_ago is not None:
        run("measure", "add", number, "--weight", "27kg", "--height", "130cm", "--on",
            days_ago(treated_days_ago))  # fmt: skip
        run("prescribe", number, "--dose", "0.8mg", "--times-a-day", "2", "--from",
            f"{days_ago(treated_days_ago)}T00:00")  # fmt: skip


def test_the_most_overdue_stand_first_with_name_number_reason_and_source(capsys: Captured) -> None:
    add("1", "Sample One", 5)
    add("00123", HOSTILE, 40)
    add("3", "Sample Three", None)
    document = read(capsys, "due")
    overdue = [each["overdue_days"] for each in document["due"]]
    assert overdue == sorted(overdue, reverse=True)
    first = document["due"][0]
    assert (first["record_number"], first["name"]) == ("00123", HOSTILE)
    assert (first["overdue_days"], first["to"], first["open"]) == (26, days_ago(26), True)
    assert first["urgency"] == "overdue"
    # Nothing has come yet for a treatment of five days.
    assert {each["record_number"] for each in document["due"]} == {"00123"}
    assert {each["source"] for each in document["due"]} == set(document["sources"])
    (level,) = [each for each in document["due"] if each["check"] == "level"]
    assert (level["record_number"], level["overdue_days"]) == ("00123", 26)
    assert level["why"] == f"7-14 days after the first dose on {shown_days_ago(40)}."


def test_of_one_patient_the_later_checks_are_told_too(capsys: Captured) -> None:
    add("1", "Sample One", 5)
    (level,) = [each for each in read(capsys, "due", "1")["due"] if each["check"] == "level"]
    assert (level["open"], level["overdue_days"]) == (False, 0)
    assert "later" in printed(capsys, "due", "1")
    assert "later" not in printed(capsys, "due")


def test_the_page_is_readable_at_80_columns(capsys: Captured) -> None:
    add("00123", HOSTILE, 40)
    page = printed(capsys, "due")
    assert page.startswith(f"{HOSTILE} (00123)\n")
    assert max(map(len, page.splitlines())) <= 80
    assert "\x1b" not in page
    assert "overdue 26 days  Trough level:" in page
    # Checks of the same days and reason stand together.
    assert page.count("not recorded") == 1


def test_nothing_is_due(capsys: Captured) -> None:
    assert printed(capsys, "due") == "Nothing is due.\n"
    add("3", "Sample Three", None)
    assert printed(capsys, "due", "3") == "No current dose: nothing is due.\n"
    assert read(capsys, "due", "3")["due"] == []
    run("due", "4", code=2)


def test_two_patients_of_one_name_are_told_apart(capsys: Captured) -> None:
    add("1", "Sample Same", 40)
    add("2", "Sample Same", 42)
    page = printed(capsys, "due")
    assert page.index("Sample Same (2)") < page.index("Sample Same (1)")


def test_the_cohort_as_page_json_and_csv(capsys: Captured, tmp_path: Path) -> None:
    add("00123", HOSTILE, 40)
    add("3", "Sample Three", None)
    run("event", "add", "00123", "mouth sores", "--from", days_ago(10))
    run("response", "add", "00123", "--on", days_ago(26), "--criterion", "clinical", "--improved",
        "yes")  # fmt: skip
    page = printed(capsys, "cohort")
    assert page.startswith("1 of 2 patients was given sirolimus")
    assert max(map(len, page.splitlines())) <= 80
    assert "\x1b" not in page
    assert "mouth sores" in page
    assert "12/60" in page
    assert "14 days" in page
    assert "Łukasz" not in page
    document = read(capsys, "cohort")
    assert (document["patients"], document["treated"]) == (2, 1)
    assert document["time_to_response"][0]["median_days"] == 14
    file = tmp_path / "cohort.csv"
    assert printed(capsys, "cohort", "--csv", str(file)).startswith("Written to")
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["table"] for row in rows} >= {"anomaly", "adverse-events"}
    assert read(capsys, "cohort", "--csv", str(tmp_path / "again.csv"))["treated"] == 1


def test_a_file_that_is_there_is_not_overwritten(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "cohort.csv"
    file.write_text("mine", encoding="utf-8")
    run("cohort", "--csv", str(file), code=2)
    assert "exists already" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "mine"
    run("cohort", "--csv", str(tmp_path / "no" / "folder.csv"), code=2)


def test_an_empty_clinic(capsys: Captured) -> None:
    page = printed(capsys, "cohort")
    assert page.startswith("0 of 0 patients were given sirolimus")
    assert "0/0" in page
    assert read(capsys, "cohort")["time_in_range"]["percent_within"] is None


def test_the_track_record_of_the_forecasts_on_page_and_in_csv(capsys: Captured) -> None:
    page = " ".join(printed(capsys, "cohort").split())
    assert "No level could be predicted from earlier ones." in page
    found = demo_cohort()
    print_cohort(found)
    page = capsys.readouterr().out
    assert max(map(len, page.splitlines())) <= 80
    for each in found.forecasts.methods:
        bias, _, close = shown_figures(each)
        assert f"{bias.value:.1f} %" in page
        assert f"{close.low:.1f} to {close.high:.1f} %" in page
    rows = [
        row for row in csv.DictReader(cohort_as_csv(found).splitlines())
        if row["table"].startswith("forecast-")
    ]  # fmt: skip
    assert len(rows) == 3 * 3
    assert {row["of"] for row in rows} == {str(found.forecasts.levels)}
    by_key = {(row["table"], row["row"]): row for row in rows}
    for each in found.forecasts.methods:
        row = by_key["forecast-bias", each.method.value]
        shown = [float(row[key]) for key in ("percent", "low_95_percent", "high_95_percent")]
        figure, *_ = shown_figures(each)
        # written to one decimal
        assert shown == pytest.approx([figure.value, figure.low, figure.high], abs=0.0501)
    ones = list(csv.DictReader(cohort_as_csv(demo_cohort(patients=1)).splitlines()))
    assert {row["low_95_percent"] for row in ones if row["table"].startswith("forecast-")} == {""}


def demo_cohort(patients: int | None = None) -> Cohort:
    """Return the synthetic clinic's cohort: of all its patients, or of the first ones."""
    now = Moment.read("2026-11-24T22:00", "Europe/Paris")
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        write_demo(engine, now.local.date(), now.zone)
        records = list(Store(engine, "Dr Sample", lambda: now).records())
    records.sort(key=lambda each: each.patient.entry.record_number)
    return cohort(records[:patients], now)
