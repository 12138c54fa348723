"""A measurement: a weight, a height or both, as recorded."""

from dataclasses import dataclass
from datetime import date

from dosing import Height, Quantity, QuantityKind, UserError, Weight
from monitoring.record.entry import Entry, check_overridden_alerts, codes_in_column, free_text, keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Entry):
    """A weight, a height or both, of one day.

    Raises `UserError` without either of them, and for overridden alerts without a reason.
    """

    on: date
    weight: Quantity | None = None
    height: Quantity | None = None
    reason: str = ""
    """The reason to record it although it exceeds a limit."""
    overridden_alerts: tuple[str, ...] = codes_in_column("passed")
    """The codes of the alerts that the reason overrides."""

    def __post_init__(self) -> None:
        """Check the kinds of quantity, and clean the reason."""
        keep(self, "reason", free_text(self.reason, "The reason"))
        check_overridden_alerts(self.overridden_alerts, self.reason)
        weight, height = self.weight, self.height
        if (weight and weight.kind is not QuantityKind.WEIGHT) or (
            height and height.kind is not QuantityKind.HEIGHT
        ):
            raise UserError(
                "Weight and height have the wrong units. Write kg, g or lb, and cm, m or in."
            )
        if weight is None and height is None:
            raise UserError("A measurement needs a weight or a height. Enter at least one.")

    @property
    def as_weight(self) -> Weight | None:
        """The weight in kg."""
        return Weight(self.weight.value) if self.weight else None

    @property
    def as_height(self) -> Height | None:
        """The height in cm."""
        return Height(self.height.value) if self.height else None
