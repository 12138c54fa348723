"""Open events and values of grade 3 and above: new, worse, explained, replaced, too old.

Limits of normal and cut-offs are those of CTCAE v5.0: neutrophils below 1.0 are grade 3, below 0.5
grade 4; platelets below 50 are grade 3, below 25 grade 4 (×10⁹/L).
"""

from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest

from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.state import SevereFinding, state_at
from tests.builders import (
    a_dose,
    a_laboratory_value,
    a_record,
    a_side_effect,
    at,
    ended,
    later,
    voided,
)

DOSE = a_dose("2026-08-01T08:00")
NOW = at("2026-11-20T08:00")


def severe(record: Record) -> tuple[SevereFinding, ...]:
    return state_at(record, NOW).open_severe


def found(*entries: Entry) -> list[tuple[str, int]]:
    return [(each.what, each.grade) for each in severe(a_record(DOSE, *entries))]


def neutrophils(number: str, when: str = "2026-11-15T08:00") -> Entry:
    return a_laboratory_value("neutrophils", f"{number} 10*9/L", when, lower="1.5 10*9/L")


def platelets(number: str, when: str = "2026-11-15T08:00") -> Entry:
    return a_laboratory_value("platelets", f"{number} 10*9/L", when, lower="150 10*9/L")


def test_a_finding_cannot_be_changed() -> None:
    (finding,) = severe(a_record(DOSE, neutrophils("0.9")))
    with pytest.raises(FrozenInstanceError):
        finding.grade = 2  # type: ignore[misc]  # what is tried
    assert not hasattr(finding, "__dict__")


# --- events


@pytest.mark.parametrize(("grade", "is_severe"), [(None, False), (2, False), (3, True), (4, True)])
def test_an_open_event_from_grade_3(grade: int | None, *, is_severe: bool) -> None:
    event = a_side_effect("mouth sores", "2026-11-10", grade)
    assert found(event) == ([("mouth sores", grade)] if is_severe else [])


def test_ended_voided_or_attributed_ones_are_left_out() -> None:
    record = a_record(DOSE, a_side_effect("mouth sores", "2026-11-10", 3))
    assert len(severe(record)) == 1
    assert severe(ended(record, 3, "2026-11-15")) == ()
    assert severe(voided(record, 3)) == ()
    assert found(a_side_effect("mouth sores", "2026-11-10", 3, attributed_to="herpes")) == []


@pytest.mark.parametrize(("since", "is_new"), [("2026-07-31", False), ("2026-08-01", True)])
def test_an_event_from_before_the_first_dose_is_no_finding(since: str, *, is_new: bool) -> None:
    assert bool(found(a_side_effect("pain", since, 3))) is is_new


@pytest.mark.parametrize(("before", "is_worse"), [(2, True), (3, True), (4, False)])
def test_worse_than_before_counts(before: int, *, is_worse: bool) -> None:
    earlier, now = (
        a_side_effect("pain", "2026-07-01", before),
        a_side_effect("pain", "2026-11-10", 4),
    )
    assert bool(found(earlier, now)) is is_worse


def test_a_planned_day_is_not_yet_open() -> None:
    assert found(a_side_effect("mouth sores", "2026-11-21", 3)) == []


@pytest.mark.parametrize(
    ("now", "is_severe"),
    [("2026-08-01T07:59", False), ("2026-08-01T08:00", True), ("2026-08-01T08:01", True)],
)
def test_before_the_first_dose_nothing_is_a_finding_of_treatment(
    now: str, *, is_severe: bool
) -> None:
    record = a_record(DOSE, a_side_effect("mouth sores", "2026-08-01", 3))
    assert bool(state_at(record, at(now)).open_severe) is is_severe


@pytest.mark.parametrize(
    ("since", "is_open"), [("2026-11-19", True), ("2026-11-20", True), ("2026-11-21", False)]
)
def test_an_event_counts_from_its_day(since: str, *, is_open: bool) -> None:
    assert bool(found(a_side_effect("mouth sores", since, 3))) is is_open


def test_a_milder_event_than_before_is_no_finding() -> None:
    record = a_record(
        DOSE, a_side_effect("pain", "2026-07-01", 4), a_side_effect("pain", "2026-11-10", 3)
    )
    assert severe(ended(record, 3, "2026-07-20")) == ()


# --- values


@pytest.mark.parametrize(
    ("when", "counts"),
    [("2026-11-20T07:59", True), ("2026-11-20T08:00", True), ("2026-11-20T08:01", False)],
)
def test_a_value_counts_from_its_minute(when: str, *, counts: bool) -> None:
    assert bool(found(neutrophils("0.4", when))) is counts


@pytest.mark.parametrize(
    ("number", "grade"), [("1.1", None), ("1.0", None), ("0.9", 3), ("0.5", 3), ("0.4", 4)]
)
def test_the_newest_value_from_grade_3(number: str, grade: int | None) -> None:
    expected = [] if grade is None else [(f"neutrophils {number} 10*9/L", grade)]
    assert found(neutrophils(number)) == expected


def test_a_newer_value_takes_its_place() -> None:
    assert found(platelets("12", "2026-11-10T08:00"), platelets("168")) == []
    assert found(platelets("168"), platelets("12", "2026-11-10T08:00")) == []  # by the sample
    assert found(platelets("168", "2026-11-10T08:00"), platelets("12")) == [
        ("platelets 12 10*9/L", 4)
    ]


def test_another_test_takes_no_place() -> None:
    assert found(platelets("12", "2026-11-10T08:00"), neutrophils("2.0")) == [
        ("platelets 12 10*9/L", 4)
    ]


@pytest.mark.parametrize(("days", "counts"), [(89, True), (90, True), (91, False)])
def test_a_value_counts_for_90_days(days: int, *, counts: bool) -> None:
    value = a_laboratory_value(
        "neutrophils", "0.9 10*9/L", later(NOW, days=-days), lower="1.5 10*9/L"
    )
    assert bool(found(value)) is counts


def test_platelets_of_kasabach_merritt_are_the_indication() -> None:
    """Platelets of 30 before the first dose, and again on treatment: not new, not worse."""
    before = platelets("30", "2026-07-31T08:00")
    assert found(before) == []
    assert found(before, platelets("30")) == []
    assert found(before, platelets("26")) == []
    assert found(before, platelets("24")) == [("platelets 24 10*9/L", 4)]


def test_better_than_before_is_no_finding() -> None:
    assert found(platelets("20", "2026-07-31T08:00"), platelets("30")) == []


def test_what_is_voided_or_unknown_hides_nothing_after_it() -> None:
    unknown = a_laboratory_value("zonulin", "5 ng/mL", "2026-11-10T08:00")
    assert len(found(unknown, neutrophils("0.9"))) == 1
    record = a_record(DOSE, platelets("12", "2026-11-10T08:00"), neutrophils("0.9"))
    assert [each.what for each in severe(voided(record, 3))] == ["neutrophils 0.9 10*9/L"]
    assert [each.what for each in severe(voided(record, 4))] == ["platelets 12 10*9/L"]


def test_the_last_value_before_the_first_dose_is_the_baseline() -> None:
    values = (platelets("30", "2026-07-01T08:00"), platelets("200", "2026-07-31T08:00"))
    assert found(*values, platelets("30")) == [("platelets 30 10*9/L", 3)]


@pytest.mark.parametrize(
    ("when", "is_new"),
    [("2026-08-01T07:59", False), ("2026-08-01T08:00", False), ("2026-08-01T08:01", True)],
)
def test_a_value_is_new_after_the_first_dose(when: str, *, is_new: bool) -> None:
    record = a_record(DOSE, platelets("30", when))
    then = state_at(record, at("2026-08-10T08:00")).open_severe
    assert bool(then) is is_new


def test_a_value_whose_event_has_another_cause_is_left_out() -> None:
    explained = a_side_effect("neutropenia", "2026-11-15", 3, attributed_to="parvovirus")
    assert found(neutrophils("0.9"), explained) == []
    record = ended(a_record(DOSE, neutrophils("0.9"), explained), 4, "2026-11-16")
    assert [each.grade for each in severe(record)] == [3]


@pytest.mark.parametrize("days", [-1, 1])
def test_what_is_sampled_later_is_not_known_yet(days: int) -> None:
    value = a_laboratory_value(
        "neutrophils", "0.9 10*9/L", later(NOW, hours=days), lower="1.5 10*9/L"
    )
    assert bool(found(value)) is (days < 0)


def test_without_treatment_there_are_none() -> None:
    assert severe(a_record(neutrophils("0.9"), a_side_effect("pain", "2026-11-10", 4))) == ()


def test_after_a_stop_they_stay() -> None:
    record = a_record(DOSE, a_side_effect("mouth sores", "2026-11-10", 3))
    assert len(severe(ended(record, 2, "2026-11-15T08:00"))) == 1


def test_the_worst_is_first_then_the_oldest() -> None:
    listed = found(
        a_side_effect("mouth sores", "2026-11-12", 3),
        a_side_effect("headache", "2026-11-10", 3),
        neutrophils("0.4"),
    )
    assert [what for what, _ in listed] == ["neutrophils 0.4 10*9/L", "headache", "mouth sores"]
    (finding,) = severe(a_record(DOSE, a_side_effect("headache", "2026-11-10", 3)))
    assert finding.to_dict() == {"what": "headache", "grade": 3, "since": "2026-11-10"}
    assert finding.since == date(2026, 11, 10) > date(2026, 11, 10) - timedelta(days=1)
