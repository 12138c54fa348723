"""The commands on the record as a person or a program runs them."""

import json
import os
import shlex
import stat
from pathlib import Path
from typing import Any

import pytest

from tui.command_line import main

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Records of their own for every test, in a zone whose clocks are known."""
    place = tmp_path / "data" / "records.sqlite"
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(place))
    monkeypatch.setenv("SIROLIMUS_USER", "Dr Example")
    monkeypatch.setattr("tui.records.local_zone", lambda: "Europe/Paris")
    monkeypatch.setattr("monitoring.store.opening.local_zone", lambda: "Europe/Paris")
    return place


def run(*arguments: str, code: int = 0) -> None:
    assert main(arguments) == code, arguments


def read(capsys: Captured, *arguments: str) -> Any:
    capsys.readouterr()
    run(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def sample() -> str:
    """A patient who was written down."""
    run("patient", "add", "--mrn", "00123", "--name", "Sample Łukasz [/]", "--born", "2023-05-01",
        "--sex", "male", "--anomaly", "lymphatic-malformation", "--allergies", "=1+1")  # fmt: skip
    return "00123"


def test_a_whole_story_is_kept_as_it_was_typed(sample: str, capsys: Captured) -> None:
    run("measure", "add", sample, "--weight", "27 lb", "--height", "88cm", "--on", "2026-10-30")
    run("prescribe", sample, "--dose", "0.44mg", "--times-a-day", "2", "--from", "2026-11-01T08:00")
    run("level", "add", sample, "7.20 ug/L", "--at", "2026-11-15T07:50", "--last-dose",
        "2026-11-14T20:00", "--assay", "lc-ms/ms")  # fmt: skip
    run("level", "add", sample, "<2.0 ng/mL", "--at", "2026-11-16T07:50")
    run("event", "add", sample, "mouth sores", "--from", "2026-11-10", "--grade", "2")
    run("lab", "add", sample, "ALT", "35 U/L", "--at", "2026-11-15T07:50", "--uln", "40 U/L")
    run("drug", "add", sample, "propranolol", "--from", "2026-10-01")
    run("missed", "add", sample, "--at", "2026-11-12T08:00", "--kind", "held")
    run("response", "add", sample, "--on", "2026-11-20", "--criterion", "imaging", "--improved",
        "yes")  # fmt: skip
    run("note", "add", sample, "moved <img src=x>", "--on", "2026-11-20")

    (measure,) = read(capsys, "measure", "list", sample)
    assert (measure["weight_written"], measure["weight_kg"]) == ("27 lb", 12.24699399)
    (dose,) = read(capsys, "prescription", "list", sample)
    assert (dose["dose_mg"], dose["daily_mg"], dose["target_ng_ml"]) == (0.44, 0.88, [5, 15])
    first, second = read(capsys, "level", "list", sample)
    assert (first["at"], first["reported"]) == ("2026-11-15T07:50+01:00", "7.20 ug/L")
    assert (first["level_ng_ml"], first["assay"]) == (7.2, "lc-ms/ms")
    assert (second["comparator"], second["reported"]) == ("<", "<2.0 ng/mL")
    (event,) = read(capsys, "event", "list", sample)
    assert (event["term"], event["grade"], event["scale"]) == ("mouth sores", 2, "CTCAE v5.0")
    (lab,) = read(capsys, "lab", "list", sample)
    assert (lab["value"], lab["unit"], lab["upper_limit"]) == (35, "U/L", 40)
    assert read(capsys, "note", "list", sample)[0]["text"] == "moved <img src=x>"
    assert read(capsys, "response", "list", sample)[0]["improved"] is True
    assert read(capsys, "missed", "list", sample)[0]["kind"] == "held"
    shown = read(capsys, "patient", "show", sample)
    assert (shown["record_number"], shown["name"]) == ("00123", "Sample Łukasz [/]")
    run("verify")
    assert lab["at"] == "2026-11-15T07:50+01:00"
    assert lab["written"] != lab["at"]


def test_a_voided_entry_stays_listed_with_reason_and_name(sample: str, capsys: Captured) -> None:
    run("level", "add", sample, "7.2ng/mL", "--at", "2026-11-15T07:50")
    (level,) = read(capsys, "level", "list", sample)
    run("level", "void", sample, str(level["number"]), "--reason", "another patient's sample")
    (voided,) = read(capsys, "level", "list", sample)
    assert voided["voided"].startswith("another patient's sample (Dr Example, ")
    run("level", "void", sample, str(level["number"]), "--reason", "again", code=2)
    assert "was voided by Dr Example" in capsys.readouterr().err


def test_only_an_entry_of_this_kind_and_patient_can_be_voided(
    sample: str, capsys: Captured
) -> None:
    run("note", "add", sample, "a note")
    run("level", "void", sample, "2", "--reason", "wrong", code=2)
    assert "is not the number of such an entry" in capsys.readouterr().err


def test_what_lasts_is_ended(sample: str, capsys: Captured) -> None:
    run("drug", "add", sample, "propranolol", "--from", "2026-10-01")
    number = str(read(capsys, "drug", "list", sample)[0]["number"])
    run("drug", "end", sample, number, "--on", "2026-11-01")
    assert read(capsys, "drug", "list", sample)[0]["to"] == "2026-11-01"
    run("drug", "end", sample, number, "--on", "2026-11-02", code=2)


def test_a_patient_is_changed_without_losing_who_it_was(sample: str, capsys: Captured) -> None:
    run("patient", "edit", sample, "--allergies", "peanut")
    shown = read(capsys, "patient", "show", sample)
    assert (shown["allergies"], shown["name"]) == ("peanut", "Sample Łukasz [/]")
    changes = [event["what"] for event in read(capsys, "history", sample)]
    assert len(changes) == 2
    assert "allergies =1+1" in changes[0]
    assert changes[1].startswith("changed the patient")


def test_a_voided_change_of_a_patient_no_longer_counts(sample: str, capsys: Captured) -> None:
    run("patient", "edit", sample, "--mrn", "00999", "--name", "Somebody Else")
    number = str(read(capsys, "history", "00999")[1]["number"])
    run("patient", "void", "00999", number, "--reason", "another patient's number")
    assert "holds again" in capsys.readouterr().out
    assert read(capsys, "patient", "show", sample)["name"] == "Sample Łukasz [/]"
    assert len(read(capsys, "history", sample)) == 3
    run("patient", "show", "00999", code=2)
    run("patient", "void", sample, "1", "--reason", "entered twice")
    assert "Voided the whole patient" in capsys.readouterr().out
    assert read(capsys, "patient", "list") == []


def test_an_end_before_the_beginning_is_refused(sample: str, capsys: Captured) -> None:
    run("event", "add", sample, "mouth sores", "--from", "2026-11-10")
    run("event", "end", sample, "2", "--on", "2026-11-09", code=2)
    assert "lies before the beginning (2026-11-10)" in capsys.readouterr().err
    run("event", "end", sample, "2", "--on", "2026-11-10")


def test_a_record_number_is_taken_once(sample: str, capsys: Captured) -> None:
    run("patient", "add", "--mrn", sample, "--name", "B", "--born", "2020-01-01", "--sex",
        "female", code=2)  # fmt: skip
    assert "is taken by another patient" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("level", "add", "00123", "7.2", "--at", "2026-11-15T07:50"), "has no unit"),
        (("level", "add", "00123", "7.2 ng/dL", "--at", "2026-11-15T07:50"), "hundred times"),
        (("level", "add", "00123", "7.2ng/mL", "--at", "2099-01-01T08:00"), "in the future"),
        (("level", "add", "00123", "7ng/mL", "--at", "2020-01-01T08:00"), "before the patient"),
        (("level", "add", "00123", "300ng/mL", "--at", "2026-11-15T07:50"), "--reason"),
        (("level", "add", "00123", "7ng/mL", "--at", "2026-03-29T02:30"), "does not exist"),
        (("level", "add", "00123", "7ng/mL", "--at", "2026-10-25T02:30"), "came twice"),
        (("level", "list", "00999"), "no patient with the record number 00999"),
        (("measure", "add", "00123"), "needs a weight or a height"),
        (("measure", "add", "00123", "--weight", "400kg"), "--reason"),
        (("measure", "add", "00123", "--weight", "12kg", "--on", "2020-01-01"), "before the birth"),
        (("prescribe", "00123", "--dose", "0.75mg", "--times-a-day", "2", "--from",
          "2026-11-01T08:00", "--product", "tablets"), "cannot be measured out exactly"),
        (("event", "add", "00123", "[/]", "--from", "2026-11-01"), "is empty"),
        (("lab", "add", "00123", "ALT", "35", "--at", "2026-11-15T07:50"), "laboratory value"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_nothing_stored(
    sample: str, arguments: tuple[str, ...], told: str, capsys: Captured
) -> None:
    run(*arguments, code=2)
    output, messages = capsys.readouterr()
    assert told in messages
    assert messages.count("\n") == 1
    assert read(capsys, "patient", "show", sample)["entries"] == {}
    del output


def test_what_really_happened_can_be_written_down_with_a_reason(
    sample: str, capsys: Captured
) -> None:
    run("level", "add", sample, "300ng/mL", "--at", "2026-11-15T07:50", "--reason", "overdose")
    run("measure", "add", sample, "--weight", "400kg", "--reason", "bed scale, to be repeated")
    assert read(capsys, "level", "list", sample)[0]["reason"] == "overdose"
    assert read(capsys, "measure", "list", sample)[0]["reason"].startswith("bed scale")


def test_a_prescription_goes_through_the_limits(sample: str, capsys: Captured) -> None:
    """12.4 kg and 88 cm: 0.5506 m². 4.4 mg twice a day is 16 mg/m²/day and ten times the last."""
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on", "2026-10-30")
    run("prescribe", sample, "--dose", "0.44mg", "--times-a-day", "2", "--from", "2026-11-01T08:00")
    run("prescribe", sample, "--dose", "4.4mg", "--times-a-day", "2", "--from",
        "2026-11-10T08:00", code=3)  # fmt: skip
    said = capsys.readouterr().out
    assert "16 mg/m²/day" in said or "15.98 mg/m²/day" in said
    assert "Daily dose divided by the one before 10, above 5" in said
    assert "Nothing was stored." in said
    assert len(read(capsys, "prescription", "list", sample)) == 1


def test_export_and_import_into_empty_records_give_the_same(
    sample: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    run("note", "add", sample, "=1+1")
    run("export", str(tmp_path / "one"))
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(tmp_path / "other.sqlite"))
    run("import", str(tmp_path / "one"))
    run("export", str(tmp_path / "two"))
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name != "posix"
    assert "'=1+1" in (tmp_path / "two" / "note.csv").read_text(encoding="utf-8-sig")
    del capsys


def test_backup_and_restore(sample: str, tmp_path: Path, capsys: Captured) -> None:
    run("backup", str(tmp_path / "copy.sqlite"))
    run("note", "add", sample, "written after the backup")
    run("restore", str(tmp_path / "copy.sqlite"))
    assert read(capsys, "note", "list", sample) == []
    (kept,) = (tmp_path / "data" / "backups").iterdir()
    run("restore", str(kept))
    assert len(read(capsys, "note", "list", sample)) == 1
    run("restore", str(tmp_path / "missing.sqlite"), code=2)


def test_no_escape_byte_reaches_the_terminal(sample: str, capsys: Captured) -> None:
    run("note", "add", sample, "a\x1b[31mb\N{RIGHT-TO-LEFT OVERRIDE}c")
    run("note", "list", sample)
    run("history", sample)
    assert "\x1b" not in capsys.readouterr().out
    assert read(capsys, "note", "list", sample)[0]["text"] == "a[31mbc"


def test_the_readmes_story_of_a_record_runs(capsys: Captured) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.split("## The record")[1].split("```sh\n")[1].split("```")[0]
    for line in block.splitlines():
        run(*shlex.split(line)[1:])
    assert "All 4 changes are whole." in capsys.readouterr().out


def test_a_list_fits_80_columns_with_no_word_torn(
    sample: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run("level", "add", sample, "7.20 ng/mL", "--at", "2026-11-15T07:50", "--last-dose",
        "2026-11-14T20:00", "--assay", "lc-ms/ms")  # fmt: skip
    capsys.readouterr()
    run("level", "list", sample)
    page = capsys.readouterr().out
    assert max(map(len, page.splitlines())) <= 80
    for word in ("2026-11-15", "07:50", "+01:00", "2026-11-14", "lc-ms/ms", "7.20"):
        assert word in page


def test_levels_are_listed_oldest_first(sample: str, capsys: Captured) -> None:
    for day in ("20", "12", "16"):
        run("level", "add", sample, "7ng/mL", "--at", f"2026-11-{day}T08:00")
    days = [level["at"][8:10] for level in read(capsys, "level", "list", sample)]
    assert days == ["12", "16", "20"]


def test_empty_records_say_so(capsys: Captured) -> None:
    run("patient", "list")
    assert capsys.readouterr().out == "Nothing is written down yet.\n"
    run("verify")
