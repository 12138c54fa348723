"""The columns of a laboratory's file as they are guessed, to be checked and kept by a name."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Label, Select, Static

from monitoring.exchange.laboratory_file.draft import MappingDraft
from monitoring.exchange.laboratory_file.guess import (
    FIELD_NAMES,
    About,
    ColumnView,
    Guess,
    Question,
    options_for_tests,
)
from monitoring.exchange.laboratory_file.kept_mappings import (
    KeptMapping,
    keep_mapping,
    name_for,
)
from monitoring.exchange.laboratory_file.mapping import SKIP
from monitoring.times import zone_of
from reports.presentation.guesses import NOT_READ, samples_of
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import cell, words, words_of_lines
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar

_MOST_TESTS = 40
_CHOOSE = "(choose)"
_Key = tuple[About, str]


class ColumnChoice(Horizontal):
    """A column of the file: its heading, its first cells, and the field it is taken for."""

    DEFAULT_CSS = """
    ColumnChoice { height: 1; }
    ColumnChoice > .-name { width: 20; text-wrap: nowrap; text-overflow: ellipsis; }
    ColumnChoice > .-samples {
        width: 1fr; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1;
    }
    ColumnChoice Select { width: 30; }
    ColumnChoice Select:focus > SelectCurrent { background: $primary-muted; }
    """

    def __init__(self, column: ColumnView, name: str) -> None:
        """Show a column; `name` is the field that is chosen at first, "" for none."""
        super().__init__()
        self.heading = column.heading
        self._column = column
        self._first = name

    def compose(self) -> ComposeResult:
        """Lay heading, cells and list side by side."""
        options = [(NOT_READ, ""), *((label, name) for name, label in FIELD_NAMES.items())]
        yield Label(words(self.heading), classes="-name")
        yield Label(words(samples_of(self._column)), classes="-samples")
        yield Select(
            [(cell(label), name) for label, name in options],
            value=self._first,
            allow_blank=False,
            compact=True,
        )

    @property
    def chosen(self) -> str:
        """The chosen field."""
        return str(self.query_one(Select).value) if self.is_mounted else self._first

    @chosen.setter
    def chosen(self, name: str) -> None:
        self.query_one(Select).value = name


class GuessMapping(FormScreen):
    """A form with a choice for each column and each open point of a file."""

    CSS_PATH = "guess_mapping.tcss"
    BESIDE = "#guess"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "keep", "Keep"),
        bound("back", "back"),
        bound("read-on", "read_on(1)", "Scroll down"),
        bound("read-back", "read_on(-1)", "Scroll up"),
    ]

    def __init__(self, file: Path, guess: Guess) -> None:
        """Show the guess of a file's mapping."""
        super().__init__()
        self.kept: KeptMapping | None = None
        """The mapping, once it is kept."""
        self.sheet: str | None = None
        """The sheet to guess again from, once it is chosen."""
        self._file = file
        self._guess = guess
        self._columns = [
            ColumnChoice(each, guess.draft.field_at(each.heading)) for each in guess.columns
        ]
        self._kept_as = Field("Name", str, text=name_for(file, guess.draft), id="name")
        self._zone = Field("Time zone", _zone, text=guess.draft.time_zone, id="zone")
        self._asked: dict[_Key, Choice[str | None]] = {}

    def compose(self) -> ComposeResult:
        """Lay the columns above the open points."""
        yield Static(words(f"Columns of {self._file.name}"), classes="-heading")
        yield Static(id="problem")
        with VerticalScroll(id="guess"):
            yield from self._columns
            with Vertical(id="answers"):
                yield from (self._kept_as, self._zone)
            yield Static(id="notes")
        yield KeyBar()

    async def on_mount(self) -> None:
        """Ask what the file leaves open."""
        await self._ask()
        self._columns[0].query_one(Select).focus()

    @property
    def has_unsaved_input(self) -> bool:
        """True until the mapping is kept: the guess waits to be confirmed."""
        return self.kept is None and super().has_unsaved_input

    @on(Select.Changed)
    async def _changed(self, event: Select.Changed) -> None:
        event.stop()
        row = event.select.parent
        if isinstance(row, ColumnChoice) and row.chosen:
            for other in self._columns:  # one column a field
                if other is not row and other.chosen == row.chosen:
                    other.chosen = ""
        sheet = self._asked.get((About.SHEET, ""))
        if sheet is not None and sheet.value is not None:
            self.sheet = sheet.value
            self.dismiss(result=False)
        else:
            await self._ask()

    async def _ask(self) -> None:
        """Show a choice for each open point by the present columns, and hide the others."""
        questions = self._questions()
        for key, question in questions.items():
            if key not in self._asked:
                choice = self._choice(question)
                self._asked[key] = choice
                await self.query_one("#answers").mount(choice)
        for key, choice in self._asked.items():
            choice.display = key in questions
        notes = self._guess.by(self._draft_of(self._answers())).notes
        self.query_one("#notes", Static).update(
            words_of_lines("\n".join(f"■ {each}" for each in notes))
        )
        self.tell_problem("")

    def _answers(self) -> dict[_Key, str]:
        """Return the answers that are given, to what is asked or was asked."""
        return {
            key: choice.value for key, choice in self._asked.items() if choice.value is not None
        }

    def _choice(self, question: Question) -> Choice[str | None]:
        known = self._known_answer(question)
        options: list[tuple[str, str | None]] = list(question.options)
        if known is None:
            options.insert(0, (_CHOOSE, None))
        return Choice(_label_of(question), options, known)

    def _known_answer(self, question: Question) -> str | None:
        """Return the answer of the guess itself, or None for an open point."""
        draft = self._guess.draft
        is_open = (question.about, question.of) in {
            (each.about, each.of) for each in self._guess.questions
        }
        match question.about:
            case _ if is_open:
                return None
            case About.TEST:
                return draft.tests.get(question.of, SKIP)
            case About.DATE_ORDER:
                return draft.date_order
            case About.DECIMAL_SIGN:
                return draft.decimal_sign
            case _:
                return None

    def _questions(self) -> dict[_Key, Question]:
        """Return what is asked by the present columns: open points, tests, dates, numbers."""
        found = {(each.about, each.of): each for each in _always(self._guess, self._draft_of({}))}
        answers = self._answers()
        draft = self._draft_of(answers)
        for each in self._guess.by(draft).questions:
            if each.about is About.TEST and each.of:
                found[each.about, each.of] = replace(each, options=options_for_tests())
            elif each.about not in {About.COLUMN, About.TEST}:
                found[each.about, each.of] = each
        found |= {  # answered ones stay
            key: question
            for key, question in ((k, self._question_of(k)) for k in answers)
            if question is not None and key not in found
        }
        return found

    def _question_of(self, key: _Key) -> Question | None:
        """Return the question of an answer where the present columns still ask it."""
        answers = {other: answer for other, answer in self._answers().items() if other != key}
        open_ = self._guess.by(self._draft_of(answers)).questions
        return next((each for each in open_ if (each.about, each.of) == key), None)

    def _draft_of(self, answers: Mapping[_Key, str]) -> MappingDraft:
        """Return the draft by the present columns and answers."""
        draft = self._guess.draft
        for column in self._columns:
            draft = draft.taking(column.heading, "")
        for column in self._columns:
            if column.chosen:
                draft = draft.taking(column.heading, column.chosen)
        guess = self._guess.by(replace(draft, time_zone=self._zone.text.strip()))
        for (about, of), answer in answers.items():
            guess = guess.answered(Question(about, of, "", ()), answer)
        return guess.draft

    # --- keeping

    def action_keep(self) -> None:
        """Keep the mapping by its name, if nothing is open."""
        answers: dict[_Key, str] = {}
        for key, choice in self._asked.items():
            if not choice.display:
                continue
            if choice.value is None:
                self.tell_problem(f"{self._text_of(key)} Choose an answer.")
                choice.query_one(Select).focus()
                return
            answers[key] = choice.value
        guess = self._guess.by(self._draft_of(answers))
        if guess.questions:
            self.tell_problem(guess.questions[0].text)
            return
        for field in (self._kept_as, self._zone):
            field.show_problem()
            if field.problem:
                field.begin()
                return
        self.work_on(partial(self._keep, self._kept_as.text, guess.draft))

    def _text_of(self, key: _Key) -> str:
        question = self._questions().get(key)
        return question.text if question else ""

    def _keep(self, name: str, draft: MappingDraft) -> Done:
        self.kept = keep_mapping(name, draft)
        return Done(f'The mapping is kept as "{self.kept.name}".')


def _zone(text: str) -> str:
    zone_of(text.strip())
    return text.strip()


_LABELS = {
    About.DATE_ORDER: "Dates",
    About.DECIMAL_SIGN: "Decimal sign",
    About.TEST: "Test: ",
    About.UNIT: "Unit of: ",
    About.ASSAY: "Assay: ",
    About.STATUS: "Status: ",
    About.HIDDEN: "Hidden rows",
    About.SHEET: "Sheet",
}


def _label_of(question: Question) -> str:
    """Return the words beside the choice of a question."""
    return f"{_LABELS[question.about]}{question.of}"


def _always(guess: Guess, draft: MappingDraft) -> Iterator[Question]:
    """Yield what can be changed even where it is clear: dates, numbers, tests."""
    yield Question(
        About.DATE_ORDER, "", "A date has two readings.",
        (("each has one reading", ""), ("the day is first", "dmy"), ("the month is first", "mdy")),
    )  # fmt: skip
    yield Question(
        About.DECIMAL_SIGN, "", "The decimal sign of the numbers is not clear.",
        (("not needed", ""), ("point: 2.5", "point"), ("comma: 2,5", "comma")),
    )  # fmt: skip
    for name in guess.table.words(draft.columns.get("test", ""))[:_MOST_TESTS]:
        yield Question(About.TEST, name, f"The test {name} is not clear.", options_for_tests())
