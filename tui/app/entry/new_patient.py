"""A new patient."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import Select, Static

from dosing import Age, Sex, UserError, plain, read_date
from monitoring.record.patient import Anomaly, Patient
from tui.app.entry.form import EntryFields, as_typed
from tui.app.entry.read_back import paragraphs, section
from tui.app.form_screen import Done
from tui.app.text import words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.entering import check_patient

_SEXES: tuple[tuple[str, Sex | None], ...] = (
    ("choose", None),
    *((each.value, each) for each in Sex),
)
_ANOMALIES = tuple((each.value.replace("-", " "), each) for each in Anomaly)


class NewPatientForm(EntryFields):
    """Write a new patient down."""

    CSS_PATH = "form.tcss"
    TITLE = "New patient"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "store", "Store", priority=True),
        Binding("escape", "back", "Back"),
    ]

    def compose(self) -> ComposeResult:
        """Lay the read-back below the fields, or beside them where there is room."""
        yield Static(words(self.TITLE or ""), id="title")
        yield Static(id="problem")
        with Container(id="body"):
            with VerticalScroll(id="fields", can_focus=False):
                yield Field("Record number", as_typed, example="00123", id="record-number")
                yield Field("Name", as_typed, id="name")
                yield Field("Born", read_date, example="2023-05-01", id="born")
                yield Choice("Sex", _SEXES, None, id="sex")
                yield Choice("Anomaly", _ANOMALIES, Anomaly.NOT_RECORDED, id="anomaly")
                yield Field("Diagnosis", as_typed, example="in the clinic's own words",
                            required=False, id="diagnosis")  # fmt: skip
                yield Field("Allergies", as_typed, required=False, id="allergies")
            with VerticalScroll(id="read-back", can_focus=False):
                yield Static()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query(Field).first().query_one("Input").focus()

    def patient(self) -> Patient:
        """Return the patient. Raises `UserError` for what is missing or wrong."""
        patient = Patient(
            record_number=self.needed("record-number"),
            name=self.needed("name"),
            born=self.needed("born"),
            sex=self.chosen("sex", "the sex"),
            anomaly=self.query_one("#anomaly", Choice).value,
            diagnosis=self.field("diagnosis").text,
            allergies=self.field("allergies").text,
        )
        check_patient(patient, self.today())
        return patient

    @on(Field.Changed)
    @on(Select.Changed)
    def _follow(self) -> None:
        try:
            parts = section("Will be stored", self._told(self.patient()))
        except UserError as error:
            parts = section("Not yet", [str(error)])
        self.query_one("#read-back Static", Static).update(paragraphs(parts))

    def _told(self, patient: Patient) -> list[str]:
        age = Age.between(patient.born, self.today())
        return [
            f"{patient.name}, record number {patient.record_number}",
            f"born {patient.born}: {plain(age.years, 1)} years = {plain(age.months, 0)} months old",
            f"{patient.sex.value}; anomaly: {patient.anomaly.value.replace('-', ' ')}",
            *([f"diagnosis: {patient.diagnosis}"] if patient.diagnosis else []),
            f"allergies: {patient.allergies or 'none written down'}",
        ]

    def action_store(self) -> None:
        """Store the patient, or show what is missing."""
        for field in self.query(Field):
            field.show_problem()
        try:
            self.work_on(partial(self._store, self.patient()))
        except UserError as error:
            self.tell_problem(str(error))

    def _store(self, patient: Patient) -> Done:
        self.sirolimus.records.store.add_patient(patient)
        told = f"Stored: {patient.name}, record number {patient.record_number}"
        return Done(told, patient.record_number)
