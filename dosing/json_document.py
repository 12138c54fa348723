"""JSON for other programs: one form for every document, and the shortest number for a decimal.

The shapes are in `docs/commands.md`: units in the keys, null for absent. Numbers are rounded where
a document is made: areas and exact doses to six decimals, rates to four.
"""

import json
from decimal import Decimal

from dosing.quantities.formatting import rounded
from dosing.quantities.text import escaped


def json_text(document: object, *, ascii_only: bool = False) -> str:
    """Return a document as every command prints it: indented, and with no number that JSON lacks.

    With `ascii_only` every character beyond ASCII is escaped; else only what a terminal could obey.
    """
    text = json.dumps(document, ensure_ascii=ascii_only, indent=2, allow_nan=False)
    return "\n".join(map(escaped, text.split("\n")))


def json_number(value: Decimal | None, decimals: int | None = None) -> float | int | None:
    """Return the shortest JSON number that reads as `value`."""
    if value is None:
        return None
    shown = value if decimals is None else rounded(value, decimals)
    return int(shown) if shown == shown.to_integral_value() else float(shown)
