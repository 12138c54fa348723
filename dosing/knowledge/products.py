"""The products of sirolimus, and the doses that can be measured out of them.

Figures: clinical reference, section 5. Strengths and the rule against splitting tablets are the
label's. No binding standard rounds a dose: the marks of oral syringes are proposed, and which of
`SYRINGE_MARKS` a clinic has is its own setting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_DOWN, Decimal
from enum import Enum
from types import MappingProxyType

from dosing.errors import UserError

STRENGTH_MG_PER_ML = Decimal(1)
"""The strength of the oral solution; a pharmacy's dilution has another."""
TABLETS_OVER_SOLUTION = Decimal("1.27")
"""The bioavailability of tablets over that of the solution, by the label."""
TABLET_STRENGTHS_MG = (Decimal(2), Decimal(1), Decimal("0.5"))
_TABLET_STEP = min(TABLET_STRENGTHS_MG)

SYRINGES_ML = (Decimal("0.5"), Decimal(1), Decimal(3), Decimal(5))


@dataclass(frozen=True, slots=True)
class SyringeMarks:
    """The marks of a clinic's oral syringes.

    Each step in mL is for volumes up to and including so many mL; the last serves all larger ones.
    """

    steps: tuple[tuple[Decimal, Decimal], ...]

    def step_ml(self, volume_ml: Decimal) -> Decimal:
        """Return the distance of the marks at a volume.

        >>> STANDARD_MARKS.step_ml(Decimal("0.5")), FINE_MARKS.step_ml(Decimal("0.5"))
        (Decimal('0.02'), Decimal('0.01'))
        """
        return next((step for up_to, step in self.steps if volume_ml <= up_to), self.steps[-1][1])

    @property
    def smallest_ml(self) -> Decimal:
        """The finest of the steps, by which the clinic's choice is named."""
        return self.steps[0][1]


STANDARD_MARKS = SyringeMarks(
    (
        (Decimal(1), Decimal("0.02")),
        (Decimal(3), Decimal("0.1")),
        (Decimal(5), Decimal("0.2")),
    )
)
FINE_MARKS = SyringeMarks(((Decimal("0.5"), Decimal("0.01")), *STANDARD_MARKS.steps))
"""For a clinic whose 0.5 mL syringes have marks of 0.01 mL."""
SYRINGE_MARKS: Mapping[Decimal, SyringeMarks] = MappingProxyType(
    {marks.smallest_ml: marks for marks in (STANDARD_MARKS, FINE_MARKS)}
)
"""By the finest step, in mL."""

FINE_STEP_ML = FINE_MARKS.smallest_ml
FINE_SYRINGE_UP_TO_ML = Decimal(1)
"""Syringes with marks of 0.01 mL exist up to this size."""


class NothingMeasurableError(UserError):
    """The error of a ceiling below the smallest dose of the product."""


class Product(Enum):
    """The form that is dispensed."""

    SOLUTION = "solution"
    TABLETS = "tablets"


def relative_bioavailability(product: Product, reference: Product) -> Decimal:
    """Return the bioavailability of a product over that of another (`us-label`).

    >>> relative_bioavailability(Product.TABLETS, Product.SOLUTION)
    Decimal('1.27')
    """
    over_solution = {Product.SOLUTION: Decimal(1), Product.TABLETS: TABLETS_OVER_SOLUTION}
    return over_solution[product] / over_solution[reference]


ORAL_SOLUTION = Product.SOLUTION
TABLETS = Product.TABLETS


@dataclass(frozen=True, slots=True)
class Measured:
    """A dose that can be measured out: its mg, and the volume or the tablets that make it up.

    Raises `UserError` for a dose at or below zero, or not a multiple of the step.
    """

    mg: Decimal
    product: Product
    step_mg: Decimal
    strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML
    """Of the solution that is drawn up; without a meaning for tablets."""

    def __post_init__(self) -> None:
        """Check that the dose is above zero and a multiple of the step."""
        if self.mg <= 0:
            raise UserError(f"A dose of {self.mg} mg cannot be measured out.")
        if self.mg % self.step_mg != 0:
            raise UserError(
                f"{self.mg} mg of {self.product.value} cannot be measured out in steps of "
                f"{self.step_mg} mg."
            )

    @property
    def volume_ml(self) -> Decimal | None:
        """The volume of the oral solution, or None for tablets."""
        return volume_ml(self.mg, self.product, self.strength_mg_per_ml)

    @property
    def syringe_ml(self) -> Decimal | None:
        """The smallest oral syringe that holds the volume, or None for tablets.

        A volume above the largest syringe takes more than one draw.
        """
        volume = self.volume_ml
        if volume is None:
            return None
        return next((size for size in SYRINGES_ML if volume <= size), SYRINGES_ML[-1])

    @property
    def tablets(self) -> tuple[tuple[Decimal, int], ...]:
        """The number of each strength, the strongest first; empty for the oral solution."""
        if self.product is not TABLETS:
            return ()
        counts, left = [], self.mg
        for strength in TABLET_STRENGTHS_MG:
            number = int(left // strength)
            counts.append((strength, number))
            left -= number * strength
        return tuple(counts)


def volume_ml(
    mg: Decimal, product: Product, strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML
) -> Decimal | None:
    """Return the volume of a dose of the oral solution, or None for tablets.

    >>> volume_ml(Decimal("0.44"), ORAL_SOLUTION)
    Decimal('0.44')
    >>> volume_ml(Decimal("0.05"), ORAL_SOLUTION, Decimal("0.5"))
    Decimal('0.1')
    """
    if product is TABLETS:
        return None
    return mg / strength_mg_per_ml


def level_on_product(level_ng_ml: Decimal, from_product: Product, to_product: Product) -> Decimal:
    """Return the level that the same dose of another product would give.

    >>> level_on_product(Decimal("5.00"), ORAL_SOLUTION, TABLETS)
    Decimal('6.3500')
    >>> level_on_product(Decimal("6.35"), TABLETS, ORAL_SOLUTION)
    Decimal('5')
    """
    if from_product is to_product:
        return level_ng_ml
    if to_product is TABLETS:
        return level_ng_ml * TABLETS_OVER_SOLUTION
    return level_ng_ml / TABLETS_OVER_SOLUTION


def measure_out(
    exact_mg: Decimal,
    product: Product,
    ceiling_mg: Decimal | None = None,
    *,
    strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML,
    marks: SyringeMarks = STANDARD_MARKS,
) -> Measured:
    """Return the dose nearest to `exact_mg` that can be measured out, never above `ceiling_mg`.

    Halfway between two doses the lower one is used. A dose below half a step becomes one step;
    `dosing.knowledge.limits` guards a rounding that is too large.

    Raises `NothingMeasurableError` where even the smallest dose is above the ceiling.

    >>> measure_out(Decimal("0.4404"), ORAL_SOLUTION).mg
    Decimal('0.44')
    >>> measure_out(Decimal("1.44"), TABLETS).tablets
    ((Decimal('2'), 0), (Decimal('1'), 1), (Decimal('0.5'), 1))
    """
    step = rounding_step(exact_mg, product, strength_mg_per_ml, marks)
    mg = max(_multiple(exact_mg, step, ROUND_HALF_DOWN), step)
    if ceiling_mg is not None and mg > ceiling_mg:
        mg = _multiple(min(exact_mg, ceiling_mg), step, ROUND_FLOOR)
        if mg <= 0:
            raise NothingMeasurableError(
                f"No dose of {product.value} up to {ceiling_mg:.2g} mg can be measured out."
            )
    return Measured(mg, product, step, strength_mg_per_ml)


def rounding_step(
    exact_mg: Decimal,
    product: Product,
    strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML,
    marks: SyringeMarks = STANDARD_MARKS,
) -> Decimal:
    """Return the step in mg to which a dose of this size is rounded.

    >>> rounding_step(Decimal("0.05"), ORAL_SOLUTION, Decimal("0.5"))
    Decimal('0.010')
    """
    if product is TABLETS:
        return _TABLET_STEP
    return marks.step_ml(exact_mg / strength_mg_per_ml) * strength_mg_per_ml


def neighbours(
    mg: Decimal,
    product: Product,
    strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML,
    marks: SyringeMarks = STANDARD_MARKS,
) -> tuple[Decimal, Decimal]:
    """Return the nearest doses that can be given, at or below and at or above a dose.

    The lower one is zero where the dose is below the smallest that can be given.

    >>> neighbours(Decimal("0.75"), ORAL_SOLUTION)
    (Decimal('0.74'), Decimal('0.76'))
    """
    step = rounding_step(mg, product, strength_mg_per_ml, marks)
    return _multiple(mg, step, ROUND_FLOOR), _multiple(mg, step, ROUND_CEILING)


def _multiple(mg: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (mg / step).quantize(Decimal(1), rounding) * step
