"""Due checks: the schedule's edges in threes, timelines worked by hand, and a second way."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from dosing import PROTOCOLS, QuantityKind, TargetTrough, read_quantity
from dosing.knowledge.intervals import Every
from dosing.knowledge.monitoring_schedule import STANDARD, Rhythm, schedule_of
from monitoring.due import Check, Due, Urgency, due, due_of_all
from monitoring.due.checks import LABORATORY_CHECKS
from monitoring.laboratory.tests import find_test
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StopRecord, StoredEntry, of_kind
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.record.response import Criterion, Response
from monitoring.times import Moment
from tests.builders import (
    BY,
    a_dose,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    at,
    ended,
    voided,
)
from tests.campaign import sizes

START = "2026-01-10T08:00"
BORN = date(2020, 5, 1)


def child(*entries: Entry, born: date = BORN) -> Record:
    return a_record(*entries, patient=a_patient(born=born))


def level_at(sampled: str, hours: int = 12) -> Level:
    return a_level(sampled=sampled, hours=hours)


def value(test: str, on: str, written: str = "5 10*9/L", lln: str | None = None) -> LaboratoryValue:
    return a_laboratory_value(test, written, f"{on}T08:00", lower=lln)


def weight_on(on: str) -> Measurement:
    return a_measurement("20 kg", None, on)


def every_value(on: str) -> tuple[LaboratoryValue, ...]:
    return tuple(value(part[0], on) for check in LABORATORY_CHECKS for part in check.parts)


def the(check: Check, record: Record, now: str, what: str | None = None) -> Due:
    (found,) = [
        each for each in due(record, at(now)) if each.check is check and what in {None, each.what}
    ]
    return found


def days(found: Due) -> tuple[str, str]:
    return str(found.since), str(found.until)


# --- when anything is due at all


@pytest.mark.parametrize(
    ("now", "has_begun"),
    [("2026-01-10T07:59:59", False), ("2026-01-10T08:00", True), ("2026-01-10T08:00:01", True)],
)
def test_only_the_baseline_is_due_before_the_first_dose(now: str, has_begun: bool) -> None:  # noqa: FBT001 - a table's column
    found = {each.check for each in due(child(a_dose(START)), at(now))}
    assert (found == {Check.LABORATORY}) != has_begun
    assert (Check.LEVEL in found) == has_begun


@pytest.mark.parametrize(
    ("now", "is_any"),
    [("2026-03-01T07:59:59", True), ("2026-03-01T08:00", False), ("2026-03-01T08:00:01", False)],
)
def test_nothing_is_due_after_the_last_dose(now: str, is_any: bool) -> None:  # noqa: FBT001 - a table's column
    assert bool(due(ended(child(a_dose(START)), 2, "2026-03-01T08:00"), at(now))) == is_any


def test_nothing_is_due_without_a_dose() -> None:
    assert due(child(weight_on("2026-01-10")), at(START)) == ()
    assert due(voided(child(a_dose(START)), 2), at("2026-02-01T08:00")) == ()


def test_the_most_overdue_stands_first() -> None:
    found = due(child(a_dose(START)), at("2026-03-10T08:00"))
    overdue = [each.overdue_days for each in found]
    assert overdue == sorted(overdue, reverse=True)
    # The weight of 10 January, missed again after 30 days, on 9 February.
    assert (found[0].check, overdue[0]) == (Check.WEIGHT, 29)
    assert found[0].why.endswith("missed since 10 Jan 2026.")


# --- levels


@pytest.mark.parametrize(
    ("now", "is_open", "overdue"),
    [
        ("2026-01-16T23:59", False, 0),
        ("2026-01-17T00:00", True, 0),
        ("2026-01-24T23:59", True, 0),
        ("2026-01-25T00:00", True, 1),
        ("2026-01-26T00:00", True, 2),
    ],
)
def test_the_first_level_by_day(now: str, is_open: bool, overdue: int) -> None:  # noqa: FBT001 - a table's column
    found = the(Check.LEVEL, child(a_dose(START)), now)
    assert days(found) == ("2026-01-17", "2026-01-24")
    assert (found.is_open, found.overdue_days) == (is_open, overdue)
    assert found.source == "rapalimus-label"
    assert found.why == "7-14 days after the first dose on 10 Jan 2026."


@pytest.mark.parametrize(
    ("protocol", "first", "last", "source"),
    [
        ("review", "2026-01-17", "2026-01-24", "rapalimus-label"),
        ("french", "2026-01-24", "2026-01-24", "jop2023"),
        ("transplant", "2026-01-13", "2026-01-14", "us-label"),
    ],
)
def test_the_first_level_is_the_protocols_own(
    protocol: str, first: str, last: str, source: str
) -> None:
    record = child(replace(a_dose(START), protocol=protocol))
    found = the(Check.LEVEL, record, "2026-01-20T08:00")
    assert (*days(found), found.source) == (first, last, source)


@pytest.mark.parametrize(
    "level",
    [
        level_at("2026-01-16T08:00"),  # 6 days after the start
        level_at("2026-01-18T08:00", hours=3),  # not a trough
        replace(level_at("2026-01-18T08:00"), last_dose=None),  # unknown
    ],
)
def test_what_does_not_count_settles_nothing_and_is_told(level: Level) -> None:
    found = the(Check.LEVEL, child(a_dose(START), level), "2026-01-20T08:00")
    assert days(found) == ("2026-01-17", "2026-01-24")
    assert f"the level of {level.sampled.local:%-d %b %Y} is not evaluable" in found.why


def test_a_voided_level_settles_nothing() -> None:
    record = voided(child(a_dose(START), level_at("2026-01-20T08:00")), 3)
    assert days(the(Check.LEVEL, record, "2026-01-26T08:00")) == ("2026-01-17", "2026-01-24")


def test_a_level_of_after_the_moment_is_not_known_yet() -> None:
    record = child(a_dose(START), level_at("2026-01-20T08:00"))
    assert days(the(Check.LEVEL, record, "2026-01-20T07:59")) == ("2026-01-17", "2026-01-24")
    assert days(the(Check.LEVEL, record, "2026-01-20T08:00")) == ("2026-02-13", "2026-02-27")


def test_levels_worked_by_hand() -> None:
    """First level on day 10, then monthly within 3 months (until 10 April), then quarterly."""
    record = child(
        a_dose(START),
        level_at("2026-01-20T08:00"),
        level_at("2026-02-20T08:00"),
        level_at("2026-04-09T08:00"),
        level_at("2026-04-10T08:00"),
    )
    told = {
        now: days(the(Check.LEVEL, record, f"{now}T12:00"))
        for now in ("2026-01-19", "2026-01-20", "2026-02-20", "2026-04-09", "2026-04-10")
    }
    assert told == {
        "2026-01-19": ("2026-01-17", "2026-01-24"),
        "2026-01-20": ("2026-02-13", "2026-02-27"),
        "2026-02-20": ("2026-03-13", "2026-03-27"),
        "2026-04-09": ("2026-05-02", "2026-05-16"),
        "2026-04-10": ("2026-07-03", "2026-07-17"),
    }


def test_the_french_levels_stay_monthly() -> None:
    dose = replace(a_dose(START), protocol="french")
    found = the(Check.LEVEL, child(dose, level_at("2026-06-20T08:00")), "2026-06-20T12:00")
    assert days(found) == ("2026-07-13", "2026-07-27")
    assert found.source == "jop2023"


def test_a_change_of_the_dose_asks_for_a_level() -> None:
    record = child(a_dose(START), level_at("2026-01-20T08:00"), a_dose("2026-01-21T08:00", "0.6"))
    found = the(Check.LEVEL, record, "2026-02-20T08:00")
    assert days(found) == ("2026-01-28", "2026-02-04")
    assert (found.overdue_days, found.source) == (16, "us-label")
    settled = replace(record, entries=(*record.entries, _written(level_at("2026-01-28T08:00"))))
    assert days(the(Check.LEVEL, settled, "2026-02-20T08:00")) == ("2026-02-21", "2026-03-07")


def _written(entry: Entry) -> StoredEntry[Entry]:
    return StoredEntry(number=50, patient=1, entry=entry, author=BY)


def test_the_same_dose_again_asks_for_nothing() -> None:
    record = child(a_dose(START), level_at("2026-01-20T08:00"), a_dose("2026-01-21T08:00"))
    assert days(the(Check.LEVEL, record, "2026-02-01T08:00")) == ("2026-02-13", "2026-02-27")


@pytest.mark.parametrize("load", ["2026-02-20T08:00", "2026-02-20T20:00", "2026-02-19T20:00"])
def test_a_load_given_with_the_change_asks_for_an_earlier_level(load: str) -> None:
    record = child(
        a_dose(START),
        level_at("2026-01-20T08:00"),
        a_dose("2026-02-20T08:00", "0.6"),
        a_dose(load, "1.5", loading=True),
    )
    day = date.fromisoformat(load[:10])
    found = the(Check.LEVEL, record, "2026-02-22T08:00")
    assert (found.since - day, found.until - day) == (timedelta(3), timedelta(4))
    assert "after the loading dose" in found.why


def test_a_load_of_days_before_the_change_is_past() -> None:
    record = child(a_dose("2026-01-08T08:00", "1.5", loading=True), a_dose(START))
    assert days(the(Check.LEVEL, record, "2026-01-12T08:00")) == ("2026-01-17", "2026-01-24")


@pytest.mark.parametrize(
    ("load", "window"),
    [
        # the change needs 27 February to 6 March, the load for 3 to 4 days after it
        ("2026-02-22T08:00", ("2026-02-27", "2026-03-06")),
        ("2026-02-28T08:00", ("2026-03-03", "2026-03-04")),
    ],
)
def test_a_load_of_days_after_the_change_asks_for_the_later_of_both(
    load: str, window: tuple[str, str]
) -> None:
    record = child(
        a_dose(START), a_dose("2026-02-20T08:00", "0.6"), a_dose(load, "1.5", loading=True)
    )
    assert days(the(Check.LEVEL, record, "2026-03-01T08:00")) == window


@pytest.mark.parametrize(
    ("begun_again", "start"),
    [("2026-03-14", "2026-01-10"), ("2026-03-15", "2026-01-10"), ("2026-03-16", "2026-03-16")],
)
def test_after_a_long_pause_the_treatment_is_a_new_one(begun_again: str, start: str) -> None:
    record = ended(child(a_dose(START), a_dose(f"{begun_again}T08:00")), 2, "2026-03-01T08:00")
    found = the(Check.RESPONSE, record, "2026-03-20T08:00")
    assert str(found.since - timedelta(14)) == start


# --- laboratory values


@pytest.mark.parametrize(
    ("now", "is_open"),
    [("2025-12-10T08:00", False), ("2025-12-11T08:00", True), ("2026-01-10T07:59", True)],
)
def test_the_baseline_is_due_before_the_first_dose(now: str, is_open: bool) -> None:  # noqa: FBT001 - a table's column
    found = the(Check.LABORATORY, child(a_dose(START)), now, "potassium")
    assert days(found) == ("2025-12-11", "2026-01-10")
    assert (found.is_open, found.overdue_days, found.source) == (is_open, 0, "jop2023")


def test_a_baseline_that_is_there_is_not_asked_for() -> None:
    record = child(a_dose(START), value("potassium", "2025-12-20"))
    found = {each.what for each in due(record, at("2025-12-25T08:00"))}
    assert len(found) == 8
    assert "potassium" not in found


def test_a_baseline_that_can_no_longer_be_made_is_the_next_visit() -> None:
    found = the(Check.LABORATORY, child(a_dose(START)), "2026-01-12T08:00", "potassium")
    assert days(found) == ("2026-02-03", "2026-02-17")
    assert found.urgency is Urgency.LATER
    assert "not recorded" in found.why


@pytest.mark.parametrize(
    ("measured", "is_baseline"),
    [("2025-12-10", False), ("2025-12-11", True), ("2025-12-12", True), ("2026-01-10", True)],
)
def test_how_old_a_baseline_may_be(measured: str, is_baseline: bool) -> None:  # noqa: FBT001 - a table's column
    record = child(a_dose(START), value("potassium", measured))
    found = the(Check.LABORATORY, record, "2026-01-12T08:00", "potassium")
    # The next is a month after the first dose, not after the baseline.
    assert days(found) == ("2026-02-03", "2026-02-17")
    assert ("not recorded" not in found.why) == is_baseline


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2026-02-10", ("2026-03-03", "2026-03-17")),
        ("2026-04-09", ("2026-05-02", "2026-05-16")),
        ("2026-04-10", ("2026-07-03", "2026-07-17")),
        ("2026-04-11", ("2026-07-04", "2026-07-18")),
    ],
)
def test_monthly_for_three_months_and_then_quarterly(last: str, expected: tuple[str, str]) -> None:
    steady = (level_at("2026-01-20T08:00"), level_at("2026-01-27T08:00"))
    record = child(a_dose(START), *steady, *every_value(last))
    found = [each for each in due(record, at(f"{last}T09:00")) if each.check is Check.LABORATORY]
    assert len(found) == len(LABORATORY_CHECKS) == 9
    assert {days(each) for each in found} == {expected}


def test_a_check_of_several_parts_waits_for_all_of_them() -> None:
    record = child(a_dose(START), value("platelets", "2026-01-09"), value("Hb", "2026-01-09"))
    found = the(Check.LABORATORY, record, "2026-01-12T08:00", "full blood count")
    assert days(found) == ("2026-02-03", "2026-02-17")
    assert "white cells or neutrophils or lymphocytes not recorded" in found.why
    whole = replace(record, entries=(*record.entries, _written(value("WBC", "2026-01-08"))))
    told = the(Check.LABORATORY, whole, "2026-01-12T08:00", "full blood count")
    assert "not recorded" not in told.why


def test_the_part_measured_longest_ago_decides() -> None:
    record = child(
        a_dose(START),
        value("cholesterol", "2026-03-01"),
        value("triglycerides", "2026-02-10"),
    )
    found = the(Check.LABORATORY, record, "2026-03-02T08:00", "cholesterol and triglycerides")
    assert days(found) == ("2026-03-03", "2026-03-17")


def test_a_voided_or_unknown_value_settles_nothing() -> None:
    record = child(a_dose(START), value("potassium", "2026-01-10"))
    told = the(Check.LABORATORY, record, "2026-01-12T08:00", "potassium")
    assert "not recorded" not in told.why
    found = the(Check.LABORATORY, voided(record, 3), "2026-01-12T08:00", "potassium")
    assert "not recorded" in found.why
    other = child(a_dose(START), value("=1+1 [/]", "2026-01-10"))
    told = the(Check.LABORATORY, other, "2026-01-12T08:00", "potassium")
    assert "not recorded" in told.why


def test_every_part_of_a_check_is_a_test_of_the_table() -> None:
    for check in LABORATORY_CHECKS:
        for name in (name for part in check.parts for name in part):
            test = find_test(name)
            assert test is not None
            assert test.name == name


# --- weight


@pytest.mark.parametrize(
    ("born", "last", "until"),
    [
        # On 10 February 2026, the last day on which a child is an infant and the first it is not.
        (date(2024, 2, 11), "2026-01-31", "2026-02-28"),
        (date(2024, 2, 10), "2026-01-31", "2026-03-02"),
        (date(2008, 2, 11), "2026-01-31", "2026-03-02"),
        (date(2008, 2, 10), "2026-01-31", "2026-07-30"),
    ],
)
def test_how_often_to_weigh_by_age(born: date, last: str, until: str) -> None:
    record = child(a_dose(START), weight_on(last), born=born)
    found = the(Check.WEIGHT, record, "2026-02-10T08:00")
    assert str(found.until) == until
    assert found.until - found.since == timedelta(7)


@pytest.mark.parametrize(("now", "overdue"), [("2026-03-02", 0), ("2026-03-03", 1)])
def test_a_weight_is_overdue_when_the_limits_call_it_old(now: str, overdue: int) -> None:
    found = the(Check.WEIGHT, child(a_dose(START), weight_on("2026-01-31")), f"{now}T08:00")
    assert found.overdue_days == overdue


def test_a_height_is_no_weight_and_a_voided_weight_is_none() -> None:
    height = Measurement(on=date(2026, 1, 31), height=read_quantity("100 cm", QuantityKind.HEIGHT))
    assert the(Check.WEIGHT, child(a_dose(START), height), "2026-02-01T08:00").overdue_days == 22
    record = voided(child(a_dose(START), weight_on("2026-01-31")), 3)
    assert the(Check.WEIGHT, record, "2026-02-01T08:00").overdue_days == 22


def test_a_weight_yet_to_come_is_none() -> None:
    record = child(a_dose(START), weight_on("2026-01-31"), weight_on("2026-02-02"))
    assert str(the(Check.WEIGHT, record, "2026-02-01T08:00").until) == "2026-03-02"
    assert str(the(Check.WEIGHT, record, "2026-02-02T08:00").until) == "2026-03-04"


# --- response


def test_the_first_assessment_of_the_response_and_the_next() -> None:
    record = child(a_dose(START))
    assert days(the(Check.RESPONSE, record, START)) == ("2026-01-24", "2026-03-21")
    assessed = Response(on=date(2026, 2, 1), criterion=Criterion.IMAGING, improved=False)
    record = child(a_dose(START), assessed)
    assert days(the(Check.RESPONSE, record, "2026-02-01T08:00")) == ("2026-04-24", "2026-05-08")
    assert days(the(Check.RESPONSE, voided(record, 3), "2026-02-01T08:00"))[0] == "2026-01-24"


@pytest.mark.parametrize(("on", "is_of_it"), [("2026-01-09", False), ("2026-01-10", True)])
def test_a_response_of_before_the_treatment_is_not_its_own(on: str, is_of_it: bool) -> None:  # noqa: FBT001 - a table's column
    assessed = Response(on=date.fromisoformat(on), criterion=Criterion.IMAGING, improved=True)
    found = the(Check.RESPONSE, child(a_dose(START), assessed), "2026-02-01T08:00")
    assert ("none yet" not in found.why) == is_of_it


# --- prophylaxis


def prophylaxis(record: Record, now: str = "2026-02-01T08:00") -> tuple[Due, ...]:
    return tuple(each for each in due(record, at(now)) if each.check is Check.PROPHYLAXIS)


def test_no_reason_no_review_of_prophylaxis() -> None:
    assert prophylaxis(child(a_dose(START))) == ()


HIGH = replace(a_dose("2026-01-20T08:00"), target=TargetTrough(Decimal(12), Decimal("15.1")))
AT_THE_EDGE = replace(a_dose("2026-01-20T08:00"), target=TargetTrough(Decimal("9.9"), Decimal(15)))


@pytest.mark.parametrize(
    ("entry", "born", "since", "is_strong"),
    [
        (weight_on("2026-01-10"), date(2024, 2, 2), "2026-01-10", False),
        (CoMedication(drug="prednisolone", since=date(2026, 1, 15)), BORN, "2026-01-15", False),
        (CoMedication(drug="prednisolone", since=date(2025, 1, 15)), BORN, "2026-01-10", False),
        (
            CoMedication(drug="prednisolone", since=date(2026, 1, 15)),
            date(2024, 3, 2),
            "2026-01-15",
            True,
        ),
        (HIGH, BORN, "2026-01-20", False),
        (AdverseEvent(term="lymphopenia", since=date(2026, 1, 12)), BORN, "2026-01-12", True),
        (value("lymphocytes", "2026-01-12", "0.4 10*9/L", "1 10*9/L"), BORN, "2026-01-12", True),
    ],
)
def test_a_reason_and_since_when(
    entry: Entry,
    born: date,
    since: str,
    is_strong: bool,  # noqa: FBT001 - a table's column
) -> None:
    record = child(a_dose(START), entry, born=born)
    (found,) = prophylaxis(record)
    assert str(found.since) == since
    if is_strong:
        assert found.until - found.since == timedelta(14)
    # A soft reason is never overdue.
    long_after = prophylaxis(record, "2026-02-20T08:00")
    assert any(each.overdue_days for each in long_after) == is_strong
    for drug in ("co-trimoxazole", "pentamidine"):
        given = CoMedication(drug=drug, since=date(2026, 1, 20))
        assert prophylaxis(replace(record, entries=(*record.entries, _written(given)))) == ()


@pytest.mark.parametrize(
    ("entry", "born"),
    [(weight_on("2026-01-10"), date(2024, 2, 1)), (AT_THE_EDGE, BORN)],
)
def test_at_the_edge_there_is_no_reason(entry: Entry, born: date) -> None:
    assert prophylaxis(child(a_dose(START), entry, born=born)) == ()


@pytest.mark.parametrize(
    ("on", "text", "settles"),
    [
        ("2026-01-14", "No prophylaxis for now", False),
        ("2026-01-15", "No prophylaxis for now", True),
        ("2026-01-16", "PNEUMOCYSTIS discussed", True),
        ("2026-01-16", "Seen in clinic", False),
        ("2026-02-02", "No prophylaxis for now", False),
    ],
)
def test_a_note_since_the_reason_settles_it(on: str, text: str, settles: bool) -> None:  # noqa: FBT001 - a table's column
    steroid = CoMedication(drug="prednisolone", since=date(2026, 1, 15))
    record = child(a_dose(START), steroid, Note(on=date.fromisoformat(on), text=text))
    assert (prophylaxis(record) == ()) == settles
    assert prophylaxis(voided(record, 4)) != ()


def test_a_prophylaxis_that_was_ended_is_none() -> None:
    steroid = CoMedication(drug="prednisolone", since=date(2026, 1, 15))
    other = CoMedication(drug="bactrim", since=date(2026, 1, 15))
    record = child(a_dose(START), steroid, other)
    end = StoredEntry(number=90, patient=1, entry=StopRecord(of=4, on=date(2026, 1, 20)), author=BY)
    stopped = replace(record.entries[3], ending=end)
    assert prophylaxis(record) == ()
    assert prophylaxis(replace(record, entries=(*record.entries[:3], stopped))) != ()


# --- clock, calendar and table


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 15), 3, date(2027, 3, 15)),
    ],
)
def test_a_month_by_the_calendar(day: date, months: int, after: date) -> None:
    assert Every(months=months).after(day) == after


def test_the_day_is_that_of_the_zone_where_it_was_written_down() -> None:
    """20:00 in New York on the 9th is the 10th already in Paris."""
    dose = replace(a_dose(START), since=at("2026-01-09T20:00", "America/New_York"))
    found = the(Check.LEVEL, child(dose), "2026-01-20T08:00")
    assert days(found) == ("2026-01-16", "2026-01-23")


def test_a_change_of_the_clocks_is_no_day() -> None:
    record = child(a_dose("2026-03-22T08:00"))
    assert days(the(Check.LEVEL, record, "2026-03-29T08:00")) == ("2026-03-29", "2026-04-05")


def test_each_protocol_has_a_schedule_with_its_own_first_level() -> None:
    for protocol in PROTOCOLS.values():
        window = schedule_of(protocol).first_level
        assert (window.from_days, window.until_days) == protocol.first_level_days
        assert window.source == protocol.first_level_source


def test_how_a_rhythm_is_read() -> None:
    assert str(STANDARD.level) == (
        "every month in the first 3 months of treatment, then every 3 months"
    )
    assert str(schedule_of(PROTOCOLS["french"]).level) == "every month"
    assert str(schedule_of(PROTOCOLS["french"]).laboratory) == "every month"
    assert str(Rhythm(first=Every(days=30), then=Every(days=30), source="x")) == "every 30 days"


# --- many records


def test_all_records_at_once_say_the_same_as_one_by_one() -> None:
    records, now = many_records(random.Random(30), 40), at("2026-06-01T08:00")
    together = list(due_of_all(iter(records), now))
    assert [record for record, _ in together] == records
    assert [found for _, found in together] == [due(record, now) for record in records]


def many_records(chance: random.Random, count: int) -> list[Record]:
    """Return random records, whose entries have numbers of their own as in a store."""
    return [renumbered(random_record(chance), 100 * number) for number in range(1, count + 1)]


def renumbered(record: Record, first: int) -> Record:
    entries = tuple(
        replace(each, number=first + index, patient=first)
        for index, each in enumerate(record.entries)
    )
    return Record(patient=of_kind(entries, Patient)[0], entries=entries)


# --- a second way to the level that is due


def random_record(chance: random.Random) -> Record:
    """Return a record of one to four doses, some loads and some levels, some of them voided."""
    first = datetime(2026, 1, 10, 8, tzinfo=UTC)

    def some_time() -> Moment:
        hours = chance.randint(0, 24 * 200)
        return Moment(first + timedelta(hours=hours), chance.choice(["UTC", "Europe/Paris"]))

    entries: list[Entry] = [
        replace(a_dose(START, mg), since=some_time(), times_a_day=chance.choice([1, 2]),
                protocol=chance.choice(["review", "french"]))
        for mg in chance.choices(["0.4", "0.6", "0.8"], k=chance.randint(1, 4))
    ]  # fmt: skip
    entries += [
        replace(a_dose(START, "2", loading=True), since=some_time())
        for _ in range(chance.choice([0, 0, 1, 2]))
    ]
    for _ in range(chance.randint(0, 8)):
        sampled = some_time()
        hours = chance.choice([3, 9, 10, 12, 14, 15, 20, 24, 28])
        last = replace(sampled, utc=sampled.utc - timedelta(hours=hours))
        level = level_at("2026-02-01T08:00")
        entries.append(
            replace(level, sampled=sampled, last_dose=last if chance.random() < 0.9 else None)
        )
    record = child(*entries)
    for each in record.entries[1:]:
        if chance.random() < 0.1:
            record = voided(record, each.number)
    return record


def plainly(record: Record, now: datetime, today: date) -> tuple[date, date] | None:
    """Return the first and last day of the next level, in plain loops over plain times."""
    doses, loads = {}, []
    for each in record.active(Prescription):
        if each.entry.loading:
            loads.append(each.entry.since)
        else:
            doses[each.entry.since.utc] = (
                each.entry
            )  # of two at one time the one recorded later applies
    begun = [doses[moment] for moment in sorted(doses) if moment <= now]
    if not begun:
        return None
    changed = begun[0]
    for one, other in pairwise(begun):
        if (one.dose_mg, one.times_a_day) != (other.dose_mg, other.times_a_day):
            changed = other
    day = changed.since.local.date()

    # Loading doses: those given with the change, or later, ask for a level after 3 to 4 days.
    near = timedelta(hours=24)
    mine = [load for load in loads if changed.since.utc - near <= load.utc <= now]
    windows = [
        (load.local.date() + timedelta(3), load.local.date() + timedelta(4)) for load in mine
    ]
    if not any(load.utc <= changed.since.utc + near for load in mine):
        is_first = changed is begun[0]
        french = begun[-1].protocol == "french"
        lowest = 14 if is_first and french else 7
        windows.append((day + timedelta(lowest), day + timedelta(14)))
    asked = max([changed.since.utc, *(load.utc for load in mine)])

    # Of several levels of one moment only the first can count: these agree, all are 7.2 ng/mL.
    levels = list(
        {each.entry.sampled.utc: each for each in reversed(record.active(Level))}.values()
    )
    good = [
        each.entry.sampled
        for each in levels
        if asked <= shown_until(each.entry)
        and each.entry.sampled.utc <= now
        and is_good(each.entry, doses, loads)
    ]
    start, french = begun[0].since.local.date(), begun[-1].protocol == "french"
    of_dose = [
        each
        for each in levels
        if changed.since.utc <= shown_until(each.entry)
        and each.entry.sampled.utc <= now
        and is_good(each.entry, doses, loads)
    ]
    # All are 7.2 ng/mL: two in a row are steady. Before, and in France, it stays monthly.
    is_monthly = french or len(of_dose) < 2
    first, last = max(windows)
    if good:
        newest = max(moment.local.date() for moment in good)
        on = plus_months(newest, 3 if not is_monthly and newest >= plus_months(start, 3) else 1)
        first, last = on - timedelta(7), on + timedelta(7)
        repeated = to_repeat(record, now, asked, doses, loads)
        if repeated is not None:
            day = repeated.sampled.local.date()
            first, last = min((first, last), (day + timedelta(1), day + timedelta(7)),
                              key=lambda days: (days[1], days[0]))  # fmt: skip
    # Missed for a whole interval it is due again.
    months = 3 if not is_monthly and last >= plus_months(start, 3) else 1
    width = last - first
    while plus_months(last, months) < today:
        last = plus_months(last, months)
    return last - width, last


def to_repeat(
    record: Record,
    now: datetime,
    asked: datetime,
    doses: dict[datetime, Prescription],
    loads: list[Moment],
) -> Level | None:
    """Return the newest level of this dose, if it is of no use."""
    past = [each for each in record.active(Level) if each.entry.sampled.utc <= now]
    *_, newest = sorted(past, key=lambda each: (each.entry.sampled.utc, each.number))
    is_of_dose = asked <= shown_until(newest.entry)
    is_useless = is_of_dose and not is_good(newest.entry, doses, loads)
    return newest.entry if is_useless else None


def shown_until(level: Level) -> datetime:
    """Return the last moment whose dose is in the level."""
    second = timedelta(seconds=1)
    return level.last_dose.utc if level.last_dose else level.sampled.utc - second


def is_good(level: Level, doses: dict[datetime, Prescription], loads: Iterable[Moment]) -> bool:
    """Return whether it is a trough, not taken too early."""
    if level.last_dose is None:
        return False
    given = [doses[m] for m in sorted(doses) if m <= level.last_dose.utc]
    before = [doses[m] for m in sorted(doses) if m <= shown_until(level)]
    if not given:
        return False
    between = {1: (20, 28), 2: (10, 14)}[given[-1].times_a_day]
    hours = (level.sampled.utc - level.last_dose.utc).total_seconds() / 3600
    if not between[0] <= hours <= between[1]:
        return False
    changed = before[0].since.utc
    for one, other in pairwise(before):
        if (one.dose_mg, one.times_a_day) != (other.dose_mg, other.times_a_day):
            changed = other.since.utc
    # A load within 24 hours before or after the change, even where it follows the sample.
    loaded = any(abs(load.utc - changed) <= timedelta(hours=24) for load in loads)
    enough = timedelta(days=3 if loaded else 7) - timedelta(hours=4)
    late = all(
        level.sampled.utc - load.utc >= timedelta(days=3) - timedelta(hours=4)
        for load in loads
        if load.utc <= shown_until(level)
    )
    return level.sampled.utc - changed >= enough and late


def plus_months(day: date, months: int) -> date:
    """Go on day by day until the month has changed so often; stay within the last one."""
    month, left = day, months
    while left:
        nxt = month + timedelta(1)
        left -= nxt.month != month.month
        month = nxt
    while month.day < day.day and (month + timedelta(1)).month == month.month:
        month += timedelta(1)
    return month


def test_the_second_way_to_add_months() -> None:
    for offset in range(800):
        day = date(2027, 1, 1) + timedelta(offset)
        for months in (1, 3):
            assert plus_months(day, months) == Every(months=months).after(day)


@sizes(8, 40)
def test_a_second_implementation_says_the_same_of_levels(size: int) -> None:
    """100 random timelines at each of so many moments."""
    chance = random.Random(448)
    first, settled, asked = datetime(2026, 1, 10, 8, tzinfo=UTC), 0, 0
    for _ in range(size):
        now = Moment(first + timedelta(hours=chance.randint(0, 24 * 300)), "Europe/Paris")
        records = many_records(chance, 100)
        for record, checks in due_of_all(records, now):
            expected = plainly(record, now.utc, now.local.date())
            found = [each for each in checks if each.check is Check.LEVEL]
            assert [(each.since, each.until) for each in found] == ([expected] if expected else [])
            for each in found:
                assert each.overdue_days == max(0, (now.local.date() - each.until).days)
                settled += "last evaluable level on" in each.why
                asked += " after the " in each.why
    assert min(settled, asked) > 12 * size
