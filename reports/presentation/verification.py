"""The head of the audit trail as it is typed, and the result of a verification in a line."""

import re
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.formatting import count_of
from dosing.quantities.text import quoted

if TYPE_CHECKING:
    from monitoring.store.verify import Verification


def read_head(text: str) -> str:
    """Return a head as it was copied, in any case and with spaces between.

    Raises `UserError` for anything else.
    """
    head = "".join(text.split()).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", head):
        raise UserError(f"{quoted(text)} is not a head. It has 64 digits and letters from a to f.")
    return head


def remark_lines(found: "Verification") -> list[str]:
    """Return what is worth knowing about whole records, a line each."""
    return [f"Note: {each.where} {each.what}." for each in found.remarks]


def whole_words(found: "Verification") -> str:
    """Return that the records are whole, how many changes were checked, and the head."""
    changes = count_of(found.changes, "change is", "changes are")
    return f"{'' if found.changes == 1 else 'All '}{changes} whole. Head {found.head}."
