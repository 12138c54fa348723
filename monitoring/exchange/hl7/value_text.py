"""Values of OBX-5: a comparator, a number whose digits are kept, a unit; and limits of normal.

Only one plain number is read: `007.2`, `1.2E+2`, `7,2`, `+7.2` and `GT 45` are refused.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from dosing import Quantity, QuantityKind, ReadingError, read_quantity
from dosing.quantities.text import quoted
from monitoring.record.laboratory_value import LaboratoryQuantity, kept_unit
from monitoring.record.level import Comparator

_SIGNS = str.maketrans({"≤": "<=", "≥": ">=", "＜": "<", "＞": ">"})
_ESCAPED_SIGNS = (("&lt;", "<"), ("&gt;", ">"))
_COMPARATOR = re.compile(r"(?P<sign><=|>=|<|>) *(?P<rest>.*)", re.DOTALL)
_NUMBER = r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?"
_NUMBER_ALONE = re.compile(_NUMBER)
_RANGE = re.compile(rf"(?P<lower>{_NUMBER}) *- *(?P<upper>{_NUMBER})(?: +(?P<unit>\S.*))?")
_LIMIT = re.compile(rf"(?P<sign><=|>=|<|>) *(?P<number>{_NUMBER})(?: +(?P<unit>\S.*))?")
# UCUM's own names of units that this program spells otherwise.
_UCUM = {"[lb_av]": "lb", "[in_i]": "in"}


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """A value as it was reported, with its comparator apart."""

    comparator: Comparator | None
    number: str
    """The number, with its unit where the text has one."""
    remarks: tuple[str, ...] = ()
    """Sentences on what is not kept as it was reported."""

    @property
    def has_unit(self) -> bool:
        """Return whether the text has a unit of its own."""
        return " " in self.number

    def with_unit(self, unit: str) -> str:
        """Return number and unit, for the reader of a quantity.

        A text that has the same unit already keeps its own.
        """
        number, _, own = self.number.partition(" ")
        if not unit or (own and _same_unit(own.strip(" "), unit)):
            return self.number
        return f"{number} {own} {unit}" if own else f"{number} {unit}"


def value_in_text(text: str) -> ReportedValue:
    """Return the value of a text such as `<2.0`, `7.2` or `7.2 ng/mL`.

    >>> value_in_text("≤ 2.0")
    ReportedValue(comparator=<Comparator.BELOW: '<'>, number='2.0', \
remarks=('It was reported as "≤ 2.0", and is kept as <2.0.',))
    """
    plain = text.strip(" \t")
    for escaped, sign in _ESCAPED_SIGNS:
        plain = plain.replace(escaped, sign)
    found = _COMPARATOR.fullmatch(plain.translate(_SIGNS))
    if found is None:
        return ReportedValue(None, plain)
    return _compared(found["sign"], found["rest"], text)


def value_in_parts(comparator: str, number: str) -> ReportedValue:
    """Return the value of a structured numeric (SN) that has one number.

    Raises `ReadingError` for a comparator that is not of the standard, and for `<>`.
    """
    sign = comparator.strip(" ").translate(_SIGNS)
    if sign in {"", "="}:
        return ReportedValue(None, number.strip(" "))
    if sign not in {"<", ">", "<=", ">="}:
        raise ReadingError(f"{quoted(comparator)} is not <, <=, > or >=. Send one of them.")
    return _compared(sign, number.strip(" "), f"{comparator}{number}")


def _compared(sign: str, number: str, text: str) -> ReportedValue:
    comparator = Comparator(sign[0])
    if len(sign) == 1:
        return ReportedValue(comparator, number)
    kept = f"{comparator.value}{number}"
    return ReportedValue(
        comparator, number, (f"It was reported as {quoted(text)}, and is kept as {kept}.",)
    )


def _same_unit(first: str, second: str) -> bool:
    """Return whether two texts are spellings of one unit."""
    kept = kept_unit(first)
    return first == second or (kept is not None and kept == kept_unit(second))


# --- units


def _quantity_unit(text: str) -> str | None:
    """Return the unit of a level, a weight or a height in its usual spelling, or None."""
    own = _UCUM.get(text, text)
    for kind in (QuantityKind.LEVEL, QuantityKind.WEIGHT, QuantityKind.HEIGHT):
        try:
            return read_quantity(f"1 {own}", kind).unit
        except ReadingError:
            continue
    return None


def unit_of(candidates: tuple[str, ...]) -> str:
    """Return the one unit of the codes and texts of OBX-6, or the first of them if none is known.

    Raises `ReadingError` for codes that name different units.
    """
    given = [each for each in candidates if each]
    meanings = ((_quantity_unit(each) or kept_unit(each), each) for each in given)
    known = {meaning: each for meaning, each in meanings if meaning}
    if len(known) > 1:
        names = " and ".join(quoted(each) for each in known.values())
        raise ReadingError(f"it names the units {names}. Send one of them.")
    chosen = next(iter(known.values()), given[0] if given else "")
    return _UCUM.get(chosen, chosen)


def level_of(value: ReportedValue, unit: str) -> Quantity:
    """Return a level. Raises `ReadingError` for anything but a plain number with its unit."""
    return read_quantity(value.with_unit(unit), QuantityKind.LEVEL)


def laboratory_of(value: ReportedValue, unit: str) -> LaboratoryQuantity:
    """Return a laboratory value. Raises `ReadingError` as `level_of` does."""
    return LaboratoryQuantity.read(value.with_unit(unit))


# --- limits of normal


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of normal of a value, in its unit."""

    lower: LaboratoryQuantity | None = None
    upper: LaboratoryQuantity | None = None


NO_LIMITS = Limits()


def limits_of(text: str, unit: str) -> Limits | None:
    """Return the limits of a text such as `3.0 - 7.0`, `<41` or `>5`, or None for another text.

    >>> limits_of("3-7", "g/L").upper
    LaboratoryQuantity(number=Decimal('7'), unit='g/L')
    """
    plain = text.strip(" \t").translate(_SIGNS)
    found = _RANGE.fullmatch(plain) or _LIMIT.fullmatch(plain)
    if found is None or (found["unit"] and not _same_unit(found["unit"], unit)):
        return None
    if "sign" in found.re.groupindex:
        limit = LaboratoryQuantity(Decimal(found["number"]), unit)
        return Limits(upper=limit) if found["sign"][0] == "<" else Limits(lower=limit)
    lower, upper = (LaboratoryQuantity(Decimal(found[each]), unit) for each in ("lower", "upper"))
    return Limits(lower, upper) if lower.number <= upper.number else None
