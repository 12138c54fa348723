"""A published population model, as it was read from its file.

What stands in the files of `dosing/kinetics/models/` comes out as one `Model`: the structure, each
parameter with its covariate relations, the variability between patients, the residual error, and
whom the model was made from. Concentrations are ng/mL in whole blood, doses mg, volumes L, times h,
clearances and volumes apparent (CL/F, V/F).

Every value checks itself and raises `ModelError`, which holds the keys that lead to the fault in
the file.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from dosing.errors import UserError
from dosing.knowledge.interactions import find_drugs, nearest_names
from dosing.pharmacokinetics.model_checks import (
    ModelError,
    check_covariance,
    check_finite,
    check_not_negative,
    check_positive,
    check_text,
    listed,
)
from dosing.quantities.text import quoted

PARAMETERS_OF = {
    1: ("CL", "V", "ka"),
    2: ("CL", "V", "Q", "Vp", "ka"),
}
"""The parameters of a model of one or two compartments, in the order of every array."""

UNIT_OF = {"CL": "L/h", "V": "L", "Q": "L/h", "Vp": "L", "ka": "1/h"}
"""The unit of each parameter."""

UNIT_OF_RECORDED = {"weight": "kg", "age": "year", "ast": "U/L"}
"""The covariates that come from the record, and their units; others come from a table only."""

ASSAYS = ("lc-ms/ms", "cmia", "emit", "other")
"""The assays as the record writes them."""

TABLE_COLUMNS = ("ID", "TIME", "EVID", "AMT", "DV", "MDV", "II", "ADDL")
"""The columns of a table that are no covariates."""

_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class CovariateForm(Enum):
    """How a covariate x changes a parameter: what it is multiplied by."""

    POWER = "power"
    """(x / reference) ** exponent."""
    FACTOR = "factor"
    """factor where x is 1 (a drug that is taken), 1 where it is 0."""
    FACTOR_ABOVE = "factor-above"
    """factor where x is above `above`, else 1."""
    LINEAR = "linear"
    """1 + slope * x / reference."""


FIGURES_OF = {
    CovariateForm.POWER: ("reference", "exponent"),
    CovariateForm.FACTOR: ("factor",),
    CovariateForm.FACTOR_ABOVE: ("factor", "above"),
    CovariateForm.LINEAR: ("reference", "slope"),
}
"""The figures that each kind of relation is made of; it has no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateEffect:
    """One relation between a covariate and a parameter."""

    covariate: str
    kind: CovariateForm
    reference: float = 1.0
    exponent: float = 0.0
    factor: float = 1.0
    above: float = 0.0
    slope: float = 0.0

    def __post_init__(self) -> None:
        """Raise `ModelError` for a figure that is not finite, or a reference or factor of 0."""
        for figure in ("reference", "exponent", "factor", "above", "slope"):
            check_finite(getattr(self, figure), figure)
        for figure in ("reference", "factor"):
            check_positive(getattr(self, figure), figure)

    def multiplier(self, x: float) -> float:
        """Return what the parameter is multiplied by at the covariate's value.

        Raises `UserError` for a value that a patient cannot have, or that is neither 0 nor 1 where
        one of the two is meant.
        """
        if not 0 <= x < math.inf:
            raise UserError(f"{self.covariate} is {x:g}: write a number that is not negative.")
        match self.kind:
            case CovariateForm.POWER:
                if not x:
                    raise UserError(f"{self.covariate} is 0: write a number above 0.")
                return float((x / self.reference) ** self.exponent)
            case CovariateForm.FACTOR:
                if x not in (0, 1):
                    raise UserError(f"{self.covariate} is {x:g}: write 1 for yes or 0 for no.")
                return self.factor if x else 1.0
            case CovariateForm.FACTOR_ABOVE:
                return self.factor if x > self.above else 1.0
            case CovariateForm.LINEAR:
                return 1 + self.slope * x / self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of the population: its typical value, unit, relations and source."""

    name: str
    value: float
    unit: str
    source: str
    """The row or table of the publication, in words."""
    relations: tuple[CovariateEffect, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ModelError` for an unknown name, another unit, or a value that is not positive."""
        if self.name not in UNIT_OF:
            raise ModelError(f"{quoted(self.name)} is no parameter: there are {listed(UNIT_OF)}.")
        if self.unit != UNIT_OF[self.name]:
            raise ModelError(
                f"the unit of {self.name} is {UNIT_OF[self.name]}, not {quoted(self.unit)}: convert"
                " the value.",
                "unit",
            )
        check_positive(self.value, "value")
        check_text(self.source, "source")
        seen = set()
        for number, each in enumerate(self.relations):
            if (each.covariate, each.kind) in seen:
                raise ModelError(
                    f"{self.name} has two relations of the kind {each.kind.value} with"
                    f" {each.covariate}: keep one.",
                    "relation",
                    number,
                )
            seen.add((each.covariate, each.kind))

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
    """Empty where the covariate is 0 or 1."""
    lowest: float | None = None
    highest: float | None = None
    drug: str = ""
    """The drug whose taking it is (then it is 0 or 1), or empty."""

    def __post_init__(self) -> None:
        """Raise `ModelError` for a name, column, unit, range or drug that cannot be."""
        if not _KEY.fullmatch(self.name):
            raise ModelError(
                f"{quoted(self.name)} is no name of a covariate: write small letters and figures."
            )
        if not _COLUMN.fullmatch(self.column) or self.column.upper() in TABLE_COLUMNS:
            raise ModelError(
                f"{quoted(self.column)} is no column of a covariate: write letters, figures and _,"
                f" and none of {listed(TABLE_COLUMNS)}.",
                "column",
            )
        expected = "" if self.drug else UNIT_OF_RECORDED.get(self.name, self.unit)
        if self.unit != expected:
            raise ModelError(
                f"the unit of {self.name} is {quoted(expected)}, not {quoted(self.unit)}: convert"
                " its figures.",
                "unit",
            )
        if self.unit:
            check_text(self.unit, "unit")
        self._check_range()
        if self.drug:
            self._check_drug()

    def _check_range(self) -> None:
        lowest, highest = self.lowest, self.highest
        for figure, value in (("lowest", lowest), ("highest", highest)):
            if value is not None:
                check_not_negative(value, figure)
        if lowest is not None and highest is not None and lowest >= highest:
            raise ModelError(
                f"the range of {self.name} is from {lowest:g} to {highest:g}: write the lower"
                " figure as lowest.",
                "lowest",
            )

    def _check_drug(self) -> None:
        if self.name in UNIT_OF_RECORDED:
            raise ModelError(f"{self.name} is no drug: name the covariate otherwise.", "drug")
        if [drug.name for drug in find_drugs(self.drug)] != [self.drug]:
            nearest = nearest_names(self.drug)
            hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
            raise ModelError(
                f"{quoted(self.drug)} is not a name of the interaction table, so nobody's taking it"
                f" would be seen.{hint}",
                "drug",
            )
        if (self.lowest, self.highest) != (None, None):
            raise ModelError("a drug is taken or not: it has no range.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A population model; shapes are those of the published tables.

    `omega` is the covariance of the random effects η, in the order of `effects`: a parameter is its
    typical value times exp(η).
    """

    key: str
    name: str
    source: str
    """The key of its citation in `dosing.knowledge.references`."""
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

    def __post_init__(self) -> None:
        """Raise `ModelError` for what is not a model that can be calculated with."""
        if not _KEY.fullmatch(self.key):
            raise ModelError(
                f"{quoted(self.key)} is no key: write small letters and figures, such as fan2024.",
                "key",
            )
        for each in ("name", "citation", "population"):
            check_text(getattr(self, each), each)
        if self.assay not in ASSAYS:
            raise ModelError(
                f"{quoted(self.assay)} is no assay: write one of {listed(ASSAYS)}.", "assay"
            )
        check_not_negative(self.lag_h, "lag_h")
        self._check_parameters()
        self._check_covariates()
        check_covariance(self.effects, self.omega, PARAMETERS_OF[self.compartments])
        self._check_residual()

    def _check_parameters(self) -> None:
        if self.compartments not in PARAMETERS_OF:
            raise ModelError(
                f"a model has 1 or 2 compartments, not {self.compartments}.", "compartments"
            )
        names = tuple(each.name for each in self.parameters)
        expected = PARAMETERS_OF[self.compartments]
        for name in names:
            if name not in expected:
                raise ModelError(
                    f"with {self.compartments} in compartments there is no {name}: the parameters"
                    f" are {listed(expected)}.",
                    *("parameter", name),
                )
        missing = [name for name in expected if name not in names]
        if missing:
            raise ModelError(
                f"{listed(missing)} is missing: write a table [parameter.{missing[0]}].",
                "parameter",
            )
        if names != expected:
            raise ModelError(f"the parameters are {listed(expected)}, in this order.", "parameter")

    def _check_covariates(self) -> None:
        declared = {each.name: each for each in self.covariates}
        for one in self.parameters:
            for number, each in enumerate(one.relations):
                place = ("parameter", one.name, "relation", number)
                if each.covariate not in declared:
                    raise ModelError(
                        f"the covariate {quoted(each.covariate)} of {one.name} is not declared:"
                        f" write a table [covariate.NAME] for it.",
                        *place,
                    )
                _check_together(each, declared[each.covariate], place)
        columns: dict[str, str] = {}
        for covariate in self.covariates:
            name, column = covariate.name, covariate.column.upper()
            if column in columns:
                raise ModelError(
                    f"{columns[column]} and {name} have the same column: write another.",
                    *("covariate", name, "column"),
                )
            columns[column] = name
        if len(declared) < len(self.covariates):
            raise ModelError("a covariate is declared twice.", "covariate")

    def _check_residual(self) -> None:
        check_not_negative(self.additive_ng_ml, "residual", "additive_ng_ml")
        check_not_negative(self.proportional, "residual", "proportional")
        if self.proportional >= 1:
            raise ModelError(
                f"the proportional error is {self.proportional:g}: write 0.249 for 24.9 %.",
                *("residual", "proportional"),
            )
        if not self.additive_ng_ml and not self.proportional:
            raise ModelError(
                "the residual error is 0: write additive_ng_ml, proportional or both.", "residual"
            )

    def typical(self, covariates: Mapping[str, float]) -> tuple[float, ...]:
        """Return the parameters of the typical patient, in the order of `PARAMETERS_OF`.

        Raises `UserError` for a covariate that is not known, or with which no parameter can be.

        >>> from dosing.pharmacokinetics import model_named
        >>> [round(each, 3) for each in model_named("fan2024").typical({"weight": 16})]
        [4.06, 155.0, 0.485]
        """
        missing = set(self.needed) - covariates.keys()
        if missing:
            raise UserError(f"{self.name} needs {', '.join(sorted(missing))}, which is not known.")
        typical = tuple(each.typical(covariates) for each in self.parameters)
        for parameter, value in zip(self.parameters, typical, strict=True):
            if not 0 < value < math.inf:
                told = ", ".join(f"{each} {covariates[each]:g}" for each in self.needed)
                raise UserError(f"{self.name} has no {parameter.name} for {told}.")
        return typical

    @property
    def needed(self) -> tuple[str, ...]:
        """The covariates that its parameters rest on."""
        return tuple({each.covariate: "" for one in self.parameters for each in one.relations})


def _check_together(
    relation: CovariateEffect, covariate: Covariate, place: tuple[str | int, ...]
) -> None:
    """Check a relation beside the covariate that it names."""
    is_factor = relation.kind is CovariateForm.FACTOR
    if covariate.drug and not is_factor:
        raise ModelError(
            f"{covariate.name} is a drug: its relation is of the kind factor.", *place, "kind"
        )
    if relation.kind is not CovariateForm.LINEAR:
        return
    if covariate.highest is None:
        raise ModelError(
            f"a linear relation with {covariate.name} needs its range: write lowest and highest.",
            *("covariate", covariate.name),
        )
    for x in (covariate.lowest or 0, covariate.highest):
        if relation.multiplier(x) <= 0:
            raise ModelError(
                f"at {covariate.name} {x:g} the linear relation gives a parameter that is not"
                " positive: look at the sign of the slope, and at the reference.",
                *place,
            )
