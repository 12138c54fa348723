"""A published population model as one checked value.

A `Model` holds the structure, each parameter with its covariate effects, the variability between
patients, the residual error, and the patients that it was made from. Concentrations are ng/mL in
whole blood, doses mg, volumes L, times h, clearances and volumes apparent (CL/F, V/F).

Every value checks itself and raises `ModelError`, with the keys that lead to the error in the file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dosing.errors import UserError
from dosing.knowledge.products import Product, relative_bioavailability
from dosing.pharmacokinetics.covariates import (
    KEY,
    Covariate,
    CovariateEffect,
    CovariateForm,
    check_effect,
)
from dosing.pharmacokinetics.model_checks import (
    ModelError,
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

ASSAYS = ("lc-ms/ms", "cmia", "emit", "other")
"""The names of the assays in the record."""

# Against a typing slip, not a clinical bound: with ω² = 4 the middle 95 % of patients would span a
# factor of 2,500.
_LARGEST_VARIANCE = 4.0
# A pivot this small, compared with its diagonal, is rounding: two effects would be one.
_SMALLEST_PIVOT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of the population: its typical value, unit, covariate effects and source."""

    name: str
    value: float
    unit: str
    source: str
    """The row or table of the publication, in words."""
    relations: tuple[CovariateEffect, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ModelError` for an unknown name, another unit, or a value that is not positive."""
        if self.name not in UNIT_OF:
            raise ModelError(f"{quoted(self.name)} is not a parameter. Use {listed(UNIT_OF)}.")
        if self.unit != UNIT_OF[self.name]:
            raise ModelError(
                f"the unit of {self.name} is {UNIT_OF[self.name]}, not {quoted(self.unit)}. Convert"
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
                    f" {each.covariate}. Keep one.",
                    "relation",
                    number,
                )
            seen.add((each.covariate, each.kind))

    def typical(self, covariates: Mapping[str, float]) -> float:
        """Return the value of the typical patient with these covariates."""
        value = self.value
        for each in self.relations:
            value *= each.multiplier(covariates[each.covariate])
        return value


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
    """As in the record: `lc-ms/ms`, `cmia`, `emit` or `other`."""
    compartments: int
    lag_h: float
    parameters: tuple[Parameter, ...]
    """In the order of `PARAMETERS_OF`."""
    covariates: tuple[Covariate, ...]
    effects: tuple[str, ...]
    omega: tuple[tuple[float, ...], ...]
    additive_ng_ml: float
    proportional: float
    product: Product | None = None
    """The product of its patients; None where its source does not name it."""
    only_beside: bool = False
    """True for a model that is shown beside others, and never answers or counts alone."""

    def __post_init__(self) -> None:
        """Raise `ModelError` for a model that cannot be calculated."""
        if not KEY.fullmatch(self.key):
            raise ModelError(
                f"{quoted(self.key)} is not a key. Use small letters and digits, as in fan2024.",
                "key",
            )
        for each in ("name", "citation", "population"):
            check_text(getattr(self, each), each)
        if self.assay not in ASSAYS:
            raise ModelError(
                f"{quoted(self.assay)} is not an assay. Write one of {listed(ASSAYS)}.", "assay"
            )
        check_not_negative(self.lag_h, "lag_h")
        self._check_parameters()
        self._check_covariates()
        _check_covariance(self.effects, self.omega, PARAMETERS_OF[self.compartments])
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
                    f"{name} is not a parameter of a model of {self.compartments} compartments. Use"
                    f" {listed(expected)}.",
                    *("parameter", name),
                )
        missing = [name for name in expected if name not in names]
        if missing:
            raise ModelError(
                f"{listed(missing)} is missing. Write a table [parameter.{missing[0]}].",
                "parameter",
            )
        if names != expected:
            raise ModelError(
                f"the parameters are not in order. Use {listed(expected)}.", "parameter"
            )

    def _check_covariates(self) -> None:
        declared = {each.name: each for each in self.covariates}
        for one in self.parameters:
            for number, each in enumerate(one.relations):
                place = ("parameter", one.name, "relation", number)
                if each.covariate not in declared:
                    raise ModelError(
                        f"the covariate {quoted(each.covariate)} of {one.name} is not declared."
                        f" Write a table [covariate.NAME] for it.",
                        *place,
                    )
                check_effect(each, declared[each.covariate], place)
        columns: dict[str, str] = {}
        for covariate in self.covariates:
            name, column = covariate.name, covariate.column.upper()
            if column in columns:
                raise ModelError(
                    f"{columns[column]} and {name} have the same column. Write another.",
                    *("covariate", name, "column"),
                )
            columns[column] = name
        if len(declared) < len(self.covariates):
            raise ModelError("a covariate is declared twice. Keep one.", "covariate")

    def _check_residual(self) -> None:
        check_not_negative(self.additive_ng_ml, "residual", "additive_ng_ml")
        check_not_negative(self.proportional, "residual", "proportional")
        if self.proportional >= 1:
            raise ModelError(
                f"the proportional error is {self.proportional:g}. Write 0.249 for 24.9 %.",
                *("residual", "proportional"),
            )
        if not self.additive_ng_ml and not self.proportional:
            raise ModelError(
                "the residual error is 0. Write additive_ng_ml, proportional or both.", "residual"
            )

    def typical(self, covariates: Mapping[str, float]) -> tuple[float, ...]:
        """Return the parameters of the typical patient, in the order of `PARAMETERS_OF`.

        Raises `UserError` for an unknown covariate, or covariates without possible parameters.

        >>> from dosing.pharmacokinetics import model_named
        >>> [round(each, 3) for each in model_named("fan2024").typical({"weight": 16})]
        [4.06, 155.0, 0.485]
        """
        missing = set(self.needed) - covariates.keys()
        if missing:
            raise UserError(f"{self.name} needs {', '.join(sorted(missing))}, which is unknown.")
        typical = tuple(each.typical(covariates) for each in self.parameters)
        for parameter, value in zip(self.parameters, typical, strict=True):
            if not 0 < value < math.inf:
                values = ", ".join(f"{each} {covariates[each]:g}" for each in self.needed)
                raise UserError(f"{self.name} has no {parameter.name} for {values}.")
        return typical

    def applies(self, covariates: Mapping[str, float]) -> bool:
        """Return whether it answers for a patient with these covariates.

        It does within the range of its patients, both ends included, where it knows all it needs.

        >>> from dosing.pharmacokinetics import model_named
        >>> model_named("fan2024").applies({"weight": 16, "age": 4})
        True
        """
        return all(
            each.contains(covariates[each.name])
            if each.name in covariates
            else not (each.has_range or each.name in self.needed)
            for each in self.covariates
        )

    def on_product(self, product: Product) -> "Model":
        """Return the model for doses of a product.

        A clearance or volume is apparent: it is divided by the product's bioavailability over that
        of the model's product. Where that is not named it is taken for the solution.
        """
        relative = relative_bioavailability(product, self.product or Product.SOLUTION)
        if relative == 1:
            return self
        parameters = tuple(
            each if each.name == "ka" else replace(each, value=each.value / float(relative))
            for each in self.parameters
        )
        return replace(self, parameters=parameters)

    @property
    def matures(self) -> bool:
        """Return whether a parameter matures with age."""
        return any(
            each.kind is CovariateForm.MATURATION and each.covariate == "age"
            for one in self.parameters
            for each in one.relations
        )

    @property
    def needed(self) -> tuple[str, ...]:
        """The covariates that its parameters need."""
        return tuple({each.covariate: "" for one in self.parameters for each in one.relations})


def _check_covariance(
    effects: tuple[str, ...], omega: tuple[tuple[float, ...], ...], names: tuple[str, ...]
) -> None:
    """Raise `ModelError` for an impossible covariance of random effects.

    The effects are of the named parameters; the covariance is symmetric and positive definite.
    """
    if not effects:
        raise ModelError("no parameter varies. Write the variance of at least one.", "parameter")
    if not set(effects) <= set(names) or len(set(effects)) < len(effects):
        raise ModelError(
            f"a random effect is unknown or there twice. Use {listed(names)}, each once.",
            "parameter",
        )
    if [len(row) for row in omega] != [len(effects)] * len(effects):
        raise ModelError("the covariance has a row and a column for each effect.", "covariance")
    for row, name in enumerate(effects):
        variance = omega[row][row]
        check_positive(variance, "parameter", name, "variance")
        if variance > _LARGEST_VARIANCE:
            raise ModelError(
                f"the variance of {name} is {variance:g}. Write ω², not a percentage; 0.067 is"
                " about 26 %.",
                *("parameter", name, "variance"),
            )
        for column in range(row):
            check_finite(omega[row][column], "covariance")
            if omega[row][column] != omega[column][row]:
                raise ModelError("the covariance is not symmetric.", "covariance")
    if not _is_positive_definite(omega):
        raise ModelError(
            "the covariances are too large for the variances. Write covariances, which are"
            " correlation × √(ω² × ω²).",
            "covariance",
        )


def _is_positive_definite(matrix: tuple[tuple[float, ...], ...]) -> bool:
    """Return whether every pivot of Cholesky's decomposition is well above zero."""
    lower: list[list[float]] = []
    for row, entries in enumerate(matrix):
        lower.append([])
        for column in range(row):
            rest = sum(a * b for a, b in zip(lower[row], lower[column][:column], strict=True))
            lower[row].append((entries[column] - rest) / lower[column][column])
        pivot = entries[row] - sum(each**2 for each in lower[row])
        if pivot <= _SMALLEST_PIVOT * entries[row]:
            return False
        lower[row].append(math.sqrt(pivot))
    return True
