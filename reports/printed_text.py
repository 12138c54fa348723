"""Text from the record on its way to paper: cleaned, shaped, escaped, and checked for its letters.

Arabic and Hebrew are joined and put in the order in which they are drawn. A letter that the font
does not have prints as an empty box, and a note must name it (`missing_letters`).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from dosing import clean
from reports.fonts import letters_of_the_font
from reports.fonts.copied_letters import COPIED_LAM, is_lam_with_alef

_RIGHT_TO_LEFT = {"R", "AL"}
_JOINERS = str.maketrans("", "", "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
_OPEN, _CLOSE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_ENDS_OF_PARTS = re.compile(f"([{_OPEN}{_CLOSE}])")
_MARKS = {"L": "\N{LEFT-TO-RIGHT MARK}", "R": "\N{RIGHT-TO-LEFT MARK}"}
_STOP = re.compile("[:.,;·\N{ARABIC COMMA}\N{ARABIC SEMICOLON}](?= )")
_ENDS_AS_MARKS = _JOINERS | {ord(_OPEN): _MARKS["R"], ord(_CLOSE): _MARKS["R"]}
_INVISIBLE = _JOINERS | str.maketrans("", "", "".join([_OPEN, _CLOSE, *_MARKS.values()]))


def as_drawn(text: str) -> str:
    r"""Return `text` cleaned and in the order in which its letters are drawn, from left to right.

    >>> as_drawn("Łukasz\x1b[31m"), as_drawn("שם 12")
    ('Łukasz[31m', '12 םש')
    """
    if text.isascii() and text.isprintable() and text == text.strip() and "  " not in text:
        return text  # as cleaned: most cells of a table are so
    cleaned = clean(text)
    if not _has_right_to_left(cleaned):
        return cleaned.translate(_JOINERS)
    return _ordered(cleaned, _base(cleaned))


def in_order(text: str, *, base: str) -> str:
    """Return a line of our own, with isolated parts, as drawn in a line that runs to L or R."""
    return _ordered(text, base) if _has_right_to_left(text) else text.translate(_INVISIBLE)


def _ordered(text: str, base: str) -> str:
    """Return text with its letters joined and in order, in a line that runs to L or R.

    After each lam with alef comes the sign that is copied as the lam (`COPIED_LAM`).
    """
    from bidi import get_display  # noqa: PLC0415 - only names from right to left need it

    marked = _MARKS[base] + _reshaper().reshape(text)
    if base == "R":
        # Programs that copy find by these marks on which side of a figure or a stop its space is.
        marked = _STOP.sub(lambda found: found[0] + _MARKS["R"], marked)
        shown = str(get_display(marked)).removesuffix(_MARKS["R"]).translate(_ENDS_AS_MARKS)
    else:
        shown = str(get_display(marked)).translate(_INVISIBLE)
    return "".join(f"{sign}{COPIED_LAM}" if is_lam_with_alef(sign) else sign for sign in shown)


@cache
def _reshaper() -> Any:  # the package ships no types
    """Return the joiner of Arabic letters, without the sign for a whole word: the font lacks it."""
    from arabic_reshaper import ArabicReshaper  # noqa: PLC0415 - see above

    return ArabicReshaper({"ARABIC LIGATURE ALLAH": False})


def _base(text: str) -> str:
    """Return the direction of a text: R if it begins so and has not more letters from the left.

    A sentence of the program that begins with a name in Arabic stays in its order.
    """
    sides = [unicodedata.bidirectional(sign) for sign in text]
    strong = [side in _RIGHT_TO_LEFT for side in sides if side == "L" or side in _RIGHT_TO_LEFT]
    return "R" if strong and strong[0] and 2 * sum(strong) >= len(strong) else "L"


def _has_right_to_left(text: str) -> bool:
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)


def isolated(text: str) -> str:
    """Return `text` cleaned and kept apart: its direction moves nothing around it.

    The two signs at its ends are for `drawn_lines`, which takes them away.
    """
    return kept_apart(clean(text))


def kept_apart(text: str) -> str:
    """Return a part of a text kept apart; clean it first (`isolated`) if it is from outside."""
    return f"{_OPEN}{text}{_CLOSE}"


def safe_lines(text: str, font: str, size: float, width: float) -> str:
    """Return `text` as `safe` does, for a paragraph so many points wide; broken if need be.

    A text with letters from right to left must be broken before they are put in the order in which
    they are drawn: a paragraph would break it afterwards, and its last line would come first.
    """
    cleaned = clean(text)
    return marked_lines(cleaned, font, size, width, base=_base(cleaned))


def fact_lines(text: str, font: str, size: float, width: float) -> str:
    """Return `text` as `safe_lines` does, with the parts that `isolated` keeps apart.

    A text of the program with such parts runs from left to right, whatever it begins with.
    """
    if _OPEN not in text:
        return safe_lines(text, font, size, width)
    parts = _ENDS_OF_PARTS.split(text)
    cleaned = "".join(each if each in {_OPEN, _CLOSE} else _cleaned_part(each) for each in parts)
    return marked_lines(cleaned, font, size, width, base="L")


def _cleaned_part(text: str) -> str:
    """Return `text` cleaned, with a space where it begins or ends with one."""
    first, last = (" " if text[place : place + 1 or None].isspace() else "" for place in (0, -1))
    return f"{first}{clean(text)}{last}" if text.strip() else first


def marked_lines(text: str, font: str, size: float, width: float, *, base: str) -> str:
    """Return a text of our own, with isolated parts, in a line that runs to L or R.

    It is escaped, and broken where it has letters from right to left.
    """
    if not _has_right_to_left(text):
        return escape(text.translate(_INVISIBLE))
    return "<br/>".join(map(escape, drawn_lines(text, font, size, width, base=base)))


def drawn_lines(text: str, font: str, size: float, width: float, *, base: str) -> list[str]:
    """Return the lines of `text` as drawn, none wider than so many points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    lines: list[str] = []
    for word in _short_words(text.split(" "), font, size, width):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and stringWidth(_ordered(longer, base), font, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [_ordered(line, base) for line in _closed(lines)]


def _closed(lines: list[str]) -> Iterator[str]:
    """Yield the lines; a part that was kept apart and is broken is kept apart in each of them."""
    still_open = 0
    for line in lines:
        begun = _OPEN * still_open + line
        still_open = begun.count(_OPEN) - begun.count(_CLOSE)
        yield begun + _CLOSE * still_open


def _short_words(words: list[str], font: str, size: float, width: float) -> Iterator[str]:
    """Yield the words; one that is longer than a line in parts."""
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    for word in words:
        rest = word
        while rest:
            part = rest
            while len(part) > 1 and stringWidth(as_drawn(part), font, size) > width:
                part = part[: -max(len(part) // 20, 1)]
            yield part
            rest = rest[len(part) :]


def safe(text: str) -> str:
    """Return `text` as drawn, without anything that a paragraph takes for mark-up.

    >>> safe("Ann & <Bob> <img src='x'>")
    "Ann &amp; &lt;Bob&gt; &lt;img src='x'&gt;"
    """
    return escape(as_drawn(text))


def missing_letters(text: str) -> str:
    """Return the letters of `text` that the font does not have, each once.

    >>> missing_letters("Łukasz Nguyễn"), missing_letters("山田 Łukasz")
    ('', '山田')
    """
    known = letters_of_the_font()
    return "".join(dict.fromkeys(sign for sign in as_drawn(text) if ord(sign) not in known))


def letters_note(missing: str) -> str:
    """Return the sentence about letters that are printed as boxes.

    >>> letters_note("山田")[:70]
    'Some letters of this record are not in the font and are printed as box'
    """
    codes = ", ".join(f"U+{ord(sign):04X}" for sign in missing)
    return (
        f"Some letters of this record are not in the font and are printed as boxes ({codes}). "
        "Identify the patient by record number and date of birth."
    )
