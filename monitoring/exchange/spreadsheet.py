"""Cells of CSV that are safe in spreadsheets, which run some texts as formulas."""

import re
import unicodedata

_FORMULA_SIGNS = ("=", "+", "-", "@")
# A number as Python or a spreadsheet writes one: nothing of it is run.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# White space, control and zero-width signs: spreadsheets pass over some of them.
_PASSED_OVER = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def defused(cell: object) -> object:
    """Return a cell that no spreadsheet runs as a formula; numbers stay as they are.

    A text is one if it begins with a sign of a formula, also in full width or another form, and
    also after white space and signs that are not visible.

    >>> defused("=1+1"), defused("-5"), defused("−5 kg")
    ("'=1+1", '-5', '−5 kg')
    >>> defused("＝1+1"), defused(" \u200b@x")
    ("'＝1+1", "' \u200b@x")
    """
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell) or not _is_formula(cell):
        return cell
    return f"'{cell}"


def _is_formula(text: str) -> bool:
    """Return whether the first visible sign is one of a formula, or a tab or return is first."""
    if text.startswith(("\t", "\r", "\n")):
        return True
    first = next((sign for sign in text if not _is_passed_over(sign)), "")
    # NFKC maps every compatibility form to its sign: full width, small, superscript.
    return unicodedata.normalize("NFKC", first).startswith(_FORMULA_SIGNS)


def _is_passed_over(sign: str) -> bool:
    return unicodedata.category(sign) in _PASSED_OVER
