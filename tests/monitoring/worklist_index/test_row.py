"""The rows of the worklist: the urgency of a patient, its reason, and their order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from monitoring.record.entry import Entry
from monitoring.store.store import Store
from monitoring.summary import summarise
from monitoring.terms import StateKind, Status, Urgency
from monitoring.worklist_index.reading import summary_of
from monitoring.worklist_index.row import CheckDates, WorklistRow, row_of
from tests.builders import a_dose, a_drug, a_level, a_record, a_side_effect, at, voided
from tests.stores import fill

NOW = at("2026-11-24T22:00")
DAY = NOW.local.date()
DOSE = a_dose(since="2026-11-01T08:00")


def row(*entries: Entry) -> WorklistRow:
    return row_of(summarise(a_record(*entries), NOW))


def test_a_patient_without_entries_needs_nothing() -> None:
    found = row()
    assert (found.urgency, found.reason, found.next_due) == (Urgency.LATER, "", None)
    assert (found.urgent, found.overdue, found.due, found.overdue_days) == (0, 0, 0, 0)
    assert (found.dose, found.protocol, found.levels, found.grade) == ("", "", (), None)
    assert (found.state, found.is_on_hold) == (StateKind.NOT_STARTED, False)
    assert found.authors == ("Dr Example",)


def test_a_severe_pneumonitis_comes_before_every_other_urgent_reason() -> None:
    ill = row(DOSE, a_side_effect("Pneumonitis", "2026-11-20", grade=3))
    pregnant = row(DOSE, a_side_effect("Neutropenia", "2026-11-20", grade=4))
    assert (ill.urgency, pregnant.urgency) == (Urgency.URGENT, Urgency.URGENT)
    assert ill.reason.startswith("Pneumonitis of grade 3 is recorded (20 Nov 2026). ")
    assert ill.reason.endswith(".")
    assert "\n" not in ill.reason
    assert ill.order < replace(pregnant, name="A", overdue_days=999).order


@pytest.mark.parametrize(
    ("day", "urgency", "overdue"),
    [
        (date(2026, 11, 9), Urgency.LATER, 0),
        (date(2026, 11, 10), Urgency.DUE, 0),
        (date(2026, 11, 12), Urgency.DUE, 0),
        (date(2026, 11, 13), Urgency.OVERDUE, 1),
    ],
)
def test_the_urgency_of_a_check_follows_from_its_dates(
    day: date, urgency: Urgency, overdue: int
) -> None:
    check = CheckDates(what="weight", since=date(2026, 11, 10), until=date(2026, 11, 12))
    assert (check.urgency(day), check.overdue_days(day)) == (urgency, overdue)
    asked = replace(check, is_ever_overdue=False)
    assert asked.overdue_days(day) == 0
    assert asked.urgency(day) is (Urgency.LATER if urgency is Urgency.LATER else Urgency.DUE)
    assert replace(check, is_urgent=True).urgency(day) is Urgency.URGENT


def test_the_overdue_comes_with_the_longest_named_first() -> None:
    found = row(DOSE)
    assert found.urgency is Urgency.OVERDUE
    assert found.reason.startswith("weight, trough level overdue ")
    assert found.overdue_days == (DAY - date(2026, 11, 1)).days


def test_a_level_off_the_target_is_shown_and_is_not_urgent_by_itself() -> None:
    level = a_level("16.4 ng/mL", "2026-11-22T08:00")
    found = row(DOSE, level)
    assert found.off_target is Status.ABOVE
    assert found.urgency is not Urgency.URGENT
    (point,) = found.levels
    assert (point.text, point.ng_ml, point.on) == (
        "16.4 ng/mL",
        Decimal("16.4"),
        date(2026, 11, 22),
    )
    assert (point.low, point.high, point.mark) == (Decimal(5), Decimal(15), "▲ above")


@pytest.mark.parametrize(
    ("taken", "is_urgent"), [((), True), (("2026-11-06",), True), (("2026-11-20",), False)]
)
def test_a_drug_beside_it_is_urgent_until_its_trough_is_taken(
    taken: tuple[str, ...], *, is_urgent: bool
) -> None:
    """3-7 days after its start, and again at 14; it is given on and on."""
    levels = [a_level("9 ng/mL", f"{each}T08:00") for each in ("2026-11-04", *taken)]
    drug = a_drug("voriconazole", "2026-11-05")
    found = row(a_dose("2026-06-01T08:00", "0.6"), drug, *levels)
    assert (found.urgency is Urgency.URGENT) == is_urgent


def test_the_last_eight_levels_in_use_are_kept() -> None:
    levels = [a_level(f"{10 + each} ng/mL", f"2026-11-{10 + each}T08:00") for each in range(10)]
    record = a_record(DOSE, *levels)
    record = voided(record, record.revision)
    found = row_of(summarise(record, NOW))
    assert [str(each.ng_ml) for each in found.levels] == [str(10 + e) for e in range(1, 9)]


def test_the_summary_of_a_patient_is_read_by_its_number(store: Store) -> None:
    number, other = fill(store, 2)
    found = summary_of(store, other, NOW)
    assert found.record.number == other != number
    assert row_of(found).patient == other
