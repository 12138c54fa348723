"""Text from the record on its way to paper: cleaned, shaped, escaped, and checked for its letters.

Arabic and Hebrew are joined and put in the order in which they are drawn. A letter that the font
does not have would print as an empty box, so that it must be told beside it (`missing_letters`).
"""

import unicodedata
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
    if not any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in cleaned):
        return cleaned.translate(_JOINERS)
    from arabic_reshaper import reshape  # noqa: PLC0415 - only names written from right to left
    from bidi.algorithm import get_display  # noqa: PLC0415 - need the two

    return str(get_display(reshape(cleaned))).translate(_JOINERS)


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
