"""The units of this program, in one small closed registry.

The registry knows only the units in use, and cannot misread another. It calculates with `Decimal`:
a value at a limit stays at the limit after a conversion. It never sees text that a user typed:
`dosing.quantities.parsing` checks the number and the unit first.

A dose event is a dimension of its own. So mg/m²/day and mg/m²/dose, the classic trap, cannot be
added, compared or converted into each other without a number of doses a day:

>>> quantity("1.6", "mg/m**2/day") + quantity("0.8", "mg/m**2/dose")
Traceback (most recent call last):
...
pint.errors.DimensionalityError: ...
>>> per_day = quantity("0.8", "mg/m**2/dose") * quantity("2", "dose/day")
>>> magnitude(per_day, "mg/m**2/day")
Decimal('1.6')
"""

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pint.facets.plain import PlainQuantity, PlainUnit

    PintQuantity: TypeAlias = PlainQuantity[Decimal]


def quantity(number: Decimal | str | int, unit: str) -> "PintQuantity":
    """Return `number` with its unit; `unit` is an expression of the registry's own names."""
    from dosing.quantities.registry import REGISTRY  # noqa: PLC0415 - pint is heavy

    return REGISTRY.Quantity(Decimal(number), _unit(unit))


def magnitude(value: "PintQuantity", unit: str) -> Decimal:
    """Return the number of `value` in `unit`.

    Raises `pint.DimensionalityError` where the dimensions differ.
    """
    return Decimal(value.to(_unit(unit)).magnitude)


def convert(number: Decimal, unit: str, to: str) -> Decimal:
    """Return `number` of `unit` as a number of `to`.

    The result is that of `magnitude`, digit for digit, with the factor of two units cached.

    >>> convert(Decimal("27"), "lb", to="kg")
    Decimal('12.24699399')
    """
    return number if unit == to else number * _factor(unit, to)


@cache
def _unit(expression: str) -> "PlainUnit":
    """Return the registry's unit; each expression is parsed once."""
    from dosing.quantities.registry import REGISTRY  # noqa: PLC0415 - pint is heavy

    return REGISTRY.Unit(expression)


@cache
def _factor(unit: str, to: str) -> Decimal:
    return magnitude(quantity(1, unit), to)


def converts(value: "PintQuantity", unit: str) -> bool:
    """Return whether `value` is of the kind of `unit`."""
    return value.is_compatible_with(_unit(unit))


def counts_doses(value: "PintQuantity") -> bool:
    """Return whether `value` is per administration (mg/m²/dose) rather than per day.

    >>> counts_doses(quantity("0.8", "mg/m**2/dose"))
    True
    """
    return "[administration]" in value.dimensionality
