"""What a screen tells the app."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class EntryStored(Message):
    """Something was stored in the record of a patient."""

    record_number: str
