"""The commands for the course of a treatment: holds, restarts, causes, conditions, every dose."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.times import Moment
from tests.builders import at
from tests.tui.commands import Captured, read, run
from tests.tui.places import put_once
from tui.cli.main import main

pytestmark = pytest.mark.usefixtures("records")

NOW = "2026-11-29T09:00"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Moment, "now", staticmethod(lambda *_zone: at(NOW)))


@pytest.fixture
def dosed(sample: str, records: Path, capsys: Captured) -> str:
    typed = ("--dose", "0.44mg", "--times-a-day", "2", "--from", "2026-10-01T08:00")
    put_once(records, "dosed", lambda: run("prescribe", sample, *typed))
    capsys.readouterr()
    return sample


def told(capsys: Captured, *arguments: str, code: int = 0) -> str:
    """Return what a command prints, on either stream."""
    capsys.readouterr()
    run(*arguments, code=code)
    printed = capsys.readouterr()
    return printed.out + printed.err


# --- holds and restarts


def hold(sample: str, *more: str) -> None:
    run("missed", "add", sample, "--kind", "held", "--at", "2026-11-20T08:00", *more)


def test_a_hold_is_open_until_the_doses_are_restarted(dosed: str, capsys: Captured) -> None:
    hold(dosed)
    assert "held from 20 Nov 2026, 08:00, until restarted" in capsys.readouterr().out
    (held,) = read(capsys, "missed", "list", dosed)
    assert (held["open"], held["until"], held["ended"]) == (True, None, None)
    words = told(capsys, "restart", dosed, "--at", "2026-11-22T08:00", "--reason", "fever over")
    assert "given again from 22 Nov 2026, 08:00" in words
    assert "0.44 mg × 2 a day" in words
    (held,) = read(capsys, "missed", "list", dosed)
    assert (held["open"], held["ended"]) == (False, "2026-11-22T08:00+01:00")


def test_a_hold_with_an_end_is_not_open_and_can_be_restarted_earlier(
    dosed: str, capsys: Captured
) -> None:
    hold(dosed, "--until", "2026-11-24T08:00")
    assert read(capsys, "missed", "list", dosed)[0]["open"] is False
    run("restart", dosed, "--at", "2026-11-23T08:00")
    run("restart", dosed, "--at", "2026-11-23T20:00", code=2)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("2026-11-20T07:59", "They are held from 20 Nov 2026, 08:00."),
        ("2026-11-22T08:00", "The last hold was from 20 Nov 2026, 08:00 until 22 Nov 2026, 08:00."),
    ],
)
def test_a_restart_without_a_hold_names_the_nearest_one(
    dosed: str, clock: str, words: str, capsys: Captured
) -> None:
    hold(dosed)
    run("restart", dosed, "--at", "2026-11-22T08:00")
    assert words in told(capsys, "restart", dosed, "--at", clock, code=2)


def test_where_nothing_was_held_the_command_of_a_hold_is_named(
    dosed: str, capsys: Captured
) -> None:
    words = told(capsys, "restart", dosed, "--at", "2026-11-22T08:00", code=2)
    assert "No doses are held at 22 Nov 2026, 08:00." in words
    assert f"sirolimus missed add {dosed} --kind held --at TIME" in words


def test_a_restart_without_a_dose_asks_for_one(sample: str, capsys: Captured) -> None:
    hold(sample)
    assert "No dose is prescribed" in told(capsys, "restart", sample, "--at", "2026-11-22T08:00")


def test_a_restart_after_the_next_dose_to_come_is_refused(dosed: str, capsys: Captured) -> None:
    hold(dosed)
    words = told(capsys, "restart", dosed, "--at", "2026-12-22T08:00", code=2)
    assert "in the future" in words
    assert read(capsys, "missed", "list", dosed)[0]["open"] is True


def test_a_missed_dose_cannot_be_ended(dosed: str, capsys: Captured) -> None:
    run("missed", "add", dosed, "--at", "2026-11-20T08:00")
    (missed,) = read(capsys, "missed", "list", dosed)
    assert missed["open"] is False
    words = told(capsys, "missed", "end", dosed, str(missed["number"]), "--at", NOW, code=2)
    assert "held doses" in words


# --- what an adverse event led to

FEVER = ("fever", "--from", "2026-11-20")


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("held", "sirolimus missed add 00123 --kind held --at 2026-11-20T08:00"),
        ("stopped", "sirolimus prescription end 00123 2 --at 2026-11-20T08:00"),
    ],
)
def test_an_event_prints_the_command_that_the_record_lacks_and_it_answers(
    dosed: str, action: str, command: str, capsys: Captured
) -> None:
    words = told(capsys, "event", "add", dosed, *FEVER, "--action", action)
    assert words.splitlines()[-1].endswith(f"To record it, with its time: {command}")
    run(*shlex.split(command)[1:])
    again = told(capsys, "event", "add", dosed, "headache", "--from", "2026-11-20",
                 "--action", action)  # fmt: skip
    assert "doses going on" not in again


@pytest.mark.parametrize("action", ["none", "reduced"])
def test_another_action_asks_for_nothing(dosed: str, action: str, capsys: Captured) -> None:
    assert "going on" not in told(capsys, "event", "add", dosed, *FEVER, "--action", action)


def test_without_a_dose_nothing_goes_on(sample: str, capsys: Captured) -> None:
    assert "going on" not in told(capsys, "event", "add", sample, *FEVER, "--action", "held")


def test_a_record_number_of_several_words_is_quoted(capsys: Captured) -> None:
    run("patient", "add", "--mrn", "A 1", "--name", "X", "--born", "2023-05-01", "--sex", "other")
    run("prescribe", "A 1", "--dose", "0.44mg", "--times-a-day", "2", "--from", "2026-10-01T08:00")
    words = told(capsys, "event", "add", "A 1", *FEVER, "--action", "held")
    assert "sirolimus missed add 'A 1' --kind held" in words


def test_with_its_time_the_hold_is_recorded_with_the_event(dosed: str, capsys: Captured) -> None:
    words = told(capsys, "event", "add", dosed, *FEVER, "--action", "held", "--at",
                 "2026-11-20T20:00")  # fmt: skip
    assert "Recorded: doses held from 20 Nov 2026, 20:00, until restarted" in words
    (held,) = read(capsys, "missed", "list", dosed)
    assert (held["at"], held["open"], held["reason"]) == ("2026-11-20T20:00+01:00", True, "fever")


def test_with_its_time_the_end_is_recorded_with_the_event(dosed: str, capsys: Captured) -> None:
    words = told(capsys, "event", "add", dosed, *FEVER, "--action", "stopped", "--at",
                 "2026-11-20T20:00")  # fmt: skip
    assert "Recorded: prescription 2 ended 20 Nov 2026, 20:00." in words
    (dose,) = read(capsys, "prescription", "list", dosed)
    assert dose["to"] == "2026-11-20T20:00+01:00"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--action", "none", "--at", "2026-11-20T20:00"), "Add one of them"),
        (("--action", "held", "--at", "2026-09-20T20:00"), "No dose is recorded at"),
        (("--action", "held", "--at", "2026-11-30T20:00"), "in the future"),
        (("--action", "stopped", "--at", "2026-11-30T20:00"), "in the future"),
        (("--action", "held", "--at", "20 Nov"), "20 Nov"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_nothing_stored(
    dosed: str, options: tuple[str, ...], words: str, capsys: Captured
) -> None:
    assert words in told(capsys, "event", "add", dosed, *FEVER, *options, code=2)
    assert read(capsys, "event", "list", dosed) == []
    assert read(capsys, "missed", "list", dosed) == []


# --- the cause of a level


@pytest.mark.parametrize(
    ("cause", "options", "excluded"),
    [
        ("vomited", (), True),
        ("wrong-patient", (), True),
        ("new-drug", (), False),
        ("not-found", (), False),
        ("not-found", ("--exclude",), True),
    ],
)
def test_an_error_of_dosing_or_sampling_excludes_the_level(
    dosed: str, cause: str, options: tuple[str, ...], capsys: Captured, *, excluded: bool
) -> None:
    run("level", "add", dosed, "44 ng/mL", "--at", "2026-11-20T07:30")
    words = told(capsys, "level", "cause", dosed, "3", cause, *options, "--text", "[/] =1+1")
    assert words.startswith(f"Cause 4 of level 3, 44 ng/mL: {cause}.")
    assert ("excluded" in words) is excluded
    change = read(capsys, "history", dosed)[-1]["what"]
    assert f"is excluded {int(excluded)}" in change
    assert "[/] =1+1" in change


def test_only_an_active_level_of_this_patient_has_a_cause(dosed: str, capsys: Captured) -> None:
    run("patient", "add", "--mrn", "2", "--name", "X", "--born", "2023-05-01", "--sex", "female")
    run("level", "add", "2", "7 ng/mL", "--at", "2026-11-20T07:30")
    run("level", "add", dosed, "7 ng/mL", "--at", "2026-11-20T07:30")
    for number in ("2", "4", "99", "0", "x"):
        assert "not the number" in told(capsys, "level", "cause", dosed, number, "food", code=2)
    run("level", "void", dosed, "5", "--reason", "another sample")
    assert "voided" in told(capsys, "level", "cause", dosed, "5", "food", code=2)
    run("level", "cause", "2", "4", "unheard-of", code=2)


# --- settled checks


def test_a_check_is_settled_by_its_name(dosed: str, capsys: Captured) -> None:
    words = told(capsys, "due", "settle", dosed, " Blood  PRESSURE ", "--reason", "too late [/]")
    assert "blood pressure; too late [/]" in words
    assert "settlement" in read(capsys, "history", dosed)[-1]["what"]


def test_only_a_check_can_be_settled_and_only_with_a_reason(dosed: str, capsys: Captured) -> None:
    words = told(capsys, "due", "settle", dosed, "[/]", "--reason", "why", code=2)
    assert '"[/]" is not a check that can be settled' in words
    assert "trough level" in words
    assert "blood pressure" in words
    assert "--reason" in told(capsys, "due", "settle", dosed, "weight", code=2)
    assert "reason is empty" in told(
        capsys, "due", "settle", dosed, "weight", "--reason", " ", code=2
    )
    assert len(read(capsys, "history", dosed)) == 2


# --- doses of every kind


def dose(capsys: Captured, sample: str, *options: str, code: int = 0) -> str:
    return told(capsys, "prescribe", sample, "--from", "2026-11-01T08:00", *options, code=code)


@pytest.mark.parametrize(
    ("options", "words", "expected"),
    [
        (("--dose", "1mg", "--every", "48 h"), "1 mg every 48 hours", (48, None, 0.5, None)),
        (("--dose", "1mg", "--every", "2 days"), "1 mg every 48 hours", (48, None, 0.5, None)),
        (("--dose", "1mg", "--every", "12 h"), "1 mg × 2 a day", (12, None, 2, 2)),
        (
            ("--dose", "0.5mg", "--evening-dose", "0.4 mg", "--times-a-day", "2"),
            "0.5 mg in the morning, 0.4 mg at night", (12, 0.4, 0.9, 2),
        ),
    ],
)  # fmt: skip
def test_every_interval_and_an_evening_dose_can_be_prescribed(
    sample: str, options: tuple[str, ...], words: str, expected: tuple[object, ...],
    capsys: Captured,
) -> None:  # fmt: skip
    assert words in dose(capsys, sample, *options)
    (kept,) = read(capsys, "prescription", "list", sample)
    names = ("every_hours", "evening_mg", "daily_mg", "times_a_day")
    assert tuple(kept[each] for each in names) == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--dose", "1mg", "--every", "5 h"), "do not fit the day"),
        (("--dose", "1mg", "--every", "36 h"), "do not fit the day"),
        (("--dose", "1mg", "--every", "48"), "is not an interval"),
        (("--dose", "1mg", "--every", "48 h", "--times-a-day", "1"), "Give one of them"),
        (("--dose", "1mg"), "--times-a-day"),
        (("--dose", "1mg", "--every", "48 h", "--evening-dose", "1mg"), "needs two doses"),
        (("--dose", "1mg", "--times-a-day", "1", "--strength", "0.5"), "is not a strength"),
        (("--dose", "1mg", "--times-a-day", "1", "--strength", "0 mg/mL"), "0"),
        (("--dose", "1mg", "--times-a-day", "1", "--product", "tablets", "--strength",
          "1 mg/mL"), "Only the solution"),
        (("--dose", "1mg", "--times-a-day", "1", "--given", " "), "is empty"),
        (("--accept", "--evening-dose", "1mg"), "--accept takes the proposed dose"),
        (("--accept", "--given", "x"), "--accept takes the proposed dose"),
    ],
)  # fmt: skip
def test_a_dose_that_cannot_be_is_refused(
    sample: str, options: tuple[str, ...], words: str, capsys: Captured
) -> None:
    assert words in dose(capsys, sample, *options, code=2)
    assert read(capsys, "prescription", "list", sample) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--dose", "0.85mg"), ("0.85 mg", "0.84 mg", "0.86 mg", "0.01 mL marks")),
        (("--dose", "0.84mg", "--evening-dose", "0.75mg"), ("0.75 mg", "0.74 mg", "0.76 mg")),
        (("--dose", "0.75mg", "--product", "tablets"), ("0.75 mg", "0.5 mg or 1 mg")),
        (("--dose", "0.85mg", "--strength", "0.5 mg/mL"), ()),  # 1.7 mL
        (("--dose", "0.84mg"), ()),
    ],
)
def test_a_dose_off_the_marks_is_told_and_never_refused(
    sample: str, options: tuple[str, ...], words: tuple[str, ...], capsys: Captured
) -> None:
    """The edges of the marks themselves are in the tests of `dosing.measuring`."""
    shown = dose(capsys, sample, "--times-a-day", "2", *options)
    assert ("off the marks" in shown or "whole tablets" in shown) is bool(words)
    assert all(each in shown for each in words)
    assert len(read(capsys, "prescription", "list", sample)) == 1


TEN_TIMES = ("--dose", "44mg", "--times-a-day", "1")


def test_what_was_given_is_recorded_past_every_limit_and_flagged(
    sample: str, capsys: Captured
) -> None:
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on", "2026-10-30")
    assert "stop: " in dose(capsys, sample, *TEN_TIMES, code=3)
    words = dose(capsys, sample, *TEN_TIMES, "--given", "ten times by mistake [/]")
    assert "caution: The dose is recorded as it was given: ten times by mistake [/]." in words
    assert "stop: " not in words
    assert "override: " not in words
    assert "above 40 mg" in words
    (kept,) = read(capsys, "prescription", "list", sample)
    assert kept["given"] == "ten times by mistake [/]"
    assert "dose-above-maximum" in kept["passed"]
    assert kept["override"] is None


def test_what_is_still_to_come_was_not_given(sample: str, capsys: Captured) -> None:
    words = told(capsys, "prescribe", sample, "--from", "2026-11-30T08:00", *TEN_TIMES, "--given",
                 "x", code=2)  # fmt: skip
    assert "Nothing was given yet" in words


# --- patients and conditions


@pytest.mark.parametrize("sex", ["other", "unknown"])
def test_a_patient_of_every_sex_with_what_was_there_at_birth(sex: str, capsys: Captured) -> None:
    run("patient", "add", "--mrn", "2", "--name", "X", "--born", "2023-05-01", "--sex", sex,
        "--congenital", "no", "--severity", "=1+1 [/]")  # fmt: skip
    shown = read(capsys, "patient", "show", "2")
    assert (shown["sex"], shown["congenital"], shown["severity"]) == (sex, False, "=1+1 [/]")
    run("measure", "add", "2", "--weight", "12.4kg", "--height", "88cm", "--on", "2026-10-30")
    assert "Prescription 3, X: 0.44 mg × 2 a day" in dose(capsys, "2", "--accept")


@pytest.mark.parametrize("genotype", ["*1/*1", "*1/*3", "*3/*3"])
def test_a_genotype_is_added_changed_and_shown(genotype: str, capsys: Captured) -> None:
    run("patient", "add", "--mrn", "2", "--name", "X", "--born", "2023-05-01", "--sex", "male")
    assert read(capsys, "patient", "show", "2")["cyp3a5"] is None
    run("patient", "edit", "2", "--cyp3a5", genotype)
    assert read(capsys, "patient", "show", "2")["cyp3a5"] == genotype
    run("patient", "add", "--mrn", "3", "--name", "Y", "--born", "2023-05-01", "--sex", "male",
        "--cyp3a5", genotype)  # fmt: skip
    assert read(capsys, "patient", "show", "3")["cyp3a5"] == genotype


@pytest.mark.parametrize("genotype", ["*1/*2", "*1", "", "[/]", "<img src=x>", "=1+1", "Łukasz"])
def test_another_genotype_is_refused(genotype: str, capsys: Captured) -> None:
    told(capsys, "patient", "add", "--mrn", "2", "--name", "X", "--born", "2023-05-01", "--sex",
         "male", "--cyp3a5", genotype, code=2)  # fmt: skip


def test_a_condition_has_its_days(sample: str, capsys: Captured) -> None:
    run("condition", "add", sample, "allergy to [/] peanut", "--from", "2025-01-01", "--text", "=1")
    run("condition", "add", sample, "surgery", "--from", "2026-12-24")  # planned
    run("condition", "add", sample, "infection", "--from", "2026-11-01", "--to", "2026-11-05")
    run("condition", "end", sample, "2", "--on", "2026-11-02")
    allergy, surgery, infection = read(capsys, "condition", "list", sample)
    assert (allergy["name"], allergy["text"], allergy["to"]) == (
        "allergy to [/] peanut", "=1", "2026-11-02",
    )  # fmt: skip
    assert (surgery["from"], surgery["to"], infection["to"]) == ("2026-12-24", None, "2026-11-05")
    run("condition", "void", sample, "3", "--reason", "put off")
    assert read(capsys, "condition", "list", sample)[1]["voided"].startswith("put off")
    assert read(capsys, "patient", "show", sample)["entries"] == {"Condition": 2}


# --- the last dose, and the same entry typed twice


def test_a_level_without_a_last_dose_has_the_schedules_and_says_so(
    dosed: str, capsys: Captured
) -> None:
    words = told(capsys, "level", "add", dosed, "7.2 ng/mL", "--at", "2026-11-20T07:30")
    assert "last dose 19 Nov 2026, 20:00 (assumed from the schedule)" in words
    run("level", "add", dosed, "7.2 ng/mL", "--at", "2026-11-21T07:30", "--last-dose",
        "2026-11-20T20:00")  # fmt: skip
    first, second = read(capsys, "level", "list", dosed)
    assert (first["last_dose"], first["last_dose_assumed"]) == ("2026-11-19T20:00+01:00", True)
    assert (second["last_dose"], second["last_dose_assumed"]) == ("2026-11-20T20:00+01:00", False)
    assert (first["is_trough"], first["hours_since_last_dose"]) == (True, 11.5)
    shown = told(capsys, "level", "list", dosed)
    assert shown.count("(assumed)") == 1


def test_without_a_schedule_the_last_dose_stays_unknown(sample: str, capsys: Captured) -> None:
    words = told(capsys, "level", "add", sample, "7.2 ng/mL", "--at", "2026-11-20T07:30")
    assert "last dose not recorded" in words
    (level,) = read(capsys, "level", "list", sample)
    assert (level["last_dose"], level["last_dose_assumed"]) == (None, False)


TWICE: dict[str, Callable[[str], tuple[str, ...]]] = {
    "level": lambda mrn: ("level", "add", mrn, "7.2 ng/mL", "--at", "2026-11-20T07:30"),
    "measure": lambda mrn: ("measure", "add", mrn, "--weight", "12 kg", "--on", "2026-11-20"),
    "missed": lambda mrn: ("missed", "add", mrn, "--at", "2026-11-20T08:00"),
    "drug": lambda mrn: ("drug", "add", mrn, "propranolol", "--from", "2026-11-20"),
    "note": lambda mrn: ("note", "add", mrn, "seen in clinic", "--on", "2026-11-20"),
}


@pytest.mark.parametrize("kind", TWICE)
def test_the_same_entry_typed_twice_needs_a_reason(dosed: str, kind: str, capsys: Captured) -> None:
    typed = TWICE[kind](dosed)
    run(*typed)
    words = told(capsys, *typed, code=2)
    assert "The same entry was recorded at " in words
    assert "(number 3). Void one of them." in words
    assert "--reason" in words
    assert len(read(capsys, kind, "list", dosed)) == 1
    assert main([*typed, "--reason", "it happened twice"]) == 0
    assert len(read(capsys, kind, "list", dosed)) == 2


def test_the_same_dose_prescribed_twice_needs_an_override(dosed: str, capsys: Captured) -> None:
    dose = ("prescribe", dosed, "--dose", "0.44mg", "--times-a-day", "2", "--from")
    words = told(capsys, *dose, "2026-10-01T08:00", code=3)
    assert "The same entry was recorded at " in words
    assert "Nothing was stored." in words
    override = ("--override", "the first was lost", "--by", "Dr Example")
    assert "same entry" in told(capsys, *dose, "2026-10-01T08:00", *override)
    assert "same entry" not in told(capsys, *dose, "2026-10-01T20:00")


def test_a_voided_entry_is_typed_again_without_a_word(dosed: str, capsys: Captured) -> None:
    typed = TWICE["level"](dosed)
    run(*typed)
    run("level", "void", dosed, "3", "--reason", "another sample")
    assert "same" not in told(capsys, *typed)


ANOTHER: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "level": (("7.2 ng/mL", "--at", "2026-11-20T07:30"), ("17.2 ng/mL", "--at", "2026-11-20T07:30"),
              "Level 3 is about the same time: 7.2 ng/mL sampled 20 Nov 2026, 07:30"),
    "lab": (("ALT", "30 U/L", "--at", "2026-11-20T07:30"),
            ("SGPT", "31 U/L", "--at", "2026-11-20T07:30"),
            "Laboratory value 3 is about the same time: ALT 30 U/L"),
    "measure": (("--weight", "12 kg", "--on", "2026-11-20"),
                ("--weight", "12.1 kg", "--on", "2026-11-20"),
                "Measurement 3 is about the same time: 12 kg"),
    "event": (("mouth sores", "--from", "2026-11-20"), ("mouth ulcers", "--from", "2026-11-21"),
              "Adverse event 3 is about the same time: mouth sores"),
    "drug": (("propranolol", "--from", "2026-11-20"), ("Propranolol", "--from", "2026-11-21"),
             "Drug 3 is about the same time: propranolol from 20 Nov 2026"),
    "missed": (("--at", "2026-11-20T08:00"), ("--kind", "held", "--at", "2026-11-20T08:00"),
               "Missed dose 3 is about the same time: missed at 20 Nov 2026, 08:00"),
    "condition": (("surgery", "--from", "2026-11-20"), ("Surgery", "--from", "2026-11-21"),
                  "Condition 3 is about the same time: surgery from 20 Nov 2026"),
    "response": (("--criterion", "imaging", "--improved", "yes", "--on", "2026-11-20"),
                 ("--criterion", "imaging", "--improved", "no", "--on", "2026-11-20"),
                 "Response 3 is about the same time: improved on 20 Nov 2026"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ANOTHER)
def test_another_entry_about_the_same_needs_a_reason(
    dosed: str, kind: str, capsys: Captured
) -> None:
    first, second, said = ANOTHER[kind]
    run(kind, "add", dosed, *first)
    words = told(capsys, kind, "add", dosed, *second, code=2)
    assert said in words
    assert "give the reason with --reason" in words
    assert len(read(capsys, kind, "list", dosed)) == 1
    assert said in told(capsys, kind, "add", dosed, *second, "--reason", "both are right")
    entries = read(capsys, kind, "list", dosed)
    assert sorted(str(each["reason"]) for each in entries) == ["None", "both are right"]


# --- what a dose is checked against


def test_a_raise_for_which_the_levels_wait_needs_an_override(dosed: str, capsys: Captured) -> None:
    raised = ("--dose", "0.5mg", "--times-a-day", "2", "--from", "2026-11-29T20:00")
    sampled = ("--at", "2026-11-28T12:00", "--last-dose", "2026-11-28T08:00")
    told(capsys, "level", "add", dosed, "4 ng/mL", *sampled)
    words = told(capsys, "prescribe", dosed, *raised, code=3)
    assert "Take a new level before any raise." in words
    assert "Nothing was stored." in words
    told(capsys, "prescribe", dosed, *raised, "--override", "agreed [/]", "--by", "Dr Example")
    assert read(capsys, "prescription", "list", dosed)[-1]["passed"] == ["raise-without-level"]


def test_a_dose_from_before_the_first_weight_is_checked_with_the_one_that_follows(
    sample: str, capsys: Captured
) -> None:
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "88cm", "--on", "2026-11-20")
    given = ("--times-a-day", "2", "--from", "2026-10-01T08:00", "--given", "elsewhere")
    words = told(capsys, "prescribe", sample, "--dose", "2mg", *given)
    assert "the dose is checked with 12.4 kg and 88 cm of 20 Nov 2026" in words
    assert "mg/m²/day" in words
    passed = read(capsys, "prescription", "list", sample)[-1]["passed"]
    assert "dose-high" in passed


def test_a_restart_may_be_the_next_dose_to_come(dosed: str, capsys: Captured) -> None:
    hold(dosed)
    words = told(capsys, "restart", dosed, "--at", "2026-11-29T20:00")
    assert "given again from 29 Nov 2026, 20:00" in words
    state = read(capsys, "patient", "show", dosed)["state"]
    assert (state["kind"], state["until"]) == ("on-hold", "2026-11-29T20:00+01:00")
