"""What was in force when: doses that follow each other, end, begin again, or never held."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import cast

import pytest

from dosing import Product, TargetTrough
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Author, Ending, Record, Recorded, Void
from monitoring.record.entry import Entry
from monitoring.record.patient import Patient
from monitoring.record.prescription import Prescription
from monitoring.treatment import course_at, courses, drugs_on, last_change, loading_doses
from tests.builders import a_patient, at

BY = Author("Dr Example", at("2026-11-05T08:00"))


def record_of(entries: Iterable[Entry]) -> Record:
    who: Recorded[Patient] = Recorded(number=1, patient=1, entry=a_patient(), author=BY)
    rest: list[Recorded[Entry]] = [
        Recorded(number=number, patient=1, entry=entry, author=BY)
        for number, entry in enumerate(entries, start=2)
    ]
    return Record(patient=who, entries=(cast("Recorded[Entry]", who), *rest))


def a_dose(since: str, mg: str = "0.44", *, loading: bool = False) -> Prescription:
    return Prescription(
        since=at(since),
        dose_mg=Decimal(mg),
        times_a_day=2,
        product=Product.SOLUTION,
        protocol="review",
        target=TargetTrough(Decimal(5), Decimal(15)),
        rule_version="0.1.0",
        loading=loading,
    )


def ended(record: Record, number: int, when: str) -> Record:
    mark = Recorded(number=90, patient=1, entry=Ending(of=number, at=at(when)), author=BY)
    entries = (
        replace(each, ending=mark) if each.number == number else each for each in record.entries
    )
    return replace(record, entries=tuple(entries))


def voided(record: Record, number: int) -> Record:
    mark = Recorded(number=91, patient=1, entry=Void(of=number, reason="Typed twice"), author=BY)
    entries = (
        replace(each, void=mark) if each.number == number else each for each in record.entries
    )
    return replace(record, entries=tuple(entries))


TWO = record_of([a_dose("2026-11-01T08:00"), a_dose("2026-11-10T08:00", "0.6")])


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
    course = course_at(TWO, at(moment))
    assert (course.prescription.number if course else None) == number


@pytest.mark.parametrize(
    ("moment", "holds"),
    [("2026-11-05T07:59:59", True), ("2026-11-05T08:00", False), ("2026-11-09T08:00", False)],
)
def test_an_ended_dose_holds_until_its_end(moment: str, holds: bool) -> None:  # noqa: FBT001 - a table's column
    record = ended(TWO, 2, "2026-11-05T08:00")
    assert (course_at(record, at(moment)) is not None) == holds


def test_an_end_after_the_next_beginning_changes_nothing() -> None:
    record = ended(TWO, 2, "2026-12-05T08:00")
    assert [each.until for each in courses(record)] == [at("2026-11-10T08:00"), None]


def test_of_two_doses_of_one_moment_the_later_written_holds() -> None:
    record = record_of([a_dose("2026-11-01T08:00"), a_dose("2026-11-01T08:00", "0.6")])
    assert [each.prescription.number for each in courses(record)] == [3]


def test_the_order_is_that_of_the_beginnings_not_of_the_writing() -> None:
    record = record_of([a_dose("2026-11-10T08:00", "0.6"), a_dose("2026-11-01T08:00")])
    assert [each.prescription.number for each in courses(record)] == [3, 2]


def test_voided_and_loading_doses_are_no_course() -> None:
    record = record_of(
        [a_dose("2026-11-01T08:00", "2", loading=True), *[a_dose("2026-11-02T08:00")] * 2]
    )
    assert [each.prescription.number for each in courses(voided(record, 4))] == [3]
    assert [each.number for each in loading_doses(record)] == [2]


def test_the_same_dose_prescribed_again_is_no_change() -> None:
    record = record_of([a_dose("2026-11-01T08:00"), a_dose("2026-11-10T08:00")])
    assert last_change(record, at("2026-11-20T08:00")) == at("2026-11-01T08:00")


def test_another_dose_or_product_is_a_change() -> None:
    assert last_change(TWO, at("2026-11-20T08:00")) == at("2026-11-10T08:00")
    assert last_change(TWO, at("2026-11-09T08:00")) == at("2026-11-01T08:00")
    tablets = replace(a_dose("2026-11-10T08:00", "1"), product=Product.TABLETS)
    record = record_of([a_dose("2026-11-01T08:00", "1"), tablets])
    assert last_change(record, at("2026-11-20T08:00")) == at("2026-11-10T08:00")


def test_the_same_dose_after_a_pause_is_a_change() -> None:
    record = record_of([a_dose("2026-11-01T08:00"), a_dose("2026-11-10T08:00")])
    record = ended(record, 2, "2026-11-05T08:00")
    assert last_change(record, at("2026-11-20T08:00")) == at("2026-11-10T08:00")


def test_a_moment_is_the_same_one_in_another_zone() -> None:
    again = replace(a_dose("2026-11-10T08:00"), since=at("2026-11-10T07:00", "UTC"))
    record = ended(record_of([a_dose("2026-11-01T08:00"), again]), 2, "2026-11-10T08:00")
    assert [each.is_change for each in courses(record)] == [True, False]
    never = a_dose("2026-11-10T08:00", "0.6")
    record = record_of([a_dose("2026-11-01T08:00"), never, again])
    assert [each.is_change for each in courses(record)] == [True, False]


def test_without_any_dose_there_is_no_course() -> None:
    assert courses(record_of([])) == ()
    assert last_change(record_of([]), at("2026-11-01T08:00")) is None


def test_without_a_dose_in_force_nothing_was_changed() -> None:
    assert last_change(TWO, at("2026-10-20T08:00")) is None


@pytest.mark.parametrize(
    ("day", "given"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 11, 5), True),
        (date(2026, 11, 6), False),
    ],
)
def test_a_drug_is_given_from_its_first_day_to_its_last(day: date, given: bool) -> None:  # noqa: FBT001 - a table's column
    record = record_of([CoMedication(drug="co-trimoxazole", since=date(2026, 11, 1))])
    mark = Recorded(number=90, patient=1, entry=Ending(of=2, on=date(2026, 11, 5)), author=BY)
    entries = (record.entries[0], replace(record.entries[1], ending=mark))
    assert bool(drugs_on(replace(record, entries=entries), day)) == given
