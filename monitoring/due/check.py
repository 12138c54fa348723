"""One check that is due."""

from dataclasses import dataclass
from datetime import date
from enum import Enum


class Check(Enum):
    """The kinds of check."""

    LEVEL = "level"
    LABORATORY = "laboratory"
    WEIGHT = "weight"
    PROPHYLAXIS = "prophylaxis-review"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
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
