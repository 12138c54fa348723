"""The screen after a level: its meaning, the advice, and the choice to change the dose or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Select, Static
from textual.worker import get_current_worker

from dosing import AlertKind, UserError
from dosing.quantities.formatting import how_to_measure, measured_dose, plain
from monitoring.recommendation.advice import Advice
from monitoring.record.enter import answer
from monitoring.record.entry_kind import EntryMeaning
from monitoring.record.level import LevelCauseAnswer
from monitoring.record.note import Note
from monitoring.summary import PatientSummary, summarise
from monitoring.times import short
from reports.presentation.advice import (
    advice_rows,
    beyond_reasons,
    steps_are_shown,
)
from tui.app.actions import bound
from tui.app.messages import EntryStored
from tui.app.screens.form_screen import Done, Failed, FormScreen
from tui.app.screens.level_cause import cause_choice, stored_words
from tui.app.text import alerts_section, paragraphs, section
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


@dataclass
class Advised(Message):
    """The advice on the level."""

    advice: Advice


@dataclass
class CauseStored(Message):
    """The cause of the level is stored: the new summary, and what the level means with it."""

    about: LevelCauseAnswer
    summary: PatientSummary
    answer: EntryMeaning


class AfterLevel(FormScreen):
    """The advice after a level. The reason to keep the dose is stored as a note."""

    CSS_PATH = "after_level.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "keep", "Keep the dose", priority=True),
        bound("store", "go_on", "Continue", priority=True),
        bound("store", "cause", "Store the cause", priority=True),
        bound("back", "back", "Decide later"),
        bound("change-dose", "change", priority=True),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    BESIDE = "#answer"
    TAKES_TYPED_AHEAD: ClassVar[bool] = False
    """A key from before it would decide about a level that nobody has read."""
    summary: PatientSummary

    def __init__(
        self, summary: PatientSummary, stored: str, answer: EntryMeaning, number: int | None = None
    ) -> None:
        """Show the advice on the newest level.

        `stored`, `answer` and `number` are of the level just stored: its cause is asked here.
        """
        super().__init__(summary)
        self._stored, self._answer, self._number = stored, answer, number
        self._cause = cause_choice("not recorded")
        self._advice: Advice | None = None

    def compose(self) -> ComposeResult:
        """Lay the choice below the advice."""
        yield PatientBanner(self.summary)
        yield Static("After the level", id="title")
        yield Static(id="problem")
        with VerticalScroll(id="answer"):
            yield Static()
        yield self._cause
        yield Field("Reason to keep", str, required=False, id="why")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the cause or the reason, while the advice is calculated."""
        self._show_question()
        asked = self._cause.query_one(Select) if self._is_cause_asked else None
        (asked or self.query_one("#why Input")).focus()
        self._advise()

    # --- the cause

    @property
    def _is_cause_asked(self) -> bool:
        """Return whether the level that was just stored does not fit, and nobody said why."""
        return any(
            each.is_cause_asked for each in self.summary.levels if each.level.number == self._number
        )

    def _show_question(self) -> None:
        self._cause.display = self._is_cause_asked

    @on(Select.Changed)
    def _cause_chosen(self) -> None:
        self.tell_problem("")
        self.refresh_bindings()

    def action_cause(self) -> None:
        """Store the cause; the advice follows it."""
        cause, number = self._cause.value, self._number
        if cause is not None and number is not None:
            answer = LevelCauseAnswer.about(number, cause, self.session.now().local.date())
            self.work_on(partial(self._store_cause, answer, self.summary))

    def _store_cause(self, about: LevelCauseAnswer, summary: PatientSummary) -> Message:
        store, record = self.session.records.store, summary.record
        store.add(record.number, about, revision=record.revision)
        record = store.read(record.number)
        now = summarise(record, self.session.now(), self.session.clinic)
        return CauseStored(about, now, answer(record, about.of))

    @on(CauseStored)
    def _cause_stored(self, message: CauseStored) -> None:
        self._is_working = False
        self._stored = f"{self._stored}; {stored_words(message.about)}"
        self._answer = message.answer
        self.session.show_summary(message.summary)
        patient = message.summary.record.patient.entry
        self.app.post_message(EntryStored(patient.record_number, is_shown=True))
        self._cause.value = None
        self._show_summary(message.summary)
        self.query_one("#why Input").focus()

    # --- advising

    def after_change(self) -> None:
        """Advise again on the record that was changed."""
        self._show_question()
        self._advise()

    def _advise(self) -> None:
        """Calculate the advice in a worker; nothing is decided before it is there."""
        self._advice = None
        self.refresh_bindings()
        self._show([*section("Advice", ["…"]), *alerts_section(self._answer.alerts)])
        work = partial(self._work_out, self.summary)
        self.run_worker(work, thread=True, group="advice", exclusive=True)

    def _work_out(self, summary: PatientSummary) -> None:
        try:
            message: Message = Advised(summary.advice)
        except UserError as error:
            message = Failed(str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(Advised)
    def _advised(self, message: Advised) -> None:
        self._advice = advice = message.advice
        self.refresh_bindings()
        found = advice.alerts + self._answer.alerts
        self._show(
            [
                *section("Advice", advice_lines(advice)),
                *alerts_section(beyond_reasons(found, advice.recommendation)),
                *section("Calculation", step_lines(advice)),
            ]
        )

    def _show(self, parts: list[Any]) -> None:
        stored = section("Stored", [self._stored.removeprefix("Stored: ")])
        means = section("Meaning", self._answer.lines)
        shown = paragraphs([*stored, *means, *parts])
        self.query_one("#answer Static", Static).update(shown)

    # --- deciding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Call the main key "Keep the dose" only where another may be advised."""
        has_cause = self._cause.display and self._cause.value is not None
        if action == "cause":
            return has_cause
        is_another = self._advice is None or self._advice.dose is not None
        if action in {"keep", "go_on"}:
            return not has_cause and is_another == (action == "keep")
        return super().check_action(action, parameters)

    def action_go_on(self) -> None:
        """Leave the screen where no other dose is advised."""
        self.action_keep()

    def action_keep(self) -> None:
        """Keep the dose; against a suggestion or a pressing alert only with a reason."""
        why = self.query_one("#why", Field).text
        if self._advice is None:
            self.tell_problem("The advice is not ready. Please wait.")
            return
        if not why.strip():
            if self._advice.dose is not None:
                self.tell_problem("The advice is another dose. Enter the reason to keep this one.")
            elif self._is_pressing(self._advice):
                self.tell_problem("This level has an alert. Enter the reason to keep the dose.")
            else:
                self.dismiss(True)  # noqa: FBT003 - Textual's result
            return
        record, now = self.summary.record, self.session.now()
        level = self.summary.last_level
        of_level = f" after the level of {short(level.level.entry.sampled)}" if level else ""
        note = Note(on=now.local.date(), text=f"Dose kept{of_level}: {why}")
        self.work_on(partial(self._store, note, record.number, record.revision))

    def _is_pressing(self, advice: Advice) -> bool:
        alerts = advice.alerts + self._answer.alerts
        return bool(alerts.of_kind(AlertKind.STOP, AlertKind.URGENT))

    def _store(self, note: Note, number: int, revision: int) -> Done:
        self.session.records.store.add(number, note, revision=revision)
        return Done(f"Stored: {note.text}", self.summary.record.patient.entry.record_number)

    def action_change(self) -> None:
        """Go on to the adjustment of the dose, in place of this screen."""
        if self._cause.value is not None:
            self.tell_problem("Store the cause first: the advice depends on it.")
            return
        from tui.app.all_actions import ACTIONS  # noqa: PLC0415 - it knows every screen

        self.app.switch_screen(ACTIONS["prescribe"].screen(self.summary))


def advice_lines(advice: Advice) -> Iterator[str]:
    """Yield the recommendation with its evidence."""
    if advice.awaits_override:
        yield "No dose is proposed without a documented override. See below."
    elif advice.stopped:
        yield "No dose is proposed. See the reasons below."
    dose = advice.dose
    loading = advice.adjusted.loading_dose if advice.adjusted and dose else None
    if loading:
        yield f"First, once: {measured_dose(loading.measured)}."
    for name, text in advice_rows(advice):
        yield f"{name}: {text}" if name else text
    if dose is not None:
        yield how_to_measure(dose.measured)
        if dose.mg_per_m2_per_day is not None:
            per_day = plain(dose.mg_per_m2_per_day, 4)
            yield f"{plain(dose.daily_mg)} mg per day = {per_day} mg/m²/day."


def step_lines(advice: Advice) -> Iterator[str]:
    """Yield the steps of the calculation, each with its source."""
    for step in advice.adjusted.steps if advice.adjusted and steps_are_shown(advice) else ():
        yield f"{step.title}: {step.working} [{step.source}]"
