"""An entry of the record: frozen, with its texts cleaned and of a length that can be shown."""

import re
from dataclasses import dataclass, field
from typing import Any

from dosing import UserError, clean
from dosing.quantities.text import LONGEST_FREE_TEXT, quoted

_CODE = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry about a patient: frozen, and checked when it is made."""


def codes_in_column(column: str) -> Any:
    """Return a field of alert codes, none of them at first, that the store keeps in a column.

    The name of a column is part of what the audit log hashes: it stays when a field is renamed.
    """
    return field(default=(), metadata={"column": column})


def free_text(text: str, what: str) -> str:
    """Return `text` cleaned; it may be empty. Raises `UserError` for a text that is too long."""
    cleaned = clean(text) if text else ""
    if len(cleaned) > LONGEST_FREE_TEXT:
        raise UserError(
            f"{what} may have {LONGEST_FREE_TEXT} characters, not {len(cleaned)}. Shorten the text."
        )
    return cleaned


def reason_text(reason: str | None) -> str | None:
    """Return a reason cleaned; None for an empty one, whose column is NULL in rows of before."""
    return free_text(reason or "", "The reason") or None


def name_text(text: str, what: str) -> str:
    """Return `text` cleaned. Raises `UserError` for a text without a letter or digit."""
    cleaned = free_text(text, what)
    if not (cleaned.isalnum() or any(map(str.isalnum, cleaned))):
        raise UserError(f"{what} is empty. Enter it in words.")
    return cleaned


def check_overridden_alerts(codes: tuple[str, ...], reason: str) -> None:
    """Check the codes of overridden alerts.

    Raises `UserError` for a malformed code, and for codes without a reason.
    """
    for code in codes:
        if not _CODE.fullmatch(code):
            raise UserError(
                f"{quoted(code)} is not the code of an alert. Write it as in dose-high."
            )
    if codes and not reason:
        raise UserError("Overridden alerts need a reason. Enter it in words.")


def keep(entry: object, field: str, text: str | None) -> None:
    """Set a field of a frozen entry while it is being made."""
    object.__setattr__(entry, field, text)
