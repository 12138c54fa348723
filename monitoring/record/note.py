"""Anything else that should be remembered, in plain words."""

from dataclasses import dataclass
from datetime import date

from monitoring.record.entry import Entry, keep, name_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Entry):
    """A note of one day. Raises `UserError` where nothing can be read of it."""

    on: date
    text: str

    def __post_init__(self) -> None:
        """Keep the text cleaned."""
        keep(self, "text", name_text(self.text, "The note"))
