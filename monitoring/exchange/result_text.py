"""Parsing of results as laboratories write them: comparators, flags, ranges, units.

A text with one meaning is read, and the preview says what was left out or converted. Any other text
is refused.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Generic, TypeVar

from dosing import Quantity, QuantityKind, ReadingError, accepted_units, read_quantity
from dosing.quantities.text import quoted
from monitoring.laboratory.tests import find_test
from monitoring.record.laboratory_value import (
    DIPSTICK,
    LaboratoryQuantity,
    kept_unit,
    unit_spelling,
)
from monitoring.record.level import Comparator

Value = TypeVar("Value")

DECIMAL_SIGNS = MappingProxyType({"point": ".", "comma": ","})
"""The decimal signs by their name in a mapping."""

_ESCAPES = {
    "&lt;": "<", "&LT;": "<", "&#60;": "<", "&#x3c;": "<", "&#x3C;": "<", "&le;": "<=",
    "&#8804;": "<=", "&gt;": ">", "&GT;": ">", "&#62;": ">", "&#x3e;": ">", "&#x3E;": ">",
    "&ge;": ">=", "&#8805;": ">=", "&nbsp;": " ",
}  # fmt: skip
_ESCAPED = re.compile("|".join(map(re.escape, _ESCAPES)))
_SIGNS = str.maketrans(
    {
        "＜": "<", "﹤": "<", "＞": ">", "﹥": ">",
        "\u00a0": " ", "\u2009": " ", "\u202f": " ",
        "≤": "<=", "≦": "<=", "⩽": "<=", "≥": ">=", "≧": ">=", "⩾": ">=",
    }
)  # fmt: skip
_COMPARATOR = re.compile(r"(<=|=<|<|>=|=>|>)[ \t]*")
_NUMBER_FIRST = re.compile(r"(?P<number>[0-9](?:[0-9.,'’]*[0-9])?)(?P<rest>.*)", re.DOTALL)
_BARE = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_APOSTROPHES = "'’"
_FLAGS = frozenset(
    {"H", "L", "HH", "LL", "*", "**", "***", "!", "!!", "↑", "↓", "↑↑", "↓↓", "H*", "L*", "*H",
     "*L", "A", "AA", "HIGH", "LOW"}
)  # fmt: skip
_FLAG_IN_BRACKETS = re.compile(
    r"(?P<rest>[^()\[\]]*?) *(?:\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\])"
)
_FLAG_ALONE = re.compile(r"(?P<rest>.*[ \t])(?P<flag>[^ \t]{1,5})")
_SIGN_FLAG = re.compile(r"(?P<rest>(?:.*[^*!↑↓ ])?) *(?P<flag>[*!↑↓]{1,3})")
_FLAG_BEFORE = re.compile(r"(?P<flag>[*!↑↓]+) *(?=[<>=0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultText:
    """A result in its parts: the number has a decimal point, and its digits are as reported."""

    comparator: Comparator | None
    number: str
    rest: str
    """The text after the number, which is its unit, with the spaces before it; may be empty."""
    comments: tuple[str, ...] = ()
    """Sentences about what is not kept as it was reported."""


def plain_signs(text: str) -> str:
    """Return a text with `<`, `>`, `<=`, `>=` and a blank for every other form of these signs.

    >>> plain_signs("&lt; 2"), plain_signs("≤2"), plain_signs("＞30")
    ('< 2', '<=2', '>30')
    """
    if text.isascii() and "&" not in text:
        return text
    unescaped = _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)
    return unescaped.translate(_SIGNS)


def read_result(text: str, decimal_sign: str | None) -> ResultText:
    """Return the parts of a result; `decimal_sign` is "point", "comma", or None if not stated.

    Raises `ReadingError` for a text that does not begin with one number.

    >>> read_result("7,20* ng/mL", "comma").number
    '7.20'
    >>> read_result("≤2.0", "point").comments
    ('It was reported as "≤2.0", and is kept as <2.0.',)
    """
    stripped = text.strip(" \t")
    rest, comments = plain_signs(stripped).strip(" \t"), []
    if before := _FLAG_BEFORE.match(rest):
        comments.append(_flag_comment(before["flag"]))
        rest = rest[before.end() :]
    comparator, comparator_text = None, ""
    if sign := _COMPARATOR.match(rest):
        comparator_text = sign[1]
        comparator = Comparator.BELOW if "<" in comparator_text else Comparator.ABOVE
        rest = rest[sign.end() :]
    parts = _NUMBER_FIRST.fullmatch(rest)
    if parts is None:
        return ResultText(comparator=comparator, number=rest, rest="", comments=tuple(comments))
    number, comment = _with_point(stripped, parts["number"], decimal_sign)
    if comment:
        comments.append(comment)
    if "=" in comparator_text and comparator:
        kept = f"{comparator.value}{number}"
        comments.append(f"It was reported as {quoted(stripped)}, and is kept as {kept}.")
    unit, flag = _without_flag(parts["rest"])
    if flag:
        comments.append(_flag_comment(flag))
    return ResultText(comparator=comparator, number=number, rest=unit, comments=tuple(comments))


def _flag_comment(flag: str) -> str:
    return f"The laboratory's flag {quoted(flag)} is not kept."


def _without_flag(rest: str) -> tuple[str, str]:
    """Return what follows a number without a flag of the laboratory at its end, and the flag."""
    if found := _FLAG_IN_BRACKETS.fullmatch(rest):
        flag = (found["round"] or found["square"] or "").strip(" ")
        return (found["rest"], flag) if flag.upper() in _FLAGS else (rest, "")
    if found := _SIGN_FLAG.fullmatch(rest):
        inner, more = _without_flag(found["rest"])
        return inner, f"{more}{found['flag']}"
    found = _FLAG_ALONE.fullmatch(rest)
    if found and found["flag"].upper() in _FLAGS:
        return found["rest"].rstrip(" \t"), found["flag"]
    return rest, ""


def _with_point(text: str, number: str, stated: str | None) -> tuple[str, str]:
    """Return a number with a decimal point, by the stated sign, and a comment on its separators.

    Separators of thousands are left out where nothing else is possible: the stated decimal sign
    follows them, or they occur twice.
    """
    found = {sign for sign in number if not sign.isdigit()}
    if not found:
        return number, ""
    if stated is None and found & set(DECIMAL_SIGNS.values()):
        raise ReadingError(f"{quoted(text)} has a decimal sign. State decimal_sign in the mapping.")
    sign = DECIMAL_SIGNS[stated or "point"]
    if found == {sign} and number.count(sign) == 1:
        return number.replace(sign, "."), ""
    if found == {sign}:
        return number.replace(sign, "."), ""  # two decimal signs: refused with the number
    without = _without_thousands(number, found - {sign}, sign)
    if without is not None:
        return without, f"{quoted(number)} is read as {without}."
    raise ReadingError(
        f"{quoted(text)} has another decimal sign than the mapping ({stated or 'none'}), or a "
        "separator of thousands. Check decimal_sign in it."
    )


def _without_thousands(number: str, others: set[str], sign: str) -> str | None:
    """Return the number without separators of thousands, or None where they are not clear."""
    if len(others) != 1:
        return None
    separator = others.pop()
    whole, decimal, fraction = number.partition(sign)
    first, *groups = whole.split(separator)
    size = 3
    if separator in fraction or sign in fraction or not groups or not 1 <= len(first) <= size:
        return None
    if first.startswith("0") or any(len(group) != size for group in groups):
        return None
    if not decimal and len(groups) == 1 and separator not in _APOSTROPHES:
        return None
    return f"{''.join((first, *groups))}{'.' if decimal else ''}{fraction}"


# --- ranges of normal


@dataclass(frozen=True, slots=True)
class RangeText:
    """The limits of normal in one text, each as a number with a decimal point, or empty."""

    lower: str = ""
    upper: str = ""
    unit: str = ""


_LIMIT_UNIT = r"(?: +(?P<unit>[^\s–—−-].*)| *(?P<close>[^\W\d].*|%))?"
_RANGE = re.compile(
    r"(?P<lower>[0-9][0-9.,]*) *(?:-|–|—|−|‐|‑|~|\.\.\.?|…| to | bis | à | a | tot )"
    rf" *(?P<upper>[0-9][0-9.,]*){_LIMIT_UNIT}"
)
_ONE_SIDE = re.compile(rf"(?P<sign><=|=<|<|>=|=>|>) *(?P<number>[0-9][0-9.,]*){_LIMIT_UNIT}")
_BRACKETS = {"[": "]", "(": ")"}


def read_range(text: str, decimal_sign: str | None) -> RangeText:
    """Return the limits of a text such as "0.0 - 41", "[3-7]" or "<41".

    Raises `ReadingError` for any other text, and for a lower limit above the upper one.

    >>> read_range("0,5–1,2", "comma")
    RangeText(lower='0.5', upper='1.2', unit='')
    >>> read_range("≤ 41 U/L", "point")
    RangeText(lower='', upper='41', unit='U/L')
    """
    stripped = plain_signs(text.strip(" \t"))
    if stripped and _BRACKETS.get(stripped[0]) == stripped[-1]:
        stripped = stripped[1:-1].strip(" \t")
    if found := _RANGE.fullmatch(stripped):
        lower, upper = (
            _limit_number(text, found[name], decimal_sign) for name in ("lower", "upper")
        )
        if Decimal(lower) > Decimal(upper):
            raise ReadingError(f"{quoted(text)} has the lower limit above the upper one.")
        return RangeText(lower, upper, _limit_unit(found))
    if found := _ONE_SIDE.fullmatch(stripped):
        number = _limit_number(text, found["number"], decimal_sign)
        unit = _limit_unit(found)
        if "<" in found["sign"]:
            return RangeText(upper=number, unit=unit)
        return RangeText(lower=number, unit=unit)
    raise ReadingError(f"{quoted(text)} is not a range of normal. Write it as in 0.5 - 1.2.")


def _limit_unit(found: re.Match[str]) -> str:
    return (found["unit"] or found["close"] or "").strip(" ")


def _limit_number(text: str, number: str, decimal_sign: str | None) -> str:
    if not _BARE.fullmatch(number):
        raise ReadingError(f"{quoted(text)} is not a range of normal. Write it as in 0.5 - 1.2.")
    return _with_point(text, number, decimal_sign)[0]


# --- quantities


# A unit that is not kept: the kept one, and the exact factor to it.
_CONVERTED = {
    "/uL": ("10*9/L", Decimal("0.001")),
    "1/uL": ("10*9/L", Decimal("0.001")),
    "cells/uL": ("10*9/L", Decimal("0.001")),
    "/mm3": ("10*9/L", Decimal("0.001")),
    "cells/mm3": ("10*9/L", Decimal("0.001")),
    "10*6/L": ("10*9/L", Decimal("0.001")),
    "ukat/L": ("U/L", Decimal(60)),
}
_GIGA, _GRAM = "10*9/L", "g/L"
_LEVEL_UNITS = MappingProxyType({unit: unit for unit in accepted_units(QuantityKind.LEVEL)})
_NG_ML = "ng/mL"
_SPELLINGS_OF_NG_ML = frozenset({"ng/mL", "ng/ml", "NG/ML"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult(Generic[Value]):
    """A result in a unit that is kept, with sentences on what is not kept as it was reported."""

    value: Value
    comparator: Comparator | None
    unit: str
    """The unit in the spelling of the text, for limits of normal that have none."""
    comments: tuple[str, ...] = ()


def read_level_result(
    text: str, decimal_sign: str | None, unit: str = "", default_unit: str = ""
) -> ReadResult[Quantity]:
    """Return a level in its reported unit, which is stated beside it or in its text.

    `default_unit` is for a number without any. Raises `ReadingError` for another text or unit.

    >>> result = read_level_result("<= 2,0 (L)", "comma", "mcg / l")
    >>> result.value, result.comparator
    (<Quantity 2.0 ug/L>, <Comparator.BELOW: '<'>)
    """
    result = read_result(text, decimal_sign)
    unit = unit or _default(result, default_unit)
    own = _own_unit(result, unit)
    kept = _level_unit(own)
    whole = f"{result.number} {kept}" if kept else _as_written(result, unit)
    return ReadResult(
        value=read_quantity(whole, QuantityKind.LEVEL),
        comparator=result.comparator,
        unit=own,
        comments=result.comments,
    )


def _level_unit(unit: str) -> str | None:
    """Return the unit of a level in the spelling that is kept, or None for an unknown one."""
    spelt = "".join(unit.split())
    if spelt in _SPELLINGS_OF_NG_ML:
        return _NG_ML  # laboratory values keep it as ug/L
    return _LEVEL_UNITS.get(unit_spelling(unit))


def read_laboratory_result(
    text: str, decimal_sign: str | None, unit: str = "", test: str = "", default_unit: str = ""
) -> ReadResult[LaboratoryQuantity]:
    """Return a value of a test, whose unit is stated beside it or in its text.

    `default_unit` is for a number without any. A conversion is by an exact factor, with every
    digit. Raises `ReadingError` for another text or
    unit, and where giga per litre and gram per litre are confused.

    >>> result = read_laboratory_result("1500", "point", "/µL", "neutrophils")
    >>> str(result.value), result.comments
    ('1.500 10*9/L', ('1500 /µL is converted to 1.500 10*9/L.',))
    """
    result = read_result(text, decimal_sign)
    unit = unit or _default(result, default_unit)
    own = _own_unit(result, unit)
    comments = result.comments
    if converted := _CONVERTED.get(unit_spelling(own)):
        kept, factor = converted
        reported = LaboratoryQuantity.read(f"{result.number} {kept}")
        value = LaboratoryQuantity.read(f"{reported.number * factor:f} {kept}")
        comments = (*comments, f"{result.number} {own} is converted to {value}.")
    else:
        value = LaboratoryQuantity.read(_as_written(result, "" if unit == DIPSTICK else unit))
        _refuse_confusion(value, own, test)
    return ReadResult(value=value, comparator=result.comparator, unit=own, comments=comments)


def is_level_unit(unit: str) -> bool:
    """Return whether a text is a unit of levels, in any usual spelling.

    >>> is_level_unit("µg/l"), is_level_unit("mg/L")
    (True, False)
    """
    return _level_unit(unit) is not None


def is_laboratory_unit(unit: str) -> bool:
    """Return whether a text is a unit of laboratory values, or one that is converted to it.

    >>> is_laboratory_unit("cells/µL"), is_laboratory_unit("furlong")
    (True, False)
    """
    return kept_unit(unit) is not None or unit_spelling(unit) in _CONVERTED


def _default(result: ResultText, default_unit: str) -> str:
    has_unit = bool(result.rest.strip(" \t")) or not result.number[:1].isdigit()
    return "" if has_unit else default_unit


def _own_unit(result: ResultText, unit: str) -> str:
    """Return the unit after the number of a result, or else the given one."""
    own = result.rest.strip(" \t")
    is_same = not unit or unit_spelling(own) == unit_spelling(unit)
    return own if own and is_same else f"{own} {unit}".strip(" ")


def _as_written(result: ResultText, unit: str) -> str:
    """Return the number with the text after it, and with the given unit unless it is there."""
    own = result.rest.strip(" \t")
    is_there = not unit or (own and unit_spelling(own) == unit_spelling(unit))
    return f"{result.number}{result.rest}{'' if is_there else f' {unit}'}"


def _refuse_confusion(value: LaboratoryQuantity, unit: str, test: str) -> None:
    """Refuse grams of cells, and giga of a protein: the case of one letter was lost."""
    known = find_test(test)
    other = {_GIGA: _GRAM, _GRAM: _GIGA}.get(value.unit)
    if known and other and value.unit not in known.units and other in known.units:
        raise ReadingError(
            f"{unit or value.unit} means {value.unit}, which is not a unit of {known.name}. "
            f"Write {other}."
        )
