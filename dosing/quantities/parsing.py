"""The one reader for numbers with units that a person typed.

The number must match a strict ASCII pattern and the unit must stand in a closed table of accepted
spellings. Nothing is guessed: whatever is refused comes back with the way to write it.

>>> read("27 lb", QuantityKind.WEIGHT)
Decimal('12.24699399')
>>> read("2,5 mg", QuantityKind.DOSE)
Traceback (most recent call last):
...
dosing.errors.ReadingError: "2,5 mg" has a comma: write the decimal sign as a point, ...
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from dosing.errors import ReadingError
from dosing.quantities.text import quoted
from dosing.quantities.units import convert

_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?")
_NUMBER_THEN_UNIT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?) *(?P<unit>\S.*)?")
_LONGEST_TEXT = 60
_MORE_OF_A_NUMBER = re.compile(r"[0-9.,_'+-]|[eE][0-9+-]")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a measure is called, how it is written, and its unit inside the program."""

    name: str
    example: str
    unit: str


class QuantityKind(Enum):
    """What a text is read as; the result is in the unit that stands last."""

    WEIGHT = _Kind("a weight", "12.4 kg", "kg")
    HEIGHT = _Kind("a height", "88 cm", "cm")
    AGE = _Kind("an age", "27 months", "month")
    DOSE = _Kind("a dose", "0.44 mg", "mg")
    VOLUME = _Kind("a volume", "0.44 mL", "mL")
    LEVEL = _Kind("a level", "7.2 ng/mL", "ng/mL")
    DOSE_PER_DAY = _Kind("a dose per day", "0.88 mg/day", "mg/day")
    DOSE_PER_DAY_BY_AREA = _Kind("a dose per m² per day", "1.6 mg/m²/day", "mg/m**2/day")
    DOSE_BY_AREA = _Kind("a dose per m² per administration", "0.8 mg/m²/dose", "mg/m**2/dose")
    DOSE_PER_DAY_BY_WEIGHT = _Kind("a dose per kg per day", "0.08 mg/kg/day", "mg/kg/day")
    DOSE_BY_WEIGHT = _Kind("a dose per kg per administration", "0.04 mg/kg/dose", "mg/kg/dose")


# registry's unit: accepted spellings, the one to recommend first
_SPELLINGS: dict[QuantityKind, dict[str, tuple[str, ...]]] = {
    QuantityKind.WEIGHT: {
        "kg": ("kg", "kilogram", "kilograms"),
        "g": ("g", "gram", "grams"),
        "lb": ("lb", "lbs", "pound", "pounds"),
    },
    QuantityKind.HEIGHT: {
        "cm": ("cm", "centimetre", "centimetres", "centimeter", "centimeters"),
        "m": ("m", "metre", "metres", "meter", "meters"),
        "in": ("in", "inch", "inches"),
    },
    QuantityKind.AGE: {
        "day": ("days", "day", "d"),
        "week": ("weeks", "week", "wk"),
        "month": ("months", "month", "mo"),
        "year": ("years", "year", "y", "yr"),
    },
    QuantityKind.DOSE: {
        "mg": ("mg", "milligram", "milligrams"),
        "ug": ("micrograms", "microgram", "mcg", "ug", "µg", "μg"),
    },
    QuantityKind.VOLUME: {
        "mL": ("mL", "ml", "millilitre", "millilitres", "milliliter", "milliliters")
    },
    QuantityKind.LEVEL: {
        "ng/mL": ("ng/mL", "ng/ml"),
        "ug/L": ("ug/L", "ug/l", "µg/L", "μg/L", "µg/l", "μg/l", "mcg/L", "mcg/l", "micrograms/L"),
        "nmol/L": ("nmol/L", "nmol/l"),
    },
    QuantityKind.DOSE_PER_DAY: {"mg/day": ("mg/day", "mg/d")},
    QuantityKind.DOSE_PER_DAY_BY_AREA: {
        "mg/m**2/day": ("mg/m²/day", "mg/m2/day", "mg/m^2/day", "mg/m²/d", "mg/m2/d")
    },
    QuantityKind.DOSE_BY_AREA: {"mg/m**2/dose": ("mg/m²/dose", "mg/m2/dose", "mg/m^2/dose")},
    QuantityKind.DOSE_PER_DAY_BY_WEIGHT: {"mg/kg/day": ("mg/kg/day", "mg/kg/d")},
    QuantityKind.DOSE_BY_WEIGHT: {"mg/kg/dose": ("mg/kg/dose",)},
}

_UNIT_OF: dict[QuantityKind, dict[str, str]] = {
    measure: {spelling: unit for unit, spellings in units.items() for spelling in spellings}
    for measure, units in _SPELLINGS.items()
}

_NOT_A_LEVEL = {
    "ng/dl": "a hundred times smaller",
    "ng/l": "a thousand times smaller",
    "pg/ml": "a thousand times smaller",
    "mg/l": "a thousand times larger",
    "ug/ml": "a thousand times larger",
    "mg/dl": "ten thousand times larger",
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit as they were written: every digit kept, nothing converted.

    `unit` is the recommended spelling. Raises `ReadingError` for a unit that `measure` is not
    written in and for a number that is not above zero.

    >>> read_quantity("7.20 ug/L", QuantityKind.LEVEL)
    <Quantity 7.20 ug/L>
    """

    number: Decimal
    unit: str
    measure: QuantityKind

    def __post_init__(self) -> None:
        """Check the unit and that the number is above zero."""
        if self.unit not in accepted_units(self.measure):
            raise ReadingError(f"{quoted(self.unit)}: {_about_unit(self.unit, self.measure)}")
        if not self.number.is_finite() or self.number <= 0:
            kind = self.measure.value
            raise ReadingError(f"{self}: {kind.name} is above zero, such as {kind.example}.")

    @property
    def value(self) -> Decimal:
        """The number in the unit of the measure (kg, cm, months, mg, ng/mL …)."""
        unit = _UNIT_OF[self.measure][self.unit]
        return convert(self.number, unit, to=self.measure.value.unit)

    def __repr__(self) -> str:
        """Return the number and the unit as they were written."""
        return f"<{type(self).__name__} {self}>"

    def __str__(self) -> str:
        """Return the number and the unit as they are shown."""
        return f"{self.number:f} {self.unit}"


def read_quantity(text: str, measure: QuantityKind) -> Quantity:
    """Return what `text` states, as it was written.

    Raises `ReadingError`, with the way to write it, for anything that is not one number above zero
    in plain digits with a decimal point, followed by an accepted unit of the right kind.
    """
    number, typed_unit = _split(text, measure.value)
    unit = _UNIT_OF[measure].get(typed_unit)
    if unit is None:
        raise ReadingError(f"{quoted(text)}: {_about_unit(typed_unit, measure)}")
    return Quantity(number, _SPELLINGS[measure][unit][0], measure)


def read(text: str, measure: QuantityKind) -> Decimal:
    """Return the number that `text` states, in the unit of `measure` (kg, cm, months, mg …).

    Raises `ReadingError` as `read_quantity` does.
    """
    return read_quantity(text, measure).value


def accepted_units(measure: QuantityKind) -> tuple[str, ...]:
    """Return the recommended spelling of each unit that `measure` can be written in.

    >>> accepted_units(QuantityKind.WEIGHT)
    ('kg', 'g', 'lb')
    """
    return tuple(spellings[0] for spellings in _SPELLINGS[measure].values())


def _split(text: str, kind: _Kind) -> tuple[Decimal, str]:
    """Return the number and the unit as typed."""
    stripped = text.strip(" \t")
    if len(stripped) > _LONGEST_TEXT:
        raise ReadingError(
            f"{quoted(text)} is too long: write {kind.name}, such as {kind.example}."
        )
    if not stripped.isprintable():
        raise ReadingError(
            f"{quoted(text)} has a sign that cannot be seen, or a space of another kind: type "
            f"{kind.name} by hand, such as {kind.example}."
        )
    parts = _NUMBER_THEN_UNIT.fullmatch(stripped)
    if (
        parts is None
        or not _NUMBER.fullmatch(parts["number"])
        or _MORE_OF_A_NUMBER.match(parts["unit"] or "")
    ):
        raise ReadingError(f"{quoted(text)} {_about_number(stripped, kind)}")
    if not parts["unit"]:
        raise ReadingError(
            f"{quoted(text)} has no unit: write {kind.name} with its unit, such as {kind.example}."
        )
    return Decimal(parts["number"]), parts["unit"]


# How a number can be wrong: the pattern that shows it, and what to say; the first that fits counts.
_NUMBER_TROUBLES = (
    (r"$", "is empty: write it in the form"),
    (r"[0-9.]+ *[-−–]", "is a range: write one number, as in"),
    (r"[-−–+]", "has a sign: leave it out, as in"),
    (r"[0-9.]*,", "has a comma: write the decimal sign as a point, as in"),
    (r"[0-9.]+['’]", "has a sign inside the number: write the digits together, as in"),
    (r"[0-9.]*_", "has an underscore in the number: write the digits together, as in"),
    (r"[0-9.]+[eE][0-9+-]", "has an exponent: write the number out, as in"),
    (r"\.[0-9]", "begins with the decimal point: write a zero before it, as in"),
    (r"[0-9]+\.(?![0-9])", "has no digit after the decimal point: leave the point out, as in"),
    (r"[0-9]*\.[0-9]*\.", "has two decimal points: write one number, as in"),
    (r"0[0-9]", "begins with a needless zero: leave it out, as in"),
    (r"[0-9.]+\s+[0-9]", "has more than one number: write one number and one unit, as in"),
    (r"[0-9]{10}|[0-9]+\.[0-9]{10}", "has too many digits: write a shorter number, as in"),
    (r"", "is not one plain number in the digits 0 to 9 with its unit: write it in the form"),
)


def _about_number(text: str, kind: _Kind) -> str:
    """Say what keeps `text` from beginning with a number, and how to write it."""
    advice = next(advice for pattern, advice in _NUMBER_TROUBLES if re.match(pattern, text))
    return f"{advice} {kind.example}."


def _about_unit(typed: str, measure: QuantityKind) -> str:
    """Say why `typed` is no unit of `measure`, and what to write."""
    kind = measure.value
    units = ", ".join(accepted_units(measure))
    in_one_case = typed.lower().replace("µ", "u").replace("μ", "u").replace("mcg", "ug")
    if measure is QuantityKind.LEVEL and in_one_case in _NOT_A_LEVEL:
        return (
            f"{typed} is a unit {_NOT_A_LEVEL[in_one_case]} than ng/mL and sirolimus is not "
            "reported in it; look again at the laboratory's report and write ng/mL or ug/L, such "
            f"as {kind.example}."
        )
    if measure is QuantityKind.AGE and typed == "m":
        return f"m can be read as months or as minutes; write it out, such as {kind.example}."
    for other, spellings in _UNIT_OF.items():
        if other is not measure and typed in spellings:
            return (
                f"{typed} is the unit of {other.value.name}; {kind.name} is written in {units}, "
                f"such as {kind.example}."
            )
    return (
        f"{quoted(typed)} is not a known unit of {kind.name}; write {units}, "
        f"such as {kind.example}.{_did_you_mean(typed, measure)}"
    )


def _did_you_mean(typed: str, measure: QuantityKind) -> str:
    """Return the spelling that differs in case or in a letter of a word; never another unit."""
    import difflib  # noqa: PLC0415 - only a mistyped unit needs it

    spellings = {spelling.lower(): spelling for spelling in reversed(_UNIT_OF[measure])}
    meant: str | None = typed.lower()
    if meant not in spellings:
        words = filter(str.isalpha, spellings)
        meant = next(iter(difflib.get_close_matches(typed.lower(), words, cutoff=0.75)), None)
    return f" Did you mean {spellings[meant]}?" if meant else ""
