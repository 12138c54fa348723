"""Whether the treatment helps, and by what it was judged."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from monitoring.record.entry import Entry, free_text, keep


class Criterion(Enum):
    """By what a response is judged, as in the review (Nadal 2016, `nadal2016`)."""

    CLINICAL = "clinical"
    BIOLOGICAL = "biological"
    IMAGING = "imaging"
    COMBINED = "combined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Entry):
    """One assessment on one day."""

    on: date
    criterion: Criterion
    improved: bool
    text: str = ""

    def __post_init__(self) -> None:
        """Keep the remark cleaned."""
        keep(self, "text", free_text(self.text, "The remark"))
