"""The form of a patient: a new one, or a change of one on record."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.message import Message
from textual.widgets import Select, Static

from dosing import Age, UserError
from dosing.quantities.formatting import short_date
from monitoring.record.duplicate_patients import (
    duplicate_patients,
    duplicates_text,
    removed_before,
)
from monitoring.record.enter import check_patient
from monitoring.record.entries import StoredEntry
from monitoring.record.kinds import kind_called
from monitoring.record.patient import Patient
from monitoring.summary import PatientSummary, summarise
from reports.presentation.ages import age_words
from tui.app.actions import bound
from tui.app.screens.entry_form import EntryFields
from tui.app.screens.form_screen import Done
from tui.app.text import paragraphs, section, show_text, words
from tui.app.widgets.banner import PatientBanner
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.question import ConfirmScreen

_KIND = kind_called("patient")
_TREATED = (("not yet", False), ("already given: record it next", True))


@dataclass
class LookedUp(Message):
    """Patients on record with the same name and birth date, in words; empty without one."""

    patient: Patient
    on_record: str


@dataclass
class AskFirst(Message):
    """A question before storing: the patient may be on record already."""

    patient: Patient
    on_record: str


@dataclass
class TreatedPatientAdded(Done):
    """A patient who is on sirolimus already was added: the summary of the new record."""

    summary: PatientSummary | None = None


class NewPatientForm(EntryFields):
    """The form of a new patient; it asks first where the same person may be on record."""

    CSS_PATH = "entry_form.tcss"
    TITLE = "New patient"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", priority=True),
        bound("back", "back"),
    ]

    def __init__(self, summary: PatientSummary | None = None) -> None:
        """Begin empty, or with the values of a patient."""
        super().__init__(summary)
        self._known = summary.record.patient.entry if summary else None

    def compose(self) -> ComposeResult:
        """Lay the read-back below the fields, or beside them where there is room."""
        if self.summary is not None:
            yield PatientBanner(self.summary)
        yield Static(words(self.TITLE or ""), id="title")
        yield Static(id="problem")
        with Container(id="body"):
            with VerticalScroll(id="fields", can_focus=False):
                for asked in _KIND.fields:
                    yield self.widget(asked, getattr(self._known, asked.name, None))
                if self._known is None:
                    yield Choice("Sirolimus", _TREATED, value=False, id="treated")
            with VerticalScroll(id="read-back", can_focus=False):
                yield Static()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query(Field).first().begin()

    def patient(self) -> Patient:
        """Return the patient. Raises `UserError` for a missing or wrong value."""
        patient = Patient(**self.typed(_KIND))
        check_patient(patient, self.today())
        return patient

    # --- reading back

    @on(Field.Changed)
    @on(Select.Changed)
    def _follow(self) -> None:
        try:
            patient = self.patient()
        except UserError as error:
            self._show("Incomplete", [str(error)])
            return
        self._show("Will be stored", _patient_lines(patient, self.today()))
        look = partial(self._look, patient)
        self.run_worker(look, thread=True, group="look", exclusive=True)

    def _show(self, heading: str, lines: list[str], on_record: str = "") -> None:
        already = section("Already on record", [on_record]) if on_record else []
        parts = paragraphs([*already, *section(heading, lines)])
        show_text(self.query_one("#read-back Static", Static), parts)

    def _look(self, patient: Patient) -> None:
        try:
            found = self._duplicate_patients(patient)
        except UserError:
            return  # it is shown when the patient is stored
        if found:
            self.post_message(LookedUp(patient, duplicates_text(found)))

    def _duplicate_patients(self, patient: Patient) -> tuple[StoredEntry[Patient], ...]:
        """Return other patients with the same name and birth date."""
        own = self.summary.record.number if self.summary else None
        found = duplicate_patients(self.session.records.store, patient)
        return tuple(each for each in found if each.patient != own)

    @on(LookedUp)
    def _looked_up(self, message: LookedUp) -> None:
        try:
            is_still_typed = message.patient == self.patient()
        except UserError:
            return
        if is_still_typed:
            lines = _patient_lines(message.patient, self.today())
            self._show("Will be stored", lines, message.on_record)

    # --- storing

    def action_store(self) -> None:
        """Store the patient, or show what is missing."""
        self.show_problems()
        try:
            self.work_on(partial(self._store, self.patient(), self._is_treated))
        except UserError as error:
            self.tell_problem(str(error))

    @property
    def _is_treated(self) -> bool:
        """Return whether the new patient is on sirolimus already."""
        return any(each.value is True for each in self.query("#treated").results(Choice))

    def _store(self, patient: Patient, is_treated: bool, *, is_another: bool = False) -> Message:  # noqa: FBT001 - of a partial
        found = () if is_another else self._duplicate_patients(patient)
        if found:
            return AskFirst(patient, duplicates_text(found))
        store, is_new = self.session.records.store, self._known is None
        self.write(patient)
        before = removed_before(store, patient.record_number) if is_new else ""
        stored = f"Stored: {patient.name}, record number {patient.record_number}"
        stored += f". {before}" if before else ""
        if not is_treated:
            return Done(stored, patient.record_number)
        record = self.session.records.store.find(patient.record_number)
        summary = summarise(record, self.session.now(), self.session.clinic)
        return TreatedPatientAdded(stored, patient.record_number, summary=summary)

    def after_done(self, message: Done) -> None:
        """Leave the form; of a patient on sirolimus ask for the doses next."""
        super().after_done(message)
        if isinstance(message, TreatedPatientAdded) and message.summary is not None:
            from tui.app.all_actions import ACTIONS  # noqa: PLC0415 - for a treated patient only
            from tui.app.screens.patient import PatientScreen  # noqa: PLC0415 - as above

            self.app.push_screen(PatientScreen(message.summary))
            self.app.push_screen(ACTIONS["treated-before"].screen(message.summary))

    def write(self, patient: Patient) -> None:
        """Store the patient; runs in a worker."""
        self.session.records.store.add_patient(patient)

    @on(AskFirst)
    @work
    async def _ask(self, message: AskFirst) -> None:
        question = f"{message.on_record} Is this another person?"
        asked = ConfirmScreen(question, no="No, go back", yes="Yes, another person")
        is_another = await self.app.push_screen_wait(asked)
        self._is_working = False
        if is_another:
            self.work_on(partial(self._store, message.patient, self._is_treated, is_another=True))
        else:
            self.tell_problem(f"Nothing was stored. {message.on_record}")


class ChangePatientForm(NewPatientForm):
    """The form that changes a patient: name, record number, birth, diagnosis, allergies."""

    TITLE = "Change the patient"
    summary: PatientSummary

    def write(self, patient: Patient) -> None:
        """Store the changed patient; runs in a worker."""
        record = self.summary.record
        self.session.records.store.change_patient(record.number, patient, revision=record.revision)


def _patient_lines(patient: Patient, today: date) -> list[str]:
    age = age_words(Age.between(patient.born, today))
    return [
        f"{patient.name}, record number {patient.record_number}",
        f"born {short_date(patient.born)}: {age} old",
        *([f"born after {patient.gestation}"] if patient.gestation else []),
        f"{patient.sex.value}; anomaly: {patient.anomaly.value.replace('-', ' ')}",
        *([f"diagnosis: {patient.diagnosis}"] if patient.diagnosis else []),
        *([f"CYP3A5: {patient.cyp3a5.value}"] if patient.cyp3a5 else []),
        f"allergies: {patient.allergies or 'none recorded'}",
    ]
