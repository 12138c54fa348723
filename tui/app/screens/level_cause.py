"""The cause of a level: chosen from a short list, and stored as an answer about the level."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Select, Static

from dosing import UserError
from monitoring.record.level import LevelCause, LevelCauseAnswer
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.entry_lists import RecordRow
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


def cause_choice(none: str) -> Choice[LevelCause | None]:
    """Return the choice of a cause; `none` is the label before one is chosen."""
    unknown: list[tuple[str, LevelCause | None]] = [(none, None)]
    causes = [(_label(each), each) for each in (LevelCause.NOT_FOUND, *LevelCause)]
    return Choice("Cause", dict([*unknown, *causes]).items(), None, id="cause")


def _label(cause: LevelCause) -> str:
    name = cause.value.replace("-", " ")
    return f"{name} (excludes the level)" if cause.is_error else name


class CauseOfLevel(FormScreen):
    """A form for the cause of a level of the list; a later answer replaces an earlier one."""

    CSS_PATH = "patient.tcss"
    HELP = (
        "The cause of this level. An error of dosing or sampling takes the level out of every "
        "assessment; it stays listed. A later answer replaces an earlier one."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary, row: RecordRow) -> None:
        """Ask for the cause of the level of a row of the list."""
        super().__init__(summary)
        self._row = row
        self._cause = cause_choice("choose")
        self._exclude = Choice(
            "Use the level", [("unless the cause is an error", False), ("in no case", True)],
            value=False, id="exclude",
        )  # fmt: skip
        self._text = Field("Remark", str, required=False, id="text")

    def compose(self) -> ComposeResult:
        """Lay the choice below the level."""
        lines = [words("Cause of this level").stylize("bold $text-accent"), Content("")]
        lines += [words(each) for each in self._row.details]
        yield PatientBanner(self.summary)
        yield Static(Content("\n").join(lines), id="entry")
        yield from (self._cause, self._exclude, self._text)
        yield Static(id="problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the cause."""
        self._cause.query_one(Select).focus()

    def action_store(self) -> None:
        """Store the answer."""
        cause, level = self._cause.value, self._row.entry
        if cause is None or level is None:
            self.tell_problem("Choose the cause. If none is known, choose not found.")
            return
        try:
            answer = LevelCauseAnswer.about(
                level.number,
                cause,
                self.session.now().local.date(),
                exclude=self._exclude.value,
                text=self._text.text,
            )
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, answer, self.summary))

    def _store(self, answer: LevelCauseAnswer, summary: PatientSummary) -> Done:
        record = summary.record
        self.session.records.store.add(record.number, answer, revision=record.revision)
        return Done(f"Stored: {stored_words(answer)}", record.patient.entry.record_number)


def stored_words(answer: LevelCauseAnswer) -> str:
    """Return an answer in words, and whether the level still counts."""
    excluded = " The level is excluded and stays listed. Repeat it." if answer.is_excluded else ""
    return f"cause of the level: {answer.cause.value.replace('-', ' ')}.{excluded}"
