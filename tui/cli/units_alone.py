"""The import of the registry of units without the libraries that pint takes up where it finds them.

Pint imports numpy, scipy and others wherever they are installed, for units of arrays; this program
calculates with decimals. Their import is nearly half of pint's.
"""

import sys
from typing import Any

_FOR_ARRAYS = ("babel", "dask", "numpy", "scipy", "uncertainties", "xarray")
"""The optional libraries that pint imports where they are installed."""
_HIDDEN: Any = None  # in the place of a module it makes its import fail


def import_units_alone() -> None:
    """Import the registry of units as if nothing for arrays were installed.

    Only for a command that has its process and its one thread for itself: the units of whoever else
    is in the process would lose their arrays. Nothing is done where pint is imported already.
    """
    if "pint" in sys.modules:
        return
    hidden = [name for name in _FOR_ARRAYS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden, _HIDDEN))
    try:
        import dosing.quantities.registry  # noqa: F401, PLC0415 - heavy
    finally:
        for name in hidden:
            del sys.modules[name]
