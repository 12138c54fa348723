"""Body surface area, against the worked figures of the clinical reference, section 2."""

import math
import re
from decimal import Decimal

import pytest

from dosing.errors import UserError
from dosing.patient import Height, Weight
from dosing.surface_area import (
    FORMULAS,
    WEIGHT_ONLY,
    Formula,
    body_mass_index,
    body_surface_area,
    body_surface_areas,
)
from tests import second_implementation as second

# clinical reference, section 2, "Worked": kg, cm, then the areas in m² to four decimals
WORKED = {
    ("10", "75"): {
        "mosteller": "0.4564", "haycock": "0.4635", "dubois": "0.4373",
        "gehan-george": "0.4762", "boyd": "0.4806", "fujimoto": "0.4322",
    },
    ("20", "115"): {
        "mosteller": "0.7993", "haycock": "0.7971", "dubois": "0.8004",
        "gehan-george": "0.8149", "boyd": "0.8125", "fujimoto": "0.7807",
    },
    ("70", "170"): {
        "mosteller": "1.8181", "haycock": "1.8257", "dubois": "1.8097",
        "gehan-george": "1.8313", "boyd": "1.8347", "fujimoto": "1.7643",
    },
}  # fmt: skip
# the same section: weight only
WORKED_BY_WEIGHT = {"3.5": "0.2357", "10": "0.4918", "30": "1.0452"}

# Takahira and Shuter-Aslani have no worked figure there: 10 kg and 75 cm by hand with logarithms
BY_HAND = {"takahira": "0.4408", "shuter-aslani": "0.4430"}


def area(formula: str, kg: str, cm: str) -> Decimal:
    return body_surface_area(FORMULAS[formula], Weight(Decimal(kg)), Height(Decimal(cm)))


@pytest.mark.parametrize(
    ("formula", "kg", "cm", "published"),
    [
        (formula, kg, cm, published)
        for (kg, cm), areas in WORKED.items()
        for formula, published in areas.items()
    ]
    + [(formula, "10", "75", worked) for formula, worked in BY_HAND.items()],
)
def test_worked_areas_to_the_digits_given(formula: str, kg: str, cm: str, published: str) -> None:
    assert round(area(formula, kg, cm), 4) == Decimal(published)


@pytest.mark.parametrize(("kg", "published"), WORKED_BY_WEIGHT.items())
def test_worked_areas_by_weight_alone(kg: str, published: str) -> None:
    assert round(body_surface_area(WEIGHT_ONLY, Weight(Decimal(kg)), None), 4) == Decimal(published)


def test_published_neonate() -> None:
    """EJHP 2017;24 Suppl 1:A130: a neonate of 3.3 kg and 51 cm has 0.22 m²."""
    assert round(area("mosteller", "3.3", "51"), 2) == Decimal("0.22")


def test_du_bois_reads_about_8_percent_low_in_infants() -> None:
    """Clinical reference, section 2; a newborn, beside Haycock's, which was validated there."""
    ratio = area("dubois", "3.3", "51") / area("haycock", "3.3", "51")
    assert Decimal("0.91") < ratio < Decimal("0.95")


def test_an_exact_square_stays_exact() -> None:
    assert area("mosteller", "30", "120") == 1
    assert area("mosteller", "12.96", "100") == Decimal("0.6")


@pytest.mark.parametrize("formula", [key for key in FORMULAS if key != "weight-only"])
def test_a_formula_that_needs_a_height_says_so(formula: str) -> None:
    with pytest.raises(UserError, match="needs a height"):
        body_surface_area(FORMULAS[formula], Weight(Decimal(10)), None)


def test_without_a_height_only_the_weight_only_formula_is_compared() -> None:
    assert [each.formula for each in body_surface_areas(Weight(Decimal(10)), None)] == [WEIGHT_ONLY]
    assert len(body_surface_areas(Weight(Decimal(10)), Height(Decimal(75)))) == 9


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_the_printed_working_is_what_was_calculated(formula: Formula) -> None:
    """The formula as it is printed, evaluated here in floats, gives the same area."""
    weight, height = Weight(Decimal("12.4")), Height(Decimal("88.5"))
    printed = formula.in_numbers(weight, height)
    for sign, python in (("√", "sqrt"), ("×", "*"), ("^", "**"), ("−", "-")):
        printed = printed.replace(sign, python)
    printed = re.sub(r"log10 ([0-9.]+)", r"log10(\1)", printed)
    worked = eval(printed, {"sqrt": math.sqrt, "log10": math.log10})  # noqa: S307 - our own text
    area = body_surface_area(formula, weight, height)
    assert worked == pytest.approx(float(area), rel=1e-12)  # floats carry about 15 digits


def test_body_mass_index_by_hand() -> None:
    """70 kg and 175 cm: 70 / 1.75² = 22.857."""
    bmi = body_mass_index(Weight(Decimal(70)), Height(Decimal(175)))
    assert round(bmi, 3) == Decimal("22.857")


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
@pytest.mark.parametrize(
    ("kg", "cm"), [("0.9", "34"), ("12.4", "88"), ("83", "181"), ("200", "150")]
)
def test_every_digit_of_every_formula(formula: Formula, kg: str, cm: str) -> None:
    """Beside the second implementation: four decimals of an area would not show a last digit."""
    expected = second.area_m2(formula.key, float(kg), float(cm))
    found = body_surface_area(formula, Weight(Decimal(kg)), Height(Decimal(cm)))
    assert float(found) == pytest.approx(expected, rel=1e-12)  # floats carry about 15 digits


def test_values_are_shown_as_they_were_given() -> None:
    weight, height = Weight(Decimal("12.40")), Height(Decimal("88.50"))
    assert FORMULAS["mosteller"].in_numbers(weight, height) == "√(12.4 × 88.5 / 3600)"
    assert "log10 12400" in FORMULAS["weight-only"].in_numbers(weight, None)
