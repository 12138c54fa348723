"""The response to the treatment, and its criterion."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from monitoring.record.entry import Entry, free_text, keep, reason_text


class Criterion(Enum):
    """The criterion of a response, as in Nadal 2016 (`nadal2016`)."""

    CLINICAL = "clinical"
    BIOLOGICAL = "biological"
    IMAGING = "imaging"
    COMBINED = "combined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Entry):
    """The response on one day."""

    on: date
    criterion: Criterion
    improved: bool
    text: str = ""
    reason: str | None = None
    """Why it was recorded beside another about the same; None if no reason was asked."""

    def __post_init__(self) -> None:
        """Clean the remark."""
        keep(self, "text", free_text(self.text, "The remark"))
        keep(self, "reason", reason_text(self.reason))
