"""The response to the treatment, and its criterion."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from monitoring.record.entry import Entry, free_text, keep


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

    def __post_init__(self) -> None:
        """Clean the remark."""
        keep(self, "text", free_text(self.text, "The remark"))
