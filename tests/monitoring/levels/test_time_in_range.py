"""Time in range and spread, by cases worked out by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dosing import TargetTrough
from monitoring.levels.assess import assessed_table
from monitoring.levels.time_in_range import (
    TimeInRange,
    time_in_range,
    time_in_range_of,
    variation,
    variation_percent_of,
)
from monitoring.record.entries import StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.level import Assay, Level, LevelCause, LevelCauseAnswer
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.times import Moment
from tests.builders import BY, a_dose, a_level, a_record, a_target, at, ended

DOSE = a_dose("2026-01-01T08:00")
LOWER = a_target("4", "12")


def on(day: str, ng_ml: str, **more: object) -> Level:
    """An evaluable level: a trough in a zone without clock changes."""
    return replace(a_level(f"{ng_ml} ng/mL", at(f"2026-{day}T12:00", "UTC")), **more)  # type: ignore[arg-type]


def ranged(*entries: Entry) -> TimeInRange | None:
    return time_in_range_of(a_record(DOSE, *entries))


@pytest.mark.parametrize(
    ("first", "second", "below", "within", "above"),
    [
        ("8", "12", 0, 10, 0),
        ("5", "15", 0, 10, 0),
        ("3", "3", 10, 0, 0),
        ("5", "5", 0, 10, 0),
        ("15", "15", 0, 10, 0),
        ("16", "16", 0, 0, 10),
        # from 0 up to 10 half of the way is below 5, and so down again
        ("1", "9", 5, 5, 0),
        ("9", "1", 5, 5, 0),
        # from 10 to 20 half of the way is above 15
        ("10", "20", 0, 5, 5),
        # from 1 to 21: 4 of 20 below, 10 within, 6 above
        ("1", "21", 2, 5, 3),
        ("21", "1", 2, 5, 3),
        ("2", "4", 10, 0, 0),
        ("18", "40", 0, 0, 10),
    ],
)
def test_a_line_is_cut_where_it_crosses_the_target(
    first: str, second: str, below: float, within: float, above: float
) -> None:
    found = ranged(on("02-01", first), on("02-11", second))
    assert found
    assert found.days_below == pytest.approx(below)  # thirds and tenths of a line in floats
    assert found.days_within == pytest.approx(within)
    assert found.days_above == pytest.approx(above)
    assert (found.levels, found.days_covered, found.largest_gap_days) == (2, 10, 10)
    assert found.percent_within == pytest.approx(within * 10)


def test_several_lines_add_up() -> None:
    found = ranged(on("02-01", "1"), on("02-11", "9"), on("02-15", "9"), on("03-07", "21"))
    # 5 below and 5 within; 4 within; from 9 to 21 in 20 days half above 15
    assert found == TimeInRange(
        days_below=5, days_within=19, days_above=10, levels=4, largest_gap_days=20
    )
    assert found.percent_within == pytest.approx(100 * 19 / 34)


def test_a_target_without_a_lower_end_has_nothing_below() -> None:
    found = time_in_range_of(
        a_record(
            a_dose("2026-01-01T08:00", target=a_target(None, "15")),
            on("02-01", "1"),
            on("02-11", "29"),
        )
    )
    assert found == TimeInRange(
        days_below=0, days_within=5, days_above=5, levels=2, largest_gap_days=10
    )


@pytest.mark.parametrize(("last", "joined"), [("04-01", True), ("04-02", True), ("04-03", False)])
def test_a_gap_of_60_days_is_bridged_and_no_longer_one(last: str, joined: bool) -> None:  # noqa: FBT001
    found = ranged(on("02-01", "8"), on(last, "8"))
    assert (found is not None) == joined


def test_nothing_is_told_of_fewer_than_two_levels_that_count() -> None:
    assert ranged() is None
    assert ranged(on("02-01", "8")) is None
    assert ranged(on("02-01", "8"), on("02-11", "8", last_dose=None)) is None


def test_levels_that_do_not_count_are_passed_over() -> None:
    found = ranged(on("02-01", "8"), on("02-06", "40", last_dose=None), on("02-11", "8"))
    assert found == TimeInRange(
        days_below=0, days_within=10, days_above=0, levels=2, largest_gap_days=10
    )


@pytest.mark.parametrize(
    "between",
    [
        pytest.param((on("02-06", "1", comparator=a_level("<1 ng/mL").comparator),), id="censored"),
        pytest.param((on("02-06", "8", assay=Assay.CMIA),), id="another assay"),
        pytest.param((on("02-06", "8", assay=None),), id="assay not known"),
        pytest.param((a_dose("2026-02-06T08:00", target=LOWER),), id="another target"),
        pytest.param(
            (a_dose("2026-02-05T08:00", target=LOWER), a_dose("2026-02-06T08:00")),
            id="another target in between",
        ),
        pytest.param(
            (
                MissedDose(
                    at=Moment.read("2026-02-03T08:00", "UTC"),
                    kind=NotGiven.HELD,
                    until=Moment.read("2026-02-05T08:00", "UTC"),
                ),
            ),
            id="doses held",
        ),
    ],
)
def test_nothing_is_bridged_across(between: tuple[Entry, ...]) -> None:
    assert ranged(on("02-01", "8"), *between, on("02-11", "8")) is None


def test_doses_held_from_the_very_beginning_of_a_dose_are_not_bridged() -> None:
    at, until = (Moment.read(f"2026-02-{day}T08:00", "Europe/Paris") for day in ("03", "05"))
    held = MissedDose(at=at, kind=NotGiven.HELD, until=until)
    doses = (a_dose("2026-02-03T08:00", "0.6"), a_dose("2026-02-05T08:00"))
    assert ranged(on("02-01", "8"), *doses, held, on("03-11", "8")) is None
    assert ranged(on("02-01", "8"), *doses, on("03-11", "8")) is not None


def test_a_pause_of_treatment_is_not_bridged() -> None:
    again = a_dose("2026-02-04T08:00")
    levels = (on("02-01", "8"), on("02-21", "8"))
    record = a_record(DOSE, again, *levels)
    assert time_in_range_of(record) is not None
    assert time_in_range_of(ended(record, 2, "2026-02-03T08:00")) is None


def test_a_single_missed_dose_and_another_dose_are_bridged() -> None:
    missed = MissedDose(at=Moment.read("2026-02-03T08:00", "UTC"), kind=NotGiven.MISSED)
    dose = a_dose("2026-02-04T08:00", "0.6")
    assert ranged(on("02-01", "8"), missed, dose, on("02-21", "8")) is not None


def test_two_samples_of_one_moment_make_no_line() -> None:
    twice = (on("02-01", "8"), on("02-01", "8"))
    assert ranged(*twice) is None
    found = ranged(*twice, on("02-11", "8"))
    assert found
    assert (found.levels, found.days_covered) == (2, 10)
    assert ranged(on("02-01", "8"), on("02-01", "9"), on("02-11", "8")) is None


def test_an_excluded_level_is_passed_over() -> None:
    record = a_record(DOSE, on("02-01", "8"), on("02-11", "40"), on("02-21", "8"))
    answer: Entry = LevelCauseAnswer(
        of=4, on=date(2026, 3, 1), cause=LevelCause.LINE_OR_FINGER, is_excluded=True
    )
    stored = StoredEntry(number=50, patient=1, entry=answer, author=BY)
    found = time_in_range_of(replace(record, entries=(*record.entries, stored)))
    assert found
    assert (found.levels, found.days_within, found.days_above) == (2, 20, 0)


def test_a_table_has_a_row_a_patient_with_nothing_where_it_would_mislead() -> None:
    two = a_record(DOSE, on("02-01", "8"), on("02-11", "8"), on("02-21", "11"))
    one = a_record(DOSE, on("02-01", "8"))
    lonely = replace(
        one,
        entries=tuple(replace(each, patient=2, number=each.number + 100) for each in one.entries),
    )
    table = assessed_table([two, lonely])
    ranges, spread = time_in_range(table), variation(table)
    assert list(ranges.index) == list(spread.index) == [1, 2]
    assert list(ranges["levels"]) == [3, 0]
    assert ranges.loc[2].drop("levels").isna().all()
    assert list(spread["levels"]) == [3, 1]
    assert spread.loc[1, "mean_ng_ml"] == 9
    # 8, 8 and 11: mean 9, squares of the differences 1 + 1 + 4, divided by 2 is 3
    assert spread.loc[1, "variation_percent"] == pytest.approx(100 * 3**0.5 / 9)
    assert spread.loc[2].drop("levels").isna().all()


@pytest.mark.parametrize(
    ("third", "is_told"),
    [
        (on("02-21", "11"), True),
        (on("02-21", "11", assay=Assay.CMIA), False),
        (on("02-21", "11", assay=None), False),
        (on("02-21", "11", last_dose=None), False),
        (on("02-21", "4", comparator=a_level("<4 ng/mL").comparator), False),
    ],
)
def test_the_spread_needs_three_levels_measured_alike(third: Level, is_told: bool) -> None:  # noqa: FBT001
    record = a_record(DOSE, on("02-01", "8"), on("02-11", "8"), third)
    assert (variation_percent_of(record) is not None) == is_told


def test_the_target_of_a_line_is_that_of_both_its_levels() -> None:
    target = TargetTrough(Decimal(10), Decimal(15))
    later = replace(a_dose("2026-02-12T08:00"), target=target)
    found = ranged(on("02-01", "8"), on("02-11", "8"), later, on("03-01", "8"), on("03-11", "8"))
    assert found
    assert (found.days_below, found.days_within, found.days_covered) == (10, 10, 20)
