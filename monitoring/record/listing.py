"""An entry as a row of a list: the cells of its line, and its details."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the app's first screen formats a target without the record
    from monitoring.record.entries import StoredEntry
    from monitoring.record.prescription import Prescription

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ListRow:
    """The cells of one line, and the details."""

    cells: tuple[str, ...]
    details: tuple[str, ...]


def row(cells: tuple[str, ...], details: Iterable[str]) -> ListRow:
    """Return a row; empty details are left out."""
    return ListRow(cells, tuple(filter(None, details)))


def named(name: str, text: str | None) -> str:
    """Return a text after its name; empty without a text."""
    return f"{name}: {text}" if text else ""


def fate(recorded: "StoredEntry[Any]") -> str:
    """Return the reason why an entry is void; empty for an active entry."""
    return f"○ voided: {recorded.void.entry.reason}" if recorded.void else ""


def protocol_words(dose: "Prescription") -> str:
    """Return the protocol and the target in ng/mL, without the unit."""
    return f"{dose.protocol} {dose.target}".removesuffix(" ng/mL").replace("at most ", "≤")
