"""The adjustment of a dose: the form at the left, the advice after the last level at the right."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.widgets import Select, Static

from dosing import (
    ORAL_SOLUTION,
    PROTOCOLS,
    REVIEW,
    Dose,
    Override,
    Product,
    Quantity,
    QuantityKind,
    TargetTrough,
    UserError,
    plain,
    read_quantity,
    required_text,
)
from dosing.dosage import EVERY_12_HOURS, HOURS_A_DAY
from dosing.knowledge.products import STRENGTH_MG_PER_ML
from dosing.proposal import override_where_needed
from dosing.quantities.formatting import product_name
from monitoring.prescribing import (
    CheckedPrescription,
    check_prescription,
    typed_prescription,
)
from monitoring.recommendation.advice import Advice, advise_on
from monitoring.recommendation.label_advice import AdviceOptions
from monitoring.record.entry import name_text
from monitoring.record.prescription import Prescription, read_strength
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from monitoring.vocabulary import with_unit
from reports.presentation.times import clock_anywhere
from tui.app.actions import bound
from tui.app.screens.end_dose import EndOfDose
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.advice_view import AdviceView
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.forecast_worker import ProposedDose
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.read_back_view import Part, ReadBackView
from tui.app.widgets.time_field import NEXT_DOSE, TimeField, next_dose_text

INTERVALS = {
    24: "once a day",
    12: "twice a day",
    8: "3 times a day",
    6: "4 times a day",
    48: "every 48 hours",
}
"""The hours between two doses, and their names."""


class Prescribe(FormScreen):
    """A form for a dose, typed or taken from the advice; it is read back, checked and stored."""

    CSS_PATH = "prescribe.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Store"),
        bound("back", "back"),
        bound("take-advice", "take_advice"),
        bound("stop-treatment", "end"),
        bound("read-on", "read_on(1)", priority=True),
        bound("read-back", "read_on(-1)", show=False, priority=True),
    ]
    BESIDE = "#advice"

    def __init__(self, summary: PatientSummary, proposed: ProposedDose | None = None) -> None:
        """Begin with the current product, protocol and target, and with a proposed dose, if any."""
        super().__init__(summary)
        self._patient = summary
        self._proposed = proposed
        self._filled_reason = ""
        current = summary.current.prescription if summary.current else None
        self._dose = Field(
            "Dose", _read_dose, example="0.44 mg, each time", suggest=_in_mg, id="dose"
        )
        hours = current.interval_hours if current else EVERY_12_HOURS
        self._interval = Choice(
            "How often", [(name, each) for each, name in _intervals_with(hours).items()],
            hours, id="times",
        )  # fmt: skip
        self._evening = Field(
            "Evening dose", _read_dose, required=False, example="if it differs: 0.4 mg",
            suggest=_in_mg,
            id="evening",
        )  # fmt: skip
        self._product = Choice(
            "Product", [(product_name(each), each) for each in Product],
            current.product if current else ORAL_SOLUTION, id="product",
        )  # fmt: skip
        strength = current.strength_mg_per_ml if current else None
        self._strength = Field(
            "Strength", read_strength, text=_strength_words(strength), required=False,
            example="of a dilution: 0.5 mg/mL", id="strength",
        )  # fmt: skip
        self._protocol = Choice(
            "Protocol", [(each.name, each) for each in PROTOCOLS.values()],
            PROTOCOLS[current.protocol] if current else REVIEW, id="protocol",
        )  # fmt: skip
        self._target = Field(
            "Target", TargetTrough.read, text=_own_target(current), required=False,
            example="the protocol's, or 4-10 ng/mL", id="target",
        )  # fmt: skip
        self._since = TimeField(
            "From", self.time_reader, may_be_ahead=True, text=next_dose_text(summary),
            assumed=NEXT_DOSE,
            example="20:00, or tomorrow 8:00", id="since",
        )  # fmt: skip
        self._is_loading = Choice(
            "Given",
            [("until changed", False), ("once, as a loading dose", True)],
            value=False,
            id="loading",
        )
        self._reason = Field("Reason", str, required=False, example="why this dose", id="reason")
        self._given = Field(
            "Really given", _read_given, required=False,
            example="the reason to record it past every limit", id="given",
        )  # fmt: skip
        self._override = Field("Override", _read_reason, example="the reason", id="override")
        self._by = Field("Overridden by", _read_name, example="your name", id="by")
        self._read_back = ReadBackView()
        self._advice = self._advised(None)
        self._advice_view = AdviceView(self._advice, id="advice")
        self._checked: CheckedPrescription | None = None

    def compose(self) -> ComposeResult:
        """Lay the advice beside the form."""
        yield PatientBanner(self._patient)
        with Container(id="panes"):
            with Vertical(id="entry"):
                with VerticalScroll(id="form", can_focus=False):
                    yield from (self._dose, self._interval, self._evening, self._product)
                    yield from (self._strength, self._protocol, self._target)
                    yield from (self._since, self._is_loading, self._reason, self._given)
                    yield from (self._override, self._by)
                yield Static(id="problem")
                yield self._read_back
            yield self._advice_view
        yield KeyBar()

    def on_mount(self) -> None:
        """Fill in the proposed dose, and read it back."""
        if self._proposed is not None:
            self._fill_in(self._proposed.dose, self._proposed.product, self._proposed.reason)
        self._check()

    def _advised(self, override: Override | None) -> Advice:
        patient = self._patient
        chosen = AdviceOptions(override=override, clinic=self.session.clinic)
        return advise_on(patient.history, patient.levels, patient.made, chosen)

    # --- the form

    @property
    def _given_override(self) -> Override | None:
        reason, by = self._override.value, self._by.value
        return Override(reason, by) if reason and by else None

    def _typed(self, dose: Quantity, since: Moment, override: Override | None) -> Prescription:
        evening, hours = self._evening.value, self._interval.value
        return typed_prescription(
            since=since,
            dose_mg=dose.value,
            evening_mg=evening.value if evening else None,
            times_a_day=max(1, HOURS_A_DAY // hours),
            every_hours=hours if hours > HOURS_A_DAY else None,
            strength_mg_per_ml=self._strength.value,
            given_reason=self._given.value,
            product=self._product.value,
            protocol=self._protocol.value,
            target=self._target.value,
            loading=self._is_loading.value,
            override=override,
            reason=self._reason.value or "",
        )

    @on(Field.Changed)
    @on(Select.Changed)
    def _check(self) -> None:
        """Check the form against the record, and read it back."""
        self._checked = None
        self.tell_problem("")
        self._show_override(is_needed=self._advise())
        dose, since = self._dose.value, self._since.value
        is_dated = bool(self._since.text.strip())
        if not is_dated:  # the limits are shown at once, as of a dose from now
            since = self.session.now().minute
        optional = (self._target, self._evening, self._strength, self._given)
        if dose is None or since is None or any(each.problem for each in optional):
            self._read_back.show([])
            return
        record, now = self._patient.record, self.session.now()
        try:
            checked, asks = override_where_needed(
                lambda given: check_prescription(
                    record, self._typed(dose, since, given), now, marks=self.session.clinic.marks
                ),
                self._given_override,
            )
        except UserError as error:
            self._read_back.show([])
            self.tell_problem(str(error))
            return
        self._checked = checked if is_dated else None
        if asks:
            self._show_override(is_needed=True)
        self._read_back.show(self._checked_lines(checked, is_dated=is_dated))

    def _advise(self) -> bool:
        """Advise again with the given override; return True where the advice needs one."""
        advice, asks = override_where_needed(self._advised, self._given_override)
        if advice != self._advice:
            self._advice = advice
            self._advice_view.show(advice)
        return asks

    def _show_override(self, *, is_needed: bool) -> None:
        self._override.display = self._by.display = is_needed

    def _checked_lines(self, checked: CheckedPrescription, *, is_dated: bool) -> Iterator[Part]:
        """Yield the prescription to store in words, with its alerts."""
        prescription = checked.prescription
        status = "Cannot be stored: " if checked.stopped else "To be stored: "
        if not is_dated and not checked.stopped:
            status = "Enter From, the time of the first dose. From now it would be: "
        given = "once" if prescription.loading else f"{plain(prescription.daily_mg)} mg per day"
        strength = _strength_words(prescription.strength_mg_per_ml)
        diluted = f", diluted to {strength}" if strength else ""
        text = (
            f"{status}{prescription}, {given}, {product_name(prescription.product)}{diluted}, from "
            f"{clock_anywhere(prescription.since)}, target trough {prescription.target}."
        )
        yield words(text).stylize("bold")
        yield from checked.alerts
        if prescription.since > self.session.now():
            yield words("· note  It begins in the future.")

    # --- actions

    def action_take_advice(self) -> None:
        """Fill in the advised dose; it is stored only on request."""
        dose, request = self._advice.dose, self._advice.request
        if dose is None or request is None:
            self.tell_problem("The advice has no dose. See its reasons.")
            return
        reason = ""
        if self._advice.assessment:
            level = self._advice.assessment.level.entry
            reason = f"after {level} on {level.sampled.local.date()}"
        self._fill_in(dose, request.product, reason)
        self._protocol.value = request.protocol

    def _fill_in(self, dose: Dose, product: Product, reason: str) -> None:
        """Fill in a dose, and its reason unless another was typed."""
        self._dose.text = f"{plain(dose.measured.mg)} mg"
        self._interval.value = dose.every_hours
        self._evening.text = ""
        self._product.value = product
        is_diluted = dose.measured.volume_ml and (
            dose.measured.strength_mg_per_ml != STRENGTH_MG_PER_ML
        )
        self._strength.text = (
            _strength_words(dose.measured.strength_mg_per_ml) if is_diluted else ""
        )
        if self._reason.text.strip() in {"", self._filled_reason}:
            self._reason.text = self._filled_reason = reason

    def action_end(self) -> None:
        """Stop the treatment: end the current dose."""
        if self._patient.current is None:
            self.tell_problem("No current dose.")
        else:
            self.app.push_screen(EndOfDose(self._patient), self._after_end)

    def _after_end(self, is_stored: bool | None) -> None:  # noqa: FBT001 - Textual calls it
        if is_stored:
            self.dismiss(result=True)

    def action_store(self) -> None:
        """Store the prescription, unless a limit stops it."""
        for field in self.query(Field).exclude("#override, #by"):
            field.show_problem()
        checked = self._checked
        if checked is None:
            self.tell_problem(self.problem or "The form is incomplete. See what is missing.")
        elif checked.awaits_override:
            self._override.show_problem()
            self._by.show_problem()
            self.tell_problem("This dose needs an override. Enter the reason and your name.")
            (self._by if self._override.value else self._override).begin()
        elif checked.stopped:
            self.tell_problem("This dose is stopped. It cannot be stored.")
        else:
            self.work_on(partial(self._store, checked.prescription, self._patient))

    def _store(self, prescription: Prescription, summary: PatientSummary) -> Done:
        record, patient = summary.record, summary.record.patient.entry
        store = self.session.records.store
        recorded = store.add(record.number, prescription, revision=record.revision)
        stored = f"Stored for {patient.name}: prescription {recorded.number}, {prescription}."
        return Done(stored, patient.record_number)

    def after_change(self) -> None:
        """Advise and check again with the record that somebody else changed."""
        self._patient = self.summary or self._patient
        if self._since.is_assumed:
            self._since.fill_in(next_dose_text(self._patient))
        self._check()


def _own_target(current: Prescription | None) -> str:
    """Return the current target where it is not its protocol's."""
    if current is None or current.target == PROTOCOLS[current.protocol].target:
        return ""
    return str(current.target)


def _intervals_with(hours: int) -> dict[int, str]:
    """Return the intervals to choose from, with the current one where it is another."""
    return INTERVALS | ({} if hours in INTERVALS else {hours: f"every {hours} hours"})


def _strength_words(mg_per_ml: Decimal | None) -> str:
    return "" if mg_per_ml is None else f"{plain(mg_per_ml)} mg/mL"


def _read_given(text: str) -> str:
    return name_text(text, "The reason it was given")


def _in_mg(typed: str) -> str | None:
    return with_unit(typed, "mg")


def _read_dose(text: str) -> Quantity:
    return read_quantity(text, QuantityKind.DOSE)


def _read_reason(text: str) -> str:
    return required_text(text, "The reason to override")


def _read_name(text: str) -> str:
    return required_text(text, "The name of who overrides")
