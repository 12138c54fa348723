"""After a level: what it means, what it suggests, and the choice to change the dose or not."""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from dosing.writing import how_often, how_to_measure, measured_dose, plain
from monitoring.advice import Advice, advise
from monitoring.record.note import Note
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.entry.form import as_typed
from tui.app.entry.messages import ChangeDose
from tui.app.entry.read_back import alerts_section, paragraphs, section
from tui.app.form_screen import Done, FormScreen
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.entering import Answer


class AfterLevel(FormScreen):
    """The advice after a level. Keeping the dose is written down with its reason, as a note."""

    CSS_PATH = "after_level.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "keep", "Keep the dose", priority=True),
        bound("back", "back", "Decide later"),
        bound("change-dose", "change", priority=True),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary, told: str, answer: Answer) -> None:
        """Show the advice on the newest level; `told` and `answer` are of the one just stored."""
        super().__init__(summary)
        self._told, self._answer = told, answer
        self._advice = advise(summary.record, summary.made)

    def compose(self) -> ComposeResult:
        """Lay the choice below the advice."""
        yield PatientBanner(self.summary)
        yield Static("After the level", id="title")
        yield Static(id="problem")
        with VerticalScroll(id="answer"):
            yield Static(
                paragraphs(
                    [
                        *section("Stored", [self._told.removeprefix("Stored: ")]),
                        *section("What it means", self._answer.lines),
                        *section("What it suggests", advice_lines(self._advice)),
                        *alerts_section((*self._advice.alerts, *self._answer.alerts)),
                        *section("How it was calculated", step_lines(self._advice)),
                    ]
                )
            )
        yield Field("Keep, because", as_typed, required=False, id="why")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the reason."""
        self.query_one("#why Input").focus()

    def action_read_on(self, pages: int) -> None:
        """Scroll the advice, while the focus stays in the field."""
        shown = self.query_one("#answer", VerticalScroll)
        shown.scroll_relative(y=pages * shown.size.height, animate=False)

    def action_keep(self) -> None:
        """Keep the dose; against a suggestion only with a reason."""
        why = self.query_one("#why", Field).text
        if not why.strip():
            if self._advice.dose is None:
                self.dismiss(True)  # noqa: FBT003 - Textual's result
            else:
                self.tell_problem("The advice is another dose: write why this one is kept.")
            return
        record, now = self.summary.record, self.sirolimus.now()
        level = self.summary.last_level
        of_level = f" after the level of {level.level.entry.sampled}" if level else ""
        note = Note(on=now.local.date(), text=f"Dose kept{of_level}: {why}")
        self.work_on(partial(self._store, note, record.number, record.seen))

    def _store(self, note: Note, number: int, seen: int) -> Done:
        self.sirolimus.records.store.add(number, note, seen=seen)
        return Done(f"Stored: {note.text}", self.summary.record.patient.entry.record_number)

    def action_change(self) -> None:
        """Ask for the dose to be changed."""
        self.app.post_message(ChangeDose(self.summary.record.patient.entry.record_number))
        self.dismiss(True)  # noqa: FBT003 - Textual's result


def advice_lines(advice: Advice) -> Iterator[str]:
    """Yield what the level suggests."""
    dose = advice.dose
    if dose is None:
        if advice.awaits_override:
            yield "No dose is proposed without a documented override: see below."
        elif advice.stopped:
            yield "No dose is proposed: see why below."
        else:
            yield "No change of the dose."
        return
    loading = advice.adjusted.loading_dose if advice.adjusted else None
    if loading:
        yield f"First, once: {measured_dose(loading.measured)}."
    often = how_often(dose.times_a_day, dose.every_hours)
    yield f"{measured_dose(dose.measured)} by mouth, {often}."
    yield how_to_measure(dose.measured)
    if dose.mg_per_m2_per_day is not None:
        yield f"{plain(dose.daily_mg)} mg per day = {plain(dose.mg_per_m2_per_day, 4)} mg/m²/day."


def step_lines(advice: Advice) -> Iterator[str]:
    """Yield the steps of the calculation, each with its source."""
    for step in advice.adjusted.steps if advice.adjusted else ():
        yield f"{step.title}: {step.working} [{step.source}]"
