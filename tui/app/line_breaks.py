"""Line breaks: never between a number and its unit, or a sign and its word.

Textual and Rich both break lines by one pattern of Rich's, at every space; not even a no-break
space keeps two words together. A dose read as "1" and, on the next line, "mg/mL" is misread.
"""

import re

import rich._wrap

_UNIT = r"(?:[nuµm]?g|kg|lb|m?L|[cm]m|m²|[mu]mol|U|IU|h|min|d|days?|months?|years?|%|ULN|10\*\d+)"
_KEPT = rf"(?<=\d) (?={_UNIT}(?![^\W_]))|(?<=[\w)]) (?=× \d)|(?<=×) (?=\d)|(?<=[!▲▼●■◇○]) (?=\w)"
_PART = re.compile(rf"(?:\S|{_KEPT})+")


def keep_numbers_with_units() -> None:
    """Keep every line of the app from ending between a number and its unit, or at a ×."""
    rich._wrap.re_word = re.compile(rf"\s*{_PART.pattern}\s*")  # noqa: SLF001 - the only way


def parts_of(text: str) -> list[str]:
    """Return the parts of a text that no line break divides.

    >>> parts_of("0.44 mg × 2 a day, above 15 ng/mL")
    ['0.44 mg × 2', 'a', 'day,', 'above', '15 ng/mL']
    >>> parts_of("male  ! allergies: soya")
    ['male', '! allergies:', 'soya']
    """
    return _PART.findall(text)
