"""The one parser for numbers with units that a person typed.

The number must match a strict ASCII pattern, and the unit must be in a closed table of accepted
spellings. Nothing is guessed: an error says how to write it.

>>> read("27 lb", QuantityKind.WEIGHT)
Decimal('12.24699399')
>>> read("2,5 mg", QuantityKind.DOSE)
Traceback (most recent call last):
...
dosing.errors.ReadingError: "2,5 mg" has a comma. Write the decimal sign as a point, ...
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
class _Form:
    """The name of a kind, an example, and its unit inside the program."""

    name: str
    example: str
    unit: str


class QuantityKind(Enum):
    """A kind of quantity; its values are in the unit that is named last."""

    WEIGHT = _Form("a weight", "12.4 kg", "kg")
    HEIGHT = _Form("a height", "88 cm", "cm")
    AGE = _Form("an age", "27 months", "month")
    DOSE = _Form("a dose", "0.44 mg", "mg")
    VOLUME = _Form("a volume", "0.44 mL", "mL")
    STRENGTH = _Form("a strength", "0.5 mg/mL", "mg/mL")
    INTERVAL = _Form("an interval", "48 hours", "hour")
    LEVEL = _Form("a level", "7.2 ng/mL", "ng/mL")
    DOSE_PER_DAY = _Form("a dose per day", "0.88 mg/day", "mg/day")
    DOSE_PER_DAY_BY_AREA = _Form("a dose per m² per day", "1.6 mg/m²/day", "mg/m**2/day")
    DOSE_BY_AREA = _Form("a dose per m² per administration", "0.8 mg/m²/dose", "mg/m**2/dose")
    DOSE_PER_DAY_BY_WEIGHT = _Form("a dose per kg per day", "0.08 mg/kg/day", "mg/kg/day")
    DOSE_BY_WEIGHT = _Form("a dose per kg per administration", "0.04 mg/kg/dose", "mg/kg/dose")


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
    QuantityKind.STRENGTH: {"mg/mL": ("mg/mL", "mg/ml")},
    QuantityKind.INTERVAL: {
        "hour": ("hours", "hour", "h"),
        "day": ("days", "day", "d"),
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
    kind: {spelling: unit for unit, spellings in units.items() for spelling in spellings}
    for kind, units in _SPELLINGS.items()
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

    `unit` is the recommended spelling. Raises `ReadingError` for a unit of another kind and for a
    number that is not above zero.

    >>> read_quantity("7.20 ug/L", QuantityKind.LEVEL)
    <Quantity 7.20 ug/L>
    """

    number: Decimal
    unit: str
    kind: QuantityKind

    def __post_init__(self) -> None:
        """Check the unit and that the number is above zero."""
        if self.unit not in accepted_units(self.kind):
            raise ReadingError(f"{quoted(self.unit)}: {_about_unit(self.unit, self.kind)}")
        if not self.number.is_finite() or self.number <= 0:
            form = self.kind.value
            raise ReadingError(
                f"{self} is not above zero. Write {form.name}, such as {form.example}."
            )

    @property
    def value(self) -> Decimal:
        """The number in the unit of its kind (kg, cm, months, mg, ng/mL …)."""
        unit = _UNIT_OF[self.kind][self.unit]
        return convert(self.number, unit, to=self.kind.value.unit)

    def __repr__(self) -> str:
        """Return the number and the unit as they were written."""
        return f"<{type(self).__name__} {self}>"

    def __str__(self) -> str:
        """Return the number and the unit as they are shown."""
        return f"{self.number:f} {self.unit}"


def read_quantity(text: str, kind: QuantityKind) -> Quantity:
    """Return the quantity that `text` states, as it was written.

    Raises `ReadingError`, with an example, for anything but one number above zero in plain digits
    with a decimal point, followed by an accepted unit of the right kind.
    """
    number, typed_unit = _split(text, kind.value)
    unit = _UNIT_OF[kind].get(typed_unit)
    if unit is None:
        raise ReadingError(f"{quoted(text)}: {_about_unit(typed_unit, kind)}")
    return Quantity(number, _SPELLINGS[kind][unit][0], kind)


def read(text: str, kind: QuantityKind) -> Decimal:
    """Return the number that `text` states, in the unit of `kind` (kg, cm, months, mg …).

    Raises `ReadingError` as `read_quantity` does.
    """
    return read_quantity(text, kind).value


def accepted_units(kind: QuantityKind) -> tuple[str, ...]:
    """Return the recommended spelling of each unit that `kind` can be written in.

    >>> accepted_units(QuantityKind.WEIGHT)
    ('kg', 'g', 'lb')
    """
    return tuple(spellings[0] for spellings in _SPELLINGS[kind].values())


def _split(text: str, form: _Form) -> tuple[Decimal, str]:
    """Return the number and the unit as typed."""
    stripped = text.strip(" \t")
    if len(stripped) > _LONGEST_TEXT:
        raise ReadingError(
            f"{quoted(text)} is too long. Write {form.name}, such as {form.example}."
        )
    if not stripped.isprintable():
        raise ReadingError(
            f"{quoted(text)} has an invisible character or an unusual space. Type {form.name} by "
            f"hand, such as {form.example}."
        )
    parts = _NUMBER_THEN_UNIT.fullmatch(stripped)
    if (
        parts is None
        or not _NUMBER.fullmatch(parts["number"])
        or _MORE_OF_A_NUMBER.match(parts["unit"] or "")
    ):
        raise ReadingError(f"{quoted(text)} {_about_number(stripped, form)}")
    if not parts["unit"]:
        raise ReadingError(
            f"{quoted(text)} has no unit. Write {form.name} with its unit, such as {form.example}."
        )
    return Decimal(parts["number"]), parts["unit"]


# The ways a number can be wrong: a pattern, and the message; the first that matches is used.
_NUMBER_TROUBLES = (
    (r"$", "is empty. Write it as in"),
    (r"[0-9.]+ *[-−–]", "is a range. Write one number, as in"),
    (r"[-−–+]", "has a plus or minus sign. Leave it out, as in"),
    (r"[0-9.]*,", "has a comma. Write the decimal sign as a point, as in"),
    (r"[0-9.]+['’]", "has an apostrophe in the number. Write the digits together, as in"),
    (r"[0-9.]*_", "has an underscore in the number. Write the digits together, as in"),
    (r"[0-9.]+[eE][0-9+-]", "has an exponent. Write the number out, as in"),
    (r"\.[0-9]", "begins with the decimal point. Write a zero before it, as in"),
    (r"[0-9]+\.(?![0-9])", "has no digit after the decimal point. Leave the point out, as in"),
    (r"[0-9]*\.[0-9]*\.", "has two decimal points. Write one number, as in"),
    (r"0[0-9]", "begins with a needless zero. Leave it out, as in"),
    (r"[0-9.]+\s+[0-9]", "has more than one number. Write one number and one unit, as in"),
    (r"[0-9]{10}|[0-9]+\.[0-9]{10}", "has too many digits. Write a shorter number, as in"),
    (r"", "is not one plain number with its unit. Use the digits 0 to 9, as in"),
)


def _about_number(text: str, form: _Form) -> str:
    """Return what is wrong with the number of `text`, and how to write it."""
    advice = next(advice for pattern, advice in _NUMBER_TROUBLES if re.match(pattern, text))
    return f"{advice} {form.example}."


def _about_unit(typed: str, kind: QuantityKind) -> str:
    """Return why `typed` is not a unit of `kind`, and what to write."""
    form = kind.value
    units = ", ".join(accepted_units(kind))
    in_one_case = typed.lower().replace("µ", "u").replace("μ", "u").replace("mcg", "ug")
    if kind is QuantityKind.LEVEL and in_one_case in _NOT_A_LEVEL:
        return (
            f"{typed} is {_NOT_A_LEVEL[in_one_case]} than ng/mL, and sirolimus is not reported in "
            f"it. Check the laboratory's report and write ng/mL or ug/L, such as {form.example}."
        )
    if kind is QuantityKind.AGE and typed == "m":
        return f"m may mean months or minutes. Write the unit out, such as {form.example}."
    for other, spellings in _UNIT_OF.items():
        if other is not kind and typed in spellings:
            return (
                f"{typed} is the unit of {other.value.name}. Write {form.name} in {units}, "
                f"such as {form.example}."
            )
    return (
        f"{quoted(typed)} is not a known unit of {form.name}. Write {units}, "
        f"such as {form.example}.{_did_you_mean(typed, kind)}"
    )


def _did_you_mean(typed: str, kind: QuantityKind) -> str:
    """Return the spelling that differs in case or in a letter of a word; never another unit."""
    import difflib  # noqa: PLC0415 - only a mistyped unit needs it

    spellings = {spelling.lower(): spelling for spelling in reversed(_UNIT_OF[kind])}
    meant: str | None = typed.lower()
    if meant not in spellings:
        words = filter(str.isalpha, spellings)
        meant = next(iter(difflib.get_close_matches(typed.lower(), words, cutoff=0.75)), None)
    return f" Did you mean {spellings[meant]}?" if meant else ""
