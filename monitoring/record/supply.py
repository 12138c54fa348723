"""A supply of sirolimus that the family has: bottles of the solution, or tablets."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dosing import Product, QuantityKind, UserError, read_quantity
from dosing.knowledge.products import STRENGTH_MG_PER_ML, TABLET_STRENGTHS_MG
from dosing.quantities.formatting import count_of, plain
from dosing.quantities.text import quoted
from monitoring.record.entry import Entry, keep, reason_text

_MOST = 999
"""The most bottles or tablets: more is a typing error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply(Entry):
    """All that there is of one product on a day: a newer entry takes the place of this one.

    The first of the bottles is opened on that day. Raises `UserError` for both products or none, a
    count below 1, and a dilution without its last day.
    """

    on: date
    """The day on which the bottle was opened, or from which the tablets are given."""
    volume_ml: Decimal | None = None
    """The volume of a full bottle."""
    bottles: int | None = None
    """The bottles, with the opened one; None for one, and for tablets."""
    strength_mg_per_ml: Decimal | None = None
    """The strength of a pharmacy's dilution; None for the product's own."""
    tablets: int | None = None
    tablet_mg: Decimal | None = None
    use_by: date | None = None
    """The last day by the label of the pharmacy; None if only the rule of opening counts."""
    reason: str | None = None
    """Why it was recorded beside another of the day; None if no reason was asked."""

    def __post_init__(self) -> None:
        """Check that it is one product, in a possible amount."""
        keep(self, "reason", reason_text(self.reason))
        if (self.volume_ml is None) == (self.tablets is None):
            raise UserError("A supply is of the solution or of tablets. Give a volume or a count.")
        if self.use_by is not None and self.use_by < self.on:
            raise UserError("The last day is before the first. Check both days.")
        if self.product is Product.SOLUTION:
            self._check_solution()
        else:
            self._check_tablets()

    def _check_solution(self) -> None:
        volume, strength = self.volume_ml, self.strength_mg_per_ml
        if volume is None or not volume.is_finite() or volume <= 0:
            raise UserError("The volume of a bottle is above zero. Write it as in 60 mL.")
        if self.bottles is not None and not 1 <= self.bottles <= _MOST:
            raise UserError(f"There are 1 to {_MOST} bottles. Correct the number.")
        if self.tablet_mg is not None:
            raise UserError("Tablets have no volume. Leave out one of the two.")
        if strength is None:
            return
        if not strength.is_finite() or strength <= 0:
            raise UserError(f"A strength is above zero, not {strength} mg/mL. Correct it.")
        if strength != STRENGTH_MG_PER_ML and self.use_by is None:
            raise UserError("A dilution has a last day of its own. Give it as on its label.")

    def _check_tablets(self) -> None:
        if self.tablets is None or not 1 <= self.tablets <= _MOST:
            raise UserError(f"There are 1 to {_MOST} tablets. Correct the number.")
        if self.tablet_mg not in TABLET_STRENGTHS_MG:
            known = ", ".join(f"{plain(each)} mg" for each in TABLET_STRENGTHS_MG)
            raise UserError(f"The strength of a tablet is one of {known}. Give it.")
        if self.bottles is not None or self.strength_mg_per_ml is not None:
            raise UserError("Tablets have neither bottles nor mg/mL. Leave them out.")

    @property
    def product(self) -> Product:
        """The product."""
        return Product.TABLETS if self.volume_ml is None else Product.SOLUTION

    @property
    def mg_per_ml(self) -> Decimal:
        """The strength of the solution."""
        return self.strength_mg_per_ml or STRENGTH_MG_PER_ML

    @property
    def amount(self) -> str:
        """The amount, such as `2 bottles of 60 mL`."""
        if self.volume_ml is None:
            strength = plain(self.tablet_mg or Decimal())
            return f"{count_of(self.tablets or 0, 'tablet')} of {strength} mg"
        diluted = f", {plain(self.mg_per_ml)} mg/mL" if self.strength_mg_per_ml else ""
        return f"{count_of(self.bottles or 1, 'bottle')} of {plain(self.volume_ml)} mL{diluted}"


def read_bottle(text: str) -> Decimal:
    """Return the mL of a bottle; raises `UserError` for another text."""
    return read_quantity(text, QuantityKind.VOLUME).value


def read_tablet(text: str) -> Decimal:
    """Return the mg of a tablet; raises `UserError` for another text."""
    return read_quantity(text, QuantityKind.DOSE).value


def read_count(text: str) -> int:
    """Return a number of bottles or tablets; raises `UserError` for another text."""
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
        raise UserError(f"{quoted(text)} is not a number. Write it as in 2.")
    return int(typed)
