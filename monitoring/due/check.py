"""One check that is due, and how urgent it is."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from dosing.knowledge.intervals import Every
from dosing.notebook import Result
from dosing.quantities.formatting import count_of
from monitoring.terms import Urgency


class Check(Enum):
    """The kinds of check."""

    LEVEL = "level"
    LABORATORY = "laboratory"
    WEIGHT = "weight"
    PROPHYLAXIS = "prophylaxis-review"
    RESPONSE = "response"
    GROWTH = "growth"
    TAPER = "taper"
    FERTILITY = "fertility"
    SUPPLY = "supply"
    """The order of the next bottle or tablets."""
    QUESTION = "question"
    """Something the record leaves open: a conflict, a hold, an old event."""
    SEVERE = "severe"
    """An open event or value of grade 3 or above."""
    FORBIDDEN = "forbidden"
    """Something that forbids the treatment while it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(Result):
    """One check: its first and last day, the reason and the source."""

    check: Check
    what: str
    since: date
    until: date
    overdue_days: int
    """The days since its last day; 0 if that is not past, and for what is only a question."""
    is_open: bool
    """True from its first day on."""
    why: str
    source: str
    is_urgent: bool = False
    """True before its first day too."""
    is_ever_overdue: bool = True
    """False for what is only a question."""
    again: Every | None = None
    """The interval after which it is due again once it was missed; None for what is due once."""

    @property
    def urgency(self) -> Urgency:
        """Its rank: urgent comes before overdue, and overdue before due."""
        if self.is_urgent:
            return Urgency.URGENT
        if self.overdue_days:
            return Urgency.OVERDUE
        return Urgency.DUE if self.is_open else Urgency.LATER

    @property
    def is_now(self) -> bool:
        """Return whether it belongs on a list of today's work."""
        return self.urgency is not Urgency.LATER

    @property
    def order(self) -> tuple[int, int]:
        """The sort key of every list: by rank, then the most overdue first."""
        return self.urgency.rank, -self.overdue_days

    def __repr__(self) -> str:
        """Return the check and its days."""
        overdue = f", {count_of(self.overdue_days, 'day')} overdue" if self.overdue_days else ""
        urgent = ", urgent" if self.is_urgent else ""
        days = f"{self.since} to {self.until}"
        return f"<{type(self).__name__} {self.what}: {days}{overdue}{urgent}>"

    def to_dict(self) -> dict[str, object]:
        """Return the check as `sirolimus due --json` prints it."""
        return {
            "check": self.check.value,
            "what": self.what,
            "from": str(self.since),
            "to": str(self.until),
            "open": self.is_open,
            "overdue_days": self.overdue_days,
            "urgency": self.urgency.value,
            "why": self.why,
            "source": self.source,
        }
