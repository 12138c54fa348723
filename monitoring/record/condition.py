"""A condition with dates: pregnancy, breastfeeding, allergy, surgery, infection, and others."""

from dataclasses import dataclass
from datetime import date

from monitoring.record.entry import Entry, free_text, keep, name_text, reason_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Entry):
    """A condition from a day on, until it is ended; an allergy is one, too.

    A planned one, such as surgery or pregnancy, begins in the future. Its meaning for a dose is in
    `dosing.knowledge.contraindications`. Raises `UserError` without a name.
    """

    name: str
    since: date
    text: str = ""
    reason: str | None = None
    """Why it was recorded beside another about the same; None if no reason was asked."""

    def __post_init__(self) -> None:
        """Clean the texts."""
        keep(self, "name", name_text(self.name, "The condition"))
        keep(self, "text", free_text(self.text, "The remark"))
        keep(self, "reason", reason_text(self.reason))
