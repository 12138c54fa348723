"""A weight, a height, or both, as they were measured and written down."""

from dataclasses import dataclass
from datetime import date

from dosing import Height, Quantity, QuantityKind, UserError, Weight
from monitoring.record.entry import Entry, check_overridden_alerts, codes_in_column, free_text, keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Entry):
    """What was measured on one day.

    Raises `UserError` where neither weight nor height is there, and for alerts passed without a
    reason.
    """

    on: date
    weight: Quantity | None = None
    height: Quantity | None = None
    reason: str = ""
    """Why it is recorded although a limit asked again."""
    overridden_alerts: tuple[str, ...] = codes_in_column("passed")
    """The codes of the alerts that the reason passed."""

    def __post_init__(self) -> None:
        """Check that something was measured, and keep the reason cleaned."""
        keep(self, "reason", free_text(self.reason, "The reason"))
        check_overridden_alerts(self.overridden_alerts, self.reason)
        weight, height = self.weight, self.height
        if (weight and weight.measure is not QuantityKind.WEIGHT) or (
            height and height.measure is not QuantityKind.HEIGHT
        ):
            raise UserError("A weight is in kg, g or lb, and a height in cm, m or in.")
        if weight is None and height is None:
            raise UserError("A measurement needs a weight or a height.")

    @property
    def as_weight(self) -> Weight | None:
        """The weight in kg."""
        return Weight(self.weight.value) if self.weight else None

    @property
    def as_height(self) -> Height | None:
        """The height in cm."""
        return Height(self.height.value) if self.height else None
