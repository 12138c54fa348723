"""A side-effect: found by everyday words, its grades in words, and what the sources say of it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dosing import Age
from dosing.knowledge.adverse_event_terms import Term
from dosing.knowledge.ctcae import grades_of
from monitoring.adverse_events.finder import known_term, suggested_terms
from monitoring.adverse_events.meaning import grade_lines
from monitoring.record.entry_kind import EntryField
from tui.app.actions import bound
from tui.app.screens.entry_form import EntryForm
from tui.app.text import section, words


class AdverseEventForm(EntryForm):
    """Log a side-effect. What is typed is looked up in the table, the review's profile first."""

    KIND = "adverse_event"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("into-list", "into_list", "", show=False),
    ]

    def widgets(self, asked: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below the side-effect what the words may mean."""
        yield from super().widgets(asked)
        if asked.name == "term":
            yield OptionList(id="found", compact=True)

    def on_mount(self) -> None:
        """Show the review's profile."""
        super().on_mount()
        self.follow()

    def follow(self) -> None:
        """Show what the words typed may mean."""
        found = self.query_one("#found", OptionList)
        typed = self.field("term").text
        term = known_term(typed)
        terms = () if term else suggested_terms(typed)
        found.clear_options()
        found.add_options(Option(words(_told(each)), id=each.name) for each in terms)
        found.set_class(not terms, "-gone")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.field("term").text = event.option.id or ""
        self.field("grade").query_one("Input").focus()

    def action_into_list(self) -> None:
        """Go into the list of what was found."""
        found = self.query_one("#found", OptionList)
        if found.option_count:
            found.focus()
            found.highlighted = 0

    def helpful(self) -> list[Any]:
        """Return the grades of what was typed, as soon as it is known."""
        term = known_term(self.field("term").text)
        return [*section("Its grades", self._grades(term))] if term else []

    def _grades(self, term: Term) -> Iterator[str]:
        since = self.field("since").value or self.today()
        grades = grades_of(term, Age.between(self.summary.record.patient.entry.born, since))
        if grades is None:
            yield f"No wording is held here for {term.name}: look the grade up."
        else:
            yield from grade_lines(grades, term.name.capitalize())


def _told(term: Term) -> str:
    count = term.review_count
    if count:
        as_part = "" if term.review_words == term.name else f" as {term.review_words}"
        review = f"{count.count} of {count.of} in the review{as_part}"
    else:
        review = (
            f"review: {term.review_category.value}" if term.review_category else "not in the review"
        )
    serious = " ▲ serious" if term.seriousness else ""
    return f"{term.name}{serious} · {review}"
