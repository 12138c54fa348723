"""A side-effect: what, how bad, from when to when, and what was done."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from dosing import ReadingError, UserError
from dosing.quantities.text import quoted
from monitoring.record.entry import Entry, free_text, keep, name_text

SCALE = "CTCAE v5.0"


class ActionTaken(Enum):
    """What was done about it."""

    NONE = "none"
    REDUCED = "reduced"
    HELD = "held"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent(Entry):
    """One side-effect. `grade` is 1 to 5 on `scale`, or None where it was not graded.

    Raises `UserError` for a term that cannot be read or another grade.
    """

    term: str
    since: date
    grade: int | None = None
    scale: str = SCALE
    action: ActionTaken = ActionTaken.NONE
    text: str = ""

    def __post_init__(self) -> None:
        """Check the grade and keep the texts cleaned."""
        keep(self, "term", name_text(self.term, "The side-effect"))
        keep(self, "scale", name_text(self.scale, "The grading scale"))
        keep(self, "text", free_text(self.text, "The remark"))
        if self.grade is not None and self.grade not in range(1, 6):
            raise UserError(f"A grade is 1 to 5, not {self.grade}.")


def read_grade(text: str) -> int:
    """Return the grade that a text states; else raise `ReadingError`."""
    if text.strip(" ") not in {"1", "2", "3", "4", "5"}:
        raise ReadingError(f"{quoted(text)} is no grade: write 1, 2, 3, 4 or 5, or nothing.")
    return int(text)
