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
    """One check: its first and last day, the reason and the source."""

    check: Check
    what: str
    since: date
    until: date
    overdue_days: int
    """The days since its last day; 0 if that is not past."""
    is_open: bool
    """True from its first day on."""
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
