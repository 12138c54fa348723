"""A laboratory value: graded at once where CTCAE has numbers."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from monitoring.laboratory import LaboratoryAssessment
from monitoring.record.laboratory_value import (
    LaboratoryQuantity,
    LaboratoryValue,
    read_laboratory,
)
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.entry.answer import AnswerScreen
from tui.app.entry.form import Draft, EntryForm, Stored, as_typed
from tui.app.entry.side_effect import SideEffectForm
from tui.app.widgets.field import Field
from tui.entering import Answer, laboratory_value


class LaboratoryForm(EntryForm):
    """Log a laboratory value with the laboratory's own limits of normal."""

    TITLE = "Log a laboratory value"

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield Field("Test", as_typed, example="ALT", id="test")
        yield Field("Value", read_laboratory, example="35 U/L", id="value")
        yield self.time_field("Sampled", "sampled")
        yield Field(
            "Lower limit", LaboratoryQuantity.read, example="of normal, in the same unit",
            required=False, id="lower",
        )  # fmt: skip
        yield Field(
            "Upper limit", LaboratoryQuantity.read, example="of normal, in the same unit",
            required=False, id="upper",
        )  # fmt: skip
        yield Field("Laboratory", as_typed, required=False, id="laboratory")

    def draft(self) -> Draft:
        """Return the value."""
        test = self.needed("test")
        value, comparator = self.needed("value")
        return Draft(
            LaboratoryValue(
                test=test,
                at=self.needed("sampled"),
                value=value,
                comparator=comparator,
                lower_limit=self.needed("lower"),
                upper_limit=self.needed("upper"),
                laboratory=self.field("laboratory").text,
            )
        )

    def following(self, stored: Stored) -> Any:
        """Return the answer; a graded value offers the matching side-effect."""
        if stored.summary is None:
            return None
        value = laboratory_value(stored.summary.record, stored.number)
        if value.matching_event:
            return GradedAnswer(stored.summary, stored.told, stored.answer, value)
        return AnswerScreen(stored.summary, stored.told, stored.answer)


class GradedAnswer(AnswerScreen):
    """The answer to a graded value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("side-effect", "side_effect", priority=True),
    ]

    def __init__(
        self, summary: PatientSummary, told: str, answer: Answer, value: LaboratoryAssessment
    ) -> None:
        """Show the answer to `value`."""
        more = f"ctrl+e writes it down as the side-effect {value.matching_event}."
        super().__init__(summary, told, Answer((*answer.lines, more), answer.alerts))
        self._patient, self._value = summary, value

    def action_side_effect(self) -> None:
        """Open the form of the side-effect, filled in."""
        value = self._value
        form = SideEffectForm(
            self._patient,
            term=value.matching_event or "",
            since=str(value.value.entry.at.local.date()),
            grade=str(value.grade or ""),
        )
        self.dismiss()
        self.app.push_screen(form)
