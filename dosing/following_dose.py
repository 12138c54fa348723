"""What guards a dose that follows another, whichever way it was found."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from dosing.calculation import ceiling_mg_per_day
from dosing.knowledge.limits import CheckInput
from dosing.knowledge.protocols import Protocol
from dosing.patient import Age, Height, Weight
from dosing.proposal import Dose
from dosing.surface_area import MOSTELLER, WEIGHT_ONLY, Formula, body_surface_area


def area_known(weight: Weight | None, height: Height | None) -> tuple[Formula, Decimal | None]:
    """Return the body surface area and its formula: by weight alone where there is no height."""
    formula = MOSTELLER if height else WEIGHT_ONLY
    return formula, body_surface_area(formula, weight, height) if weight else None


def ceiling_known(
    protocol: Protocol, weight: Weight | None, age: Age, area: Decimal | None
) -> Decimal | None:
    """Return the most that the protocol allows, mg/day, by what is known of the body."""
    if weight is None or area is None:
        return protocol.ceiling_mg_per_day
    return ceiling_mg_per_day(protocol, weight, age, area)


def facts_of_dose(
    body: CheckInput, dose: Dose, current_daily_mg: Decimal, loading: Dose | None = None
) -> Iterator[CheckInput]:
    """Yield what the limits look at: the dose before and after rounding, and the loading dose."""
    for daily_mg in (dose.exact_daily_mg, dose.daily_mg):
        yield replace(
            body,
            daily_mg=daily_mg,
            daily_mg_per_m2=daily_mg / dose.area_m2 if dose.area_m2 else None,
            dose_ratio=daily_mg / current_daily_mg,
        )
    yield replace(
        body,
        largest_day_mg=dose.daily_mg + (loading.measured.mg if loading else 0),
        rounding_percent=dose.rounding_percent,
        loading_rounding_percent=loading.rounding_percent if loading else None,
    )
