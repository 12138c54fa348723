"""What a walk through the audit trail found, in a line."""

from typing import TYPE_CHECKING

from dosing.quantities.formatting import count_of

if TYPE_CHECKING:
    from monitoring.store.verify import Verification


def whole_words(found: "Verification") -> str:
    """Return that the records are whole, how many changes were looked at, and the head."""
    changes = count_of(found.changes, "change is", "changes are")
    return f"{'' if found.changes == 1 else 'All '}{changes} whole. Head {found.head}."
