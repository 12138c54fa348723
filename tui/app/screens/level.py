"""A level: what will be stored, what it means, and then what it suggests."""

from typing import Any

from textual.content import Content

from monitoring.record.enter import EntryResult
from monitoring.summary import PatientSummary
from tui.app.screens.entry_form import EntryForm
from tui.app.text import words

_BY_SCHEDULE = "Last dose by the schedule, not told by anybody: change it if it was not so."


class LevelForm(EntryForm):
    """Log a level. The last dose is filled in from the schedule, and can be changed."""

    KIND = "level"

    def __init__(self, summary: PatientSummary) -> None:
        """Log a level of the patient of a summary."""
        super().__init__(summary)
        self._by_schedule = ""

    def follow(self) -> None:
        """Fill the last dose in by the schedule, unless another was typed."""
        field, sampled = self.field("last-dose"), self.field("sampled").value
        if field.text != self._by_schedule or sampled is None:
            return
        due = self.summary.history.scheduled_dose_before(sampled)
        self._by_schedule = f"{due.local:%Y-%m-%dT%H:%M}" if due else ""
        if due and due.zone != self.session.now().zone:
            self._by_schedule = str(due)
        field.text = self._by_schedule

    def remarks(self) -> list[str]:
        """Say so where the last dose is the schedule's."""
        is_filled_in = self._by_schedule and self.field("last-dose").text == self._by_schedule
        return [_BY_SCHEDULE] if is_filled_in else []

    def helpful(self) -> list[Content]:
        """Return the same while the form is not complete."""
        return [words(each) for each in self.remarks()]

    def following(self, told: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the advice after the level."""
        from tui.app.screens.after_level import AfterLevel  # noqa: PLC0415 - when it is reached

        return AfterLevel(summary, told, result.answer)
