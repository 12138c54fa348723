"""Co-medication: a drug given together with sirolimus."""

from dataclasses import dataclass
from datetime import date

from monitoring.record.entry import Entry, free_text, keep, name_text, reason_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CoMedication(Entry):
    """A concomitant drug from a day on, until it is ended. Raises `UserError` without a name."""

    drug: str
    since: date
    text: str = ""
    reason: str | None = None
    """Why it was recorded beside another about the same; None if no reason was asked."""

    def __post_init__(self) -> None:
        """Clean the texts."""
        keep(self, "drug", name_text(self.drug, "The drug"))
        keep(self, "text", free_text(self.text, "The remark"))
        keep(self, "reason", reason_text(self.reason))
