"""The form by which a patient is written down for the first time."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from dosing import Sex, read_date
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.wording import free_text, name_text
from tui.app.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.entering import check_patient

_NOT_CHOSEN = "choose"
_SEXES = [(_NOT_CHOSEN, None), *((sex.value, sex) for sex in Sex)]
_ANOMALIES = [(anomaly.value.replace("-", " "), anomaly) for anomaly in Anomaly]


class NewPatientScreen(FormScreen):
    """Who the patient is. The record number must not be another patient's."""

    CSS_PATH = "style.tcss"
    HELP = (
        "Who the patient is. The record number is text and stays as it is typed: 00123 is not "
        "123. The group of the anomaly is the review's; the diagnosis is in the clinic's own words."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "store", "Store", id="store"),
        Binding("escape", "back", "Back", id="back"),
    ]

    def compose(self) -> ComposeResult:
        """Lay the fields below each other."""
        yield Static(words("New patient"), classes="-heading", id="heading")
        with VerticalScroll(can_focus=False):
            yield Field("Record number", _of("The record number"), example="00123", id="number")
            yield Field("Name", _of("The name"), id="name")
            yield Field("Born", read_date, example="year-month-day: 2024-02-29", id="born")
            yield Choice("Sex", _SEXES, None, id="sex")
            yield Choice("Anomaly", _ANOMALIES, Anomaly.NOT_RECORDED, id="anomaly")
            yield Field("Diagnosis", _free("The diagnosis"), required=False, id="diagnosis",
                        example="in the clinic's own words")  # fmt: skip
            yield Field("Allergies", _free("The allergies"), required=False, id="allergies",
                        example="none known, or which")  # fmt: skip
        yield Static(id="problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the first field."""
        self.query(Input).first().focus()

    def action_store(self) -> None:
        """Write the patient down, where everything can be read."""
        fields = {each.id or "": each for each in self.query(Field)}
        for field in fields.values():
            field.show_problem()
        sex: Sex | None = self._choice("sex").value
        problem = next((each.problem for each in fields.values() if each.problem), None)
        if problem is None and sex is None:
            problem = "The sex is missing: choose it."
        if problem is not None or sex is None:
            self.tell_problem(problem or "")
            return
        value: dict[str, Any] = {name: each.value for name, each in fields.items()}
        store, today = self.sirolimus.records.store, self.sirolimus.now().local.date()
        anomaly: Anomaly = self._choice("anomaly").value

        def write() -> Done:
            patient = Patient(
                record_number=value["number"],
                name=value["name"],
                born=value["born"],
                sex=sex,
                anomaly=anomaly,
                diagnosis=value["diagnosis"] or "",
                allergies=value["allergies"] or "",
            )
            check_patient(patient, today)
            stored = store.add_patient(patient).entry
            return Done(f"{stored.name} is written down.", stored.record_number)

        self.work_on(write)

    def _choice(self, name: str) -> Choice[Any]:
        return self.query_one(f"#{name}", Choice)


def _of(what: str) -> Any:
    return lambda text: name_text(text, what)


def _free(what: str) -> Any:
    return lambda text: free_text(text, what)
