"""The taper: the steps that stop a treatment, to be stored or left."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static

from dosing import UserError
from monitoring.summary import PatientSummary
from monitoring.tapering import TaperPlan, plan_taper, store_taper
from monitoring.times import short
from reports.presentation.tapers import taper_lines, taper_rows
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import alerts_section, cell, paragraphs, section, words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.time_field import TimeField

_HEADINGS = ("From", "Dose", "Of the start")


class Taper(FormScreen):
    """A form for the start of a taper, with its steps; storing it stores them all."""

    CSS_PATH = "taper.tcss"
    HELP = (
        "The steps from the current dose to none, each a dose that can be given. Change the time "
        "of the first lower dose to move them all. Nothing is stored until you store the plan."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Store the plan"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Take a patient with a current dose."""
        super().__init__(summary)
        self._plan: TaperPlan | None = None
        self._since = TimeField(
            "First step", self.time_reader, may_be_ahead=True, required=False,
            example="the next dose, or 2026-12-01T08:00", id="since",
        )  # fmt: skip
        self._steps: DataTable[object] = DataTable(cursor_type="none", id="steps")
        self._about = Static(id="about")

    def compose(self) -> ComposeResult:
        """Lay the steps below the start."""
        yield PatientBanner(self.summary)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Taper"), classes="-heading")
            yield self._since
            yield Static(id="problem")
            yield self._steps
            yield self._about
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the steps from the next dose on."""
        for heading in _HEADINGS:
            self._steps.add_column(cell(heading))
        self._since.begin()
        self._show()

    @on(Field.Changed)
    def _show(self) -> None:
        """Show the plan from the typed time, or the reason why there is none."""
        self._plan = None
        self._steps.clear()
        self._about.update("")
        self.tell_problem("")
        if self._since.problem:
            return
        try:
            plan = plan_taper(
                self.summary.record,
                self.session.now(),
                self._since.value,
                self.session.clinic.marks,
            )
        except UserError as error:
            self.tell_problem(str(error))
            return
        for row in taper_rows(plan):
            self._steps.add_row(*map(cell, row))
        lines = [] if plan.stopped else section("About it", taper_lines())
        self._about.update(paragraphs([*alerts_section(plan.alerts), *lines]))
        self._plan = plan

    def action_store(self) -> None:
        """Store the plan, unless something comes first."""
        self._since.show_problem()
        if self._plan is None:
            self.tell_problem(self.problem or "The form is incomplete. See what is missing.")
        elif self._plan.stopped:
            self.tell_problem("Something comes first. See the alerts.")
        else:
            self.work_on(partial(self._store, self._plan, self.summary))

    def _store(self, plan: TaperPlan, summary: PatientSummary) -> Done:
        record, patient = summary.record, summary.record.patient.entry
        store_taper(self.session.records.store, record, plan, self.session.now())
        ends = short(plan.ends) if plan.ends else ""
        stored = f"Stored for {patient.name}: a taper of {len(plan.doses)} steps until {ends}."
        return Done(stored, patient.record_number)

    def after_change(self) -> None:
        """Plan again on the record that somebody else changed."""
        self._show()
