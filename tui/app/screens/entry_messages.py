"""What the forms of entries tell the app."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class ChangeDose(Message):
    """The dose of a patient is to be changed: open what prescribes one."""

    record_number: str
