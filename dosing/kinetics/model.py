"""A published population model, as it was read from its file.

What stands in the files of `dosing/kinetics/models/` comes out as one `Model`: the structure, each
parameter with its covariate relations, the variability between patients, the residual error, and
whom the model was made from. Concentrations are ng/mL in whole blood, doses mg, volumes L, times h,
clearances and volumes apparent (CL/F, V/F).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from dosing.errors import UserError

PARAMETERS_OF = {
    1: ("CL", "V", "ka"),
    2: ("CL", "V", "Q", "Vp", "ka"),
}
"""The parameters of a model of one or two compartments, in the order of every array."""


class Relation(Enum):
    """How a covariate x changes a parameter: what it is multiplied by."""

    POWER = "power"
    """(x / reference) ** exponent."""
    FACTOR = "factor"
    """factor where x is 1 (a drug that is taken), 1 where it is 0."""
    FACTOR_ABOVE = "factor-above"
    """factor where x is above `above`, else 1."""
    LINEAR = "linear"
    """1 + slope * x / reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateRelation:
    """One relation between a covariate and a parameter."""

    covariate: str
    kind: Relation
    reference: float = 1.0
    exponent: float = 0.0
    factor: float = 1.0
    above: float = 0.0
    slope: float = 0.0

    def multiplier(self, x: float) -> float:
        """Return what the parameter is multiplied by at the covariate's value."""
        match self.kind:
            case Relation.POWER:
                return float((x / self.reference) ** self.exponent)
            case Relation.FACTOR:
                return self.factor if x else 1.0
            case Relation.FACTOR_ABOVE:
                return self.factor if x > self.above else 1.0
            case Relation.LINEAR:
                return 1 + self.slope * x / self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of the population: its typical value, unit, relations and source."""

    name: str
    value: float
    unit: str
    source: str
    """The row or table of the publication, in words."""
    relations: tuple[CovariateRelation, ...] = ()

    def typical(self, covariates: Mapping[str, float]) -> float:
        """Return the value of a patient with these covariates and no deviation of their own."""
        value = self.value
        for each in self.relations:
            value *= each.multiplier(covariates[each.covariate])
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """A covariate, what a table calls it, and the range that the model was made from."""

    name: str
    """`weight`, `age` and `ast` come from the record, as do drugs by `drug`."""
    column: str
    """The name of its column in a table."""
    unit: str
    lowest: float | None = None
    highest: float | None = None
    drug: str = ""
    """The drug whose taking it is (then it is 0 or 1), or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A population model; shapes are those of the published tables.

    `omega` is the covariance of the random effects η, in the order of `effects`: a parameter is its
    typical value times exp(η).
    """

    key: str
    name: str
    source: str
    citation: str
    population: str
    assay: str
    """As the record writes it: `lc-ms/ms`, `cmia`, `emit` or `other`."""
    compartments: int
    lag_h: float
    parameters: tuple[Parameter, ...]
    """In the order of `PARAMETERS_OF`."""
    covariates: tuple[Covariate, ...]
    effects: tuple[str, ...]
    omega: tuple[tuple[float, ...], ...]
    additive_ng_ml: float
    proportional: float

    def typical(self, covariates: Mapping[str, float]) -> tuple[float, ...]:
        """Return the parameters of the typical patient, in the order of `PARAMETERS_OF`.

        Raises `UserError` for a covariate that is not known.
        """
        missing = {each.covariate for one in self.parameters for each in one.relations}
        missing -= covariates.keys()
        if missing:
            raise UserError(f"{self.name} needs {', '.join(sorted(missing))}, which is not known.")
        return tuple(each.typical(covariates) for each in self.parameters)

    @property
    def needed(self) -> tuple[str, ...]:
        """The covariates that its parameters rest on."""
        return tuple({each.covariate: "" for one in self.parameters for each in one.relations})
