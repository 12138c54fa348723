"""The registry: exact conversions, a dose event of its own kind, and nothing else."""

from collections.abc import Callable
from decimal import Decimal
from itertools import product
from operator import add, ge, gt, le, lt, sub
from typing import TYPE_CHECKING

import pint
import pytest

from dosing.quantities.units import convert, counts_doses, magnitude, quantity

if TYPE_CHECKING:
    from dosing.quantities.units import PintQuantity

PER_DAY, PER_DOSE = "mg/m**2/day", "mg/m**2/dose"


@pytest.mark.parametrize("operation", [add, sub, lt, le, gt, ge])
@pytest.mark.parametrize(
    ("per_day", "per_dose"),
    [(PER_DAY, PER_DOSE), ("mg/kg/day", "mg/kg/dose"), ("mg/day", "mg/dose"), ("mg/day", "mg")],
)
def test_a_dose_per_day_and_one_per_dose_do_not_mix(
    operation: "Callable[[PintQuantity, PintQuantity], object]", per_day: str, per_dose: str
) -> None:
    with pytest.raises(pint.DimensionalityError):
        operation(quantity("1.6", per_day), quantity("0.8", per_dose))


@pytest.mark.parametrize(("unit", "to"), [(PER_DAY, PER_DOSE), (PER_DOSE, PER_DAY)])
def test_a_dose_per_day_does_not_convert_into_one_per_dose(unit: str, to: str) -> None:
    with pytest.raises(pint.DimensionalityError):
        convert(Decimal("1.6"), unit, to=to)


def test_equal_numbers_per_day_and_per_dose_are_not_equal() -> None:
    assert quantity("1.6", PER_DAY) != quantity("1.6", PER_DOSE)
    assert quantity("1.6", PER_DAY) == quantity("1.60", PER_DAY)


@pytest.mark.parametrize(("doses_a_day", "per_day"), [("1", "0.8"), ("2", "1.6"), ("0.5", "0.4")])
def test_the_number_of_doses_a_day_makes_them_agree(doses_a_day: str, per_day: str) -> None:
    daily = quantity("0.8", PER_DOSE) * quantity(doses_a_day, "dose/day")
    assert daily == quantity(per_day, PER_DAY)
    assert magnitude(daily, PER_DAY) == Decimal(per_day)


@pytest.mark.parametrize(
    ("unit", "counts"),
    [(PER_DOSE, True), ("mg/kg/dose", True), ("mg/dose", True), (PER_DAY, False), ("mg", False)],
)
def test_only_a_unit_per_dose_counts_doses(unit: str, counts: bool) -> None:  # noqa: FBT001
    assert counts_doses(quantity("1", unit)) is counts


@pytest.mark.parametrize(
    ("number", "unit", "to", "value"),
    [
        ("1", "lb", "kg", "0.45359237"),
        ("27", "lb", "kg", "12.24699399"),
        ("1", "in", "cm", "2.54"),
        ("88.9", "cm", "in", "35"),
        ("1", "m", "cm", "100"),
        ("1", "kg", "g", "1000"),
        ("1", "g", "mg", "1000"),
        ("1", "mg", "ug", "1000"),
        ("1", "ug", "ng", "1000"),
        ("1", "L", "mL", "1000"),
        ("1", "dL", "mL", "100"),
        ("1", "m**3", "L", "1000"),
        ("15", "ug/L", "ng/mL", "15"),
        ("1", "nmol/L", "ng/mL", "0.91417"),
        ("1", "ng/dL", "ng/mL", "0.01"),
        # the calendar of the WHO growth standards
        ("1", "day", "h", "24"),
        ("1", "week", "day", "7"),
        ("1", "year", "day", "365.25"),
        ("1", "month", "day", "30.4375"),
        ("1", "year", "month", "12"),
        ("487", "day", "month", "16"),
    ],
)
def test_conversions_are_exact(number: str, unit: str, to: str, value: str) -> None:
    assert convert(Decimal(number), unit, to=to) == Decimal(value)


def test_kg_convert_into_pounds_to_the_last_digits_of_a_division() -> None:
    assert round(convert(Decimal("12.24699399"), "kg", to="lb"), 20) == 27


@pytest.mark.parametrize(
    ("unit", "to"), [("kg", "cm"), ("mg", "mL"), ("day", "mg"), ("mg/m**2", "mg/kg"), ("lb", "in")]
)
def test_units_of_different_kinds_do_not_convert(unit: str, to: str) -> None:
    with pytest.raises(pint.DimensionalityError):
        convert(Decimal(1), unit, to=to)


@pytest.mark.parametrize(
    "unit",
    ["Mg", "MG", "mG", "KG", "Kg", "UG", "NG", "mm", "kilolb", "mmg", "mol", "mmol", "IU", "s",
     "second", "min", "minute", "K", "degC", "percent", "%", "ppm", "radian", "bit", "count", "l",
     "ml", "gal", "oz", "stone", "ft", "tablet", "G", "M", "T"],
)  # fmt: skip
def test_the_registry_knows_nothing_that_is_not_used_here(unit: str) -> None:
    with pytest.raises(pint.UndefinedUnitError):
        quantity("1", unit)


_OF_A_KIND = (
    ("kg", "g", "mg", "ug", "ng", "lb"),
    ("m", "cm", "in"),
    ("day", "week", "month", "year", "h"),
    ("ng/mL", "ug/L", "nmol/L", "ng/dL"),
)


@pytest.mark.parametrize(
    ("unit", "to"), [pair for kind in _OF_A_KIND for pair in product(kind, repeat=2)]
)
def test_a_conversion_is_the_registrys_own_digit_for_digit(unit: str, to: str) -> None:
    """The factor that is kept gives what the registry gives, the last digit and the exponent."""
    for number in (
        *(Decimal(text) for text in ("1", "7.20", "0.001", "999999999.999999999", "1E+3", "-4")),
        *(Decimal(each) / 7 for each in range(1, 100)),
    ):
        by_pint = magnitude(quantity(number, unit), to)
        assert str(convert(number, unit, to=to)) == str(by_pint)
