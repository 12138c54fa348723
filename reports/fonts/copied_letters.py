"""The letters that are copied for the signs in which Arabic is drawn.

Arabic letters are drawn as presentation forms (U+FB50 to U+FEFF), one for each way of joining; each
is copied as its letter. Lam and alef are drawn as one sign: readers turn the order of signs round,
but not that of two letters of one sign. Their sign is copied as the alef, and an invisible sign
on its right (`COPIED_LAM`) as the lam. A space between a figure and its unit, where no line may be
broken, is copied as a usual one.
"""

import unicodedata

COPIED_LAM = "\uf8e8"
"""A sign for private use, without width, which is copied as a lam."""
_LAM = "\N{ARABIC LETTER LAM}"


def copied_letter(sign: str) -> str:
    """Return the letter of a joined form; of lam with alef the alef. Others stay.

    >>> copied_letter("\ufedf") == "\u0644", copied_letter("\ufefb") == "\u0627", copied_letter("a")
    (True, True, 'a')
    """
    if sign == COPIED_LAM:
        return _LAM
    if sign == "\N{NO-BREAK SPACE}":
        return " "
    if not unicodedata.name(sign, "").startswith("ARABIC"):
        return sign
    letters = unicodedata.normalize("NFKC", sign)
    return letters[1:] if is_lam_with_alef(sign) else letters


def is_lam_with_alef(sign: str) -> bool:
    """Return whether a sign is the joined form of lam and alef."""
    letters = unicodedata.normalize("NFKC", sign)
    return letters != sign and len(letters) == 2 and letters[0] == _LAM
