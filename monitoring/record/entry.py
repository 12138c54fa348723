"""What every kind of entry is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is written down about a patient: frozen, and checked when it is made."""
