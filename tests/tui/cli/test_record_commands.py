"""The commands on the record as a person or a program runs them."""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from monitoring.record.entries import Record
from monitoring.record.note import Note
from monitoring.store.store import Store
from tests.tui.commands import Captured, read, run
from tui.cli.main import main

pytestmark = pytest.mark.usefixtures("records")


def test_a_patient_of_the_same_name_and_birth_date_is_told_of(
    sample: str, capsys: Captured
) -> None:
    assert "caution" not in capsys.readouterr().out
    run("patient", "add", "--mrn", "9", "--name", "łukasz sample", "--born", "2023-05-01",
        "--sex", "male")  # fmt: skip
    told = capsys.readouterr().out
    known = f"Sample Łukasz [/], record number {sample}."
    assert f"A patient with this name and birth date is on record: {known}" in told
    assert len(read(capsys, "patient", "list")) == 2


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
    assert "was already voided by Dr Example" in capsys.readouterr().err


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
    assert "is active again" in capsys.readouterr().out
    assert read(capsys, "patient", "show", sample)["name"] == "Sample Łukasz [/]"
    assert len(read(capsys, "history", sample)) == 3
    run("patient", "show", "00999", code=2)
    run("patient", "void", sample, "1", "--reason", "entered twice")
    assert "Voided the whole patient" in capsys.readouterr().out
    assert read(capsys, "patient", "list") == []


def test_an_end_before_the_beginning_is_refused(sample: str, capsys: Captured) -> None:
    run("event", "add", sample, "mouth sores", "--from", "2026-11-10")
    run("event", "end", sample, "2", "--on", "2026-11-09", code=2)
    assert "is before the beginning (10 Nov 2026)" in capsys.readouterr().err
    run("event", "end", sample, "2", "--on", "2026-11-10")


def test_a_record_number_is_taken_once(sample: str, capsys: Captured) -> None:
    run("patient", "add", "--mrn", sample, "--name", "B", "--born", "2020-01-01", "--sex",
        "female", code=2)  # fmt: skip
    assert "belongs to another patient" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("level", "add", "00123", "7.2", "--at", "2026-11-15T07:50"), "has no unit"),
        (("level", "add", "00123", "7.2 ng/dL", "--at", "2026-11-15T07:50"), "hundred times"),
        (("level", "add", "00123", "7.2ng/mL", "--at", "2099-01-01T08:00"), "in the future"),
        (("level", "add", "00123", "7ng/mL", "--at", "2020-01-01T08:00"), "before the patient"),
        (("level", "add", "00123", "300ng/mL", "--at", "2026-11-15T07:50"), "--reason"),
        (("level", "add", "00123", "7ng/mL", "--at", "2026-03-29T02:30"), "does not exist"),
        (("level", "add", "00123", "7ng/mL", "--at", "2026-10-25T02:30"), "occurred twice"),
        (("level", "list", "00999"), "No patient has the record number 00999"),
        (("measure", "add", "00123"), "needs a weight or a height"),
        (("measure", "add", "00123", "--weight", "400kg"), "--reason"),
        (("measure", "add", "00123", "--weight", "12kg", "--on", "2020-01-01"),
         "before the patient"),
        (("prescribe", "00123", "--dose", "0.75mg", "--times-a-day", "2", "--from",
          "2026-11-01T08:00", "--product", "tablets", "--strength", "1 mg/mL"),
         "Only the solution"),
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
    (level,), (measure,) = (read(capsys, kind, "list", sample) for kind in ("level", "measure"))
    assert (level["reason"], level["passed"]) == ("overdose", ["level-asked-again"])
    assert measure["reason"].startswith("bed scale")
    assert measure["passed"] == ["weight-out-of-range"]
    run("measure", "list", sample)
    assert "passed weight-out-of-range" in " ".join(capsys.readouterr().out.split())


def test_a_reason_that_passes_nothing_is_kept_without_codes(sample: str, capsys: Captured) -> None:
    run("level", "add", sample, "7ng/mL", "--at", "2026-11-15T07:50", "--reason", "drawn late")
    run("measure", "add", sample, "--weight", "12kg", "--on", "2026-11-01", "--reason", "clothed")
    assert read(capsys, "level", "list", sample)[0]["passed"] == []
    assert read(capsys, "measure", "list", sample)[0]["passed"] == []


def test_a_prescription_goes_through_the_limits(sample: str, capsys: Captured) -> None:
    """12.4 kg and 88 cm: 0.5506 m². 4.4 mg twice a day is 16 mg/m²/day and ten times the last."""
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on", "2026-10-30")
    run("prescribe", sample, "--dose", "0.44mg", "--times-a-day", "2", "--from", "2026-11-01T08:00")
    run("prescribe", sample, "--dose", "4.4mg", "--times-a-day", "2", "--from",
        "2026-11-10T08:00", code=3)  # fmt: skip
    said = capsys.readouterr().out
    assert "16 mg/m²/day" in said or "15.98 mg/m²/day" in said
    assert "Daily dose as a multiple of the previous one 10, above 5" in said
    assert "Nothing was stored." in said
    assert len(read(capsys, "prescription", "list", sample)) == 1


def test_a_level_before_the_first_dose_asks_for_a_reason(sample: str, capsys: Captured) -> None:
    level = ("level", "add", sample, "7ng/mL", "--at")
    run(*level, "2026-10-01T08:00")  # no dose is written down yet: nothing can be said
    run("prescribe", sample, "--dose", "0.4mg", "--times-a-day", "2", "--from", "2026-11-01T08:00")
    run(*level, "2026-11-01T07:59", code=2)
    assert "before the first dose" in capsys.readouterr().err
    run(*level, "2026-11-01T08:00")
    run(*level, "2026-11-01T08:01")
    run(*level, "2026-11-01T07:59", "--reason", "started elsewhere")
    passed = [level["passed"] for level in read(capsys, "level", "list", sample)]
    assert passed == [[], ["level-before-first-dose"], [], []]


EVERY_KIND = (
    ("measure", "add", "00123", "--weight", "12kg", "--on", "{day}"),
    ("missed", "add", "00123", "--at", "{day}T08:00"),
    ("level", "add", "00123", "7ng/mL", "--at", "{day}T08:00"),
    ("event", "add", "00123", "fever", "--from", "{day}"),
    ("lab", "add", "00123", "ALT", "35 U/L", "--at", "{day}T08:00"),
    ("drug", "add", "00123", "propranolol", "--from", "{day}"),
    ("response", "add", "00123", "--on", "{day}", "--criterion", "imaging", "--improved", "yes"),
    ("note", "add", "00123", "text", "--on", "{day}"),
)


@pytest.mark.parametrize("arguments", EVERY_KIND, ids=lambda arguments: arguments[0])
def test_nothing_happened_in_the_future_or_before_the_birth(
    sample: str, arguments: tuple[str, ...], capsys: Captured
) -> None:
    for day, told in (("2099-01-01", "in the future"), ("2023-04-30", "before the patient")):
        run(*(each.format(day=day) for each in arguments), code=2)
        assert told in capsys.readouterr().err
    assert read(capsys, "patient", "show", sample)["entries"] == {}
    run(*(each.format(day="2023-05-01") for each in arguments))


def test_an_end_in_the_future_is_refused(sample: str, capsys: Captured) -> None:
    run("drug", "add", sample, "propranolol", "--from", "2026-10-01")
    run("drug", "end", sample, "2", "--on", "2099-01-01", code=2)
    assert "in the future" in capsys.readouterr().err


def test_a_prescription_may_begin_in_the_future_and_not_before_the_birth(
    sample: str, capsys: Captured
) -> None:
    dose = ("prescribe", sample, "--dose", "0.4mg", "--times-a-day", "2", "--from")
    run(*dose, "2023-04-30T08:00", code=2)
    assert "before the patient" in capsys.readouterr().err
    run(*dose, "2099-01-01T08:00")
    assert "begins in the future, 1 Jan 2099, 08:00." in capsys.readouterr().out


# --- an accepted proposal


@pytest.fixture
def measured(sample: str) -> str:
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on", "2026-10-30")
    return sample


ACCEPT = ("--accept", "--from", "2026-11-01T08:00")


def test_an_accepted_proposal_is_kept_with_its_inputs(measured: str, capsys: Captured) -> None:
    """12.4 kg and 88 cm: 0.5506 m² by Mosteller, at 0.8 mg/m² twice a day 0.44 mg."""
    run("drug", "add", measured, "propranolol", "--from", "2026-10-01")
    run("drug", "add", measured, "fluconazole", "--from", "2026-10-01")
    run("drug", "end", measured, "4", "--on", "2026-10-31")
    capsys.readouterr()
    run("prescribe", measured, *ACCEPT, "--reason", "start")
    page = capsys.readouterr().out
    assert "Sirolimus starting dose" in page
    assert "Weight measured 2 days before, on 30 Oct 2026." in page
    assert "Height measured 2 days before, on 30 Oct 2026." in page
    (stored,) = read(capsys, "prescription", "list", measured)
    assert (stored["dose_mg"], stored["times_a_day"], stored["reason"]) == (0.44, 2, "start")
    proposal = stored["proposal"]
    assert proposal["inputs"] == {
        "weight_kg": 12.4,
        "height_cm": 88,
        "age_months": 42,
        "age_months_at_most": None,
        "sex": "male",
        "product": "solution",
        "with": ["propranolol"],
        "liver": "none",
        "measured_days_ago": 2,
        "every_hours": None,
        "strength_mg_per_ml": None,
        "syringe_step_ml": 0.02,
        "gestation_days": None,
    }
    assert proposal["dose"]["given_mg"] == 0.44
    assert proposal["version"] == stored["rule_version"]
    run("prescription", "list", measured)
    assert "proposal accepted" in " ".join(capsys.readouterr().out.split())
    run("history", measured)
    assert "proposal accepted" in " ".join(capsys.readouterr().out.split())
    run("verify")


def test_a_proposal_takes_the_newest_of_each_measurement(measured: str, capsys: Captured) -> None:
    run("measure", "add", measured, "--weight", "13kg", "--on", "2026-10-31")
    run("measure", "add", measured, "--weight", "14kg", "--on", "2026-11-02")  # after the dose
    run("prescribe", measured, *ACCEPT)
    inputs = read(capsys, "prescription", "list", measured)[0]["proposal"]["inputs"]
    assert (inputs["weight_kg"], inputs["height_cm"]) == (13, 88)
    assert inputs["measured_days_ago"] == 1


def test_a_proposal_that_is_stopped_is_not_stored(measured: str, capsys: Captured) -> None:
    run("drug", "add", measured, "voriconazole", "--from", "2026-10-01")
    run("prescribe", measured, *ACCEPT, code=3)
    assert "Nothing was stored." in capsys.readouterr().out
    run("prescribe", measured, *ACCEPT, "--override", "no other drug", "--by", "Dr Example")
    (stored,) = read(capsys, "prescription", "list", measured)
    assert stored["passed"] == ["interaction"]
    assert stored["override"] == "no other drug (Dr Example)"
    assert stored["proposal"]["override"]["passed"] == ["interaction"]


def test_an_allergy_asks_for_an_override_of_a_proposal_too(measured: str, capsys: Captured) -> None:
    run("patient", "edit", measured, "--allergies", "Peanuts")
    run("prescribe", measured, *ACCEPT, code=3)
    assert "soya oil" in capsys.readouterr().out
    run("prescribe", measured, *ACCEPT, "--override", "tolerates soya", "--by", "Dr Example")
    (stored,) = read(capsys, "prescription", "list", measured)
    assert (stored["passed"], stored["override"]) == (
        ["allergy-soya"], "tolerates soya (Dr Example)",
    )  # fmt: skip
    assert stored["proposal"]["override"]["passed"] == ["allergy-soya"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--accept", "--dose", "0.4mg"), "Leave out --dose"),
        (("--accept", "--times-a-day", "2"), "Leave out --dose"),
        (("--accept", "--loading"), "Leave out --dose"),
        (("--dose", "0.4mg"), "or --accept"),
        (("--times-a-day", "2"), "or --accept"),
        (("--dose", "0.4mg", "--times-a-day", "2", "--liver", "A"), "are for --accept only"),
        (("--dose", "0.4mg", "--times-a-day", "2", "--formula", "boyd"), "are for --accept only"),
        (("--accept",), "Record a weight first"),
        (("--accept", "--target", "10-4 ng/mL"), "lower to a higher"),
        (("--accept", "--by", "Dr Example"), "needs both"),
    ],
)
def test_a_dose_is_typed_or_accepted(
    sample: str, arguments: tuple[str, ...], told: str, capsys: Captured
) -> None:
    if "Record a weight first" not in told:
        run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on",
            "2026-10-30")  # fmt: skip
    run("prescribe", sample, "--from", "2026-11-01T08:00", *arguments, code=2)
    assert told in capsys.readouterr().err
    assert read(capsys, "prescription", "list", sample) == []


def test_a_proposal_without_a_height_needs_a_formula_without_one(
    sample: str, capsys: Captured
) -> None:
    run("measure", "add", sample, "--weight", "12.4kg", "--on", "2026-10-30")
    run("prescribe", sample, *ACCEPT, code=2)
    assert "needs a height" in capsys.readouterr().err
    run("prescribe", sample, *ACCEPT, "--formula", "weight-only")
    (stored,) = read(capsys, "prescription", "list", sample)
    assert stored["proposal"]["formula"] == "weight-only"


def test_a_loading_dose_is_written_down_by_itself(measured: str, capsys: Captured) -> None:
    """The transplant protocol is for 13 years and older; its loading dose is told, not stored."""
    run("patient", "edit", measured, "--born", "2010-01-01")
    run("measure", "add", measured, "--weight", "35kg", "--height", "140cm", "--on", "2026-10-31",
        "--reason", "new")  # fmt: skip
    capsys.readouterr()
    run("prescribe", measured, *ACCEPT, "--protocol", "transplant")
    assert "Record it with --loading" in capsys.readouterr().out
    (stored,) = read(capsys, "prescription", "list", measured)
    assert stored["loading"] is False


@pytest.mark.parametrize(
    ("target", "kept", "caution"),
    [
        ("4-10 ng/mL", [4, 10], ""),
        ("5-15 ng/mL", [5, 15], ""),
        ("6-15 ng/mL", [6, 15], ""),
        ("6-15.1 ng/mL", [6, 15.1], "Upper end of the target 15.1 ng/mL, above 15 ng/mL"),
        ("4-6 ng/mL", [4, 6], ""),
        ("4-5.9 ug/L", [4, 5.9], "Width of the target 1.9 ng/mL, below 2 ng/mL"),
    ],
)
def test_a_target_of_ones_own(
    measured: str, target: str, kept: list[float], caution: str, capsys: Captured
) -> None:
    run("prescribe", measured, *ACCEPT, "--target", target)
    said = capsys.readouterr().out
    assert (caution in said) if caution else ("of the target" not in said)
    assert read(capsys, "prescription", "list", measured)[0]["target_ng_ml"] == kept


# --- what was typed is not lost


def test_what_was_typed_is_repeated_where_the_records_fail(
    sample: str, records: Path, capsys: Captured
) -> None:
    content = records.read_bytes()
    records.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    text = "it's \x1b[31m [/] Łukasz"
    run("note", "add", sample, text, "--on", "2026-11-20", code=2)
    output, messages = capsys.readouterr()
    told, heading, repeated = messages.splitlines()
    assert "damaged" in told
    assert heading == "Your command:"
    assert shlex.split(repeated) == [
        "sirolimus", "note", "add", sample, "it's [31m [/] Łukasz", "--on", "2026-11-20",
    ]  # fmt: skip
    assert "\x1b" not in messages
    assert output == ""


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are POSIX")
def test_what_was_typed_is_repeated_where_the_disk_is_full(sample: str, records: Path) -> None:
    limited = (
        "import resource, signal, sys; from tui.start import main; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({records.stat().st_size},) * 2); "
        "sys.exit(main(sys.argv[1:]))"
    )
    for place in range(20):  # what room the file has left is soon used
        note = ("note", "add", sample, f"{place} {'x' * 1900}", "--on", "2026-11-20")
        result = subprocess.run(
            [sys.executable, "-c", limited, *note], capture_output=True, text=True, check=False
        )
        if result.returncode:
            break
    assert result.returncode == 2
    assert "Nothing was stored." in result.stderr
    assert shlex.split(result.stderr.splitlines()[-1]) == ["sirolimus", *note]
    run("verify")


def test_what_was_typed_is_repeated_where_somebody_was_first(
    sample: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the record and storing the dose somebody else writes a note."""
    find = Store.find

    def find_and_wait(store: Store, record_number: str) -> Record:
        record = find(store, record_number)
        store.add(record.number, Note(on=date(2026, 11, 20), text="meanwhile"))
        return record

    monkeypatch.setattr(Store, "find", find_and_wait)
    dose = ("prescribe", sample, "--dose", "0.4mg", "--times-a-day", "2", "--from",
            "2026-11-01T08:00", "--reason", "it's time")  # fmt: skip
    run(*dose, code=2)
    messages = capsys.readouterr().err
    assert "Dr Example recorded a note" in messages
    assert shlex.split(messages.splitlines()[-1]) == ["sirolimus", *dose]


def test_the_password_of_a_server_is_not_repeated(tmp_path: Path, capsys: Captured) -> None:
    for place in (
        f"postgresql://ann:sec/ret@/records?host={tmp_path}",
        f"postgresql://ann@/records?host={tmp_path}&password=sec/ret",
        "host=localhost user=ann password=sec/ret",
    ):
        for typed in (
            ("note", "add", "00123", "text", "--records", place),
            ("note", "add", "00123", "text", f"--records={place}"),
            ("demo", "--seed-into", place),
            ("note", "add", "00123", "text", place),
            ("note", place),
        ):
            run(*typed, code=2)
            messages = "".join(capsys.readouterr())
            assert messages
            assert "sec/ret" not in messages
    run("note", "add", "00123", "text", "--records", f"postgresql:///x?host={tmp_path}", code=2)
    messages = capsys.readouterr().err
    assert "the server cannot be reached" in messages
    assert f"note add 00123 text --records 'postgresql:///x?host={tmp_path}'" in messages


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
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    block = readme.split("## The record")[1].split("```sh\n")[1].split("```")[0]
    for line in block.splitlines():
        run(*shlex.split(line)[1:])
    assert "All 5 changes are whole." in capsys.readouterr().out


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
    for word in ("Nov", "2026,", "07:50", "(+0100)", "20:00", "lc-ms/ms", "7.20"):
        assert word in page


def test_levels_are_listed_oldest_first(sample: str, capsys: Captured) -> None:
    for day in ("20", "12", "16"):
        run("level", "add", sample, "7ng/mL", "--at", f"2026-11-{day}T08:00")
    days = [level["at"][8:10] for level in read(capsys, "level", "list", sample)]
    assert days == ["12", "16", "20"]


def test_a_head_written_down_must_be_in_the_trail(sample: str, capsys: Captured) -> None:
    capsys.readouterr()
    run("verify")
    head = capsys.readouterr().out.split("Head ")[1].strip(" .\n")
    run("note", "add", sample, "later")
    run("verify", "--head", head)
    run("verify", "--head", f" {head[:32]} {head[32:].upper()} ")
    run("verify", "--head", "0" * 63 + "1", code=1)
    assert "the trail: does not contain the given head" in capsys.readouterr().out
    for text in ("", head[:-1], "g" * 64, "\x1b[31m"):
        run("verify", "--head", text, code=2)
        assert "is not a head" in capsys.readouterr().err


def test_records_without_a_patient_say_so(records: Path, capsys: Captured) -> None:
    assert records.exists()
    run("patient", "list")
    assert capsys.readouterr().out == "No entries.\n"
    run("verify")


def test_what_is_over_already_is_written_down_with_its_end(sample: str, capsys: Captured) -> None:
    event = ("event", "add", sample, "mouth sores", "--from", "2026-11-01")
    assert main([*event, "--to", "2026-10-31"]) == 2
    assert main([*event, "--to", "2999-01-01"]) == 2
    assert main([*event, "--to", "2026-11-04", "--grade", "2"]) == 0
    assert (
        main(["drug", "add", sample, "aprepitant", "--from", "2026-11-01", "--to", "2026-11-02"])
        == 0
    )
    capsys.readouterr()
    main(["event", "list", sample, "--json"])
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["from"], listed["to"], listed["open"]) == ("2026-11-01", "2026-11-04", False)
    main(["drug", "list", sample, "--json"])
    (drug,) = json.loads(capsys.readouterr().out)
    assert drug["to"] == "2026-11-02"


# --- what was seen before


@pytest.fixture
def rolled_back(sample: str, records: Path) -> Path:
    """Give records into whose place an older copy was put."""
    older = records.read_bytes()
    run("note", "add", sample, "lost")
    records.write_bytes(older)
    return records


WARNING = "sirolimus: warning: The records end at change 1, and change 2 was seen here on "


def test_an_older_copy_is_said_before_anything_is_shown(
    rolled_back: Path, capsys: Captured
) -> None:
    assert rolled_back.exists()
    capsys.readouterr()
    (patient,) = read(capsys, "patient", "list")  # standard output is JSON and nothing else
    assert patient["record_number"] == "00123"
    run("patient", "show", "00123")
    printed = capsys.readouterr()
    assert "Łukasz" in printed.out
    assert printed.err.startswith(WARNING)
    run("dose", "--patient", "00123", code=2)
    assert capsys.readouterr().err.startswith(WARNING)


@pytest.mark.parametrize(
    "command",
    [
        ("note", "add", "00123", "a note"),
        ("patient", "edit", "00123", "--allergies", "peanut"),
        ("patient", "void", "00123", "1", "--reason", "twice"),
        ("measure", "add", "00123", "--weight", "12kg", "--on", "2026-11-05"),
        (
            "prescribe",
            "00123",
            "--dose",
            "0.4mg",
            "--times-a-day",
            "2",
            "--from",
            "2026-11-05T08:00",
        ),
    ],
)
def test_an_older_copy_is_not_written_to(
    rolled_back: Path, capsys: Captured, command: tuple[str, ...]
) -> None:
    before = rolled_back.read_bytes()
    run(*command, code=2)
    said = capsys.readouterr().err
    assert said.startswith(WARNING)
    assert "Nothing was stored." in said
    assert "sirolimus verify --accept" in said
    assert f"sirolimus {command[0]}" in said  # what was typed is not lost
    assert rolled_back.read_bytes() == before


def test_an_older_copy_is_found_by_verify_and_can_be_accepted(
    rolled_back: Path, capsys: Captured
) -> None:
    assert rolled_back.exists()
    capsys.readouterr()
    run("verify", code=1)
    printed = capsys.readouterr().out
    assert printed.startswith("the records: end at change 1, and change 2 was seen here on ")
    assert "change is whole" not in printed
    run("verify", "--accept")
    printed = capsys.readouterr().out
    assert "1 change is whole. Head " in printed
    assert "Accepted: they are compared with this head from now on." in printed
    run("note", "add", "00123", "another")
    run("verify")
    run("verify", "--accept")
    last = capsys.readouterr()
    assert (last.err, "Accepted" in last.out) == ("", False)


def test_where_the_file_is_gone_a_first_entry_begins_new_records(
    sample: str, records: Path, capsys: Captured
) -> None:
    run("note", "add", sample, "gone")
    records.unlink()
    capsys.readouterr()
    run("patient", "add", "--mrn", "00125", "--name", "Sample", "--born", "2023-05-01",
        "--sex", "female")  # fmt: skip
    said = capsys.readouterr().err
    assert "The records are empty, and change 2 was seen here" in said
    assert f"New records were begun at {records}." in said
    run("note", "add", "00125", "seen")
    assert capsys.readouterr().err == ""


def test_on_another_disk_than_before_none_are_begun(
    sample: str, records: Path, state_folder: Path, capsys: Captured
) -> None:
    """A share that is not connected leaves an empty folder of the local disk."""
    run("patient", "show", sample)  # the head is known from then on
    heads = state_folder / "known-heads.json"
    kept = heads.read_text(encoding="ascii")
    heads.write_text(re.sub(r'("disk": )(\d+)', r"\g<1>1\2", kept), encoding="ascii")
    records.unlink()
    run("patient", "add", "--mrn", "00125", "--name", "Sample", "--born", "2023-05-01",
        "--sex", "female", code=2)  # fmt: skip
    assert "were on another disk. Connect it" in capsys.readouterr().err
    assert not records.exists()


def test_records_with_a_head_that_they_lack_are_not_accepted(
    rolled_back: Path, capsys: Captured
) -> None:
    assert rolled_back.exists()
    run("verify", "--accept", "--head", "f" * 64, code=1)
    run("note", "add", "00123", "a note", code=2)
    assert "Nothing was stored." in capsys.readouterr().err


def test_what_a_person_restores_or_imports_is_accepted(
    rolled_back: Path, tmp_path: Path, capsys: Captured
) -> None:
    run("backup", str(tmp_path / "backup.sqlite"))
    run("export", str(tmp_path / "out"))
    capsys.readouterr()
    run("restore", str(tmp_path / "backup.sqlite"))
    run("note", "add", "00123", "after the restore")
    rolled_back.unlink()
    run("import", str(tmp_path / "out"))
    assert "The records are empty, and change 2 was seen here" in capsys.readouterr().err
    run("note", "add", "00123", "after the import")
    rolled_back.unlink()
    run("demo", "--seed-into", str(rolled_back))
    capsys.readouterr()
    run("note", "add", "DEMO-01", "after the demo")
    run("verify")
    assert capsys.readouterr().err == ""
