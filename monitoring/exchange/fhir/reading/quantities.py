"""Quantities of FHIR: the UCUM code decides, and a unit's text must not contradict it.

Every digit is kept, the unit is that of the record, and a comparator is never lost.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Final

from dosing import Quantity, QuantityKind, UserError, clean, read_quantity
from dosing.quantities.text import quoted
from monitoring.exchange.fhir.reading.element import Element
from monitoring.record.laboratory_value import DIPSTICK, LaboratoryQuantity, kept_unit
from monitoring.record.level import Comparator

UCUM: Final = frozenset({"http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})


class Unit(Enum):
    """The units of one kind of result."""

    LEVEL = QuantityKind.LEVEL
    WEIGHT = QuantityKind.WEIGHT
    HEIGHT = QuantityKind.HEIGHT
    DOSE = QuantityKind.DOSE
    VOLUME = QuantityKind.VOLUME
    LABORATORY = None


def _codes(text: str) -> Mapping[str, str]:
    """Return the spelling here by the code of UCUM; the two are the same unless both are there."""
    pairs = (each.partition("=") for each in text.split())
    return MappingProxyType({code: spelling or code for code, _, spelling in pairs})


_BY_CODE: Final = MappingProxyType(
    {
        Unit.LEVEL: _codes("ng/mL ng/ml=ng/mL ug/L ug/l=ug/L nmol/L nmol/l=nmol/L"),
        Unit.WEIGHT: _codes("kg g [lb_av]=lb"),
        Unit.HEIGHT: _codes("cm m [in_i]=in"),
        Unit.DOSE: _codes("mg ug=micrograms"),
        Unit.VOLUME: _codes("mL ml=mL"),
        Unit.LABORATORY: _codes(
            "10*9/L 10*9/l=10*9/L 10*3/uL=10*9/L 10*3/ul=10*9/L 10*3/mm3=10*9/L 10*6/mL=10*9/L "
            "10*6/ml=10*9/L /nL=10*9/L /nl=10*9/L "
            "10*12/L 10*12/l=10*12/L 10*6/uL=10*12/L 10*6/ul=10*12/L 10*6/mm3=10*12/L "
            "U/L U/l=U/L [IU]/L=U/L [iU]/L=U/L [IU]/l=U/L [iU]/l=U/L "
            "g/dL g/dl=g/dL g/L g/l=g/L mg/dL mg/dl=mg/dL mg/L mg/l=mg/L "
            "mmol/L mmol/l=mmol/L umol/L umol/l=umol/L mg/mg g/g=mg/mg mg/mmol g/mol=mg/mmol "
            "g/(24.h)=g/24h g/d=g/24h mm[Hg] % fL fl=fL pg meq/L meq/l=meq/L mmol/mol L/L l/l=L/L "
            "mg/g ug/L ug/l=ug/L ng/mL=ug/L ng/ml=ug/L mU/L mU/l=mU/L m[IU]/L=mU/L m[iU]/L=mU/L "
            "m[IU]/l=mU/L u[IU]/mL=mU/L u[iU]/mL=mU/L pmol/L pmol/l=pmol/L nmol/L nmol/l=nmol/L "
            "ng/dL ng/dl=ng/dL ug/dL ug/dl=ug/dL"
        ),
    }
)
_COMPARATORS: Final = MappingProxyType(
    {"<": Comparator.BELOW, "<=": Comparator.BELOW, ">": Comparator.ABOVE, ">=": Comparator.ABOVE}
)
_SIGNS: Final = MappingProxyType({**{sign: sign for sign in _COMPARATORS}, "≤": "<=", "≥": ">="})
_ANNOTATION: Final = re.compile(r"\{[^{}]*\}")
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,20})?")
_RESULT: Final = re.compile(r"(?P<sign><=|>=|[<>≤≥])? *(?P<number>[0-9.]+) *(?P<unit>[^0-9. ].*)?")
_LIKE_A_UNIT: Final = re.compile(
    r"(?:(?:da|mc|[yzafpnuµμmcdhkMGT])?(?:g|mol|[lL]|I?U|[eE]q|m|h|d)(?:/|$)){1,2}"
)


@dataclass(frozen=True, slots=True)
class Reported:
    """A number as it was reported, with its comparator, its unit, and sentences for the preview."""

    number: Decimal
    unit: str
    comparator: Comparator | None = None
    comments: tuple[str, ...] = ()

    def quantity(self, kind: QuantityKind) -> Quantity:
        """Return it as a quantity of a kind; raises `UserError` for a number of zero or less."""
        return Quantity(self.number, self.unit, kind)

    @property
    def laboratory_quantity(self) -> LaboratoryQuantity:
        """It as a value of a laboratory."""
        return LaboratoryQuantity(self.number, self.unit)


def read_quantity_in(quantity: Element, unit: Unit, default_unit: str = "") -> Reported:
    """Return what an element of the type Quantity states, in a unit of this kind.

    Raises `PartError` for a missing number, an unknown unit or comparator, and for a text of the
    unit that means another unit than its code.
    """
    number = quantity.number("value")
    if number is None:
        raise quantity.error("value", "it is missing. Ask the sender for the value.")
    if not _NUMBER.fullmatch(number):
        raise quantity.error("value", f"{quoted(number)} is not a value. Check it with the sender.")
    sign = quantity.text("comparator") if quantity.has("comparator") else None
    if sign is not None and sign not in _COMPARATORS:
        known = ", ".join(_COMPARATORS)
        raise quantity.error("comparator", f"{quoted(sign)} is not one of {known}.")
    spelling, comment = _unit_of(quantity, unit, default_unit)
    comments = (comment, _about_sign(sign, number))
    return Reported(
        Decimal(number),
        spelling,
        _COMPARATORS[sign] if sign else None,
        tuple(filter(None, comments)),
    )


def read_result_text(element: Element, name: str, text: str, unit: Unit, default: str) -> Reported:
    """Return a result that is written as one text, such as "<2.0 ng/mL"; else raise `PartError`."""
    stripped = text.strip(" ")
    if unit is Unit.LABORATORY and (strip := _read_strip(stripped)) is not None:
        return strip
    parts = _RESULT.fullmatch(stripped)
    if parts is None or not _NUMBER.fullmatch(parts["number"]):
        raise element.error(
            name, f"{quoted(text)} is not one number with its unit. Enter it by hand."
        )
    written = parts["unit"] or default
    if not written:
        raise element.error(name, f"{quoted(text)} has no unit. Name it in the mapping.")
    spelling = _by_text(written, unit)
    if spelling is None:
        raise element.error(name, f"{quoted(written)} is not a known unit of it. Check the result.")
    sign = _SIGNS[parts["sign"]] if parts["sign"] else None
    comment = _about_sign(sign, parts["number"])
    return Reported(
        Decimal(parts["number"]),
        spelling,
        _COMPARATORS[sign] if sign else None,
        (comment,) if comment else (),
    )


def _read_strip(text: str) -> Reported | None:
    """Return a result of a test strip, such as "2+" or "negative", or None for another text."""
    sign = text[:1] if text[:1] in {"<", ">"} else ""
    try:
        found = LaboratoryQuantity.read(text.removeprefix(sign))
    except UserError:
        return None
    if found.unit != DIPSTICK:
        return None
    return Reported(found.number, found.unit, _COMPARATORS[sign] if sign else None)


def _about_sign(sign: str | None, number: str) -> str:
    """Return the sentence about a comparator that the record writes in another way."""
    if sign not in {"<=", ">="}:
        return ""
    return f"It was reported as {sign}{number}, and is kept as {sign[0]}{number}."


def _unit_of(quantity: Element, unit: Unit, default_unit: str) -> tuple[str, str]:
    """Return the spelling of the unit here, and a sentence about its text or nothing."""
    text, code, system = (
        clean(quantity.text("unit")),
        quantity.text("code"),
        quantity.text("system"),
    )
    for name in ("code", "system"):
        if quantity.has(name) and not quantity.text(name):
            raise quantity.error(name, "it is empty. Ask the sender for the unit.")
    if not code and not text:
        spelling = _by_text(default_unit, unit) if default_unit else None
        if spelling is None:
            raise quantity.error("unit", "it is missing. Name it in the mapping's default_units.")
        return spelling, ""
    if code and system and system not in UCUM:
        raise quantity.error("system", f"{quoted(system)} is not UCUM. Use its code of the unit.")
    if code and system:
        spelling = _BY_CODE[unit].get(_ANNOTATION.sub("", code))
        if spelling is None:
            raise quantity.error("code", f"{quoted(code)} is not a known unit of it in UCUM.")
        return spelling, _about_text(quantity, text, code, spelling, unit)
    first, *others = (each for each in (code, text) if each)
    spelling = _by_text(first, unit)
    if spelling is None:
        name = "code" if code else "unit"
        raise quantity.error(name, f"{quoted(first)} is not a known unit of it. Check the result.")
    for other in others:
        _about_text(quantity, other, first, spelling, unit)
    return spelling, ""


def _about_text(quantity: Element, text: str, code: str, spelling: str, unit: Unit) -> str:
    """Refuse a text of the unit that contradicts its code; return the sentence about another."""
    if not text or text == code:
        return ""
    by_text = _by_text(text, unit)
    if by_text is not None and _is_same(by_text, spelling, unit):
        return ""
    is_known = by_text is not None or _LIKE_A_UNIT.fullmatch(text) or kept_unit(text)
    if is_known or any(text in codes or _by_text(text, each) for each, codes in _BY_CODE.items()):
        raise quantity.error(
            "unit", f"{quoted(text)} is not the unit of the code, {quoted(code)}. Ask the sender."
        )
    return f"The unit is that of the code, {code}; its text is {quoted(text)}."


def _by_text(text: str, unit: Unit) -> str | None:
    """Return the spelling of a unit as people write it, or None."""
    if unit.value is None:
        return _BY_CODE[unit].get(text) or kept_unit(text)
    if text in _BY_CODE[unit]:
        return _BY_CODE[unit][text]
    try:
        return read_quantity(f"1 {text}", unit.value).unit
    except UserError:
        return None


def _is_same(one: str, other: str, unit: Unit) -> bool:
    """Return whether two spellings are the same size: ng/mL is ug/L."""
    if unit.value is None or one == other:
        return one == other
    first, second = (Quantity(Decimal(1), each, unit.value).value for each in (one, other))
    return first == second
