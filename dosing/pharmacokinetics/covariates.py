"""The covariates of a population model, and how each changes a parameter."""

import math
import re
from dataclasses import dataclass
from enum import Enum

from dosing.errors import UserError
from dosing.knowledge.interactions import find_drugs, nearest_names
from dosing.pharmacokinetics.model_checks import (
    ModelError,
    check_finite,
    check_not_negative,
    check_positive,
    check_text,
    listed,
)
from dosing.quantities.text import quoted

UNIT_OF_RECORDED = {"weight": "kg", "age": "year", "ast": "U/L"}
"""The covariates that come from the record, and their units; others come from a table only."""

TABLE_COLUMNS = ("ID", "TIME", "EVID", "AMT", "DV", "MDV", "II", "ADDL")
"""The columns of a table that are no covariates."""

KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""The form of a key, of a model or a covariate."""

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
        if not KEY.fullmatch(self.name):
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


def check_effect(
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
