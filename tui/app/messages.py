"""Messages of a screen to the app."""

from dataclasses import dataclass, field

from textual.message import Message


@dataclass
class EntryStored(Message):
    """Something was stored in the record of a patient."""

    record_number: str
    is_shown: bool = field(default=False, compare=False)
    """Whether the patient's screen has taken the record over as it is now."""


@dataclass
class ChangeDose(Message):
    """The dose of a patient is to be changed: open the screen that prescribes one."""

    record_number: str
