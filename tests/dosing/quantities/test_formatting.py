"""How numbers and doses are written: ISMP's rules, clinical reference, section 10."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, Product, measure_out
from dosing.quantities.formatting import (
    how_often,
    how_to_measure,
    measured_dose,
    percent,
    plain,
    product_name,
    rate,
    rounded,
    strength,
)
from dosing.quantities.units import quantity

# no leading point, no trailing zero, no thousands separator, no exponent
_NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?"
_TABLETS = rf"[1-9][0-9]* tablets? of {_NUMBER} mg"

_NUMBERS = st.decimals(
    min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False, places=6
)
_DOSES = st.decimals(min_value="0.01", max_value=40, places=4)


@given(_NUMBERS)
def test_a_number_has_no_needless_sign_and_keeps_its_value(number: Decimal) -> None:
    for same in (number, number.normalize()):
        assert re.fullmatch(_NUMBER, plain(same))
        assert Decimal(plain(same)) == number


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("0.50", "0.5"),
        ("1.0", "1"),
        ("1", "1"),
        ("10", "10"),
        ("100.0", "100"),
        ("1E+3", "1000"),
        ("1234567.5", "1234567.5"),
        ("0.0000001", "0.0000001"),
        ("0.000", "0"),
    ],
)
def test_examples_of_numbers(number: str, written: str) -> None:
    assert plain(Decimal(number)) == written


@pytest.mark.parametrize(
    ("number", "decimals", "written"),
    [
        ("0.44044", 4, "0.4404"),
        ("0.55049", 4, "0.5505"),
        ("0.25", 1, "0.2"),
        ("0.35", 1, "0.4"),
        ("0.05", 1, "0"),
        ("0.99", 1, "1"),
        ("999.99", 1, "1000"),
        ("12.4", 4, "12.4"),
    ],
)
def test_rounding_is_half_to_even(number: str, decimals: int, written: str) -> None:
    assert plain(Decimal(number), decimals) == written
    assert rounded(Decimal(number), decimals) == Decimal(written)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("-0.0908", "−0.1 %"),
        ("6.25", "+6.2 %"),
        ("5.0", "+5 %"),
        ("0", "±0 %"),
        ("-0.04", "±0 %"),
        ("0.04", "±0 %"),
        ("1234.5", "+1234.5 %"),
    ],
)
def test_examples_of_percentages(number: str, written: str) -> None:
    assert percent(Decimal(number)) == written


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=4))
def test_a_percentage_has_a_sign_one_decimal_and_a_space(number: Decimal) -> None:
    assert re.fullmatch(r"(±0|[+−](?:0\.[1-9]|[1-9][0-9]*(?:\.[1-9])?)) %", percent(number))


@pytest.mark.parametrize(
    ("mg", "product", "written"),
    [
        ("0.44", ORAL_SOLUTION, "0.44 mg (0.44 mL of 1 mg/mL)"),
        ("1.00", ORAL_SOLUTION, "1 mg (1 mL of 1 mg/mL)"),
        ("0.1", ORAL_SOLUTION, "0.1 mg (0.1 mL of 1 mg/mL)"),
        ("20", ORAL_SOLUTION, "20 mg (20 mL of 1 mg/mL)"),
        ("0.5", TABLETS, "0.5 mg (1 tablet of 0.5 mg)"),
        ("1.5", TABLETS, "1.5 mg (1 tablet of 1 mg and 1 tablet of 0.5 mg)"),
        ("6.0", TABLETS, "6 mg (3 tablets of 2 mg)"),
    ],
)
def test_examples_of_doses(mg: str, product: Product, written: str) -> None:
    assert measured_dose(measure_out(Decimal(mg), product)) == written


@given(_DOSES)
def test_a_liquid_dose_is_written_in_mg_ml_and_strength(exact_mg: Decimal) -> None:
    written = measured_dose(measure_out(exact_mg, ORAL_SOLUTION))
    parts = re.fullmatch(rf"({_NUMBER}) mg \(({_NUMBER}) mL of 1 mg/mL\)", written)
    assert parts
    assert parts[1] == parts[2]  # 1 mg in each mL


@given(_DOSES)
def test_tablets_are_written_in_mg_and_counted(exact_mg: Decimal) -> None:
    written = measured_dose(measure_out(exact_mg, TABLETS))
    parts = re.fullmatch(rf"({_NUMBER}) mg \(({_TABLETS}(?: and {_TABLETS})*)\)", written)
    assert parts
    counted = re.findall(rf"([0-9]+) tablets? of ({_NUMBER}) mg", parts[2])
    assert sum(int(number) * Decimal(mg) for number, mg in counted) == Decimal(parts[1])
    assert not re.search(r"\b1 tablets|\b(?!1 )[0-9]+ tablet ", parts[2])


_SIX_MG = "Draw 6 mL (6 mg) of 1 mg/mL with a 5 mL oral syringe, in more than one draw."


@pytest.mark.parametrize(
    ("mg", "product", "written"),
    [
        ("0.44", ORAL_SOLUTION, "Draw 0.44 mL (0.44 mg) of 1 mg/mL into a 0.5 mL oral syringe."),
        ("0.52", ORAL_SOLUTION, "Draw 0.52 mL (0.52 mg) of 1 mg/mL into a 1 mL oral syringe."),
        ("5", ORAL_SOLUTION, "Draw 5 mL (5 mg) of 1 mg/mL into a 5 mL oral syringe."),
        ("6", ORAL_SOLUTION, _SIX_MG),
        ("1.5", TABLETS, "Swallow the tablets whole: not crushed, chewed or split."),
    ],
)
def test_examples_of_how_to_measure(mg: str, product: Product, written: str) -> None:
    assert how_to_measure(measure_out(Decimal(mg), product)) == written


@given(_DOSES)
def test_how_to_measure_names_the_volume_before_the_syringe(exact_mg: Decimal) -> None:
    written = how_to_measure(measure_out(exact_mg, ORAL_SOLUTION))
    assert re.match(
        rf"Draw {_NUMBER} mL \({_NUMBER} mg\) of 1 mg/mL (?:into|with) a {_NUMBER} mL "
        r"oral syringe[.,]",
        written,
    )


@pytest.mark.parametrize(
    ("unit", "written_unit"),
    [
        ("mg/m**2/day", "mg/m²/day"),
        ("mg/m**2/dose", "mg/m²/dose"),
        ("mg/kg/day", "mg/kg/day"),
        ("mg/kg/dose", "mg/kg/dose"),
        ("mg/day", "mg/day"),
        ("mg/dose", "mg/dose"),
    ],
)
@given(number=st.decimals(min_value="0.0001", max_value=1000, places=4))
def test_a_rate_is_a_number_a_space_and_its_own_unit(
    unit: str, written_unit: str, number: Decimal
) -> None:
    parts = re.fullmatch(rf"({_NUMBER}) (\S+)", rate(quantity(number, unit)))
    assert parts
    assert (Decimal(parts[1]), parts[2]) == (number, written_unit)


def test_a_rate_in_micrograms_is_written_in_mg() -> None:
    assert rate(quantity("80", "ug/kg/day")) == "0.08 mg/kg/day"


def test_the_words_around_a_dose() -> None:
    assert how_often(1, 24) == "every 24 hours, once a day"
    assert how_often(2, 12) == "every 12 hours, twice a day"
    assert strength() == "1 mg/mL"
    assert product_name(ORAL_SOLUTION) == "oral solution 1 mg/mL"
    assert product_name(TABLETS) == "tablets"
