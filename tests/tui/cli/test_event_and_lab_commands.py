"""Side-effects and laboratory values on the command line: what they mean is told at once."""

import json
import shlex
from typing import Any

import pytest

from tests.tui.commands import Captured, run

HOSTILE = ("[/] x", "[red]x[/red]", "<img src=x>", "=1+1", "Łukasz", "{0} %s", "'; DROP TABLE x;--")


pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def sample() -> str:
    run("patient", "add", "--mrn", "0 12'3", "--name", "Sample Child", "--born", "2020-05-01",
        "--sex", "male", "--anomaly", "khe-or-tufted-angioma")  # fmt: skip
    return "0 12'3"


def said(capsys: Captured, *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    run(*arguments, code=code)
    output, messages = capsys.readouterr()
    return messages if code else output


def listed(capsys: Captured, what: str, sample: str) -> Any:
    return json.loads(said(capsys, what, "list", sample, "--json"))


def test_an_event_is_kept_under_its_name_with_the_words_typed(
    sample: str, capsys: Captured
) -> None:
    run("level", "add", sample, "<2.0 ng/mL", "--at", "2026-11-07T08:00")
    told = said(capsys, "event", "add", sample, "mouth ulcers", "--from", "2026-11-10",
                "--grade", "2", "--action", "reduced", "--text", "at night")  # fmt: skip
    assert "Sample Child: mouth sores, grade 2, from 10 Nov 2026, sirolimus reduced" in told
    assert '; at night; typed as "mouth ulcers"' in told
    assert "Grade 2 (CTCAE v5.0): moderate pain" in told
    assert "12 of 60 patients (20.0 %) [nadal2016]" in told
    assert "Nearest level: <2.0 ng/mL sampled 7 Nov 2026, 08:00, 3 days apart." in told
    assert "local protocol decides" in told
    (event,) = listed(capsys, "event", sample)
    alerts = event.pop("alerts")
    assert [alert["code"] for alert in alerts] == ["no-dose-rule"]
    assert set(alerts[0]) == {"code", "kind", "message", "source", "value", "limit"}
    for key in ("number", "written", "by", "ended", "done_in_review", "grade_wording"):
        del event[key]
    assert event == {
        "term": "mouth sores", "grade": 2, "scale": "CTCAE v5.0", "from": "2026-11-10", "to": None,
        "action": "reduced", "text": 'at night; typed as "mouth ulcers"', "open": True,
        "in_review_profile": True, "review_count": 12, "review_patients": 60,
        "nearest_level_ng_ml": 2, "nearest_level_comparator": "<",
        "nearest_level_at": "2026-11-07T08:00+01:00", "nearest_level_days": 3, "voided": None,
        "attributed_to": None, "ctcae_term": "Mucositis oral", "reason": None,
    }  # fmt: skip


def test_the_same_words_in_another_case_are_not_kept_twice(sample: str, capsys: Captured) -> None:
    run("event", "add", sample, "Mouth Sores", "--from", "2026-11-10")
    (event,) = listed(capsys, "event", sample)
    assert (event["term"], event["text"]) == ("mouth sores", None)


def test_an_ended_event_is_not_open(sample: str, capsys: Captured) -> None:
    run("event", "add", sample, "headache", "--from", "2026-11-10")
    number = str(listed(capsys, "event", sample)[0]["number"])
    run("event", "end", sample, number, "--on", "2026-11-12")
    (event,) = listed(capsys, "event", sample)
    assert (event["open"], event["to"]) == (False, "2026-11-12")


def test_an_unknown_event_is_kept_as_typed_and_the_nearest_is_named(
    sample: str, capsys: Captured
) -> None:
    told = said(capsys, "event", "add", sample, "pneumonitus", "--from", "2026-11-10")
    assert 'caution: "pneumonitus" is not in the table' in told
    assert "Did you mean pneumonitis" in told
    (event,) = listed(capsys, "event", sample)
    assert (event["term"], event["in_review_profile"]) == ("pneumonitus", None)


def test_a_serious_event_is_urgent_at_once_and_in_the_list(sample: str, capsys: Captured) -> None:
    told = said(capsys, "event", "add", sample, "ILD", "--from", "2026-11-10", "--grade", "2")
    assert "urgent: Pneumonitis" in told
    assert "At grade 2: mild symptoms: hold until improved" in told
    assert "urgent: Pneumonitis" in " ".join(said(capsys, "event", "list", sample).split())


def test_notes_stay_out_of_the_list_but_not_out_of_json(sample: str, capsys: Captured) -> None:
    run("event", "add", sample, "nausea", "--from", "2026-11-10")
    assert "note:" not in said(capsys, "event", "list", sample)
    assert [each["kind"] for each in listed(capsys, "event", sample)[0]["alerts"]] == ["note"]


def test_without_a_grade_the_grades_are_shown(sample: str, capsys: Captured) -> None:
    told = said(capsys, "event", "add", sample, "headache", "--from", "2026-11-10")
    assert "Not graded. Grades (CTCAE v5.0, Headache) [ctcae5]:" in told
    assert "  3  severe; limits self care" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("headache", "--from", "2026-11-10", "--grade", "4"), "It has 1: mild; 2: moderate"),
        (("sepsis", "--from", "2026-11-10", "--grade", "1"), "sepsis has no grade 1"),
        (("headache", "--from", "2099-01-01"), "in the future"),
        (("headache", "--from", "2020-04-30"), "before the patient's birth"),
    ],
)
def test_what_cannot_be_is_refused_with_nothing_stored(
    sample: str, arguments: tuple[str, ...], told: str, capsys: Captured
) -> None:
    message = said(capsys, "event", "add", sample, *arguments, code=2)
    assert told in message
    assert message.count("\n") == 1
    assert listed(capsys, "event", sample) == []


def test_grades_in_words(capsys: Captured) -> None:
    told = said(capsys, "event", "grades", "mouth ulcers")
    assert told.splitlines()[0] == "Mouth sores (CTCAE v5.0, Mucositis oral) [ctcae5]:"
    assert len(told.splitlines()) == 6
    told = said(capsys, "event", "grades", "high blood pressure")
    assert "Hypertension under 18 years" in told
    assert "Hypertension from 18 years" in told
    told = said(capsys, "event", "grades", "rash")
    assert told == "CTCAE v5.0 has no wording for rash here. Look the grade up.\n"
    assert "Did you mean headache?" in said(capsys, "event", "grades", "hedaches x", code=2)


def test_grades_as_json(capsys: Captured) -> None:
    document = json.loads(said(capsys, "event", "grades", "proteinuria", "--json"))
    assert (document["term"], document["source"]) == ("proteinuria", "ctcae5")
    assert document["grades"]["3"] == "protein/creatinine in urine above 1.9"
    assert document["grades_from_18_years"]["3"] == "3.5 g in 24 hours or more"
    document = json.loads(said(capsys, "event", "grades", "rash", "--json"))
    assert (document["graded_as"], document["grades"]) == (None, None)


def test_a_graded_value_offers_a_command_that_runs(sample: str, capsys: Captured) -> None:
    told = said(capsys, "lab", "add", sample, "SGPT", "130 U/L", "--at", "2026-11-15T07:50",
                "--uln", "40 U/L")  # fmt: skip
    assert "Grade 2 (CTCAE v5.0, ALT, AST increased): above 120 U/L (3 × the ULN) [ctcae5]" in told
    command = told.split("To record it as an adverse event: ")[1]
    run(*shlex.split(command)[1:])
    (event,) = listed(capsys, "event", sample)
    assert (event["term"], event["grade"], event["from"]) == (
        "raised liver enzymes", 2, "2026-11-15",
    )  # fmt: skip


def test_laboratory_values_as_json(sample: str, capsys: Captured) -> None:
    run("lab", "add", sample, "Platelets", "<25 10^9/L", "--at", "2026-11-16T08:00", "--lln",
        "150 10^9/L")  # fmt: skip
    run("lab", "add", sample, "ALT", "900 U/L", "--at", "2026-11-15T08:00")
    alt, platelets = listed(capsys, "lab", sample)
    assert (alt["grade"], alt["graded_as"]) == (None, None)
    assert alt["not_graded_because"] == "the upper limit of normal (ULN) is missing"
    assert (platelets["grade"], platelets["graded_as"]) == (4, "Platelets decreased")
    assert (platelets["limits"], platelets["comparator"]) == ("LLN 150 10*9/L", "<")
    assert platelets["not_graded_because"] is None
    assert platelets["matching_event"] == "thrombocytopenia"
    kinds = [(alert["code"], alert["kind"]) for alert in platelets["alerts"]]
    assert kinds == [("grade-3-or-more", "urgent"), ("kasabach-merritt-platelets", "caution")]


def test_without_a_grade_the_reason_is_told(sample: str, capsys: Captured) -> None:
    told = said(capsys, "lab", "add", sample, "glucose", "12 mmol/L", "--at", "2026-11-15T08:00")
    assert "No grade: CTCAE v5.0 has no figures for it" in told
    told = said(capsys, "lab", "add", sample, "ALT", "50 U/L", "--at", "2026-11-15T08:00")
    assert "No grade: the upper limit of normal (ULN) is missing." in told


def test_a_blood_pressure_is_one_command_and_two_values(sample: str, capsys: Captured) -> None:
    told = said(capsys, "lab", "add", sample, "blood pressure", "128/84 mmHg", "--at",
                "2026-11-15T08:00")  # fmt: skip
    assert "systolic blood pressure 128 mm[Hg]" in told
    assert "diastolic blood pressure 84 mm[Hg]" in told
    found = [
        (each["known_as"], each["value"], each["at"]) for each in listed(capsys, "lab", sample)
    ]
    (systolic, _, one), (diastolic, _, other) = found
    assert (systolic, diastolic) == ("systolic blood pressure", "diastolic blood pressure")
    assert one == other


def test_half_a_blood_pressure_stores_nothing(sample: str, capsys: Captured) -> None:
    said(capsys, "lab", "add", sample, "blood pressure", "128 mmHg", "--at", "2026-11-15T08:00",
         code=2)  # fmt: skip
    assert listed(capsys, "lab", sample) == []


def test_a_limit_without_a_unit_and_the_other_version(sample: str, capsys: Captured) -> None:
    run("lab", "add", sample, "neutrophils", "0.3 K/uL", "--at", "2026-11-16T08:00", "--lln", "1.5")
    (value,) = listed(capsys, "lab", sample)
    assert (value["unit"], value["limits"]) == ("10*9/L", "LLN 1.5 10*9/L")
    assert (value["scale"], value["grade"]) == ("CTCAE v5.0", 4)
    assert (value["other_scale"], value["other_grade"]) == ("CTCAE v6.0", 3)


def test_an_open_event_behind_a_better_value_is_not_urgent(sample: str, capsys: Captured) -> None:
    run("lab", "add", sample, "platelets", "12 G/L", "--at", "2026-11-15T08:00")
    run("event", "add", sample, "thrombocytopenia", "--from", "2026-11-15", "--grade", "4")
    run("lab", "add", sample, "platelets", "168 G/L", "--at", "2026-11-16T08:00")
    (event,) = listed(capsys, "event", sample)
    found = {alert["code"]: alert["kind"] for alert in event["alerts"]}
    assert found["event-before-better-value"] == "note"
    assert "grade-3-or-more" not in found


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_kept_and_shown_to_the_letter(
    sample: str, text: str, capsys: Captured
) -> None:
    told = said(capsys, "event", "add", sample, text, "--from", "2026-11-10", "--text", text)
    assert f'"{text}" is not in the table' in told
    run("lab", "add", sample, text, "5 U/L", "--at", "2026-11-15T08:00", "--laboratory", text)
    (event,), (lab,) = listed(capsys, "event", sample), listed(capsys, "lab", sample)
    assert (event["term"], event["text"]) == (text, text)
    assert (lab["test"], lab["laboratory"]) == (text, text)
    assert text in said(capsys, "event", "list", sample)
    assert text in said(capsys, "lab", "list", sample)
