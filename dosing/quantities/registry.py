"""The registry of units itself. It is imported when a unit is first calculated with.

For pint, which brings numpy where that is installed, is most of what a start of the program would
take. A module is made once, whatever threads ask for it: values of two registries do not mix.
"""

from decimal import Decimal

from pint import UnitRegistry

from dosing.quantities.definitions import DEFINITIONS

REGISTRY: UnitRegistry[Decimal] = UnitRegistry(
    DEFINITIONS.strip().splitlines(), non_int_type=Decimal, cache_folder=None
)
