"""The assessment of a level, at the edges of each rule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dosing import Alert, AlertKind, Product
from monitoring.levels import LevelAssessment, assess_levels
from monitoring.levels.tables import assess as assess_table
from monitoring.levels.tables import dose_table, level_table
from monitoring.levels.wording import mark, meaning, timing
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StopRecord, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level, LevelCause, LevelCauseAnswer
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.terms import Status
from monitoring.times import Moment
from reports.presentation.advice import level_rows
from tests.builders import (
    BY,
    a_dose,
    a_level,
    a_missed_dose,
    a_patient,
    a_record,
    a_side_effect,
    a_target,
    at,
    ended,
    held_doses,
    later,
    voided,
)

DOSE = a_dose("2026-09-01T08:00")


def sample(
    written: str = "7.2 ng/mL",
    sampled: str = "2026-09-20T08:00",
    last_dose: str | None = "2026-09-19T20:00",
    zone: str = "Europe/Paris",
    **more: Any,
) -> Level:
    """A level three weeks into the dose, or of another time."""
    before = at(last_dose, zone) if last_dose else None
    return a_level(written, at(sampled, zone), hours=None, last_dose=before, **more)


def assess(*entries: Entry) -> LevelAssessment:
    """The assessment of the last level of these entries."""
    return assess_levels(a_record(*entries))[-1]


def codes(assessed: LevelAssessment) -> set[str]:
    return {alert.code for alert in assessed.alerts}


# --- where it lies


@pytest.mark.parametrize("unit", ["ng/mL", "ug/L"])
@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("4.999999999", "below"), ("5", "within"), ("5.000000001", "within"),
        ("14.999999999", "within"), ("15", "within"), ("15.00", "within"),
        ("15.000000001", "above"),
    ],
)  # fmt: skip
def test_both_ends_of_the_target_are_within(number: str, unit: str, status: str) -> None:
    assert assess(DOSE, sample(f"{number} {unit}")).status.value == status


@pytest.mark.parametrize(
    ("number", "status"),
    # 1 nmol/L is 0.91417 ng/mL: 5 ng/mL is 5.469442226… and 15 ng/mL 16.408326678… nmol/L
    [
        ("5.469442226", "below"), ("5.469442227", "within"),
        ("16.408326678", "within"), ("16.408326679", "above"),
    ],
)  # fmt: skip
def test_the_ends_are_met_to_the_last_digit_in_nmol(number: str, status: str) -> None:
    assert assess(DOSE, sample(f"{number} nmol/L")).status.value == status


def test_an_end_that_nmol_can_write_exactly_is_within() -> None:
    """A target of 9.1417 ng/mL is exactly 10 nmol/L."""
    dose = a_dose("2026-09-01T08:00", target=a_target("4.57085", "9.1417"))
    assert assess(dose, sample("10 nmol/L")).status.value == "within"
    assert assess(dose, sample("10.000000001 nmol/L")).status.value == "above"
    assert assess(dose, sample("5 nmol/L")).status.value == "within"
    assert assess(dose, sample("4.999999999 nmol/L")).status.value == "below"


@pytest.mark.parametrize(
    ("written", "low", "status"),
    [
        ("<2.0 ng/mL", "5", "below"), ("<5 ng/mL", "5", "below"),
        ("<5.1 ng/mL", "5", "not-assessed"), ("<8 ng/mL", "5", "not-assessed"),
        (">30 ng/mL", "5", "above"), (">15 ng/mL", "5", "above"),
        (">14.9 ng/mL", "5", "not-assessed"), (">10 ng/mL", "5", "not-assessed"),
        ("<2.0 ng/mL", None, "within"), ("<15 ng/mL", None, "within"),
        ("<15.1 ng/mL", None, "not-assessed"), (">1 ng/mL", None, "not-assessed"),
        ("0.1 ng/mL", None, "within"),
    ],
)  # fmt: skip
def test_a_censored_level_lies_only_where_it_is_certain(
    written: str, low: str | None, status: str
) -> None:
    assessed = assess(a_dose("2026-09-01T08:00", target=a_target(low, "15")), sample(written))
    assert assessed.status.value == status
    assert ("level-censored" in codes(assessed)) == (status == "not-assessed")
    assert assessed.is_evaluable == (status != "not-assessed")


def test_the_target_is_that_of_the_dose_which_the_level_reflects() -> None:
    """A sample at the minute of a change, before the new dose, belongs to the dose before."""
    later = a_dose("2026-09-25T08:00", target=a_target("10", "15"))
    first = sample()
    second = sample(sampled="2026-09-25T08:00", last_dose="2026-09-24T20:00")
    third = sample(sampled="2026-09-26T08:00", last_dose="2026-09-25T20:00")
    found = assess_levels(a_record(DOSE, later, first, second, third))
    assert [each.target.low_ng_ml for each in found if each.target] == [5, 5, 10]
    assert [each.status.value for each in found] == ["within", "within", "below"]


# --- a last dose that the record contradicts


OPEN_HOLD = held_doses("2026-09-18T08:00", None, is_open=True)
TRIALS = {
    "in an open hold": (OPEN_HOLD, True),
    "in a hold that has ended": (held_doses("2026-09-18T08:00", "2026-09-19T21:00"), True),
    "at the beginning of a hold": (held_doses("2026-09-19T20:00", None, is_open=True), False),
    "at the end of a hold": (held_doses("2026-09-19T08:00", "2026-09-19T20:00"), False),
    "recorded as missed": (a_missed_dose("2026-09-19T20:00"), True),
    "another was missed": (a_missed_dose("2026-09-19T08:00"), False),
    "after an event for which it was held": (
        a_side_effect("mouth ulcers", "2026-09-18", 3, action=ActionTaken.HELD), True,
    ),
    "after an event for which it was stopped": (
        a_side_effect("mouth ulcers", "2026-09-18", 3, action=ActionTaken.STOPPED), True,
    ),
    "on the day of that event": (
        a_side_effect("mouth ulcers", "2026-09-19", 3, action=ActionTaken.HELD), False,
    ),
    "after an event for which nothing was done": (
        a_side_effect("mouth ulcers", "2026-09-18", 3, action=ActionTaken.NONE), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRIALS)
def test_a_last_dose_that_the_record_contradicts_is_in_question(name: str) -> None:
    """The dose is neither taken for given nor for held: the level waits for the answer."""
    beside, is_in_question = TRIALS[name]
    level = sample(sampled="2026-09-20T08:00", last_dose="2026-09-19T20:00")
    (found,) = assess_levels(a_record(DOSE, beside, level))
    codes = [each.code for each in found.alerts]
    assert found.is_in_question is is_in_question
    assert ("last-dose-in-question" in codes) is is_in_question
    if is_in_question:
        assert (found.is_trough, found.steady_state) == (None, None)
        assert found.status is Status.NOT_ASSESSED
        assert not found.is_evaluable
        assert found.hours_since_last_dose == 12
        assert "doses-not-given" not in codes
        assert "in question" in timing(found)
    else:
        assert found.is_trough is True


def test_an_answered_event_leaves_the_level_as_it_is() -> None:
    event = a_side_effect("mouth ulcers", "2026-09-10", 3, action=ActionTaken.HELD)
    again = a_dose("2026-09-12T08:00")
    level = sample(sampled="2026-09-20T08:00", last_dose="2026-09-19T20:00")
    (found,) = assess_levels(a_record(DOSE, event, again, level))
    assert not found.is_in_question


@pytest.mark.parametrize(
    ("hours", "is_after"), [(0.5, True), (71.9, True), (72, False), (80, False)]
)
def test_a_level_shortly_after_a_hold_is_not_at_steady_state(hours: float, is_after: bool) -> None:  # noqa: FBT001 - a table's column
    """A hold of hours makes no restart, and yet the level does not reflect the dose."""
    sampled = at("2026-09-20T08:00")
    hold = held_doses(later(sampled, hours=-hours - 20), later(sampled, hours=-hours))
    (found,) = assess_levels(a_record(DOSE, hold, a_level("7 ng/mL", sampled, hours=0.4)))
    assert found.is_after_hold is is_after
    assert found.steady_state is (not is_after)
    assert ("doses were held shortly before" in timing(found)) is is_after
    assert "level-too-early" not in [each.code for each in found.alerts]


def test_a_level_long_into_a_hold_is_not_at_steady_state() -> None:
    """The last dose was given five days before: 19 days after the change say nothing."""
    hold = held_doses("2026-09-15T20:00", None, is_open=True)
    level = sample(sampled="2026-09-20T08:00", last_dose="2026-09-15T08:00")
    (found,) = assess_levels(a_record(DOSE, hold, level))
    assert (found.is_trough, found.steady_state) == (False, False)
    assert "level-too-early" not in [each.code for each in found.alerts]


def test_a_trough_of_the_dose_before_the_hold_reflects_that_dose() -> None:
    hold = held_doses("2026-09-20T07:00", None, is_open=True)
    level = sample(sampled="2026-09-20T08:00", last_dose="2026-09-19T20:00")
    (found,) = assess_levels(a_record(DOSE, hold, level))
    assert found.is_evaluable
    assert found.status is Status.WITHIN


# --- is it a trough


@pytest.mark.parametrize(
    ("times_a_day", "last_dose", "is_trough"),
    [
        (2, "2026-09-19T17:59:59", False), (2, "2026-09-19T18:00", True),
        (2, "2026-09-19T20:00", True), (2, "2026-09-19T22:00", True),
        (2, "2026-09-19T22:00:01", False),
        (1, "2026-09-19T03:59:59", False), (1, "2026-09-19T04:00", True),
        (1, "2026-09-19T12:00", True), (1, "2026-09-19T12:00:01", False),
        (3, "2026-09-20T01:20", True), (3, "2026-09-20T01:20:01", False),
        (3, "2026-09-19T22:40", True), (3, "2026-09-19T22:39:59", False),
        (4, "2026-09-20T03:00", True), (4, "2026-09-20T03:00:01", False),
    ],
)  # fmt: skip
def test_a_trough_lies_in_the_window_of_its_interval(
    times_a_day: int,
    last_dose: str,
    is_trough: bool,  # noqa: FBT001 - a table's column
) -> None:
    dose = replace(DOSE, times_a_day=times_a_day)
    assessed = assess(dose, sample(last_dose=last_dose))
    assert assessed.is_trough is is_trough
    assert ("level-not-trough" in codes(assessed)) is not is_trough
    assert (assessed.status.value == "not-assessed") is not is_trough


def test_the_interval_is_that_of_the_dose_given_last() -> None:
    daily = replace(a_dose("2026-09-20T06:00"), times_a_day=1)
    assert assess(DOSE, daily, sample()).is_trough is True
    assert assess(daily, sample()).is_trough is None


def test_without_the_time_of_the_last_dose_nobody_can_tell() -> None:
    assessed = assess(DOSE, sample(last_dose=None))
    assert (assessed.is_trough, assessed.hours_since_last_dose) == (None, None)
    assert "last-dose-unknown" in codes(assessed)
    assert not assessed.is_evaluable


@pytest.mark.parametrize(
    ("zone", "last_dose", "sampled", "hours", "is_trough"),
    [
        # forward by an hour, back by an hour, and Lord Howe's half an hour: 20:00 to 10:00 is 14 h
        ("Europe/Paris", "2026-03-28T20:00", "2026-03-29T10:00", 13, True),
        ("Europe/Paris", "2026-10-24T20:00", "2026-10-25T10:00", 15, False),
        ("America/New_York", "2026-03-07T20:00", "2026-03-08T06:00", 9, False),
        ("America/New_York", "2026-10-31T20:00", "2026-11-01T09:00", 14, True),
        ("Australia/Lord_Howe", "2026-10-03T20:00", "2026-10-04T10:00", 13.5, True),
        ("Australia/Lord_Howe", "2026-04-04T20:00", "2026-04-05T10:00", 14.5, False),
    ],
)  # fmt: skip
def test_hours_are_true_hours_across_a_change_of_the_clocks(
    zone: str,
    last_dose: str,
    sampled: str,
    hours: float,
    is_trough: bool,  # noqa: FBT001
) -> None:
    dose = a_dose("2026-01-01T08:00")
    assessed = assess(dose, sample(sampled=sampled, last_dose=last_dose, zone=zone))
    assert assessed.hours_since_last_dose == hours
    assert assessed.is_trough is is_trough


# --- is it at steady state


@pytest.mark.parametrize(
    ("since", "steady", "early"),
    [
        # the last dose before the sample was that of 2026-09-19T20:00: a later change is after it
        ("2026-09-20T08:00", True, None), ("2026-09-19T20:00:01", True, None),
        ("2026-09-19T20:00", False, "3 days"), ("2026-09-19T19:59:59", False, "3 days"),
        # a day is reached 4 hours before its hour: a trough is sampled before a dose
        ("2026-09-17T12:00:01", False, "3 days"),
        ("2026-09-17T12:00", False, "7 days"), ("2026-09-13T12:00:01", False, "7 days"),
        ("2026-09-13T12:00", None, None), ("2026-09-06T12:00:01", None, None),
        ("2026-09-06T12:00", True, None), ("2026-09-06T11:59:59", True, None),
    ],
)  # fmt: skip
def test_steady_state_comes_between_7_and_14_days_after_a_change(
    since: str,
    steady: bool | None,  # noqa: FBT001 - a table's column
    early: str | None,
) -> None:
    assessed = assess(a_dose("2026-08-01T08:00", "1"), a_dose(since), sample())
    assert assessed.steady_state is steady
    assert assessed.status.value == "within"
    assert assessed.is_evaluable == (early is None)
    limits = [alert.limit for alert in assessed.alerts if alert.code == "level-too-early"]
    assert limits == ([early] if early else [])


@pytest.mark.parametrize(
    ("since", "steady"),
    [
        ("2026-09-20T07:59:59", False),
        ("2026-09-20T08:00", True), ("2026-09-20T08:00:01", True),
    ],
)  # fmt: skip
def test_a_dose_from_the_minute_of_a_sample_comes_after_it(
    since: str,
    steady: bool,  # noqa: FBT001 - a table's column
) -> None:
    sampled = sample(last_dose=None)
    assessed = assess(a_dose("2026-08-01T08:00", "1"), a_dose(since), sampled)
    assert assessed.steady_state is steady


@pytest.mark.parametrize(
    ("load", "steady"),
    [
        ("2026-09-19T19:59:59", False), ("2026-09-19T20:00", False),
        ("2026-09-19T20:00:01", True), ("2026-09-20T08:00", True),
    ],
)  # fmt: skip
def test_a_load_after_the_last_dose_comes_after_the_sample(
    load: str,
    steady: bool,  # noqa: FBT001 - a table's column
) -> None:
    assessed = assess(a_dose("2026-08-01T08:00"), a_dose(load, "2", loading=True), sample())
    assert assessed.steady_state is steady


@pytest.mark.parametrize("restarted", ["2026-09-19T19:59", "2026-09-19T20:00", "2026-09-20T07:00"])
def test_a_restart_counts_from_its_time_whatever_the_last_dose(restarted: str) -> None:
    held = MissedDose(at=at("2026-09-10T08:00"), kind=NotGiven.HELD, until=at(restarted))
    assert assess(a_dose("2026-08-01T08:00"), held, sample()).steady_state is False


@pytest.mark.parametrize(
    ("load", "since", "steady"),
    [
        # given with the change: from 3 days on, at its hour
        ("2026-09-17T07:59:59", "2026-09-17T07:59:59", True),
        ("2026-09-17T08:00", "2026-09-17T08:00", True),
        ("2026-09-17T08:00:01", "2026-09-17T08:00:01", False),
        ("2026-09-16T08:00", "2026-09-17T08:00", True),
        ("2026-09-16T07:59:59", "2026-09-17T08:00", False),
        ("2026-09-17T08:00", "2026-09-16T08:00", True),
        ("2026-09-17T08:00", "2026-09-16T07:59:59", False),
        ("2026-09-16T12:00", "2026-09-17T12:00:01", False),
        # alone: it spoils three days, and shortens nothing
        ("2026-09-17T08:00", "2026-08-01T08:00", True),
        ("2026-09-17T08:00:01", "2026-08-01T08:00", False),
        ("2026-09-12T08:00", "2026-09-10T08:00", None),
        # after the sample
        ("2026-09-20T08:00:01", "2026-08-01T08:00", True),
    ],
)
def test_after_a_loading_dose_with_the_change_it_comes_at_3_days(
    load: str,
    since: str,
    steady: bool | None,  # noqa: FBT001 - a table's column
) -> None:
    before, loading = a_dose("2026-07-01T08:00", "1"), a_dose(load, "2", loading=True)
    assert assess(before, loading, a_dose(since), sample()).steady_state is steady


# --- what does not stand, and what has no dose


def test_a_voided_level_is_listed_and_says_nothing() -> None:
    record = voided(a_record(DOSE, sample("40 ng/mL"), sample(sampled="2026-09-20T09:00")), 3)
    first, second = assess_levels(record)
    assert (first.status.value, first.is_evaluable, first.alerts) == ("not-assessed", False, ())
    assert second.change_percent is None
    assert mark(first) == "○ voided"


@pytest.mark.parametrize(
    ("sampled", "code"),
    [("2026-08-31T08:00", "level-before-first-dose"), ("2026-11-01T08:00", "no-dose-in-force")],
)
def test_without_a_dose_in_force_there_is_no_target(sampled: str, code: str) -> None:
    level = sample(sampled=sampled, last_dose="2026-08-30T08:00")
    (assessed,) = assess_levels(ended(a_record(DOSE, level), 2, "2026-10-20T08:00"))
    assert (assessed.target, assessed.days_since_change, assessed.steady_state) == (None,) * 3
    assert assessed.status.value == "not-assessed"
    assert code in codes(assessed)


def test_a_record_without_levels_or_doses_is_no_fault() -> None:
    assert assess_levels(a_record(DOSE)) == ()
    assert codes(assess(sample())) == {"no-dose-in-force", "interval-unknown"}


# --- alerts beside the judgement


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("15 ng/mL", None), ("15.01 ng/mL", AlertKind.NOTE), (">15 ng/mL", AlertKind.NOTE),
        ("20 ng/mL", AlertKind.NOTE), ("20.01 ng/mL", AlertKind.CAUTION),
        ("30 ng/mL", AlertKind.CAUTION), ("30.01 ng/mL", AlertKind.URGENT),
        (">30 ng/mL", AlertKind.URGENT), ("<40 ng/mL", None), ("32.9 nmol/L", AlertKind.URGENT),
    ],
)  # fmt: skip
def test_a_high_level_is_told_even_where_it_does_not_count(
    written: str, kind: AlertKind | None
) -> None:
    for last_dose in ("2026-09-19T20:00", "2026-09-20T01:59:59", None):
        assessed = assess(DOSE, sample(written, last_dose=last_dose))
        kinds = [alert.kind for alert in assessed.alerts if alert.code == "level-high"]
        assert kinds == ([kind] if kind else [])
        assert list(assessed.alerts) == sorted(assessed.alerts, key=lambda alert: -alert.kind)


@pytest.mark.parametrize(
    ("last", "now", "is_told"),
    [
        ("2.4 ng/mL", "7.2 ng/mL", False), ("2.4 ng/mL", "7.201 ng/mL", True),
        ("<2.4 ng/mL", "7.2 ng/mL", True), ("<2.4 ng/mL", "7.1 ng/mL", False),
        ("5 ng/mL", ">15 ng/mL", True), ("5 ng/mL", ">14 ng/mL", False),
        ("1 ng/mL", "<30 ng/mL", False), (">5 ng/mL", "40 ng/mL", False),
    ],
)  # fmt: skip
def test_more_than_3_times_the_last_level_is_told(last: str, now: str, is_told: bool) -> None:  # noqa: FBT001
    before = sample(last, sampled="2026-09-18T08:00", last_dose=None)
    assert ("level-jump" in codes(assess(DOSE, before, sample(now)))) == is_told


def test_a_change_of_assay_is_told_and_not_compared() -> None:
    first = sample("6 ng/mL", "2026-09-17T08:00", "2026-09-16T20:00")
    second = sample("9 ng/mL", "2026-09-18T08:00", "2026-09-17T20:00", assay=Assay.CMIA)
    third = sample("9 ng/mL", "2026-09-19T08:00", "2026-09-18T20:00", assay=None)
    fourth = sample("9 ng/mL")
    found = assess_levels(a_record(DOSE, first, second, third, fourth))
    assert [each.change_percent for each in found] == [None, None, None, 50]
    assert ["assay-changed" in codes(each) for each in found] == [False, True, False, True]
    assert ["assay-unknown" in codes(each) for each in found] == [False, False, True, False]


def test_a_change_is_told_against_the_last_level_that_counts() -> None:
    counted = sample("8 ng/mL", "2026-09-17T08:00", "2026-09-16T20:00")
    not_trough = sample("30 ng/mL", "2026-09-18T08:00", "2026-09-18T06:00")
    censored = sample("<2 ng/mL", "2026-09-19T08:00", "2026-09-18T20:00")
    assert assess(DOSE, counted, not_trough, sample("6 ng/mL")).change_percent == -25
    assert assess(DOSE, counted, censored, sample("6 ng/mL")).change_percent is None
    assert assess(DOSE, counted, not_trough).change_percent is None


@pytest.mark.parametrize(
    ("at", "until", "is_told"),
    [
        ("2026-09-13T08:00", None, True), ("2026-09-13T07:59:59", None, False),
        ("2026-09-20T08:00", None, True), ("2026-09-20T08:00:01", None, False),
        ("2026-09-01T08:00", "2026-09-13T08:00", True),
        ("2026-09-01T08:00", "2026-09-13T07:59:59", False),
    ],
)  # fmt: skip
def test_doses_missed_or_held_in_the_7_days_before_are_told(
    at: str,
    until: str | None,
    is_told: bool,  # noqa: FBT001 - a table's column
) -> None:
    missed = MissedDose(
        at=Moment.read(at, "Europe/Paris"),
        kind=NotGiven.HELD if until else NotGiven.MISSED,
        until=Moment.read(until, "Europe/Paris") if until else None,
    )
    assert ("doses-not-given" in codes(assess(DOSE, missed, sample()))) == is_told


def on_drug(name: str, since: str, to: str | None = None) -> Record:
    record = a_record(DOSE, sample(), CoMedication(drug=name, since=date.fromisoformat(since)))
    if to is None:
        return record
    ending = StopRecord(of=4, on=date.fromisoformat(to))
    mark_ = StoredEntry(number=90, patient=1, entry=ending, author=BY)
    entries = (*record.entries[:-1], replace(record.entries[-1], ending=mark_))
    return replace(record, entries=entries)


@pytest.mark.parametrize(
    ("name", "since", "to", "is_told"),
    [
        ("Clarithromycin", "2026-09-06", None, False), ("Clarithromycin", "2026-09-07", None, True),
        ("Clarithromycin", "2026-09-20", None, True), ("Clarithromycin", "2026-09-21", None, False),
        ("Tegretol", "2026-08-01", "2026-09-07", True),
        ("Tegretol", "2026-08-01", "2026-09-06", False),
        ("propranolol", "2026-09-19", None, False), ("enalapril", "2026-09-19", None, False),
        ("MMR", "2026-09-19", None, False), ("unheard of", "2026-09-19", None, False),
    ],
)  # fmt: skip
def test_an_interacting_drug_begun_or_ended_within_14_days_is_told(
    name: str,
    since: str,
    to: str | None,
    is_told: bool,  # noqa: FBT001 - a table's column
) -> None:
    (assessed,) = assess_levels(on_drug(name, since, to))
    assert ("interacting-drug-changed" in codes(assessed)) == is_told


@pytest.mark.parametrize("hostile", ["[/]", "<img src=x>", "Łukasz", "=1+1", "\u05d0\u05d1\u05d2"])
def test_hostile_names_change_no_judgement(hostile: str) -> None:
    plain, same = assess(DOSE, sample()), assess(DOSE, sample(laboratory=hostile))
    assert replace(same, level=plain.level) == plain
    record = on_drug(f"{hostile} erythromycin", "2026-09-19")
    early, changed = assess_levels(record)[0].alerts
    assert (early.code, changed.code) == ("level-too-early", "interacting-drug-changed")
    assert hostile in early.message
    assert hostile in changed.message


def test_every_alert_that_takes_the_count_away_says_how_to_mend_it() -> None:
    for level in (sample(last_dose=None), sample(last_dose="2026-09-20T06:00")):
        (alert,) = assess(DOSE, level).alerts
        assert "record it again" in alert.message
        assert (alert.kind, alert.source) == (AlertKind.CAUTION, "proposed")


# --- in words


@pytest.mark.parametrize(
    ("written", "last_dose", "sign"),
    [
        ("15.1 ng/mL", "2026-09-19T20:00", "▲ above"), ("4.9 ng/mL", "2026-09-19T20:00", "▼ below"),
        ("5 ng/mL", "2026-09-19T20:00", "● within"),
        ("<2.0 ng/mL", "2026-09-19T20:00", "◇ below, censored"),
        ("5 ng/mL", "2026-09-20T06:00", "○ not evaluable"),
        ("<8 ng/mL", "2026-09-19T20:00", "○ not evaluable"),
    ],
)  # fmt: skip
def test_each_level_has_a_sign_and_a_word(written: str, last_dose: str, sign: str) -> None:
    assert mark(assess(DOSE, sample(written, last_dose=last_dose))) == sign


def test_the_meaning_is_two_plain_lines() -> None:
    assert meaning(assess(DOSE, sample())) == (
        "● within: 7.2 ng/mL is within the target (5-15 ng/mL).",
        "It is a trough (12 h after the dose), at steady state (19 days after the change).",
    )


# --- exposure: steady state counts from its last change


def alert_of(assessed: LevelAssessment, code: str) -> Alert:
    (alert,) = (each for each in assessed.alerts if each.code == code)
    return alert


def test_held_14_days_and_restarted_it_is_not_at_steady_state_4_days_later() -> None:
    dose, hold = a_dose("2026-06-01T08:00"), held_doses("2026-09-02T08:00", "2026-09-16T08:00")
    assessed = assess(dose, hold, sample("4.2 ng/mL"))
    assert (assessed.steady_state, assessed.days_since_change) == (False, 4)
    assert not assessed.is_evaluable
    assert "4 d after the restart" in alert_of(assessed, "level-too-early").message


def test_an_open_hold_is_restarted_by_the_next_prescription_of_the_same_dose() -> None:
    dose, hold = a_dose("2026-06-01T08:00"), held_doses("2026-09-02T08:00", None, is_open=True)
    assessed = assess(dose, hold, a_dose("2026-09-16T08:00"), sample("4.2 ng/mL"))
    assert (assessed.steady_state, assessed.days_since_change) == (False, 4)


@pytest.mark.parametrize(
    ("until", "days"),
    [("2026-09-14T07:59:59", 111), ("2026-09-14T08:00", 6), ("2026-09-14T08:00:01", 6)],
)
def test_a_gap_of_3_days_makes_a_restart_and_a_shorter_one_a_caution(until: str, days: int) -> None:
    dose, hold = a_dose("2026-06-01T08:00"), held_doses("2026-09-11T08:00", until)
    assessed = assess(dose, hold, sample())
    assert assessed.days_since_change == pytest.approx(days, abs=0.001)
    assert alert_of(assessed, "doses-not-given").kind is AlertKind.CAUTION


@pytest.mark.parametrize(
    ("other", "days"),
    [
        (a_dose("2026-09-10T08:00", "0.6"), 10),
        (a_dose("2026-09-10T08:00", "0.88", times_a_day=1), 10),
        (a_dose("2026-09-10T08:00", times_a_day=1, every_hours=48), 10),
        (a_dose("2026-09-10T08:00", evening_mg=Decimal("0.5")), 10),
        (a_dose("2026-09-10T08:00", product=Product.TABLETS), 10),
        (a_dose("2026-09-10T08:00", strength_mg_per_ml=Decimal("0.5")), 10),
        (a_dose("2026-09-10T08:00", "2", loading=True), 10),
        # from the beginning of its first day
        (CoMedication(drug="rifampicin", since=date(2026, 9, 10)), 10 + 8 / 24),
        # no change: the same dose for another target, and drugs of little or no effect
        (a_dose("2026-09-10T08:00", target=a_target("4", "12")), 111),
        (CoMedication(drug="propranolol", since=date(2026, 9, 10)), 111),
    ],
)
def test_whatever_changes_the_exposure_begins_it_anew(other: Entry, days: float) -> None:
    assessed = assess(a_dose("2026-06-01T08:00"), other, sample())
    assert assessed.days_since_change == pytest.approx(days)


@pytest.mark.parametrize(
    ("born", "hold", "steady"),
    [
        # 6 days and 21 hours after a change of dose; 7 months old on the day of the sample
        ("2026-02-20", None, None), ("2026-02-21", None, False), ("2024-02-20", None, None),
        ("2024-02-20", held_doses("2026-09-10T11:00", "2026-09-13T11:00"), False),
        ("2024-02-20", held_doses("2026-09-10T08:00", "2026-09-13T08:00"), None),
    ],
)  # fmt: skip
def test_under_7_months_and_after_a_restart_a_day_counts_at_its_hour(
    born: str,
    hold: MissedDose | None,
    steady: bool | None,  # noqa: FBT001 - a table's column
) -> None:
    change = hold or a_dose("2026-09-13T11:00", "0.6")
    entries = (a_dose("2026-06-01T08:00"), change, sample())
    record = a_record(*entries, patient=a_patient(born=born))
    (assessed,) = assess_levels(record)
    assert assessed.steady_state is steady


# --- the cause of a level


def with_causes(*causes: LevelCause, record: Record | None = None, of: int = 3) -> Record:
    """A record with answers about one of its levels, numbered from 50 on."""
    record = record or a_record(DOSE, sample("46 ng/mL", "2026-09-18T08:00", "2026-09-17T20:00"))
    answers: list[Entry] = [
        LevelCauseAnswer(
            of=of, on=date(2026, 9, 21), cause=cause, is_excluded=cause.is_error, text="at home"
        )
        for cause in causes
    ]
    stored = (
        StoredEntry(number=number, patient=1, entry=answer, author=BY)
        for number, answer in enumerate(answers, start=50)
    )
    return replace(record, entries=(*record.entries, *stored))


def test_an_excluded_level_is_shown_with_its_reason_and_used_for_nothing() -> None:
    entries = (
        DOSE,
        sample("46 ng/mL", "2026-09-18T08:00", "2026-09-17T20:00"),
        sample("8 ng/mL"),
    )
    first, second = assess_levels(with_causes(LevelCause.GIVEN_TWICE, record=a_record(*entries)))
    assert (first.status.value, first.is_evaluable, first.alerts) == ("not-assessed", False, ())
    assert (first.is_excluded, first.misfit) == (True, None)
    assert meaning(first)[0] == "○ excluded: 46 ng/mL is not assessed: given twice (at home)."
    assert {"cause": "given-twice", "excluded": True}.items() <= first.to_dict().items()
    assert (second.change_percent, second.misfit, second.alerts) == (None, None, ())
    assert {"cause": None, "excluded": False}.items() <= second.to_dict().items()
    # without the answer, the second is less than a third of the first
    assert assess_levels(a_record(*entries))[1].change_percent == pytest.approx(-82.6, abs=0.1)


@pytest.mark.parametrize("cause", [LevelCause.DIARRHOEA, LevelCause.NOT_FOUND])
def test_a_level_with_a_real_cause_or_none_found_stays_and_is_asked_no_more(
    cause: LevelCause,
) -> None:
    (before,) = assess_levels(with_causes())
    (after,) = assess_levels(with_causes(cause))
    assert "Record its cause." in alert_of(before, "level-high").message
    assert "cause" not in alert_of(after, "level-high").message
    assert before.misfit == after.misfit
    assert (before.is_evaluable, after.is_evaluable) == (True, True)
    assert after.to_dict()["cause"] == cause.value


def test_the_newest_active_answer_applies() -> None:
    record = with_causes(LevelCause.WRONG_PATIENT, LevelCause.NOT_FOUND)
    assert not assess_levels(record)[0].is_excluded
    assert assess_levels(voided(record, 51))[0].is_excluded
    assert not assess_levels(voided(voided(record, 51), 50))[0].is_excluded


# --- levels that do not fit


def misfit_of(last: str, now: str, *between: Entry, **more: Any) -> str | None:
    before = sample(last, "2026-09-12T08:00", "2026-09-11T20:00")
    found = assess(DOSE, *between, before, sample(now, **more))
    return found.misfit.why.value if found.misfit else None


@pytest.mark.parametrize(
    ("last", "now", "why"),
    [
        ("12.4 ng/mL", "3.1 ng/mL", "a-third"), ("8.8 ng/mL", "<2.0 ng/mL", "a-third"),
        ("6.0 ng/mL", "2.0 ng/mL", None), ("6.0 ng/mL", "2.01 ng/mL", None),
        ("6.0 ng/mL", "1.99 ng/mL", "a-third"), ("6.0 ng/mL", "<2.0 ng/mL", "a-third"),
        ("6.0 ng/mL", "<2.1 ng/mL", None), (">6.0 ng/mL", "2.0 ng/mL", "a-third"),
        ("<6.0 ng/mL", "1.0 ng/mL", None), ("12 ng/mL", ">3 ng/mL", None),
        ("4.0 ng/mL", "11.9 ng/mL", None), ("4.0 ng/mL", "12.0 ng/mL", None),
        ("4.0 ng/mL", "12.1 ng/mL", "three-times"), ("<4.0 ng/mL", "12 ng/mL", "three-times"),
        ("10 ng/mL", "19.9 ng/mL", None), ("10 ng/mL", "20 ng/mL", None),
        ("10 ng/mL", "20.1 ng/mL", "above-20"), ("10 ng/mL", ">20 ng/mL", "above-20"),
        ("10 ng/mL", "<25 ng/mL", None), ("6 ng/mL", "20.1 ng/mL", "three-times"),
    ],
)  # fmt: skip
def test_a_level_does_not_fit_the_last_one_on_the_same_dose(
    last: str, now: str, why: str | None
) -> None:
    assert misfit_of(last, now) == why


@pytest.mark.parametrize(
    ("now", "why"),
    [("13.9 ng/mL", None), ("14 ng/mL", None), ("14.1 ng/mL", "twice-the-top")],
)
def test_a_level_above_twice_its_target_does_not_fit(now: str, why: str | None) -> None:
    assessed = assess(a_dose("2026-09-01T08:00", target=a_target("3", "7")), sample(now))
    assert (assessed.misfit.why.value if assessed.misfit else None) == why
    assert ("level-misfit" in codes(assessed)) == bool(why)


@pytest.mark.parametrize(
    "between",
    [
        a_dose("2026-09-15T08:00", "0.2"), a_dose("2026-09-15T08:00", "2", loading=True),
        held_doses("2026-09-12T20:00", "2026-09-16T08:00"),
        held_doses("2026-09-19T08:00", None, is_open=True),
        CoMedication(drug="rifampicin", since=date(2026, 9, 14)),
    ],
)  # fmt: skip
def test_on_another_dose_or_on_hold_no_drop_is_asked_about(between: Entry) -> None:
    assert misfit_of("12.4 ng/mL", "3.1 ng/mL", between) is None


def test_a_missed_dose_and_a_short_hold_are_the_same_dose() -> None:
    missed = MissedDose(at=at("2026-09-15T08:00"), kind=NotGiven.MISSED)
    assert misfit_of("12.4 ng/mL", "3.1 ng/mL", missed) == "a-third"
    hold = held_doses("2026-09-15T08:00", "2026-09-17T08:00")
    assert misfit_of("12.4 ng/mL", "3.1 ng/mL", hold) == "a-third"


def test_a_level_in_the_first_3_days_of_a_dose_does_not_reflect_it() -> None:
    early = sample("2.0 ng/mL", "2026-09-03T08:00", "2026-09-02T20:00")
    later = sample("2.0 ng/mL", "2026-09-04T08:00", "2026-09-03T20:00")
    assert assess(DOSE, early, sample("7.2 ng/mL")).misfit is None
    compared = assess(DOSE, early, later, sample("7.2 ng/mL")).misfit
    assert compared
    assert compared.compared
    assert compared.compared.entry == later


def test_a_misfit_says_why_and_asks_for_its_cause() -> None:
    before = sample("12.4 ng/mL", "2026-09-12T08:00", "2026-09-11T20:00")
    assert alert_of(assess(DOSE, before, sample("3.1 ng/mL")), "level-misfit").message == (
        "3.1 ng/mL is less than a third of the last level on this dose "
        "(12.4 ng/mL, sampled 12 Sep 2026, 08:00). Record its cause."
    )
    low = a_dose("2026-09-01T08:00", target=a_target("3", "7"))
    assert alert_of(assess(low, sample("16 ng/mL")), "level-misfit").message == (
        "16 ng/mL is more than 2 times the upper end of the target (7 ng/mL). Record its cause."
    )


def test_each_fact_is_one_alert_and_the_cause_is_asked_once() -> None:
    for last, now in (
        ("12.4 ng/mL", "3.1 ng/mL"), ("4 ng/mL", "13 ng/mL"), ("5 ng/mL", "46 ng/mL"),
        ("15 ng/mL", "46 ng/mL"), ("15 ng/mL", "25 ng/mL"),
    ):  # fmt: skip
        before = sample(last, "2026-09-12T08:00", "2026-09-11T20:00")
        alerts = assess(DOSE, before, sample(now)).alerts
        asking = [each for each in alerts if "Record its cause." in each.message]
        assert len(asking) == 1, (last, now)
        assert len({each.code for each in alerts}) == len(alerts), (last, now)


# --- peaks


@pytest.mark.parametrize(
    ("times_a_day", "last_dose", "is_peak"),
    [
        (2, "2026-09-20T08:00", True), (2, "2026-09-20T02:00", True),
        (2, "2026-09-20T01:59:59", False), (2, "2026-09-19T20:00", False),
        # five hours after a dose every six hours is a trough
        (4, "2026-09-20T03:00", False), (4, "2026-09-20T03:00:01", True),
    ],
)  # fmt: skip
def test_within_6_hours_of_a_dose_a_sample_is_a_peak_unless_it_is_a_trough(
    times_a_day: int,
    last_dose: str,
    is_peak: bool,  # noqa: FBT001 - a table's column
) -> None:
    assessed = assess(replace(DOSE, times_a_day=times_a_day), sample(last_dose=last_dose))
    assert assessed.is_peak is is_peak


@pytest.mark.parametrize(
    ("written", "is_urgent"),
    [("21.4 ng/mL", False), ("30 ng/mL", False), ("30.1 ng/mL", True), (">30 ng/mL", True)],
)
def test_a_peak_is_not_held_against_the_limits_of_a_trough(
    written: str,
    is_urgent: bool,  # noqa: FBT001 - a table's column
) -> None:
    before = sample("5 ng/mL", "2026-09-12T08:00", "2026-09-11T20:00")
    peak = sample(written, "2026-09-19T08:00", "2026-09-19T06:00")
    after = sample("4 ng/mL")
    first, second, third = assess_levels(a_record(DOSE, before, peak, after))
    assert (second.status.value, second.misfit) == ("not-assessed", None)
    assert not any("pneumonitis" in each.message for each in second.alerts)
    assert codes(second) == {"level-not-trough"} | ({"level-high"} if is_urgent else set())
    if is_urgent:
        high = alert_of(second, "level-high")
        assert high.kind is AlertKind.URGENT
        assert high.message.endswith("sampled 2 h after a dose: take a true trough in 1-3 days.")
    # the trough after it is compared with the one before it
    assert (third.change_percent, third.misfit, first.alerts) == (-20, None, ())


# --- two levels of one moment


def test_two_values_of_one_moment_contradict_each_other_until_one_is_out_of_use() -> None:
    record = a_record(DOSE, sample("9 ng/mL"), sample("14 ng/mL"))
    first, second = assess_levels(record)
    assert (first.is_evaluable, second.is_evaluable) == (False, False)
    assert "9 ng/mL and 14 ng/mL" in alert_of(first, "level-contradicted").message
    assert "14 ng/mL and 9 ng/mL" in alert_of(second, "level-contradicted").message
    first, second = assess_levels(voided(record, 3))
    assert (second.is_evaluable, second.alerts) == (True, ())
    first, second = assess_levels(with_causes(LevelCause.WRONG_PATIENT, record=record, of=4))
    assert (first.is_evaluable, first.alerts) == (True, ())


def test_of_a_level_typed_twice_the_second_is_not_evaluable_and_says_so() -> None:
    first, second = assess_levels(a_record(DOSE, sample("7.2 ng/mL"), sample("7.20 ug/L")))
    assert (first.is_evaluable, first.alerts) == (True, ())
    assert not second.is_evaluable
    assert "not evaluable" in alert_of(second, "level-repeated").message
    first, second = assess_levels(a_record(DOSE, sample("46 ng/mL"), sample("46 ng/mL")))
    assert alert_of(first, "level-high") == alert_of(second, "level-high")


def test_one_sample_measured_by_two_assays_is_no_contradiction() -> None:
    both = (sample("9 ng/mL"), sample("11 ng/mL", assay=Assay.CMIA))
    first, second = assess_levels(a_record(DOSE, *both))
    assert (first.is_evaluable, second.is_evaluable) == (True, True)
    unknown = replace(both[1], assay=None)
    first, second = assess_levels(a_record(DOSE, both[0], unknown))
    assert (first.is_evaluable, second.is_evaluable) == (False, False)


# --- an assumed last dose


def test_an_assumed_last_dose_is_assessed_and_marked() -> None:
    known, assumed = assess(DOSE, sample()), assess(DOSE, sample(last_dose_assumed=True))
    assert replace(assumed, level=known.level) == known
    assert meaning(assumed)[1] == (
        "It is a trough (12 h after the dose, assumed), at steady state (19 days after the change)."
    )
    assert dict(level_rows(assumed))["Last dose"].endswith("(assumed)")
    assert "assumed" not in dict(level_rows(known))["Last dose"]


# --- the tables


def test_the_tables_hold_what_was_written_down() -> None:
    record = voided(a_record(DOSE, sample("<7.20 ug/L", assay=Assay.CMIA)), 3)
    (level,) = level_table([record]).astype(str).to_dict("records")
    assert level == {
        "patient": "1", "number": "3", "sampled_utc": "2026-09-20 06:00:00", "level_ng_ml": "7.2",
        "comparator": "<", "last_dose_utc": "2026-09-19 18:00:00", "assay": "cmia",
        "voided": "True", "is_excluded": "False", "is_young": "False",
        "is_in_question": "False", "is_after_hold": "False",
    }  # fmt: skip
    doses = dose_table([record])
    assert doses.pop("until_utc").isna().all()
    assert doses.pop("held_since_utc").isna().all()
    (dose,) = doses.astype(str).to_dict("records")
    assert dose == {
        "patient": "1", "number": "2", "since_utc": "2026-09-01 06:00:00",
        "is_loading": "False", "is_change": "True", "is_restart": "False", "interval_hours": "12",
        "target_low_ng_ml": "5.0", "target_high_ng_ml": "15.0", "period": "1",
    }  # fmt: skip


def test_the_first_dose_of_a_patient_is_a_change_whatever_the_table_says() -> None:
    """Otherwise a patient would have the start of another one."""
    records = []
    for patient, since in ((1, "2026-09-01T08:00"), (2, "2026-09-10T08:00")):
        entries = a_record(a_dose(since), sample()).entries
        renamed = tuple(replace(each, patient=patient) for each in entries)
        records.append(replace(a_record(), entries=renamed))
    doses = dose_table(records).assign(is_change=False)
    assert list(assess_table(level_table(records), doses)["days_since_change"]) == [19, 10]


def test_a_level_is_rounded_once_from_the_exact_decimal() -> None:
    table = level_table([a_record(sample("7.9 nmol/L"), sample("0.1 ng/mL"))])
    assert list(table["level_ng_ml"]) == [float(Decimal("7.9") * Decimal("0.91417")), 0.1]
