"""A side-effect: found by everyday words, its grades in words, and what the sources say of it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dosing import Age, ReadingError
from dosing.plain_text import quoted
from monitoring.record.adverse_event import Action
from monitoring.side_effects.ctcae import grades_of
from monitoring.side_effects.finder import known_term, suggested_terms
from monitoring.side_effects.terms import Term
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.entry.form import Draft, EntryForm, as_typed
from tui.app.entry.read_back import section
from tui.app.text import words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.entering import grade_lines, side_effect

_ACTIONS = (
    ("none", Action.NONE),
    ("dose reduced", Action.REDUCED),
    ("doses held", Action.HELD),
    ("sirolimus stopped", Action.STOPPED),
)


class SideEffectForm(EntryForm):
    """Log a side-effect. What is typed is looked up in the table, the review's profile first."""

    TITLE = "Log a side-effect"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("into-list", "into_list", "", show=False),
    ]

    def __init__(
        self, summary: PatientSummary, *, term: str = "", since: str = "", grade: str = ""
    ) -> None:
        """Log a side-effect of the patient of a summary; what is known already is filled in."""
        super().__init__(summary)
        self._term, self._since, self._grade = term, since, grade

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield Field("Side-effect", as_typed, text=self._term, example="mouth sores", id="term")
        yield OptionList(id="found", compact=True)
        yield Field(
            "Grade", read_grade, text=self._grade, example="1 to 5; empty: not graded",
            required=False, id="grade",
        )  # fmt: skip
        yield self.day_field("From", "since", text=self._since)
        yield self.day_field("To", "until", required=False)
        yield Choice("Action taken", _ACTIONS, Action.NONE, id="action")
        yield Field("Remark", as_typed, required=False, id="text")

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

    def draft(self) -> Draft:
        """Return the side-effect, and its last day."""
        entry = side_effect(
            self.summary.record.patient.entry,
            self.needed("term"),
            self.needed("since"),
            grade=self.needed("grade"),
            action=self.query_one("#action", Choice).value,
            text=self.field("text").text,
        )
        return Draft(entry, self.needed("until"))

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


def read_grade(text: str) -> int:
    """Return the grade that a text states; else raise `ReadingError`."""
    if text.strip(" ") not in {"1", "2", "3", "4", "5"}:
        raise ReadingError(f"{quoted(text)} is no grade: write 1, 2, 3, 4 or 5, or nothing.")
    return int(text)


def _told(term: Term) -> str:
    count = term.review_count
    if count:
        as_part = "" if term.review_words == term.name else f" as {term.review_words}"
        review = f"{count.count} of {count.of} in the review{as_part}"
    else:
        review = f"review: {term.standing.value}" if term.standing else "not in the review"
    serious = " ▲ serious" if term.seriousness else ""
    return f"{term.name}{serious} · {review}"
