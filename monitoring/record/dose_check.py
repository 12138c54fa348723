"""The second check of a dose: another person typed its figures anew, and they were the same."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dosing import UserError
from monitoring.record.entry import Entry, keep, name_text


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseCheck(Entry):
    """A prescription confirmed by a second person: mg, mL and interval as they were typed.

    Raises `UserError` without a name, and for a figure that is not above zero.
    """

    of: int
    """The number of the prescription."""
    on: date
    dose_mg: Decimal
    """Of one administration; in the morning, where the evening has another."""
    every_hours: int
    checked_by: str
    volume_ml: Decimal | None = None
    """The volume of the dose; None for tablets."""
    evening_mg: Decimal | None = None
    evening_ml: Decimal | None = None

    def __post_init__(self) -> None:
        """Check the figures and clean the name."""
        figures = (self.dose_mg, self.volume_ml, self.evening_mg, self.evening_ml)
        if any(each is not None and (not each.is_finite() or each <= 0) for each in figures):
            raise UserError("A dose and its volume are above zero. Correct the figure.")
        if self.every_hours <= 0:
            raise UserError("The hours between doses are above zero. Correct the number.")
        keep(self, "checked_by", name_text(self.checked_by, "The name"))
