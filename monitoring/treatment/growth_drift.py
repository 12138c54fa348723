"""The drift of the dose per m² while a child grows on the same dose."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from dosing import plain
from dosing.knowledge.monitoring_schedule import GROWTH_DRIFT_PERCENT
from dosing.surface_area import MOSTELLER, body_surface_area
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.treatment.treatment_history import TreatmentHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthDrift:
    """The current dose on the body at its start and on the body of today, in mg/m²/day."""

    at_start: Decimal
    now: Decimal
    since: date
    """The day on which the body of today was weighed."""

    @property
    def percent(self) -> Decimal:
        """The change in percent; negative where the child has outgrown the dose."""
        return (self.now / self.at_start - 1) * 100

    @property
    def is_told(self) -> bool:
        """Return whether it is `GROWTH_DRIFT_PERCENT` or more, in either direction."""
        # An area is a root: what differs less is equal.
        return round(abs(self.percent), 9) >= GROWTH_DRIFT_PERCENT

    def __str__(self) -> str:
        """Return both figures."""
        return (
            f"{plain(self.now, 2)} mg/m²/day now, {plain(self.at_start, 2)} mg/m²/day when the "
            "dose began"
        )


def growth_drift(history: "TreatmentHistory", now: Moment) -> GrowthDrift | None:
    """Return the drift of the dose at a moment; None without a dose or a measured body.

    It needs a weight and a height up to the day on which the prescription began.
    """
    period, today = history.period_at(now), now.local.date()
    weighed = history.weight_on(today)
    if period is None or weighed is None:
        return None
    before = _area(history, period.since.local.date())
    after = _area(history, today)
    if before is None or after is None:
        return None
    daily = period.prescription.entry.daily_mg
    return GrowthDrift(at_start=daily / before, now=daily / after, since=weighed.entry.on)


def _area(history: "TreatmentHistory", day: date) -> Decimal | None:
    """Return the surface of the body last measured up to a day; None without weight or height."""
    weighed, measured = history.weight_on(day), history.height_on(day)
    weight = weighed.entry.as_weight if weighed else None
    height = measured.entry.as_height if measured else None
    if weight is None or height is None:
        return None
    return body_surface_area(MOSTELLER, weight, height)
