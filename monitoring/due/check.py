"""One check that is due."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from dosing.notebook import Result


class Check(Enum):
    """The kinds of check."""

    LEVEL = "level"
    LABORATORY = "laboratory"
    WEIGHT = "weight"
    PROPHYLAXIS = "prophylaxis-review"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(Result):
    """One check: what, from which to which day it is to be made, why, and on whose authority."""

    check: Check
    what: str
    since: date
    until: date
    overdue_days: int
    """Days from the last day on which it was to be made; 0 where that is not past."""
    is_open: bool
    """Whether its first day has come."""
    why: str
    source: str

    def __repr__(self) -> str:
        """Return the check and its days."""
        overdue = f", {self.overdue_days} days overdue" if self.overdue_days else ""
        return f"<{type(self).__name__} {self.what}: {self.since} to {self.until}{overdue}>"

    def to_dict(self) -> dict[str, object]:
        """Return the check as `sirolimus due --json` prints it."""
        return {
            "check": self.check.value,
            "what": self.what,
            "from": str(self.since),
            "to": str(self.until),
            "open": self.is_open,
            "overdue_days": self.overdue_days,
            "why": self.why,
            "source": self.source,
        }
