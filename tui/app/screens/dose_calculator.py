"""The dose calculator: the form at the left, the dose at the right, live."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import Select, Static

from dosing import (
    FORMULAS,
    MOSTELLER,
    ORAL_SOLUTION,
    PROTOCOLS,
    REVIEW,
    Age,
    LiverImpairment,
    Override,
    Product,
    Quantity,
    QuantityKind,
    Sex,
    UserError,
    Weight,
    read_quantity,
    required_text,
)
from dosing.birth_date import read_birth
from dosing.quantities.formatting import product_name
from monitoring.summary import PatientSummary
from reports.presentation.ages import age_words
from reports.presentation.doses import both_units
from tui.app.actions import bound
from tui.app.dose_calculation import (
    Calculation,
    Entered,
    calculate_for,
    calculate_without_patient,
)
from tui.app.screens.accept_dose import Acceptance
from tui.app.screens.form_screen import FormScreen
from tui.app.text import show_text, words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.proposal_view import ProposalView

_INCOMPLETE = "The form is incomplete. See what is missing."
_NO_PATIENT = "Quick dose (no patient): nothing is stored"
_NEEDS_PATIENT = "This dose has no patient. Open a patient to accept a dose."


class DoseCalculator(FormScreen):
    """A starting dose for a stored patient, which can be accepted, or without a patient."""

    CSS_PATH = "dose_calculator.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "accept", "Accept"),
        bound("back", "back"),
        bound("steps", "why"),
        bound("why", "why", show=False),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    BESIDE = "#result"

    def __init__(self, summary: PatientSummary | None = None) -> None:
        """Calculate for a patient, with the values on record, or without a patient."""
        super().__init__(summary)
        weight, height = _on_record(summary)
        self._is_first_weight = not weight
        self._weight = Field("Weight", _read_weight, text=weight, example="12.4 kg", id="weight")
        self._again = Field("Weight again", _read_weight, example="the same again", id="again")
        self._read_back = Static(id="read-back", classes="fact")
        self._height = Field(
            "Height", _read_height, text=height, example="88 cm", required=False, id="height"
        )
        self._age = Field("Age or born", self._read_age, example="27 months, 2024-08-23", id="age")
        sexes: list[tuple[str, Sex | None]] = [("not given", None)]
        self._sex = Choice("Sex", [*sexes, *((sex.value, sex) for sex in Sex)], None, id="sex")
        self._protocol = Choice(
            "Protocol", [(each.name, each) for each in PROTOCOLS.values()], REVIEW, id="protocol"
        )
        self._formula = Choice(
            "Formula", [(each.name, each) for each in FORMULAS.values()], MOSTELLER, id="formula"
        )
        self._product = Choice(
            "Product", [(product_name(each), each) for each in Product], ORAL_SOLUTION, id="product"
        )
        self._liver = Choice(
            "Liver", [(_liver_name(each), each) for each in LiverImpairment],
            LiverImpairment.NONE, id="liver",
        )  # fmt: skip
        self._drugs = Field(
            "More drugs" if summary else "Drugs", _read_drugs,
            required=False, example="separated by semicolons", id="drugs",
        )  # fmt: skip
        self._reason = Field("Override", _read_reason, example="the reason", id="override")
        self._by = Field("Overridden by", _read_name, example="your name", id="by")
        self._result = ProposalView(id="result")
        self._shows_why = False
        self._calculation: Calculation | None = None

    def compose(self) -> ComposeResult:
        """Lay the result beside the form."""
        if self.summary is None:
            yield Static(words(_NO_PATIENT), id="no-patient")
        else:
            yield PatientBanner(self.summary)
        with Container(id="panes"):
            with VerticalScroll(id="form", can_focus=False):
                yield self._weight
                if self._is_first_weight:
                    yield self._again
                yield self._read_back
                yield self._height
                if self.summary is None:
                    yield from (self._age, self._sex)
                else:
                    yield Static(words(_facts(self.summary)), classes="fact")
                yield from (self._protocol, self._formula, self._product, self._liver)
                yield from (self._drugs, self._reason, self._by)
                yield Static(id="problem")
            yield self._result
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the dose for the values on record."""
        self._calculate()

    # --- the form

    def _read_age(self, text: str) -> Age:
        """Return a typed age, or the age today of a date of birth."""
        if "-" in text:
            return Age.between(read_birth(text), self.session.now().local.date())
        return Age.read(text)

    @property
    def _needed(self) -> list[Field[object]]:
        """The fields that a dose needs, or whose text must at least be valid."""
        return [field for field in self.query(Field) if field not in {self._reason, self._by}]

    def _missing(self) -> list[str]:
        """Return the reasons why there is no dose yet, without a number."""
        missing = []
        for field in self._needed:
            if field.problem:
                is_empty = not field.text.strip()
                problem = "is missing." if is_empty else "is not valid. See the field."
                missing.append(f"{field.label} {problem}")
        if self._formula.value.needs_height and not self._height.text.strip():
            missing.append(f"Height is missing. The formula {self._formula.value.name} needs it.")
        if not missing and not self._weights_agree:
            missing.append("The two weights differ. Read the scale again.")
        return missing

    @property
    def _weights_agree(self) -> bool:
        return not self._is_first_weight or self._weight.value == self._again.value

    @property
    def _override(self) -> Override | None:
        """The override, once both its fields are filled in."""
        reason, by = self._reason.value, self._by.value
        return Override(reason, by) if reason and by else None

    # --- the dose

    @on(Field.Changed)
    @on(Select.Changed)
    def _calculate(self) -> None:
        """Calculate the dose for the form."""
        self._calculation = None
        self.tell_problem("")
        weight, missing = self._weight.value, self._missing()
        is_read_back = weight is not None and self._weights_agree
        read_back = f"= {both_units(Weight(weight.value))}" if weight and is_read_back else ""
        show_text(self._read_back, words(read_back))
        if missing or weight is None:
            self._result.show_missing(missing)
            return
        try:
            self._calculation = self._calculated(weight)
        except UserError as error:
            self._result.show_missing([])
            self.tell_problem(str(error))
            return
        self._result.show(self._calculation, why=self._shows_why)
        asks = self._calculation.awaits_override or self._calculation.passes_override
        self._reason.display = self._by.display = asks

    def _calculated(self, weight: Quantity) -> Calculation:
        entered = self._entered(weight)
        if self.summary is not None:
            now = self.session.now()
            return calculate_for(self.summary.record, entered, now, now)
        if self._age.value is None:
            raise UserError("Age is missing.")
        limits = self.session.records.store.limits()
        return calculate_without_patient(entered, self._age.value, self._sex.value, limits)

    def _entered(self, weight: Quantity) -> Entered:
        return Entered(
            weight=weight,
            height=self._height.value,
            protocol=self._protocol.value,
            formula=self._formula.value,
            product=self._product.value,
            liver=self._liver.value,
            drugs=self._drugs.value or (),
            override=self._override,
            marks=self.session.clinic.marks,
        )

    # --- actions

    def action_why(self) -> None:
        """Show or hide the steps and sources."""
        self._shows_why = not self._shows_why
        if self._calculation is not None:
            self._result.show(self._calculation, why=self._shows_why)
            self._result.focus()

    def action_accept(self) -> None:
        """Ask for the start of the dose, and store it."""
        for field in self._needed:
            field.show_problem()
        calculation, weight = self._calculation, self._weight.value
        if calculation is None or weight is None:
            self.tell_problem(self.problem or _INCOMPLETE)
        elif calculation.awaits_override:
            self._reason.show_problem()
            self._by.show_problem()
            self.tell_problem("This dose needs an override. Enter the reason and your name.")
        elif calculation.dose is None:
            self.tell_problem("This dose is stopped. It cannot be accepted.")
        elif self.summary is None:
            self.tell_problem(_NEEDS_PATIENT)
        else:
            acceptance = Acceptance(self.summary, self._entered(weight))
            self.app.push_screen(acceptance, self._after_acceptance)

    def _after_acceptance(self, is_stored: bool | None) -> None:  # noqa: FBT001 - Textual calls it
        if is_stored:
            self.dismiss(result=True)

    def after_change(self) -> None:
        """Calculate again with the record that somebody else changed."""
        self._calculate()


def _on_record(summary: PatientSummary | None) -> tuple[str, str]:
    """Return the last weight and height, as they were recorded."""
    if summary is None:
        return "", ""
    day = summary.made.local.date()
    weight, height = summary.history.weight_on(day), summary.history.height_on(day)
    return str(weight.entry.weight) if weight else "", str(height.entry.height) if height else ""


def _facts(summary: PatientSummary) -> str:
    """Return the values that come from the record and not from the form."""
    patient = summary.record.patient.entry
    drugs = "; ".join(each.drug.entry.drug for each in summary.drugs) or "none"
    return f"{age_words(summary.age)} old, {patient.sex.value}. Drugs on record: {drugs}."


def _liver_name(liver: LiverImpairment) -> str:
    return "no impairment" if liver is LiverImpairment.NONE else f"Child-Pugh {liver.value}"


def _read_weight(text: str) -> Quantity:
    return read_quantity(text, QuantityKind.WEIGHT)


def _read_height(text: str) -> Quantity:
    return read_quantity(text, QuantityKind.HEIGHT)


def _read_drugs(text: str) -> tuple[str, ...]:
    names = (name for name in text.split(";") if name.strip())
    return tuple(required_text(name, "The name of a drug") for name in names)


def _read_reason(text: str) -> str:
    return required_text(text, "The reason to override")


def _read_name(text: str) -> str:
    return required_text(text, "The name of who overrides")
