"""Messages of a screen to the app."""

from dataclasses import dataclass, field

from textual.message import Message


@dataclass
class EntryStored(Message):
    """An entry was stored in a patient's record."""

    record_number: str
    is_shown: bool = field(default=False, compare=False)
    """True where the patient's screen shows the new record already."""
