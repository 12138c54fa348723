"""A laboratory value with the laboratory's own limits of normal, in the reported unit."""

import re
from dataclasses import dataclass
from decimal import Decimal

from dosing import ReadingError, UserError
from dosing.quantities.text import quoted
from monitoring.record.entry import Entry, free_text, keep, name_text
from monitoring.record.level import Comparator, comparator_sign
from monitoring.times import Moment

# Units as laboratories print them; the first spelling is stored.
UNITS = (
    ("10*9/L", "10^9/L", "10⁹/L", "×10⁹/L", "x10^9/L", "x10*9/L", "G/L"),
    ("U/L", "U/l", "u/L", "IU/L", "IU/l"),
    ("g/dL", "g/dl"),
    ("g/L", "g/l"),
    ("mg/dL", "mg/dl"),
    ("mg/L", "mg/l"),
    ("mmol/L", "mmol/l"),
    ("umol/L", "umol/l", "µmol/L", "μmol/L"),
    ("mg/mg", "g/g"),
    ("mg/mmol",),
    ("g/24h", "g/d"),
    ("mm[Hg]", "mmHg"),
    ("%",),
)
_UNITS_IN_WORDS = ", ".join(spellings[0] for spellings in UNITS)
_KEPT_UNIT = {spelling: spellings[0] for spellings in UNITS for spelling in spellings}
_QUANTITY = re.compile(r"(?P<number>(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?) *(?P<unit>\S.{0,20})")


@dataclass(frozen=True, slots=True)
class LaboratoryQuantity:
    """A number of zero or above in a unit of laboratories, every digit kept."""

    number: Decimal
    unit: str

    def __post_init__(self) -> None:
        """Check the number and the unit."""
        if not self.number.is_finite() or self.number < 0:
            raise UserError(
                f"A laboratory value is zero or above, not {self.number}. Check the value."
            )
        if self.unit not in _KEPT_UNIT.values():
            raise UserError(
                f"{quoted(self.unit)} is not a known unit. Use one of {_UNITS_IN_WORDS}."
            )

    @classmethod
    def read(cls, text: str) -> "LaboratoryQuantity":
        """Return the quantity of a text such as "35 U/L"; raises `ReadingError` for others.

        >>> LaboratoryQuantity.read("112 x10^9/L")
        LaboratoryQuantity(number=Decimal('112'), unit='10*9/L')
        """
        parts = _QUANTITY.fullmatch(text.strip(" \t"))
        unit = _KEPT_UNIT.get(parts["unit"]) if parts else None
        if parts is None or unit is None:
            raise ReadingError(
                f"{quoted(text)} is not a laboratory value. Write a number with a decimal point "
                f"and a unit, as in 35 U/L. Known units: {_UNITS_IN_WORDS}."
            )
        return cls(Decimal(parts["number"]), unit)

    def __str__(self) -> str:
        """Return the value as it was reported."""
        return f"{self.number:f} {self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryValue(Entry):
    """One value of one test. The limits of normal are the laboratory's own, in the same unit.

    Raises `UserError` for an empty test, and for limits in another unit or crossed.
    """

    test: str
    at: Moment
    value: LaboratoryQuantity
    comparator: Comparator | None = None
    lower_limit: LaboratoryQuantity | None = None
    upper_limit: LaboratoryQuantity | None = None
    laboratory: str = ""
    scale: str | None = None
    """The scale that grades it, by the clinic's choice on that day; None: CTCAE v5.0."""

    def __post_init__(self) -> None:
        """Check the limits and clean the texts."""
        keep(self, "test", name_text(self.test, "The test"))
        keep(self, "laboratory", free_text(self.laboratory, "The laboratory"))
        if self.scale is not None:
            keep(self, "scale", name_text(self.scale, "The grading scale"))
        lower, upper = self.lower_limit, self.upper_limit
        if any(limit and limit.unit != self.value.unit for limit in (lower, upper)):
            raise UserError(
                f"A limit of normal has another unit than the value. Write it in {self.value.unit}."
            )
        if lower and upper and lower.number > upper.number:
            raise UserError("The lower limit of normal is above the upper one. Check both.")

    def __str__(self) -> str:
        """Return the test and its value as it was reported."""
        comparator = comparator_sign(self.comparator)
        return f"{self.test} {comparator}{self.value}"


def read_laboratory(text: str) -> tuple[LaboratoryQuantity, Comparator | None]:
    """Return a value as it was typed and its comparator, such as "35 U/L" or "<5 U/L".

    Raises `ReadingError` with an example.
    """
    stripped = text.strip(" \t")
    comparator = next((each for each in Comparator if stripped.startswith(each.value)), None)
    return LaboratoryQuantity.read(stripped[1:] if comparator else stripped), comparator
