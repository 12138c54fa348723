"""The acceptance of a proposed dose: its start, and what will be stored."""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from dosing import UserError
from dosing.quantities.formatting import how_often, measured_dose, short_date
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.presentation.times import clock_anywhere
from tui.app.actions import bound
from tui.app.dose_calculation import Calculation, Entered, calculate_for, store
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.read_back_view import Part, ReadBackView
from tui.app.widgets.time_field import NEXT_DOSE, TimeField, next_dose_text

_CHECKS = ("Rule out", "Test", "Tell")


class Acceptance(FormScreen):
    """A form for the start, with what will be stored; the dose is the one of that start."""

    CSS_PATH = "accept_dose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Store"),
        bound("back", "back"),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]

    def __init__(self, summary: PatientSummary, entered: Entered) -> None:
        """Take the patient and the values of the calculator's form."""
        super().__init__(summary)
        self._patient = summary
        self._entered = entered
        self._since = TimeField(
            "First dose", self.time_reader, may_be_ahead=True, text=next_dose_text(summary),
            assumed=NEXT_DOSE,
            example="2026-11-05T08:00", id="since",
        )  # fmt: skip
        self._reason: Field[str] = Field("Reason", str, required=False, id="reason")
        self._read_back = ReadBackView()

    def compose(self) -> ComposeResult:
        """Lay what will be stored below the fields."""
        yield PatientBanner(self._patient)
        with Vertical(id="form"):
            yield Static(words("Accept this dose"), classes="-heading")
            yield self._since
            yield self._reason
        yield Static(id="problem")
        yield self._read_back
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the next dose; the first dose of all has no time but the one typed."""
        self._since.fill_in(next_dose_text(self._patient))
        self._since.begin()
        self._calculated()

    @property
    def has_unsaved_input(self) -> bool:
        """True where a reason was typed: the start alone is quickly typed again."""
        return bool(self._reason.text.strip())

    @on(Field.Changed)
    def _calculated(self) -> Calculation | None:
        """Return the dose from the typed start, and read it back; None without a start."""
        self.tell_problem("")
        since = self._since.value
        if since is None:
            self._read_back.show([words("Enter the first dose.")])
            return None
        record = (self.summary or self._patient).record
        try:
            calculation = calculate_for(
                record, self._entered, since, self.session.now(), reason=self._reason.value or ""
            )
        except UserError as error:
            self._read_back.show([])
            self.tell_problem(str(error))
            return None
        self._read_back.show(_read_back(calculation, since))
        return calculation

    def action_store(self) -> None:
        """Store the prescription, and the measurement that it is based on."""
        self._since.show_problem()
        calculation = self._calculated()
        if calculation is None:
            return
        if calculation.dose is None:
            self.tell_problem("This dose is stopped. It cannot be accepted.")
            return
        self.work_on(partial(self._store, calculation, self.summary or self._patient))

    def _store(self, calculation: Calculation, summary: PatientSummary) -> Done:
        stored = store(calculation, summary.record, self.session.records.store)
        return Done(stored, summary.record.patient.entry.record_number)

    def after_change(self) -> None:
        """Read back again, with the record that somebody else changed."""
        self._calculated()


def _read_back(calculation: Calculation, since: Moment) -> Iterator[Part]:
    """Yield in words what will be stored, and its alerts."""
    dose, checked = calculation.dose, calculation.checked
    alerts = calculation.alerts.pressing
    if dose is None or checked is None:
        yield words("No dose is proposed for that start.")
        yield from alerts
        return
    prescription = checked.prescription
    yield words(f"{measured_dose(dose.measured)} by mouth").stylize("bold $text-success")
    yield words(how_often(dose.times_a_day, dose.every_hours)).stylize("bold $text-success")
    yield words(f"from {clock_anywhere(since)}, target trough {prescription.target}")
    if prescription.override_by:
        override = f"Override by {prescription.override_by}: {prescription.override_reason}"
        yield words(override).stylize("bold $text-warning")
    if calculation.measurement is not None:
        measurement = calculation.measurement
        values = " and ".join(
            f"{what} {value}"
            for what, value in (("weight", measurement.weight), ("height", measurement.height))
            if value
        )
        yield words(f"Also stored, as measured on {short_date(measurement.on)}: {values}.")
    if calculation.proposal.loading_dose:
        loading = measured_dose(calculation.proposal.loading_dose.measured)
        yield words(f"The loading dose of {loading} is not stored. Prescribe it separately.")
    yield from alerts
    yield from _before(calculation)


def _before(calculation: Calculation) -> Iterator[Content]:
    """Yield the checks before the first dose in short: rule out, test, tell."""
    yield words("Before the first dose").stylize("bold $text-accent")
    precautions = calculation.proposal.precautions
    for topic in _CHECKS:
        checks = "; ".join(each.text for each in precautions if each.topic == topic)
        yield Content.assemble((f"{topic}: ", "bold"), words(checks))
