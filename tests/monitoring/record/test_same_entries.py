"""The same thing twice: equal entries, others about the same time, and those that are only near."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

import pytest

from dosing import AlertKind, QuantityKind, read_quantity
from monitoring.prescribing import check_prescription
from monitoring.record.enter import ReasonNeededError, check_entry
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.note import Note
from monitoring.record.prescription import Prescription
from monitoring.record.response import Criterion
from monitoring.record.same_entries import same_entry_alerts
from tests.builders import (
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_missed_dose,
    a_note,
    a_patient,
    a_record,
    a_response,
    a_side_effect,
    at,
    day,
    ended,
    every_field_of_0003,
    every_kind,
    held_doses,
    voided,
)

NOW = at("2026-11-25T10:00")
SAMPLED = "2026-11-20T08:00"
TIME, MINUTE_LATER = "2026-11-02T08:00", "2026-11-02T08:01"
DAY, NEXT_DAY = "2026-11-04", "2026-11-05"


def child(*entries: Entry) -> Record:
    return a_record(*entries, patient=a_patient(born="2020-11-05", allergies=""))


def same(record: Record, entry: Entry, ended_on: date | None = None) -> list[str]:
    return [each.code for each in same_entry_alerts(record, entry, ended_on)]


# --- equal entries


@pytest.mark.parametrize(
    "entry", [*every_kind(), *every_field_of_0003()], ids=lambda each: type(each).__name__
)
def test_an_entry_of_every_kind_typed_twice_is_found(entry: Entry) -> None:
    assert same(child(), entry) == []
    assert same(child(entry), entry) == ["same-entry"]
    assert same(child(entry, entry), entry) == ["same-entry"]
    assert same(voided(child(entry), 2), entry) == []


def test_what_is_said_of_it_names_the_number_and_the_time_of_the_last() -> None:
    level = a_level(sampled=SAMPLED)
    (alert,) = same_entry_alerts(child(level, level), level)
    assert alert.kind is AlertKind.CAUTION
    assert alert.message == (
        "The same entry was recorded at 5 Nov 2026, 08:00 (number 3). Void one of them."
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "two samples"}, "same-entry"),
        ({"reason": "x", "overridden_alerts": ("level-asked-again",)}, "same-entry"),
        ({"laboratory": "another"}, "entry-of-same-time"),
        ({"last_dose": at("2026-11-19T20:01")}, "entry-of-same-time"),
        ({"last_dose_assumed": True}, "entry-of-same-time"),
        ({"value": read_quantity("7.20 ng/mL", QuantityKind.LEVEL)}, "same-entry"),
        ({"value": read_quantity("7.3 ng/mL", QuantityKind.LEVEL)}, "entry-of-same-time"),
    ],
)
def test_the_reason_is_no_part_of_what_happened(change: dict[str, Any], code: str) -> None:
    level = a_level("7.2 ng/mL", SAMPLED)
    assert same(child(level), replace(level, **change)) == [code]


def test_the_moment_is_the_same_in_another_zone() -> None:
    missed = a_missed_dose("2026-11-20T08:00")
    assert same(child(missed), replace(missed, at=at("2026-11-20T07:00", "UTC"))) == ["same-entry"]
    elsewhere = a_level("7.3 ng/mL", at("2026-11-20T07:00", "UTC"))
    assert same(child(a_level("7.2 ng/mL", SAMPLED)), elsewhere) == ["entry-of-same-time"]


# --- equal, contradicting, and only near


@dataclass(frozen=True)
class Three:
    """An entry, those that contradict it, and those that are only near."""

    entry: Entry
    contradicting: tuple[Entry, ...]
    near: tuple[Entry, ...]


THREES = {
    "level": Three(
        a_level("7.2 ng/mL", SAMPLED),
        (a_level("7.3 ng/mL", SAMPLED), a_level("<7.2 ng/mL", SAMPLED)),
        (a_level("7.3 ng/mL", "2026-11-20T07:59"), a_level("7.2 ng/mL", "2026-11-20T08:01")),
    ),
    "laboratory value": Three(
        a_laboratory_value("ALT", "30 U/L", SAMPLED),
        (
            a_laboratory_value("ALT", "31 U/L", SAMPLED),
            a_laboratory_value("sgpt", "31 U/L", SAMPLED),
            a_laboratory_value("ALT", "30 U/L", SAMPLED, upper="40 U/L"),
        ),
        (
            a_laboratory_value("AST", "31 U/L", SAMPLED),
            a_laboratory_value("ALT", "31 U/L", "2026-11-20T08:01"),
        ),
    ),
    "unknown laboratory test": Three(
        a_laboratory_value("Sample Test", "30 U/L", SAMPLED),
        (a_laboratory_value("sample  TEST", "31 U/L", SAMPLED),),
        (a_laboratory_value("Sample Test 2", "30 U/L", SAMPLED),),
    ),
    "weight and height": Three(
        a_measurement("12.4 kg", "88 cm"),
        (
            a_measurement("12.5 kg", "88 cm"),
            a_measurement("12.4 kg", "89 cm"),
            a_measurement("12.5 kg", None),
            a_measurement(None, "88 cm"),
        ),
        (a_measurement("12.5 kg", "88 cm", "2026-11-06"),),
    ),
    "weight alone": Three(
        a_measurement("12.4 kg", None),
        (a_measurement("12.5 kg", None), a_measurement("12.5 kg", "88 cm")),
        (a_measurement(None, "88 cm"), a_measurement("12400 g", "88 cm")),
    ),
    "prescription": Three(
        a_dose(TIME),
        (a_dose(TIME, "0.46"), a_dose(TIME, times_a_day=3)),
        (a_dose(MINUTE_LATER), a_dose(TIME, loading=True)),
    ),
    "adverse event": Three(
        a_side_effect("mouth sores", DAY, 1),
        (
            a_side_effect("mouth sores", DAY, 2),
            a_side_effect("Ulcers in the mouth", DAY, 1),
            a_side_effect("mouth sores", NEXT_DAY, 2),  # the first one goes on
        ),
        (a_side_effect("headache", DAY, 1),),
    ),
    "drug": Three(
        a_drug("fluconazole", DAY),
        (
            a_drug("Fluconazole 50 mg", DAY),
            a_drug("fluconazole", NEXT_DAY),
            a_drug("fluconazole", "2026-11-03"),
            a_drug("fluconazole and phenytoin", NEXT_DAY),
        ),
        (a_drug("voriconazole", DAY),),
    ),
    "unknown drug": Three(
        a_drug("Sample Drops", DAY),
        (a_drug("sample drops", NEXT_DAY),),
        (a_drug("Sample Pills", DAY),),
    ),
    "missed dose": Three(
        a_missed_dose(TIME),
        (
            held_doses(TIME, None, is_open=True),
            held_doses("2026-11-01T08:00", "2026-11-03T08:00"),
        ),
        (
            a_missed_dose(MINUTE_LATER),
            held_doses("2026-11-01T08:00", TIME),
            held_doses(MINUTE_LATER, None, is_open=True),
        ),
    ),
    "open hold": Three(
        held_doses(TIME, None, is_open=True),
        (
            held_doses("2026-11-05T08:00", "2026-11-06T08:00"),
            held_doses("2026-11-01T08:00", "2026-11-02T08:01"),
            held_doses("2026-11-05T08:00", None, is_open=True),
            a_missed_dose("2026-11-09T08:00"),
        ),
        (
            a_missed_dose("2026-11-02T07:59"),
            held_doses("2026-11-01T08:00", TIME),
        ),
    ),
    "condition": Three(
        a_condition("pregnancy", DAY),
        (a_condition("pregnant", NEXT_DAY), a_condition("Pregnancy", DAY, text="by the test")),
        (a_condition("breastfeeding", DAY), a_condition("allergy to peanut", DAY)),
    ),
    "allergy": Three(
        a_condition("allergy to peanut", DAY),
        (a_condition("Allergy to Peanut", NEXT_DAY),),
        (a_condition("allergy to egg", DAY),),
    ),
    "response": Three(
        a_response(DAY),
        (a_response(DAY, improved=False), replace(a_response(DAY), text="half the size")),
        (
            a_response(NEXT_DAY, improved=False),
            a_response(DAY, improved=False, criterion=Criterion.IMAGING),
        ),
    ),
    "note": Three(
        a_note("Seen in clinic", DAY),
        (),
        (a_note("Seen in clinic", NEXT_DAY), a_note("Seen at home", DAY)),
    ),
}  # fmt: skip

each_three = pytest.mark.parametrize("three", THREES.values(), ids=list(THREES))


@each_three
def test_what_contradicts_an_entry_is_found_and_what_is_near_is_not(three: Three) -> None:
    record = child(three.entry)
    assert same(record, three.entry) == ["same-entry"]
    assert [same(record, each) for each in three.contradicting] == (
        [["entry-of-same-time"]] * len(three.contradicting)
    )
    assert [same(record, each) for each in three.near] == [[]] * len(three.near)
    assert [same(voided(record, 2), each) for each in three.contradicting] == (
        [[]] * len(three.contradicting)
    )


def with_reason(entry: Entry, reason: str) -> Entry:
    stated: Any = entry
    return cast("Entry", replace(stated, reason=reason))


@each_three
def test_it_asks_a_reason_which_is_then_enough(three: Three) -> None:
    if isinstance(three.entry, Prescription):
        return  # the next test
    record = child(three.entry)
    for each in (three.entry, *three.contradicting):
        with pytest.raises(ReasonNeededError, match=r"same (entry|time)"):
            check_entry(record, each, NOW)
        checked = check_entry(record, with_reason(each, "both are right"), NOW)
        assert {"same-entry", "entry-of-same-time"} & {alert.code for alert in checked.alerts}
        assert checked.needed_reason
    for each in three.near:
        assert not check_entry(record, each, NOW).needed_reason


def test_another_dose_of_the_same_start_asks_an_override() -> None:
    record = child(a_measurement("12.4 kg", "88 cm", "2026-11-01"), a_dose(TIME))
    for more in ({}, {"mg": "0.46"}, {"times_a_day": 3}):
        changes: dict[str, Any] = more
        dose = a_dose(TIME, **changes)
        assert check_prescription(record, dose, NOW).awaits_override
        passed = replace(dose, override_reason="the first was lost", override_by="Dr Example")
        assert not check_prescription(record, passed, NOW).stopped
        given = replace(dose, given_reason="as the family gave it")
        assert not check_prescription(record, given, NOW).stopped
    for dose in (a_dose(MINUTE_LATER), a_dose(TIME, loading=True)):
        checked = check_prescription(record, dose, NOW)
        assert not {"same-entry", "entry-of-same-time"} & {alert.code for alert in checked.alerts}


def test_a_lower_dose_of_the_same_start_is_told_and_forbidden_by_nothing() -> None:
    record = child(a_measurement("12.4 kg", "88 cm", "2026-11-01"), a_dose(TIME))
    checked = check_prescription(record, a_dose(TIME, times_a_day=1), NOW)
    assert "entry-of-same-time" in {alert.code for alert in checked.alerts}
    assert not checked.stopped


def test_the_reason_of_the_entry_before_does_not_explain_a_second_one() -> None:
    missed = replace(a_missed_dose(TIME), reason="vomited")
    with pytest.raises(ReasonNeededError):
        check_entry(child(missed), missed, NOW)
    check_entry(child(missed), replace(missed, reason="vomited twice"), NOW)


def test_an_entry_that_has_ended_is_near_from_that_day_on() -> None:
    sores = ended(child(a_side_effect("mouth sores", DAY, 1)), 2, "2026-11-10")
    worse = a_side_effect("mouth sores", "2026-11-10", 2)
    assert same(sores, worse) == []
    assert same(sores, replace(worse, since=day("2026-11-09"))) == ["entry-of-same-time"]
    before = a_side_effect("mouth sores", "2026-11-01", 2)
    assert same(sores, before) == ["entry-of-same-time"]
    assert same(sores, before, day(NEXT_DAY)) == ["entry-of-same-time"]
    assert same(sores, before, day(DAY)) == []


def test_a_hold_that_was_ended_by_a_restart_is_near_from_then_on() -> None:
    held = ended(child(held_doses(TIME, None, is_open=True)), 2, "2026-11-03T08:00")
    assert same(held, a_missed_dose("2026-11-03T07:59")) == ["entry-of-same-time"]
    assert same(held, a_missed_dose("2026-11-03T08:00")) == []


def test_a_hold_whose_end_nobody_recorded_is_one_moment() -> None:
    held = child(held_doses(TIME, None))
    assert same(held, a_missed_dose(TIME)) == ["entry-of-same-time"]
    assert same(held, a_missed_dose(MINUTE_LATER)) == []


def test_what_is_said_of_another_value_names_it() -> None:
    record = child(a_laboratory_value("ALT", "30 U/L", SAMPLED))
    (alert,) = same_entry_alerts(record, a_laboratory_value("ALT", "31 U/L", SAMPLED))
    assert alert.message == (
        "Laboratory value 2 is about the same time: ALT 30 U/L sampled 20 Nov 2026, 08:00. "
        "Check which of them is right."
    )


@pytest.mark.parametrize("reason", ["", " ", None])
def test_a_reason_that_was_not_given_is_absent(reason: str | None) -> None:
    """It is NULL in the records: an empty text would change the hash of an entry without one."""
    assert Note(on=day(DAY), text="seen", reason=reason).reason is None
