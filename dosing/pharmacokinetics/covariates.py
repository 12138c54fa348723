"""The covariates of a population model, and how each changes a parameter."""

import math
import re
from dataclasses import dataclass
from enum import Enum

from dosing.errors import UserError
from dosing.pharmacokinetics.model_checks import (
    ModelError,
    check_finite,
    check_not_negative,
    check_positive,
    check_text,
    listed,
)
from dosing.quantities.text import quoted

UNIT_OF_RECORDED = {
    "weight": "kg", "age": "year", "ast": "U/L", "bilirubin": "umol/L", "haematocrit": "percent",
    "cyp3a5": "",
}  # fmt: skip
"""The covariates in the record, with their units; others come from a table only."""

TITLES = {"ast": "AST", "cyp3a5": "CYP3A5 genotype"}
"""The names of covariates for people, where they are not the key."""

WORDS_OF = {"cyp3a5": ("CYP3A5*3/*3", "CYP3A5*1 carrier")}
"""The words for 0 and for 1 of a covariate in the record that is one of the two."""

TABLE_COLUMNS = ("ID", "TIME", "EVID", "AMT", "DV", "MDV", "II", "ADDL")
"""The columns of a table that are not covariates."""

KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""The form of a key, of a model or a covariate."""

_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class CovariateForm(Enum):
    """The form of a covariate effect: the multiplier of a parameter by a covariate x."""

    POWER = "power"
    """(x / reference) ** exponent."""
    FACTOR = "factor"
    """factor where x is 1 (a drug is taken), else 1."""
    FACTOR_ABOVE = "factor-above"
    """factor where x is above `above`, else 1."""
    LINEAR = "linear"
    """1 + slope * x / reference."""
    MATURATION = "maturation"
    """x / (half + x)."""


FIGURES_OF = {
    CovariateForm.POWER: ("reference", "exponent"),
    CovariateForm.FACTOR: ("factor",),
    CovariateForm.FACTOR_ABOVE: ("factor", "above"),
    CovariateForm.LINEAR: ("reference", "slope"),
    CovariateForm.MATURATION: ("half",),
}
"""The figures of each form; it has no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateEffect:
    """The effect of one covariate on one parameter."""

    covariate: str
    kind: CovariateForm
    reference: float = 1.0
    exponent: float = 0.0
    factor: float = 1.0
    above: float = 0.0
    slope: float = 0.0
    half: float = 1.0

    def __post_init__(self) -> None:
        """Raise `ModelError` for a figure that is not finite, or a reference or factor of 0."""
        for figure in ("reference", "exponent", "factor", "above", "slope", "half"):
            check_finite(getattr(self, figure), figure)
        for figure in ("reference", "factor", "half"):
            check_positive(getattr(self, figure), figure)

    def multiplier(self, x: float) -> float:
        """Return the multiplier of the parameter at a value of the covariate.

        Raises `UserError` for an impossible value, and for another than 0 or 1 where only these
        apply.
        """
        if not 0 <= x < math.inf:
            raise UserError(f"{self.covariate} is {x:g}. Write a number from 0 on.")
        if not x and self.kind in {CovariateForm.POWER, CovariateForm.MATURATION}:
            raise UserError(f"{self.covariate} is 0. Write a number above 0.")
        match self.kind:
            case CovariateForm.POWER:
                return float((x / self.reference) ** self.exponent)
            case CovariateForm.FACTOR:
                if x not in (0, 1):
                    raise UserError(f"{self.covariate} is {x:g}. Write 1 for yes or 0 for no.")
                return self.factor if x else 1.0
            case CovariateForm.FACTOR_ABOVE:
                return self.factor if x > self.above else 1.0
            case CovariateForm.LINEAR:
                return 1 + self.slope * x / self.reference
            case CovariateForm.MATURATION:
                return x / (self.half + x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """A covariate, its column in a table, and the range that the model was made from."""

    name: str
    """Those of `UNIT_OF_RECORDED` come from the record, as do drugs by `drug`."""
    column: str
    """The name of its column in a table."""
    unit: str
    """Empty where the covariate is 0 or 1."""
    lowest: float | None = None
    highest: float | None = None
    drug: str = ""
    """The drug of a covariate that is 1 where it is taken and 0 where not, or empty."""

    def __post_init__(self) -> None:
        """Raise `ModelError` for an impossible name, column, unit, range or drug."""
        if not KEY.fullmatch(self.name):
            raise ModelError(
                f"{quoted(self.name)} is not a covariate's name. Use small letters and digits."
            )
        if not _COLUMN.fullmatch(self.column) or self.column.upper() in TABLE_COLUMNS:
            raise ModelError(
                f"{quoted(self.column)} is not a covariate's column. Use letters, digits and _,"
                f" but none of {listed(TABLE_COLUMNS)}.",
                "column",
            )
        expected = "" if self.drug else UNIT_OF_RECORDED.get(self.name, self.unit)
        if self.unit != expected:
            raise ModelError(
                f"the unit of {self.name} is {quoted(expected)}, not {quoted(self.unit)}. Convert"
                " its figures.",
                "unit",
            )
        if self.unit:
            check_text(self.unit, "unit")
        self._check_range()
        if self.drug:
            self._check_drug()
        if self.is_two_valued and self.has_range:
            raise ModelError(
                f"{self.name} has no unit and no range, it is 1 or 0. Leave lowest and highest out."
            )

    @property
    def title(self) -> str:
        """The name for people."""
        return TITLES.get(self.name, self.name)

    @property
    def is_two_valued(self) -> bool:
        """Return whether it is 1 or 0: a drug, a genotype."""
        return not self.unit

    @property
    def has_range(self) -> bool:
        """Return whether the range of the model's patients has an end."""
        return (self.lowest, self.highest) != (None, None)

    def contains(self, x: float) -> bool:
        """Return whether a value is within the range of the model's patients, both ends included.

        >>> age = Covariate(name="age", column="AGE", unit="year", lowest=1, highest=15)
        >>> [age.contains(x) for x in (0.9, 1, 15, 15.1)]
        [False, True, True, False]
        """
        if self.is_two_valued:
            return x in (0, 1)
        lowest = 0 if self.lowest is None else self.lowest
        highest = math.inf if self.highest is None else self.highest
        return math.isfinite(x) and lowest <= x <= highest

    def words(self, x: float) -> str:
        """Return one of its two values in words."""
        if self.drug:
            return f"{'with' if x else 'without'} {self.drug}"
        return WORDS_OF[self.name][int(x)]

    def _check_range(self) -> None:
        lowest, highest = self.lowest, self.highest
        for figure, value in (("lowest", lowest), ("highest", highest)):
            if value is not None:
                check_not_negative(value, figure)
        if lowest is not None and highest is not None and lowest >= highest:
            raise ModelError(
                f"the range of {self.name} is from {lowest:g} to {highest:g}. Write the lower"
                " figure as lowest.",
                "lowest",
            )

    def _check_drug(self) -> None:
        from dosing.knowledge.interactions import (  # noqa: PLC0415 - with all alerts
            find_drugs,
            nearest_names,
        )

        if self.name in UNIT_OF_RECORDED:
            raise ModelError(f"{self.name} is not a drug. Give the covariate another name.", "drug")
        if [drug.name for drug in find_drugs(self.drug)] != [self.drug]:
            nearest = nearest_names(self.drug)
            hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
            raise ModelError(
                f"{quoted(self.drug)} is not in the interaction table. Write a name from it.{hint}",
                "drug",
            )


def check_effect(
    relation: CovariateEffect, covariate: Covariate, place: tuple[str | int, ...]
) -> None:
    """Raise `ModelError` for an effect that does not fit its covariate."""
    is_factor = relation.kind is CovariateForm.FACTOR
    if covariate.is_two_valued and not is_factor:
        raise ModelError(
            f"{covariate.name} is 1 or 0. Its relation is of the kind factor.", *place, "kind"
        )
    if relation.kind is not CovariateForm.LINEAR:
        return
    if covariate.highest is None:
        raise ModelError(
            f"a linear relation with {covariate.name} needs its range. Write lowest and highest.",
            *("covariate", covariate.name),
        )
    for x in (covariate.lowest or 0, covariate.highest):
        if relation.multiplier(x) <= 0:
            raise ModelError(
                f"the linear relation gives no positive parameter at {covariate.name} {x:g}."
                " Check the sign of the slope, and the reference.",
                *place,
            )
