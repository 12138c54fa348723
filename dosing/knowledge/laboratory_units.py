"""Laboratory values in the units of the pharmacokinetic models.

A value in another unit than the model's is converted by the definition of the units, and one of
mass in moles by the molar mass. A unit that is not here is not converted: the value is unknown.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

MOLAR_MASS_SOURCE = "iupac2021"
BILIRUBIN_G_PER_MOL = Decimal("584.67")
"""Bilirubin is C33H36N4O6."""

IN_UNIT_OF_MODELS: Mapping[str, Mapping[str, Decimal]] = MappingProxyType(
    {
        "ast": MappingProxyType({"U/L": Decimal(1)}),
        "bilirubin": MappingProxyType(
            {
                "umol/L": Decimal(1),
                "mmol/L": Decimal(1000),
                "mg/dL": 10_000 / BILIRUBIN_G_PER_MOL,
                "mg/L": 1000 / BILIRUBIN_G_PER_MOL,
            }
        ),
        "haematocrit": MappingProxyType({"%": Decimal(1), "L/L": Decimal(100)}),
    }
)
"""Of each covariate one of a laboratory's unit in the unit of the models."""
