"""A drug given beside sirolimus."""

from dataclasses import dataclass
from datetime import date

from monitoring.record.entry import Entry, free_text, keep, name_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CoMedication(Entry):
    """A drug from a day on, until it is ended. Raises `UserError` for an unreadable name."""

    drug: str
    since: date
    text: str = ""

    def __post_init__(self) -> None:
        """Keep the texts cleaned."""
        keep(self, "drug", name_text(self.drug, "The drug"))
        keep(self, "text", free_text(self.text, "The remark"))
