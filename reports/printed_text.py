"""Text from the record on its way to paper: cleaned, shaped, escaped, and checked for its letters.

Arabic and Hebrew are joined and put in the order in which they are drawn. A letter that the font
does not have would print as an empty box, so that it must be told beside it (`missing_letters`).
"""

import unicodedata
from collections.abc import Iterator
from xml.sax.saxutils import escape

from dosing import clean
from reports.fonts import letters_of_the_font

_RIGHT_TO_LEFT = {"R", "AL"}
_JOINERS = str.maketrans("", "", "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")


def as_drawn(text: str) -> str:
    r"""Return `text` cleaned and in the order in which its letters are drawn, from left to right.

    >>> as_drawn("Łukasz\x1b[31m"), as_drawn("שם 12")
    ('Łukasz[31m', '12 םש')
    """
    cleaned = clean(text)
    if not _has_right_to_left(cleaned):
        return cleaned.translate(_JOINERS)
    from arabic_reshaper import reshape  # noqa: PLC0415 - only names written from right to left
    from bidi.algorithm import get_display  # noqa: PLC0415 - need the two

    return str(get_display(reshape(cleaned))).translate(_JOINERS)


def _has_right_to_left(text: str) -> bool:
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)


def broken_lines(text: str, font: str, size: float, width: float) -> list[str]:
    """Return `text` in lines of at most `width` points where it has letters from right to left.

    Such a text must be broken before its letters are put in the order in which they are drawn: a
    paragraph would break it afterwards, and its last line would stand first. Other text is one
    line, which the paragraph breaks.
    """
    if not _has_right_to_left(text):
        return [text]
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

    lines: list[str] = []
    for word in _short_words(clean(text).split(), font, size, width):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and stringWidth(as_drawn(longer), font, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


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
    """Return `text` as drawn and with nothing in it that a paragraph takes for mark-up.

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
    """Return the sentence that tells of letters that are printed as boxes.

    >>> letters_note("山田")[58:97]
    'printed as boxes (U+5C71, U+7530): tell'
    """
    codes = ", ".join(f"U+{ord(sign):04X}" for sign in missing)
    return (
        f"Some letters of this record are not in the font and are printed as boxes ({codes}): tell "
        "the patient by record number and date of birth."
    )
