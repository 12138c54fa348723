"""What can be done, once: its key, its title, what it does and the screen it opens.

The footer, the overview of keys, the command palette and the settings all read these two tables.
A screen is imported when it is first opened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from textual.binding import Binding
from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done; `name` is what the settings call its key.

    `opens` is the module and the class of the screen; a screen that concerns a patient takes the
    patient's summary.
    """

    name: str
    key: str
    title: str
    tells: str
    opens: str

    def screen(self, *about: object) -> Screen[Any]:
        """Return the screen, about a patient's summary or about nobody."""
        module, _, name = self.opens.partition(":")
        made: Screen[Any] = getattr(import_module(f"tui.app.{module}"), name)(*about)
        return made


PATIENT_ACTIONS = (
    Action("level", "l", "Level", "Log a trough level", "entry.level:LevelForm"),
    Action("dose", "d", "Dose", "Calculate a starting dose and prescribe it",
           "dose_calculator.dose_calculator:DoseCalculator"),
    Action("event", "e", "Event", "Log a side-effect", "entry.side_effect:SideEffectForm"),
    Action("laboratory", "b", "Lab", "Log a laboratory value", "entry.laboratory:LaboratoryForm"),
    Action("measurement", "m", "Measure", "Log weight and height",
           "entry.measurement:MeasurementForm"),
    Action("print", "p", "Print", "Write the summary as PDF", "print_out.print_out:PrintOut"),
    Action("prescribe", "a", "Adjust dose", "Change the dose, with advice on the level",
           "prescribe.prescribe:Prescribe"),
    Action("end-dose", "x", "End dose", "End the dose in force", "prescribe.ending:EndOfDose"),
    Action("drug", "g", "Drug", "Log a drug given beside sirolimus", "entry.drug:DrugForm"),
    Action("missed", "o", "Missed dose", "Log doses missed or held", "entry.missed:MissedDoseForm"),
    Action("response", "r", "Response", "Log whether the treatment helps",
           "entry.response:ResponseForm"),
    Action("note", "t", "Note", "Log anything else", "entry.note:NoteForm"),
)  # fmt: skip
"""What concerns one patient, the main one first; on the patient's screen."""

CLINIC_ACTIONS = (
    Action("new-patient", "n", "New patient", "Write a new patient down",
           "entry.new_patient:NewPatientForm"),
    Action("calculator", "d", "Dose", "Calculate a dose for no one in particular",
           "dose_calculator.dose_calculator:DoseCalculator"),
    Action("cohort", "c", "Cohort", "The clinic's figures beside the review's",
           "cohort.cohort_screen:CohortScreen"),
    Action("import", "i", "Import", "Take a laboratory's file in, after a preview",
           "take_in.take_in:TakeIn"),
    Action("backup", "ctrl+b", "Back up", "Copy the records to a file", "upkeep.backup:BackUp"),
    Action("verify", "ctrl+y", "Verify", "Check every entry against the audit trail",
           "upkeep.verify:Verify"),
)  # fmt: skip
"""What concerns no patient in particular; on the worklist."""


def bindings_of(actions: Iterable[Action]) -> list[Binding]:
    """Return the keys of actions; a screen opens one by its name with `action_open`."""
    return [
        Binding(each.key, f"open('{each.name}')", each.title, id=each.name, tooltip=each.tells)
        for each in actions
    ]
