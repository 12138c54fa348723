"""What was in force when: doses that follow each other, end, begin again, or never held."""

from dataclasses import replace

import pytest

from dosing import Product
from monitoring.treatment import TreatmentHistory
from tests.builders import a_dose, a_record, at, ended, voided

TWO = a_record(a_dose("2026-11-01T08:00"), a_dose("2026-11-10T08:00", "0.6"))


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("2026-11-01T07:59:59", None),
        ("2026-11-01T08:00", 2),
        ("2026-11-10T07:59:59", 2),
        ("2026-11-10T08:00", 3),
        ("2027-11-10T08:00", 3),
    ],
)
def test_a_dose_holds_from_its_beginning_until_the_next_one(
    moment: str, number: int | None
) -> None:
    period = TreatmentHistory.of(TWO).period_at(at(moment))
    assert (period.prescription.number if period else None) == number


@pytest.mark.parametrize(
    ("moment", "holds"),
    [("2026-11-05T07:59:59", True), ("2026-11-05T08:00", False), ("2026-11-09T08:00", False)],
)
def test_an_ended_dose_holds_until_its_end(moment: str, holds: bool) -> None:  # noqa: FBT001 - a table's column
    record = ended(TWO, 2, "2026-11-05T08:00")
    assert (TreatmentHistory.of(record).period_at(at(moment)) is not None) == holds


def test_an_end_after_the_next_beginning_changes_nothing() -> None:
    record = ended(TWO, 2, "2026-12-05T08:00")
    assert [each.until for each in TreatmentHistory.of(record).periods] == [
        at("2026-11-10T08:00"),
        None,
    ]


def test_of_two_doses_of_one_moment_the_later_written_holds() -> None:
    record = a_record(a_dose("2026-11-01T08:00"), a_dose("2026-11-01T08:00", "0.6"))
    assert [each.prescription.number for each in TreatmentHistory.of(record).periods] == [3]


def test_the_order_is_that_of_the_beginnings_not_of_the_writing() -> None:
    record = a_record(a_dose("2026-11-10T08:00", "0.6"), a_dose("2026-11-01T08:00"))
    assert [each.prescription.number for each in TreatmentHistory.of(record).periods] == [3, 2]


def test_voided_and_loading_doses_are_no_course() -> None:
    record = a_record(
        a_dose("2026-11-01T08:00", "2", loading=True), *[a_dose("2026-11-02T08:00")] * 2
    )
    assert [
        each.prescription.number for each in TreatmentHistory.of(voided(record, 4)).periods
    ] == [3]
    assert [each.number for each in TreatmentHistory.of(record).loading_doses] == [2]


def test_the_same_dose_prescribed_again_is_no_change() -> None:
    record = a_record(a_dose("2026-11-01T08:00"), a_dose("2026-11-10T08:00"))
    assert TreatmentHistory.of(record).last_change(at("2026-11-20T08:00")) == at("2026-11-01T08:00")


def test_another_dose_or_product_is_a_change() -> None:
    assert TreatmentHistory.of(TWO).last_change(at("2026-11-20T08:00")) == at("2026-11-10T08:00")
    assert TreatmentHistory.of(TWO).last_change(at("2026-11-09T08:00")) == at("2026-11-01T08:00")
    tablets = replace(a_dose("2026-11-10T08:00", "1"), product=Product.TABLETS)
    record = a_record(a_dose("2026-11-01T08:00", "1"), tablets)
    assert TreatmentHistory.of(record).last_change(at("2026-11-20T08:00")) == at("2026-11-10T08:00")


def test_the_same_dose_after_a_pause_is_a_change() -> None:
    record = a_record(a_dose("2026-11-01T08:00"), a_dose("2026-11-10T08:00"))
    record = ended(record, 2, "2026-11-05T08:00")
    assert TreatmentHistory.of(record).last_change(at("2026-11-20T08:00")) == at("2026-11-10T08:00")


def test_a_moment_is_the_same_one_in_another_zone() -> None:
    again = replace(a_dose("2026-11-10T08:00"), since=at("2026-11-10T07:00", "UTC"))
    record = ended(a_record(a_dose("2026-11-01T08:00"), again), 2, "2026-11-10T08:00")
    assert [each.is_change for each in TreatmentHistory.of(record).periods] == [True, False]
    never = a_dose("2026-11-10T08:00", "0.6")
    record = a_record(a_dose("2026-11-01T08:00"), never, again)
    assert [each.is_change for each in TreatmentHistory.of(record).periods] == [True, False]


def test_without_any_dose_there_is_no_course() -> None:
    assert TreatmentHistory.of(a_record()).periods == ()
    assert TreatmentHistory.of(a_record()).last_change(at("2026-11-01T08:00")) is None


def test_without_a_dose_in_force_nothing_was_changed() -> None:
    assert TreatmentHistory.of(TWO).last_change(at("2026-10-20T08:00")) is None
