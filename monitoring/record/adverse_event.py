"""An adverse event: its term, grade, dates, and the action taken."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from dosing import ReadingError, UserError
from dosing.quantities.text import quoted
from monitoring.record.entry import Entry, free_text, keep, name_text, reason_text

SCALE = "CTCAE v5.0"


class ActionTaken(Enum):
    """The change of treatment because of an adverse event."""

    NONE = "none"
    REDUCED = "reduced"
    HELD = "held"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent(Entry):
    """An adverse event. `grade` is 1 to 5 on `scale`, or None if it was not graded.

    Raises `UserError` for an empty term and for another grade.
    """

    term: str
    since: date
    grade: int | None = None
    scale: str = SCALE
    action: ActionTaken = ActionTaken.NONE
    text: str = ""
    attributed_to: str | None = None
    """The cause if it is not sirolimus, such as the disease; None if nothing else is known."""
    reason: str | None = None
    """Why it was recorded beside another about the same; None if no reason was asked."""

    def __post_init__(self) -> None:
        """Check the grade and clean the texts."""
        keep(self, "term", name_text(self.term, "The adverse event"))
        keep(self, "scale", name_text(self.scale, "The grading scale"))
        keep(self, "text", free_text(self.text, "The remark"))
        keep(self, "reason", reason_text(self.reason))
        if self.attributed_to is not None:
            keep(self, "attributed_to", name_text(self.attributed_to, "The other cause"))
        if self.grade is not None and self.grade not in range(1, 6):
            raise UserError(f"A grade is 1 to 5, not {self.grade}. Correct the grade.")


def read_grade(text: str) -> int:
    """Return the grade of a text; raises `ReadingError` for any other text."""
    if text.strip(" ") not in {"1", "2", "3", "4", "5"}:
        raise ReadingError(
            f"{quoted(text)} is not a grade. Write 1, 2, 3, 4 or 5, or leave it empty."
        )
    return int(text)
