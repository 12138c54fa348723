"""Maturation of clearance in infants: the reason for the limits under 7 months.

CL/F = 20.4 L/h per 70 kg, scaled by weight to the power 0.75, times age / (0.44 years + age); it
counts as mature from 2 years on. Source: mizuno2015 (clinical reference, section 4). The average
levels derived from it explain an alert; they never change a dose.
"""

from decimal import Decimal

from dosing.patient import Age, Weight
from dosing.quantities.units import convert, magnitude, quantity

SOURCE = "mizuno2015"
MATURE_FROM_MONTHS = Decimal(24)

_MATURE_CLEARANCE_L_PER_H = Decimal("20.4")
_REFERENCE_KG = Decimal(70)
_WEIGHT_POWER = Decimal("0.75")
_HALF_MATURE_YEARS = Decimal("0.44")


def clearance_l_per_h(weight: Weight, age: Age) -> Decimal:
    """Return the expected apparent clearance in L/h; the day of birth counts as one day."""
    by_size = _MATURE_CLEARANCE_L_PER_H * (weight.kg / _REFERENCE_KG) ** _WEIGHT_POWER
    if age.months >= MATURE_FROM_MONTHS:
        return by_size
    years = convert(max(age.days, Decimal(1)), "day", to="year")
    return by_size * years / (_HALF_MATURE_YEARS + years)


def average_level_ng_ml(daily_mg: Decimal, weight: Weight, age: Age) -> Decimal:
    """Return the average level in ng/mL of a daily dose in mg at steady state.

    Infants of the WHO median weight and length on 0.8 mg/m² every 12 hours would reach about
    43 ng/mL at 1 month, 18 at 3 months and 12 at 6 months.
    """
    clearance = quantity(clearance_l_per_h(weight, age), "L/h")
    return magnitude(quantity(daily_mg, "mg/day") / clearance, "ng/mL")
