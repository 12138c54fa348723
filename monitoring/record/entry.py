"""What every kind of entry is."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is recorded about a patient: frozen, and checked when it is made."""


def codes_in_column(column: str) -> Any:
    """Return a field of alert codes, none of them at first, that the store keeps in a column.

    The name of a column is part of what the audit log hashes, so it stays where a field is renamed.
    """
    return field(default=(), metadata={"column": column})
