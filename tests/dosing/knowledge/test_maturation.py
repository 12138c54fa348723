"""Maturing clearance: the average levels derived in the clinical reference, section 4."""

from decimal import Decimal

import pytest

from dosing.knowledge.maturation import average_level_ng_ml, clearance_l_per_h
from dosing.patient import Age, Height, Weight
from dosing.surface_area import MOSTELLER, body_surface_area

# WHO medians of boys (weight and length for age) and the average level that 0.8 mg/m² every 12 h
# is derived to give
DERIVED = [
    ("30 days", "4.5", "54.7", 43),
    ("91 days", "6.4", "61.4", 18),
    ("182 days", "7.9", "67.6", 12),
]


@pytest.mark.parametrize(("age", "kg", "cm", "level"), DERIVED)
def test_derived_average_levels(age: str, kg: str, cm: str, level: int) -> None:
    weight = Weight(Decimal(kg))
    daily_mg = Decimal("1.6") * body_surface_area(MOSTELLER, weight, Height(Decimal(cm)))
    average = average_level_ng_ml(daily_mg, weight, Age.read(age))
    # "about" in the reference: which weight it took for the age is not stated
    assert average == pytest.approx(level, rel=0.03)


def test_mature_clearance_of_70_kg_is_20_4_litres_an_hour() -> None:
    assert clearance_l_per_h(Weight(Decimal(70)), Age.read("30 years")) == Decimal("20.4")


def test_half_mature_at_0_44_years() -> None:
    age = Age(Decimal("5.28"), Decimal("0.44") * Decimal("365.25"))
    assert clearance_l_per_h(Weight(Decimal(70)), age) == Decimal("10.2")


@pytest.mark.parametrize(("months", "mature"), [("23.99", False), ("24", True), ("24.01", True)])
def test_mature_from_two_years(months: str, *, mature: bool) -> None:
    age = Age(Decimal(months), Decimal(months) * Decimal("30.4375"))
    clearance = clearance_l_per_h(Weight(Decimal(12)), age)
    by_size = Decimal("20.4") * (Decimal(12) / 70) ** Decimal("0.75")
    assert (clearance == by_size) == mature


def test_the_day_of_birth_counts_as_one_day() -> None:
    weight = Weight(Decimal("3.3"))
    today, tomorrow, later = (
        clearance_l_per_h(weight, Age(days / 30, days)) for days in map(Decimal, (0, 1, 2))
    )
    assert 0 < today == tomorrow < later


def test_average_level_by_hand() -> None:
    """2.4 mg a day is 0.1 mg an hour; over 20.4 L/h: 4.902 µg/L."""
    level = average_level_ng_ml(Decimal("2.4"), Weight(Decimal(70)), Age.read("30 years"))
    assert round(level, 3) == Decimal("4.902")
