"""The form of each kind of entry: from the table of kinds, or with hooks of its own."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dosing import Age, Quantity, QuantityKind, UserError, read_quantity
from dosing.knowledge.adverse_event_terms import Term
from dosing.knowledge.ctcae import grades_of
from monitoring.adverse_events.finder import known_term, suggested_terms
from monitoring.adverse_events.meaning import grade_lines
from monitoring.laboratory import LaboratoryAssessment
from monitoring.record.adverse_event import SCALE as EVENT_SCALE
from monitoring.record.enter import EntryResult
from monitoring.record.entry_kind import EntryField, EntryMeaning
from monitoring.record.kinds import kind_called
from monitoring.record.level import Level
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.screens.answer import AnswerScreen
from tui.app.screens.entry_form import Draft, EntryForm
from tui.app.text import section, words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field

_BY_SCHEDULE = "Last dose assumed from the schedule. Please confirm."


class LevelForm(EntryForm):
    """The form of a level. The last dose is the schedule's until it is changed or confirmed."""

    KIND = "level"

    def __init__(self, summary: PatientSummary) -> None:
        """Take the patient of a summary."""
        super().__init__(summary)
        self._by_schedule = ""

    def follow(self) -> None:
        """Fill in the last dose from the schedule, unless another was typed."""
        field, sampled = self.field("last-dose"), self.field("sampled").value
        if field.text != self._by_schedule or sampled is None:
            return
        due = self.summary.history.scheduled_dose_before(sampled)
        self._by_schedule = f"{due.local:%Y-%m-%dT%H:%M}" if due else ""
        if due and due.zone != self.session.now().zone:
            self._by_schedule = str(due)
        field.text = self._by_schedule

    def widgets(self, field: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below the last dose, whether somebody confirmed it."""
        yield from super().widgets(field)
        if field.name == "last_dose":
            yield Choice(
                "Confirmed", [("no, by the schedule", False), ("yes", True)], value=False,
                id="confirmed",
            )  # fmt: skip

    def draft(self) -> Draft:
        """Return the level; a last dose from the schedule that nobody confirmed is assumed."""
        draft = super().draft()
        if not self._is_assumed or not isinstance(draft.entry, Level):
            return draft
        return replace(draft, entry=replace(draft.entry, last_dose_assumed=True))

    @property
    def _is_assumed(self) -> bool:
        """Return whether the last dose is the schedule's, unchanged and not confirmed."""
        is_filled_in = self._by_schedule and self.field("last-dose").text == self._by_schedule
        return bool(is_filled_in) and not self.query_one("#confirmed", Choice).value

    def remarks(self) -> list[str]:
        """Return a remark where the last dose is assumed from the schedule."""
        return [_BY_SCHEDULE] if self._is_assumed else []

    def helpful(self) -> list[Content]:
        """Return the same while the form is incomplete."""
        return [words(each) for each in self.remarks()]

    def following(self, stored: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the advice after the level."""
        from tui.app.screens.after_level import AfterLevel  # noqa: PLC0415 - when it is reached

        return AfterLevel(summary, stored, result.answer)


class AdverseEventForm(EntryForm):
    """The form of an adverse event. Its text is looked up in the terms, Nadal 2016 first."""

    KIND = "adverse_event"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("into-list", "into_list", "", show=False),
    ]

    def widgets(self, field: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below the term, a list of terms that match."""
        yield from super().widgets(field)
        if field.name == "term":
            yield OptionList(id="terms", compact=True)

    def on_mount(self) -> None:
        """List the terms of Nadal 2016."""
        super().on_mount()
        self.follow()

    def follow(self) -> None:
        """List the terms that match the text."""
        listed = self.query_one("#terms", OptionList)
        typed = self.field("term").text
        term = known_term(typed)
        terms = () if term else suggested_terms(typed)
        listed.clear_options()
        listed.add_options(Option(words(_term_words(each)), id=each.name) for each in terms)
        listed.set_class(not terms, "-gone")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.field("term").text = event.option.id or ""
        self.field("grade").query_one("Input").focus()

    def action_into_list(self) -> None:
        """Go into the list of terms."""
        listed = self.query_one("#terms", OptionList)
        if listed.option_count:
            listed.focus()
            listed.highlighted = 0

    def helpful(self) -> list[Any]:
        """Return the grades of the term, once it is known."""
        term = known_term(self.field("term").text)
        return [*section("Grades", self._grades(term))] if term else []

    def _grades(self, term: Term) -> Iterator[str]:
        since = self.field("since").value or self.today()
        grades = grades_of(term, Age.between(self.summary.record.patient.entry.born, since))
        if grades is None:
            yield f"The grades of {term.name} are not included here. Look them up in CTCAE."
        else:
            yield from grade_lines(grades, term.name.capitalize())


def _term_words(term: Term) -> str:
    count = term.review_count
    if count:
        as_part = "" if term.review_words == term.name else f" as {term.review_words}"
        review = f"{count.count} of {count.of} in Nadal 2016{as_part}"
    else:
        category = term.review_category
        review = f"Nadal 2016: {category.value}" if category else "not in Nadal 2016"
    serious = " ▲ serious" if term.seriousness else ""
    return f"{term.name}{serious} · {review}"


class LaboratoryForm(EntryForm):
    """The form of a laboratory value, with the laboratory's own limits of normal."""

    KIND = "laboratory_value"

    def following(self, stored: str, result: EntryResult, summary: PatientSummary) -> Any:
        """Return the answer; a graded value offers the matching adverse event."""
        value: LaboratoryAssessment = result.assessed
        if value.matching_event:
            return GradedAnswer(summary, stored, result.answer, value)
        return AnswerScreen(summary, stored, result.answer)


class GradedAnswer(AnswerScreen):
    """The answer to a graded value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("side-effect", "record_event", priority=True),
    ]

    def __init__(
        self,
        summary: PatientSummary,
        stored: str,
        answer: EntryMeaning,
        value: LaboratoryAssessment,
    ) -> None:
        """Show the answer to `value`."""
        more = f"It can be recorded as the adverse event {value.matching_event}."
        super().__init__(summary, stored, EntryMeaning((*answer.lines, more), answer.alerts))
        self._patient, self._value = summary, value

    def action_record_event(self) -> None:
        """Open the form of the adverse event, filled in."""
        value = self._value
        form = AdverseEventForm(
            self._patient,
            term=value.matching_event or "",
            since=str(value.value.entry.at.local.date()),
            # The grade of an event is stored as one of its own scale.
            grade=str(value.grade or "") if value.scale == EVENT_SCALE else "",
        )
        self.dismiss()
        self.app.push_screen(form)


class MeasurementForm(EntryForm):
    """The form of a weight and a height. Doses depend on them: a first weight is typed twice."""

    KIND = "measurement"

    def __init__(self, summary: PatientSummary) -> None:
        """Take the patient of a summary."""
        super().__init__(summary)
        self._is_first = summary.history.weight_on(summary.made.local.date()) is None

    def widgets(self, field: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below a first weight, a second field for it."""
        yield from super().widgets(field)
        if self._is_first and field.name == "weight":
            yield Field(
                "Weight again", _read_weight, example="type the first weight twice",
                required=False, id="again",
            )  # fmt: skip

    def draft(self) -> Draft:
        """Return the measurement, if a first weight was typed twice."""
        weight: Quantity | None = self.needed("weight")
        if self._is_first and weight is not None:
            again: Quantity | None = self.needed("again")
            if again is None:
                raise UserError("Enter the first weight twice. Every dose is based on it.")
            if again.value != weight.value:
                raise UserError(
                    f"The two weights differ: {weight} and {again}. Read the scale again."
                )
        return super().draft()


def _read_weight(text: str) -> Quantity:
    return read_quantity(text, QuantityKind.WEIGHT)


_WITH_HOOKS: dict[str, type[EntryForm]] = {
    each.KIND: each for each in (LevelForm, AdverseEventForm, LaboratoryForm, MeasurementForm)
}


def form_of(kind: str, summary: PatientSummary) -> EntryForm:
    """Return the form that records a kind of entry about a patient."""
    with_hooks = _WITH_HOOKS.get(kind)
    return with_hooks(summary) if with_hooks else EntryForm(summary, kind_called(kind))
