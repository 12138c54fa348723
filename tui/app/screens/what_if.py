"""The options of a forecast: another dose, or another model. Nothing is stored."""

from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from dosing import QuantityKind, plain, read_quantity
from monitoring.summary import PatientSummary
from tui.app.actions import bound
from tui.app.screens.form_screen import FormScreen
from tui.app.text import words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.forecast_worker import ForecastOptions
from tui.app.widgets.key_bar import KeyBar

_TIMES = {"once": 1, "twice": 2, "3 times": 3, "4 times": 4}
_USUAL = "the usual one"


class WhatIf(FormScreen):
    """A form for a dose and a model; `options` holds them once the screen has ended."""

    CSS_PATH = "what_if.tcss"
    HELP = (
        "The forecast for another dose, or by another published model. The outcome of the dose is "
        "shown with those that the forecast proposes. Without a dose only the model changes. "
        "Nothing is stored."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Calculate"),
        bound("back", "back"),
    ]
    summary: PatientSummary

    def __init__(
        self, summary: PatientSummary, options: ForecastOptions, models: tuple[tuple[str, str], ...]
    ) -> None:
        """Begin with the last options; `models` are all models, name and key."""
        super().__init__(summary)
        self.options = options
        now = summary.current.prescription.times_a_day if summary.current else 2
        dose = f"{plain(options.dose_mg)} mg" if options.dose_mg else ""
        self._dose: Field[Decimal] = Field(
            "Dose", _read_dose, text=dose, required=False, example="0.5 mg, each time", id="dose"
        )
        times = options.times_a_day if options.dose_mg else now
        self._times = Choice("A day", _TIMES.items(), times, id="times")
        self._model = Choice("Model", [(_USUAL, ""), *models], options.model, id="model")

    def compose(self) -> ComposeResult:
        """Lay the fields below the patient."""
        yield PatientBanner(self.summary)
        yield Static(words("What if"), classes="-heading")
        yield from (self._dose, self._times, self._model)
        yield Static(id="problem")
        yield Static(words("Nothing is stored."), id="remark")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the dose."""
        self.query(Field).first().begin()

    @property
    def has_unsaved_input(self) -> bool:
        """False: nothing is stored here."""
        return False

    def action_store(self) -> None:
        """Take the options, if the dose is valid."""
        self._dose.show_problem()
        if self._dose.problem:
            return
        self.options = ForecastOptions(
            model=self._model.value,
            dose_mg=self._dose.value,
            times_a_day=self._times.value,
            nothing_given_in_gaps=self.options.nothing_given_in_gaps,
        )
        self.dismiss(result=True)


def _read_dose(text: str) -> Decimal:
    return read_quantity(text, QuantityKind.DOSE).value
