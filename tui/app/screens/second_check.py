"""The second check of a dose: another person types mg, mL and interval anew."""

from decimal import Decimal
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from dosing import QuantityKind, UserError, read_quantity
from monitoring.prescribing import read_interval
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entry import name_text
from monitoring.second_check import DoseFigures, check_of_dose, dose_to_check, words_of_check
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


class SecondCheck(FormScreen):
    """A form for the figures of the dose, which it does not show, and for who types them."""

    CSS_PATH = "settle_check.tcss"
    HELP = (
        "Another person than the prescriber types the figures of the dose from the order, not from "
        "this screen. They are compared with the prescription; where one differs, nothing is "
        "confirmed. With second_check = true in the settings, no dose card and no give-log is "
        "printed before it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Confirm"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(self, summary: PatientSummary) -> None:
        """Ask for an evening dose only where there is one, and for no volume of tablets."""
        super().__init__(summary)
        right = DoseFigures.of(dose_to_check(summary.record, summary.made).entry)
        self._dose = Field("Dose", _mg, example="1.2 mg", id="dose")
        self._volume = Field("Volume", _ml, example="1.2 mL", id="volume")
        self._every = Field("Given every", read_interval, example="12 h", id="every")
        self._evening = Field("Evening dose", _mg, example="1.1 mg", id="evening")
        self._evening_volume = Field("Evening volume", _ml, example="1.1 mL", id="evening-volume")
        self._by = Field("Checked by", _name, example="your name", id="by")
        has_evening, is_measured = right.evening_mg is not None, right.volume_ml is not None
        asked = (
            (self._dose, True),
            (self._volume, is_measured),
            (self._every, True),
            (self._evening, has_evening),
            (self._evening_volume, has_evening and is_measured),
            (self._by, True),
        )
        self._asked = tuple(field for field, is_asked in asked if is_asked)

    def compose(self) -> ComposeResult:
        """Lay the fields below the patient."""
        yield PatientBanner(self.summary)
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Second check of the dose"), classes="-heading")
            yield from self._asked
            yield Static(id="problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the dose."""
        self._dose.begin()

    def action_store(self) -> None:
        """Compare the figures, and store the check where none differs."""
        for field in self._asked:
            field.show_problem()
        problem = next((each.problem for each in self._asked if each.problem), None)
        dose, every, by = self._dose.value, self._every.value, self._by.value
        if problem is not None or dose is None or every is None or by is None:
            self.tell_problem("Enter every figure and your name.")
            return
        typed = DoseFigures(
            dose_mg=dose,
            every_hours=every,
            volume_ml=self._volume.value if self._volume in self._asked else None,
            evening_mg=self._evening.value if self._evening in self._asked else None,
            evening_ml=self._evening_volume.value if self._evening_volume in self._asked else None,
        )
        now = self.session.now()
        try:
            recorded = dose_to_check(self.summary.record, now)
            check = check_of_dose(recorded, typed, by, now.local.date())
        except UserError as error:
            self.tell_problem(str(error))
            return
        self.work_on(partial(self._store, check, self.summary))

    def _store(self, check: DoseCheck, summary: PatientSummary) -> Done:
        record = summary.record
        self.session.records.store.add(record.number, check, revision=record.revision)
        return Done(f"Stored: {words_of_check(check)}", record.patient.entry.record_number)


def _mg(text: str) -> Decimal:
    return read_quantity(text, QuantityKind.DOSE).value


def _ml(text: str) -> Decimal:
    return read_quantity(text, QuantityKind.VOLUME).value


def _name(text: str) -> str:
    return name_text(text, "The name")
