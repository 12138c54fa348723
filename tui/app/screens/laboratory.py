"""A laboratory value: graded at once where CTCAE has numbers."""

from typing import Any, ClassVar

from textual.binding import BindingType

from monitoring.laboratory import LaboratoryAssessment
from monitoring.record.enter import EntryResult
from monitoring.record.entry_kind import EntryMeaning
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.screens.adverse_event import AdverseEventForm
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.entry_form import EntryForm


class LaboratoryForm(EntryForm):
    """Log a laboratory value with the laboratory's own limits of normal."""

    KIND = "laboratory_value"

    def following(self, told: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the answer; a graded value offers the matching side-effect."""
        value: LaboratoryAssessment = result.assessed
        if value.matching_event:
            return GradedAnswer(summary, told, result.answer, value)
        return AnswerScreen(summary, told, result.answer)


class GradedAnswer(AnswerScreen):
    """The answer to a graded value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("side-effect", "side_effect", priority=True),
    ]

    def __init__(
        self, summary: PatientSummary, told: str, answer: EntryMeaning, value: LaboratoryAssessment
    ) -> None:
        """Show the answer to `value`."""
        more = f"ctrl+e writes it down as the side-effect {value.matching_event}."
        super().__init__(summary, told, EntryMeaning((*answer.lines, more), answer.alerts))
        self._patient, self._value = summary, value

    def action_side_effect(self) -> None:
        """Open the form of the side-effect, filled in."""
        value = self._value
        form = AdverseEventForm(
            self._patient,
            term=value.matching_event or "",
            since=str(value.value.entry.at.local.date()),
            grade=str(value.grade or ""),
        )
        self.dismiss()
        self.app.push_screen(form)
