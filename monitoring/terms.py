"""The terms of what is shown of a patient: urgency, state of treatment, place of a level.

They are apart from the functions that find them: the first rows of the worklist need no others.
"""

from enum import Enum


class Urgency(Enum):
    """The ranks of what is due, the most urgent first."""

    URGENT = "urgent"
    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"

    @property
    def rank(self) -> int:
        """Its place among them, 0 for the most urgent."""
        return _RANK[self]


_RANK = {urgency: rank for rank, urgency in enumerate(Urgency)}


class StateKind(Enum):
    """The kinds of state."""

    NOT_STARTED = "not-started"
    ON = "on"
    TAPERING = "tapering"
    ON_HOLD = "on-hold"
    STOPPED = "stopped"

    @property
    def is_treated(self) -> bool:
        """Return whether a dose is prescribed, given or held."""
        return self in {StateKind.ON, StateKind.TAPERING, StateKind.ON_HOLD}


class Status(Enum):
    """The place of a trough against the target at the time of the sample."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    NOT_ASSESSED = "not-assessed"
