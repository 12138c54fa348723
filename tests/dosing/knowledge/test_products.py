"""What can be measured out: clinical reference, section 5; rounding steps proposed there."""

from decimal import Decimal

import pytest

from dosing.errors import UserError
from dosing.knowledge.products import (
    ORAL_SOLUTION,
    TABLETS,
    Measured,
    Product,
    level_on_product,
    measure_out,
    rounding_step,
)


@pytest.mark.parametrize(
    ("exact", "given"),
    [
        # step 0.02 mg up to and including 1 mg
        ("0.02", "0.02"), ("0.4404", "0.44"), ("0.4499", "0.44"), ("0.4501", "0.46"),
        ("0.99", "0.98"), ("0.9901", "1"), ("1", "1"),
        # step 0.1 mg up to and including 3 mg
        ("1.0001", "1"), ("1.04", "1"), ("1.05", "1"), ("1.0501", "1.1"), ("2.96", "3"), ("3", "3"),
        # step 0.2 mg above
        ("3.0001", "3"), ("3.1", "3"), ("3.1001", "3.2"), ("5", "5"), ("5.1", "5"), ("5.11", "5.2"),
        # halfway: the lower dose
        ("0.45", "0.44"), ("2.95", "2.9"), ("4.3", "4.2"),
        # below half a step: one step
        ("0.009", "0.02"), ("0.01", "0.02"), ("0.0101", "0.02"),
    ],
)  # fmt: skip
def test_solution_is_rounded_to_what_a_syringe_can_measure(exact: str, given: str) -> None:
    assert measure_out(Decimal(exact), ORAL_SOLUTION).mg == Decimal(given)


@pytest.mark.parametrize(
    ("exact", "given", "tablets"),
    [
        ("0.1", "0.5", (0, 0, 1)),
        ("0.5", "0.5", (0, 0, 1)),
        ("0.75", "0.5", (0, 0, 1)),
        ("0.7501", "1", (0, 1, 0)),
        ("1.44", "1.5", (0, 1, 1)),
        ("2", "2", (1, 0, 0)),
        ("3.4", "3.5", (1, 1, 1)),
        ("6", "6", (3, 0, 0)),
    ],
)
def test_tablets_make_up_multiples_of_half_a_milligram(
    exact: str, given: str, tablets: tuple[int, int, int]
) -> None:
    measured = measure_out(Decimal(exact), TABLETS)
    assert measured.mg == Decimal(given)
    assert tuple(count for _, count in measured.tablets) == tablets
    assert [mg for mg, _ in measured.tablets] == [Decimal(2), Decimal(1), Decimal("0.5")]
    assert sum(mg * count for mg, count in measured.tablets) == measured.mg
    assert measured.volume_ml is None
    assert measured.syringe_ml is None


@pytest.mark.parametrize(
    ("mg", "syringe"),
    [
        ("0.48", "0.5"), ("0.5", "0.5"), ("0.52", "1"), ("0.98", "1"), ("1", "1"), ("1.1", "3"),
        ("2.9", "3"), ("3", "3"), ("3.2", "5"), ("5", "5"), ("5.2", "5"),
    ],
)  # fmt: skip
def test_the_smallest_syringe_that_holds_the_volume_is_named(mg: str, syringe: str) -> None:
    measured = measure_out(Decimal(mg), ORAL_SOLUTION)
    assert measured.volume_ml == Decimal(mg)  # 1 mg/mL
    assert measured.syringe_ml == Decimal(syringe)
    assert measured.tablets == ()


@pytest.mark.parametrize(
    ("exact", "ceiling", "given"),
    [
        ("0.45", "0.44", "0.44"),
        ("0.459", "0.459", "0.44"),  # the nearest, 0.46, is above the ceiling
        ("0.459", "0.46", "0.46"),
        ("9", "4", "4"),
        ("9", "3.99", "3.8"),
    ],
)
def test_a_rounded_dose_stays_under_the_ceiling(exact: str, ceiling: str, given: str) -> None:
    assert measure_out(Decimal(exact), ORAL_SOLUTION, Decimal(ceiling)).mg == Decimal(given)


@pytest.mark.parametrize("exact", ["0.1", "0.24", "0.26", "0.5"])
def test_a_ceiling_below_the_smallest_dose_is_refused(exact: str) -> None:
    with pytest.raises(UserError, match=r"No dose of tablets up to 0\.4 mg"):
        measure_out(Decimal(exact), TABLETS, Decimal("0.4"))


@pytest.mark.parametrize(
    ("mg", "product", "step"),
    [("0", ORAL_SOLUTION, "0.02"), ("-1", ORAL_SOLUTION, "0.02"), ("0.75", TABLETS, "0.5")],
)
def test_a_dose_that_cannot_be_measured_out_is_refused(
    mg: str, product: Product, step: str
) -> None:
    with pytest.raises(UserError, match="cannot be measured out"):
        Measured(Decimal(mg), product, Decimal(step))


@pytest.mark.parametrize(
    ("exact", "product", "step"),
    [
        ("0.99", ORAL_SOLUTION, "0.02"), ("1", ORAL_SOLUTION, "0.02"),
        ("1.01", ORAL_SOLUTION, "0.1"), ("3", ORAL_SOLUTION, "0.1"),
        ("3.01", ORAL_SOLUTION, "0.2"), ("5", ORAL_SOLUTION, "0.2"),
        ("8", ORAL_SOLUTION, "0.2"), ("0.1", TABLETS, "0.5"), ("8", TABLETS, "0.5"),
    ],
)  # fmt: skip
def test_the_step_follows_from_the_size_of_the_dose(
    exact: str, product: Product, step: str
) -> None:
    assert rounding_step(Decimal(exact), product) == Decimal(step)


@pytest.mark.parametrize(
    ("level", "before", "now", "expected"),
    [
        # clinical reference, section 5: tablets are about 27 % more bioavailable [A]
        ("10", ORAL_SOLUTION, TABLETS, "12.7"), ("12.7", TABLETS, ORAL_SOLUTION, "10"),
        ("10", ORAL_SOLUTION, ORAL_SOLUTION, "10"), ("10", TABLETS, TABLETS, "10"),
    ],
)  # fmt: skip
def test_a_level_counts_for_another_product_by_its_bioavailability(
    level: str, before: Product, now: Product, expected: str
) -> None:
    assert level_on_product(Decimal(level), before, now) == Decimal(expected)


def test_a_ceiling_below_one_mark_is_named_in_two_figures() -> None:
    ceiling = Decimal("0.02") * 10 / Decimal("15.4")
    with pytest.raises(UserError, match=r"up to 0\.013 mg can be measured out"):
        measure_out(ceiling, ORAL_SOLUTION, ceiling_mg=ceiling)
