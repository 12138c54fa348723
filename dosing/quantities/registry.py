"""The registry of units. It is imported when a unit is first calculated with.

Pint, and numpy where it is installed, would take most of the time of a start. A module is made
once for all threads: values of two registries do not mix.
"""

from decimal import Decimal

from pint import UnitRegistry

from dosing.quantities.definitions import DEFINITIONS

REGISTRY: UnitRegistry[Decimal] = UnitRegistry(
    DEFINITIONS.strip().splitlines(), non_int_type=Decimal, cache_folder=None
)
