"""The gestational age at birth, and growth at the corrected age."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dosing import Age, Height, Request, Sex, UserError, Weight, propose_starting_dose
from dosing.check_input import check_input, preterm_alerts
from dosing.gestational_age import GestationalAge, growth_age

PRETERM = GestationalAge.read("31+2")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("31+2", 219),
        ("31 + 2", 219),
        ("31 weeks 2 days", 219),
        ("31 Weeks, 2 days", 219),
        ("31 weeks and 2 days", 219),
        ("31w2d", 219),
        ("31 weeks", 217),
        ("40 weeks 1 day", 281),
        ("22+0", 154),
        ("44+6", 314),
    ],
)
def test_weeks_and_days_are_read_in_their_usual_spellings(text: str, days: int) -> None:
    found = GestationalAge.read(text)
    assert found.days == days
    assert GestationalAge.read(str(found)) == found


@pytest.mark.parametrize(
    "text", ["", "31", "31+7", "219 days", "21+6", "45+0", "-31+2", "7 months", "31.5 weeks", "[/]"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="gestational age"):
        GestationalAge.read(text)


@pytest.mark.parametrize(
    ("gestation", "age", "days"),
    [
        ("32+0", "6 months", "126.625"),  # 182.625 days, and 56 days early
        ("36+6", "12 months", "343.25"),  # 365.25 days, and 22 days early
        ("37+0", "12 months", "365.25"),  # not preterm
        ("32+0", "23.9 months", "671.45625"),
        ("32+0", "24 months", "730.5"),  # from two years on by the age since birth
        ("24+0", "2 weeks", "0"),  # before the date of term
    ],
)
def test_growth_is_compared_from_term_on_under_two_years(
    gestation: str, age: str, days: str
) -> None:
    found = growth_age(Age(age), GestationalAge.read(gestation))
    assert found.days == Decimal(days)


def test_without_a_gestational_age_nothing_is_corrected() -> None:
    age = Age("6 months")
    assert growth_age(age, None) is age
    assert preterm_alerts(age, None) == ()
    assert preterm_alerts(age, GestationalAge.read("37+0")) == ()
    assert preterm_alerts(Age("24 months"), PRETERM) == ()


def test_a_preterm_child_of_median_size_is_not_unusual() -> None:
    """8 weeks early and 14 weeks old: about the WHO median of boys at 6 weeks."""
    size = (Weight("4.9 kg"), Height("56.3 cm"), Age("98 days"), Sex.MALE)
    uncorrected, corrected = check_input(*size), check_input(*size, GestationalAge.read("32+0"))
    assert corrected.weight_for_age_z is not None
    assert uncorrected.weight_for_age_z is not None
    assert abs(corrected.weight_for_age_z) < Decimal("0.4")
    assert uncorrected.weight_for_age_z < Decimal("-1.5")
    assert corrected.age == uncorrected.age == Age("98 days")


def test_a_dose_goes_by_the_age_since_birth_and_says_that_growth_does_not() -> None:
    request = Request(
        weight=Weight("4.9 kg"), height=Height("56.3 cm"), age=Age("98 days"), sex=Sex.MALE
    )
    term = propose_starting_dose(request)
    early = propose_starting_dose(replace(request, gestation=PRETERM))
    assert early.dose == term.dose
    (note,) = [each for each in early.alerts if each.code == "born-preterm"]
    assert note.message == (
        "The patient was born preterm, after 31 weeks 2 days. Growth is compared at the corrected "
        "age of 1.2 months. Doses by age go by the age since birth."
    )
    assert "young-infant-doses" in {each.code for each in early.alerts}
    assert "born-preterm" not in {each.code for each in term.alerts}
