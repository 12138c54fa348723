"""A settlement: a check that is not needed or can no longer be done, with the reason."""

from dataclasses import dataclass
from datetime import date

from monitoring.record.entry import Entry, keep, name_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement(Entry):
    """A check settled on a day without being done. Raises `UserError` without a reason."""

    what: str
    """The check by its name, as `sirolimus due` prints it."""
    on: date
    reason: str

    def __post_init__(self) -> None:
        """Clean the texts."""
        keep(self, "what", name_text(self.what, "The check"))
        keep(self, "reason", name_text(self.reason, "The reason"))
