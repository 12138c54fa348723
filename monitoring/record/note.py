"""A note: anything else about the patient, in words."""

from dataclasses import dataclass
from datetime import date

from monitoring.record.entry import Entry, keep, name_text, reason_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Entry):
    """A note of one day. Raises `UserError` for an empty text."""

    on: date
    text: str
    reason: str | None = None
    """Why it was recorded beside another about the same; None if no reason was asked."""

    def __post_init__(self) -> None:
        """Clean the text."""
        keep(self, "text", name_text(self.text, "The note"))
        keep(self, "reason", reason_text(self.reason))
