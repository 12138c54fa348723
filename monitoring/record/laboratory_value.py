"""A laboratory value with the laboratory's own limits of normal, in the reported unit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dosing import ReadingError, UserError
from dosing.knowledge.laboratory_grades import SCALES_OF
from dosing.quantities.text import quoted
from monitoring.record.entry import Entry, free_text, keep, name_text, reason_text
from monitoring.record.level import Comparator, comparator_sign
from monitoring.times import Moment

DIPSTICK = "dipstick"
"""The unit of a test strip: its number is the pluses, a trace is a half."""

# Units as laboratories print them; the first spelling is stored. `unit_spelling` takes what differs
# in every unit out of a text: powers of ten, the micro sign, a small l for litre, spaces.
UNITS = (
    ("10*9/L", "10*3/uL", "10*3/mm3", "1/nL", "/nL", "G/L", "Gpt/L", "K/uL", "k/uL", "K/mm3",
     "Tsd/uL", "tsd/uL", "thou/uL", "THOU/uL", "thou/mm3", "miles/uL", "miles/mm3", "Giga/L",
     "giga/L"),
    ("U/L", "u/L", "IU/L", "UI/L", "IE/L", "E/L"),
    ("g/dL", "g%"),
    ("g/L", "mg/mL"),
    ("mg/dL", "mg%", "mg/100mL"),
    ("mg/L", "ug/mL"),
    ("mmol/L",),
    ("umol/L",),
    ("mg/mg", "g/g"),
    ("mg/mmol", "g/mol"),
    ("g/24h", "g/d", "g/24hr", "g/24hours", "g/day"),
    ("mm[Hg]", "mmHg", "mmhg"),
    ("%",),
    # Later than schema 2.
    ("fL", "fl"),
    ("pg",),
    ("meq/L", "mEq/L", "mval/L"),
    ("mmol/mol",),
    ("L/L",),
    ("mg/g",),
    ("ug/L", "ng/mL"),
    ("mU/L", "mIU/L", "mUI/L", "mIE/L", "uU/mL", "uIU/mL", "uUI/mL", "uIE/mL"),
    ("pmol/L",),
    ("nmol/L",),
    ("ng/dL",),
    ("ug/dL",),
    (DIPSTICK,),
    ("10*12/L", "10*6/uL", "10*6/mm3", "M/uL", "M/mm3", "T/L", "Tpt/L", "Mio/uL", "mio/uL",
     "Mill/uL"),
)  # fmt: skip
_UNITS_IN_WORDS = ", ".join(spellings[0] for spellings in UNITS)
_KEPT_UNIT = {spelling: spellings[0] for spellings in UNITS for spelling in spellings}
_KEPT_UNITS = frozenset(_KEPT_UNIT.values())
# Of programs that print capitals alone. G/L is a spelling of its own: giga, not gram.
_CAPITALS: dict[str, set[str]] = {}
for _spelt, _kept in _KEPT_UNIT.items():
    _CAPITALS.setdefault(_spelt.upper(), set()).add(_kept)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_POWER = re.compile(
    r"^[x×X*·⋅]?10(?:(?:\*\*|[*^x×]|exp|[eE]\+?)([0-9]{1,2})|\(([0-9]{1,2})\)"
    r"|([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))/"
)
_LITRE = re.compile(r"/([mdunf]?)(?:l|[Ll]it(?:er|re))$")
_LONGEST_UNIT = 40
_ANNOTATION = re.compile(r"\{[^{}]*\}")  # of UCUM
_SAME_IN_EVERY_UNIT = (
    ("µ", "u"), ("μ", "u"), ("mcL", "uL"), ("mcl", "uL"), ("mcg", "ug"), ("mcmol", "umol"),
    ("micromol", "umol"), ("mm³", "mm3"), ("mm^3", "mm3"), ("cumm", "mm3"), ("cmm", "mm3"),
    ("Tsd.", "Tsd"), ("Mill.", "Mill"), ("Mio.", "Mio"),
)  # fmt: skip
_QUANTITY = re.compile(r"(?P<number>(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?) *(?P<unit>\S.{0,20})")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")
_PRESSURES = re.compile(
    r"(?P<systolic>[1-9][0-9]{1,2}) */ *(?P<diastolic>[1-9][0-9]{1,2}) *(?P<unit>\S*)"
)
_BLOOD_PRESSURE = frozenset({"bloodpressure", "bp", "nibp", "arterialpressure"})
_STRIP_WORDS = {"negative": Decimal(0), "neg": Decimal(0), "trace": Decimal("0.5")}
_STRIP_NUMBERS = frozenset({*_STRIP_WORDS.values(), *map(Decimal, range(1, 5))})
_STRIP_PLUSES = re.compile(r"(?P<number>[1-4])\+|\+(?P<after>[1-4])|(?P<signs>\+{1,4})")


def kept_unit(text: str) -> str | None:
    """Return the unit of a text as it is stored, or None for an unknown one.

    >>> kept_unit("x10E9/L"), kept_unit("K/µL"), kept_unit("G/l"), kept_unit("g/l")
    ('10*9/L', '10*9/L', '10*9/L', 'g/L')
    >>> kept_unit("UMOL/L"), kept_unit("M/uL"), kept_unit("Mg/dL")
    ('umol/L', '10*12/L', None)
    """
    return _KEPT_UNIT.get(text) or _KEPT_UNIT.get(unit_spelling(text))


@lru_cache(maxsize=512)
def unit_spelling(unit: str) -> str:
    """Return a unit without what differs between laboratories (G is giga, and g is gram)."""
    if len(unit) > _LONGEST_UNIT:
        return unit
    text = _ANNOTATION.sub("", "".join(unit.split()))
    for theirs, ours in _SAME_IN_EVERY_UNIT:
        text = text.replace(theirs, ours)
    text = _POWER.sub(_plain_power, text)
    text = _LITRE.sub(r"/\1L", text)
    capitals = _CAPITALS.get(text, set())
    return next(iter(capitals)) if len(capitals) == 1 and text not in _KEPT_UNIT else text


def _plain_power(found: re.Match[str]) -> str:
    power = found[1] or found[2] or found[3].translate(_SUPERSCRIPTS)
    return f"10*{power}/"


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
        if self.unit not in _KEPT_UNITS:
            raise UserError(
                f"{quoted(self.unit)} is not a known unit. Use one of {_UNITS_IN_WORDS}."
            )
        if self.unit == DIPSTICK and self.number not in _STRIP_NUMBERS:
            raise UserError("A dipstick reads negative, trace or 1+ to 4+. Write it so.")

    @classmethod
    def read(cls, text: str) -> "LaboratoryQuantity":
        """Return the quantity of a text such as "35 U/L"; raises `ReadingError` for others.

        >>> LaboratoryQuantity.read("112 x10^9/L")
        LaboratoryQuantity(number=Decimal('112'), unit='10*9/L')
        """
        stripped = text.strip(" \t")
        pluses = _pluses(stripped)
        if pluses is not None:
            return cls(pluses, DIPSTICK)
        parts = _QUANTITY.fullmatch(stripped)
        unit = kept_unit(parts["unit"]) if parts else None
        if parts is None or unit is None:
            raise ReadingError(
                f"{quoted(text)} is not a laboratory value. Write a number with a decimal point "
                f"and a unit, as in 35 U/L. Known units: {_UNITS_IN_WORDS}."
            )
        return cls(Decimal(parts["number"]), unit)

    def __str__(self) -> str:
        """Return the value as it was reported."""
        if self.unit == DIPSTICK:
            words = {Decimal(0): "negative", Decimal("0.5"): "trace"}
            return words.get(self.number, f"{self.number:f}+")
        return f"{self.number:f} {self.unit}"


def _pluses(text: str) -> Decimal | None:
    """Return the number of a test strip's word or pluses, or None for another text."""
    if text.casefold() in _STRIP_WORDS:
        return _STRIP_WORDS[text.casefold()]
    found = _STRIP_PLUSES.fullmatch(text)
    if found is None:
        return None
    return Decimal(found["number"] or found["after"] or len(found["signs"]))


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """A blood pressure as it is written, 128/84 mmHg: it is stored as two values.

    Raises `UserError` where the diastolic pressure is not the lower one.
    """

    systolic: LaboratoryQuantity
    diastolic: LaboratoryQuantity

    def __post_init__(self) -> None:
        """Check that the two are not swapped."""
        if self.diastolic.number >= self.systolic.number:
            raise UserError(
                "The diastolic pressure is not below the systolic one. Write both, as in "
                "128/84 mmHg."
            )


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
    reason: str | None = None
    """Why it was recorded beside another about the same; None if no reason was asked."""

    def __post_init__(self) -> None:
        """Check the limits and clean the texts."""
        keep(self, "test", name_text(self.test, "The test"))
        if not isinstance(self.value, LaboratoryQuantity):
            raise UserError('Two pressures are one test. Name it "blood pressure".')
        keep(self, "laboratory", free_text(self.laboratory, "The laboratory"))
        keep(self, "reason", reason_text(self.reason))
        if self.scale is not None and self.scale not in SCALES_OF:
            raise UserError(f"{quoted(self.scale)} is not known. Use {' or '.join(SCALES_OF)}.")
        lower, upper = self.lower_limit, self.upper_limit
        unit = self.value.unit
        if (lower and lower.unit != unit) or (upper and upper.unit != unit):
            raise UserError(
                f"A limit of normal has another unit than the value. Write it in {unit}."
            )
        if lower and upper and lower.number > upper.number:
            raise UserError("The lower limit of normal is above the upper one. Check both.")

    def __str__(self) -> str:
        """Return the test and its value as it was reported."""
        comparator = comparator_sign(self.comparator)
        return f"{self.test} {comparator}{self.value}"


def read_laboratory(
    text: str,
) -> tuple[LaboratoryQuantity | BloodPressure, Comparator | None]:
    """Return a value as it was typed and its comparator, such as "35 U/L" or "<5 U/L".

    A blood pressure is two values: "128/84 mmHg". Raises `ReadingError` with an example.
    """
    stripped = text.strip(" \t")
    pressures = _PRESSURES.fullmatch(stripped)
    if pressures:
        if kept_unit(pressures["unit"]) != "mm[Hg]":
            raise ReadingError(
                f"{quoted(stripped)} is not a blood pressure. Write it with its unit, as in "
                "128/84 mmHg."
            )
        both = (LaboratoryQuantity(Decimal(pressures[each]), "mm[Hg]") for each in (1, 2))
        return BloodPressure(*both), None
    comparator = next((each for each in Comparator if stripped.startswith(each.value)), None)
    return LaboratoryQuantity.read(stripped[1:] if comparator else stripped), comparator


def read_limit(text: str) -> LaboratoryQuantity | Decimal:
    """Return a limit of normal; a number alone takes the unit of the value.

    Raises `ReadingError` with an example.
    """
    stripped = text.strip(" \t")
    if _NUMBER.fullmatch(stripped):
        return Decimal(stripped)
    return LaboratoryQuantity.read(stripped)


def in_unit_of_value(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one laboratory value with the unit of each limit."""
    unit = typed["value"].unit
    return {
        name: LaboratoryQuantity(value, unit) if isinstance(value, Decimal) else value
        for name, value in typed.items()
    }


def values_typed(typed: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the values of each laboratory value in one input: a blood pressure is two.

    Raises `UserError` for a level of sirolimus, for two pressures of another test or with limits,
    and for a blood pressure of one number.
    """
    value = typed["value"]
    if "sirolimus" in typed["test"].casefold():
        raise UserError("A level of sirolimus is recorded as a level. Use that command or form.")
    name = "".join(sign for sign in typed["test"].casefold() if sign.isalnum())
    if not isinstance(value, BloodPressure):
        if name in _BLOOD_PRESSURE:
            raise UserError("A blood pressure is two numbers. Write it as in 128/84 mmHg.")
        return (in_unit_of_value(typed),)
    if name not in _BLOOD_PRESSURE:
        raise UserError('Two pressures are one test. Name it "blood pressure".')
    if typed.get("lower_limit") or typed.get("upper_limit"):
        raise UserError("A blood pressure has no limits of its own here. Leave them out.")
    return (
        {**typed, "test": "systolic blood pressure", "value": value.systolic},
        {**typed, "test": "diastolic blood pressure", "value": value.diastolic},
    )
