"""A date of birth known to the month or the year: the age is a range, and decides as one."""

import copy
import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dosing import (
    Age,
    AlertKind,
    Height,
    Override,
    Proposal,
    Request,
    Sex,
    UserError,
    Weight,
    propose_starting_dose,
)
from dosing.birth_date import BirthDate, last_day, may_be_same_birth, read_birth
from dosing.check_input import check_input
from dosing.knowledge.limits import CheckInput
from dosing.quantities.formatting import long_date, short_date
from reports.presentation.ages import age_words, short_age
from tests.builders import checked

TODAY = date(2026, 11, 29)
NEWBORN = Age(Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("text", "first", "last", "short", "long"),
    [
        ("2024-02-11", "2024-02-11", "2024-02-11", "11 Feb 2024", "11 February 2024"),
        ("2024-02", "2024-02-01", "2024-02-29", "Feb 2024", "February 2024"),
        ("2023-02", "2023-02-01", "2023-02-28", "Feb 2023", "February 2023"),
        ("2024", "2024-01-01", "2024-12-31", "2024", "2024"),
    ],
)
def test_as_much_as_is_known_is_kept(
    text: str, first: str, last: str, short: str, long: str
) -> None:
    born = read_birth(text)
    assert (str(born), born.isoformat()) == (text, text)
    assert date(born.year, born.month, born.day) == date.fromisoformat(first)
    assert last_day(born) == date.fromisoformat(last)
    assert (short_date(born), long_date(born)) == (short, long)
    assert str(pickle.loads(pickle.dumps(born))) == text  # noqa: S301 - our own bytes
    assert str(copy.deepcopy(born)) == text


@pytest.mark.parametrize(
    "text", ["", "24", "2024-5", "2024-13", "2024-00", "2024-02-30", "0000", "2024-", "May 2024"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        read_birth(text)


def test_a_day_that_is_known_differs_from_the_month_that_begins_with_it() -> None:
    month, day = BirthDate.read("2024-05"), date(2024, 5, 1)
    assert month != day
    assert day != month
    assert month == BirthDate.read("2024-05")
    assert BirthDate.read("2024-05-01") == day
    assert type(read_birth("2024-05-01")) is date


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("2024", "2024-05-01", True),
        ("2024", "2024-12", True),
        ("2024-05", "2024-05-31", True),
        ("2024-05", "2024-06-01", False),
        ("2024", "2023", False),
        ("2024-05-01", "2024-05-02", False),
    ],
)
def test_two_dates_may_be_one_birth(one: str, other: str, may_be: bool) -> None:  # noqa: FBT001 - parametrized
    assert may_be_same_birth(read_birth(one), read_birth(other)) is may_be
    assert may_be_same_birth(read_birth(other), read_birth(one)) is may_be


@pytest.mark.parametrize(
    ("born", "words", "narrow"),
    [
        ("2026-11-17", "12 days", "0 mo"),
        ("2026-11", "0 days to 28 days", "0 mo+"),
        ("2026-10", "29 days to 1 month", "0 mo+"),
        ("2026", "0 days to 10 months", "0 mo+"),
        ("2025", "10 months to 22 months", "10 mo+"),
        ("2018-05", "8 years 5 months to 8 years 6 months", "8.4 y+"),
        ("2018", "7 years 10 months to 8 years 10 months", "7.9 y+"),
    ],
)
def test_the_age_is_a_range(born: str, words: str, narrow: str) -> None:
    age = Age.between(read_birth(born), TODAY)
    assert (age_words(age), short_age(age)) == (words, narrow)


def test_on_the_first_possible_day_the_age_is_known() -> None:
    assert Age.between(read_birth("2026-11"), date(2026, 11, 1)).oldest is None


# --- limits: the stricter one


def codes(dose_per_m2: str, age: Age) -> dict[str, AlertKind]:
    found = checked(CheckInput(age=age, daily_mg_per_m2=Decimal(dose_per_m2)))
    return {each.code: each.kind for each in found}


def test_where_both_ends_agree_nothing_is_said_of_the_birth_date() -> None:
    for born in ("2018", "2018-05"):
        assert codes("1.6", Age.between(read_birth(born), TODAY)) == codes("1.6", Age("8 years"))


def test_where_they_differ_the_stricter_limit_is_taken_and_it_is_said() -> None:
    """2026 is 0 to 10 months: a young infant may not have 1.6 mg/m², an infant of 10 may."""
    unsure = codes("1.6", Age.between(read_birth("2026"), TODAY))
    strict = codes("1.6", NEWBORN)
    assert "age-under-7-months" in strict
    assert "age-under-7-months" not in codes("1.6", Age("10 months"))
    assert unsure.pop("age-unsure") is AlertKind.CAUTION
    assert unsure.items() >= strict.items()


def test_the_more_unusual_growth_score_counts() -> None:
    size = (Weight("8 kg"), Height("68 cm"))
    found = check_input(*size, Age.between(read_birth("2026"), TODAY), Sex.MALE)
    newborn = check_input(*size, NEWBORN, Sex.MALE)
    assert found.weight_for_age_z == newborn.weight_for_age_z


# --- a starting dose: one on which both ends agree, or the exact date


def proposed(born: str, kg: str, cm: str, override: Override | None = None) -> Proposal:
    age = Age.between(read_birth(born), TODAY)
    return propose_starting_dose(
        Request(weight=Weight(kg), height=Height(cm), age=age, override=override)
    )


@pytest.mark.parametrize("born", ["2018", "2018-05"])
def test_a_dose_on_which_both_ends_agree_is_proposed(born: str) -> None:
    unsure, exact = proposed(born, "26 kg", "128 cm"), proposed("2018-05-11", "26 kg", "128 cm")
    assert unsure.dose == exact.dose is not None
    assert {each.code for each in unsure.alerts} == {each.code for each in exact.alerts}
    inputs = unsure.request.to_dict()
    assert (inputs["age_months"], inputs["age_months_at_most"]) != (None, None)


def test_a_dose_that_the_age_forbids_at_one_end_is_not_proposed() -> None:
    """2026 is 0 to 10 months: under 7 months 1.6 mg/m² needs an override."""
    unsure = proposed("2026", "7.6 kg", "67 cm")
    assert unsure.dose is None
    assert unsure.stopped
    assert {"age-under-7-months", "age-unsure"} <= {each.code for each in unsure.alerts}


def test_a_dose_that_differs_between_the_ends_asks_for_the_exact_date() -> None:
    """Under 7 months a dose is rounded down: March to April 2026 is on both sides of it."""
    override = Override("seen before", "Dr Example")
    born = "2026-04"  # 6.97 to 7.9 months
    age = Age.between(read_birth(born), TODAY)
    assert age.months < 7 < age.ends[-1].months
    differing = []
    for tenths in range(70, 90):
        kg = f"{tenths / 10} kg"
        young, old = (
            propose_starting_dose(
                Request(weight=Weight(kg), height=Height("68 cm"), age=each, override=override)
            )
            for each in age.ends
        )
        unsure = proposed(born, kg, "68 cm", override)
        needed = "birth-date-needed" in {each.code for each in unsure.alerts}
        assert needed is (young.dose != old.dose)
        assert unsure.dose == (None if needed else young.dose)
        differing.append(needed)
    assert set(differing) == {True, False}


def test_a_range_of_ages_is_not_the_age_of_its_youngest_end() -> None:
    age = Age.between(read_birth("2018"), TODAY)
    youngest, oldest = age.ends
    assert age != youngest
    assert (youngest.oldest, oldest.oldest) == (None, None)
    request = Request(weight=Weight("26 kg"), height=Height("128 cm"), age=age)
    assert replace(request, age=youngest).to_dict()["age_months_at_most"] is None
