"""`sirolimus recall`, the print log of the commands, and the build in every JSON object."""

import json
import shlex
from pathlib import Path

import pytest

from dosing.build import this_build
from monitoring.store.opening import open_records
from monitoring.store.print_log import printed_pages
from tests.tui.commands import Captured, read, run

BUILD = this_build().to_dict()


def prescribe() -> None:
    run("measure", "add", "00123", "--weight", "12.4kg", "--height", "88cm", "--on", "2026-11-05")
    run("prescribe", "00123", "--from", "2026-11-05T08:00", "--accept")
    run("prescribe", "00123", "--from", "2026-11-06T08:00", "--dose", "0.5mg", "--times-a-day", "2")


def logged(records: Path) -> list[str]:
    return [each.document for each in printed_pages(open_records(str(records)).store.engine)]


def test_doses_and_pages_are_listed_by_patient(
    sample: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    prescribe()
    run("report", sample, "--out", "summary.pdf")
    found = read(capsys, "recall", "--made-by", BUILD["version"])
    assert {key: found[key] for key in BUILD} == BUILD
    assert found["made_by"] == BUILD["version"]
    (patient,) = found["patients"]
    assert (patient["record_number"], patient["name"]) == ("00123", "Sample Łukasz [/]")
    assert [each["kind"] for each in patient["recalled"]] == ["proposal", "dose", "print"]
    assert [each["changes"] for each in patient["recalled"]] == [[], [], []]
    assert found["prints_before"] == "unknown"
    run("recall", "--made-by", BUILD["tables_hash"][:9])
    page = capsys.readouterr().out
    assert "3 items of 1 patient, 0 with a difference" in page
    assert "Patient 00123, Sample Łukasz [/]" in page
    assert "Print 1, summary" in page


def test_nothing_made_by_a_version_is_no_error(records: Path, capsys: Captured) -> None:
    assert records.exists()
    found = read(capsys, "recall", "--made-by", "9.9.9")
    assert (found["patients"], found["of_clinic"], found["copies"]) == ([], [], [])
    run("recall", "--made-by", "9.9.9")
    assert "Earlier prints are unknown." in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["", "abc", "[/]", "=1+1", "0,1"])
def test_what_is_no_version_and_no_hash_is_refused(
    records: Path, typed: str, capsys: Captured
) -> None:
    assert records.exists()
    capsys.readouterr()
    run("recall", "--made-by", typed, code=2)
    assert "at least 7 digits" in capsys.readouterr().err


def test_each_document_is_logged_and_one_that_was_not_written_is_not(
    sample: str, records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prescribe()
    for typed in (
        f"{sample} --out 1.pdf", f"{sample} --full --out 2.pdf", f"{sample} --card --out 3.pdf",
        f"{sample} --give-log --out 4.pdf", "--clinic --out 5.pdf", "--all --out all",
    ):  # fmt: skip
        run("report", *shlex.split(typed))
    run("report", sample, "--out", "1.pdf", code=2)
    run("report", sample, "--out", "gone/1.pdf", code=2)
    assert logged(records) == [
        "summary", "full-summary", "dose-card", "give-log", "clinic-report", "summary",
    ]  # fmt: skip


def test_records_that_cannot_be_written_are_printed_with_a_warning(
    sample: str, records: Path, tmp_path: Path, capsys: Captured
) -> None:
    capsys.readouterr()
    out = tmp_path / "summary.pdf"
    run("report", sample, "--out", str(out), "--records", f"sqlite:///{records}?mode=ro")
    printed = capsys.readouterr()
    assert printed.out == f"{out}\n"
    assert "This page is not in the print log" in printed.err
    assert out.read_bytes().startswith(b"%PDF")
    assert logged(records) == []


def test_every_object_has_the_build_and_a_list_has_not(sample: str, capsys: Captured) -> None:
    prescribe()
    for typed in (f"patient show {sample}", f"advise {sample}", "due", "cohort",
                  "dose --weight 12.4kg --height 88cm --age 2years"):  # fmt: skip
        found = read(capsys, *typed.split())
        assert {key: found.get(key) for key in BUILD} == BUILD, typed
    (_, typed_dose) = read(capsys, "prescription", "list", sample)
    assert "tables_hash" not in typed_dose
    assert typed_dose["rule_version"] == BUILD["version"]
    assert typed_dose["rule_commit"] == BUILD["commit"]
    assert typed_dose["rule_tables_hash"] == BUILD["tables_hash"][:12]


def test_the_version_is_printed_for_people_and_programs(capsys: Captured) -> None:
    run("--version")
    assert capsys.readouterr().out == f"{this_build().words}\n"
    for typed in (("--version", "--json"), ("--json", "--version")):
        run(*typed)
        assert json.loads(capsys.readouterr().out) == BUILD
