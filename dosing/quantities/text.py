"""Text from outside, made safe to store and to show."""

import json
import unicodedata

from dosing.errors import UserError

_SHOWN_LENGTH = 40
LONGEST_REASON = 500
"""The most characters of a reason or name that a dose is overridden with."""
LONGEST_FREE_TEXT = 2000
"""The most characters of any text of an entry."""
LONGEST_AUTHOR = 200
"""The most characters of the name under which entries are stored."""
LONGEST_RECORD_NUMBER = 64

# Cc control, Cf format (bidirectional overrides, zero-width signs), Cn unassigned, Cs surrogates,
# Zl and Zp line and paragraph separators: none is a letter of a name or of a reason.
_STRIPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})
# Letters by their category that are invisible: the Hangul fillers.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
# The two joiners belong to the spelling of Persian, Hindi and other names.
_KEPT = frozenset({"\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"})


def clean(text: str) -> str:
    r"""Return `text` in one line, normalised to NFC, without control or direction characters.

    >>> clean("Łukasz\x1b[31m  [/]")
    'Łukasz[31m [/]'
    """
    if text.isascii() and text.isprintable() and "  " not in text and text == text.strip(" "):
        return text  # most texts: the steps below would change nothing
    one_line = " ".join(text.split())
    kept = (
        sign
        for sign in one_line
        if sign in _KEPT
        or (sign not in _BLANK_LETTERS and unicodedata.category(sign) not in _STRIPPED_CATEGORIES)
    )
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def escaped(text: str) -> str:
    r"""Return `text` with each sign that a terminal could obey written as its number in JSON.

    Spaces stay: it is for paths, and for what is copied.

    >>> escaped("Łukasz\x1b[31m  \x9b.pdf")
    'Łukasz\\u001b[31m  \\u009b.pdf'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        json.dumps(sign)[1:-1]
        if unicodedata.category(sign) in _STRIPPED_CATEGORIES and sign not in _KEPT
        else sign
        for sign in text
    )


def shortened(text: str) -> str:
    """Return `text` cleaned and in at most 40 characters, for a message."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= _SHOWN_LENGTH else cleaned[: _SHOWN_LENGTH - 1] + "…"


def quoted(text: str) -> str:
    """Return `text` cleaned, shortened and in quotation marks, for a message.

    >>> quoted("2,5 mg")
    '"2,5 mg"'
    """
    return f'"{shortened(text)}"'


def required_text(text: str, what: str) -> str:
    """Return `text` cleaned.

    Raises `UserError` for a text without a letter or digit, or of more than 500 characters.
    """
    cleaned = clean(text)
    if not any(sign.isalnum() for sign in cleaned):
        raise UserError(f"{what} is empty. Write it in words.")
    if len(cleaned) > LONGEST_REASON:
        raise UserError(f"{what} has {len(cleaned)} characters. Use at most {LONGEST_REASON}.")
    return cleaned
