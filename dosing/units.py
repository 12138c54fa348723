"""The units of this program, in one small closed registry.

The registry knows only what is used here, so that it cannot misread anything else; it calculates
with `Decimal`, so that a value at a limit stays at the limit after a conversion. It never sees text
that a user typed: `dosing.reading` takes the number by a strict pattern and the unit from a closed
table.

A dose event is a dimension of its own. So mg/m²/day and mg/m²/dose, the classic trap, cannot be
added, compared or converted into each other without saying how many doses a day there are:

>>> quantity("1.6", "mg/m**2/day") + quantity("0.8", "mg/m**2/dose")
Traceback (most recent call last):
...
pint.errors.DimensionalityError: ...
>>> per_day = quantity("0.8", "mg/m**2/dose") * quantity("2", "dose/day")
>>> magnitude(per_day, "mg/m**2/day")
Decimal('1.6')
"""

from decimal import Decimal
from typing import TypeAlias

from pint import UnitRegistry
from pint.facets.plain import PlainQuantity

Quantity: TypeAlias = PlainQuantity[Decimal]

# 1 lb = 0.45359237 kg and 1 in = 2.54 cm by definition. A year is 365.25 days and a month a twelfth
# of it: the WHO growth standards' own convention. 914.17 g/mol is sirolimus (clinical reference,
# section 6): in this registry nmol is a nanomole of sirolimus and of nothing else.
_DEFINITIONS = """
kilogram = [mass] = kg
gram = 0.001 * kilogram = g
milligram = 0.001 * gram = mg
microgram = 0.001 * milligram = ug
nanogram = 0.001 * microgram = ng
pound = 0.45359237 * kilogram = lb
nanomole_of_sirolimus = 914.17 * nanogram = nmol
metre = [length] = m
centimetre = 0.01 * metre = cm
inch = 0.0254 * metre = in
millilitre = 0.000001 * metre ** 3 = mL
litre = 1000 * millilitre = L
decilitre = 100 * millilitre = dL
day = [time] = d
hour = day / 24 = h
week = 7 * day
year = 365.25 * day
month = year / 12
dose_event = [administration] = dose
"""

_registry: UnitRegistry[Decimal] = UnitRegistry(
    _DEFINITIONS.strip().splitlines(), non_int_type=Decimal, cache_folder=None
)


def quantity(number: Decimal | str | int, unit: str) -> Quantity:
    """Return `number` with its unit; `unit` is an expression of the registry's own names."""
    return _registry.Quantity(Decimal(number), unit)


def magnitude(value: Quantity, unit: str) -> Decimal:
    """Return the number of `value` in `unit`.

    Raises `pint.DimensionalityError` where the two are of different kinds.
    """
    return Decimal(value.to(unit).magnitude)


def convert(number: Decimal, unit: str, to: str) -> Decimal:
    """Return `number` of `unit` as a number of `to`.

    >>> convert(Decimal("27"), "lb", to="kg")
    Decimal('12.24699399')
    """
    return magnitude(quantity(number, unit), to)


def counts_doses(value: Quantity) -> bool:
    """Return whether `value` is per administration (mg/m²/dose) rather than per day.

    >>> counts_doses(quantity("0.8", "mg/m**2/dose"))
    True
    """
    return "[administration]" in value.dimensionality
