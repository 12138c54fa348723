"""What can be done, once: its key, its title, what it does and the screen it opens.

The footer, the overview of keys, the command palette and the settings all read these tables, to
which `tui.app.all_actions` adds the entry kinds: that table is heavy, and the first screen does
without. A screen is imported when it is first opened.
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

    `opens` is the module and the class of the screen that it opens, if it opens one; a screen that
    concerns a patient takes the patient's summary.
    """

    name: str
    key: str
    title: str
    tells: str
    opens: str = ""
    kind: str = ""
    """The kind of entry whose form is opened."""

    def screen(self, *about: object) -> Screen[Any]:
        """Return the screen, about a patient's summary or about nobody."""
        module, _, name = self.opens.partition(":")
        opened = getattr(import_module(f"tui.app.{module}"), name)
        made: Screen[Any] = opened(self.kind, *about) if self.kind else opened(*about)
        return made


ABOUT_PATIENT = (
    Action("dose", "d", "Dose", "Calculate a starting dose and prescribe it",
           "screens.dose_calculator:DoseCalculator"),
    Action("print", "p", "Print", "Write the summary or the dose card as PDF",
           "screens.print_out:PrintOut"),
    Action("end-dose", "x", "End dose", "End the dose in force", "screens.end_dose:EndOfDose"),
)  # fmt: skip
"""What concerns one patient beside the entries; see `tui.app.all_actions`."""

CLINIC_ACTIONS = (
    Action("new-patient", "n", "New patient", "Write a new patient down",
           "screens.new_patient:NewPatientForm"),
    Action("calculator", "d", "Dose", "Calculate a dose for no one in particular",
           "screens.dose_calculator:DoseCalculator"),
    Action("cohort", "c", "Cohort", "The clinic's figures beside the review's",
           "screens.cohort:CohortScreen"),
    Action("import", "i", "Import", "Take a laboratory's file in, after a preview",
           "screens.import_results:ImportResults"),
    Action("backup", "ctrl+b", "Back up", "Copy the records to a file", "screens.backup:BackUp"),
    Action("verify", "ctrl+y", "Verify", "Check every entry against the audit trail",
           "screens.verify:Verify"),
    Action("take-over", "o", "Take over", "Take an export over into empty records",
           "screens.restore_export:RestoreExport"),
    Action("export", "x", "Export", "Write everything as JSON and CSV", "screens.export:Export"),
)  # fmt: skip
"""What concerns no patient in particular; on the worklist."""


_COHORT = next(each for each in CLINIC_ACTIONS if each.name == "cohort")
PATIENT_TOO = (_COHORT,)
"""What of the clinic can be done on the patient's screen as well."""

APP_ACTIONS = (
    Action("help", "f1", "Help", "Help for what has the focus"),
    Action("keys", "question_mark", "All keys", "All keys"),
    Action("quit", "ctrl+q", "Quit", "Leave the program"),
)
"""What can be done everywhere."""

BACK = Action("back", "escape", "Back", "Go back")

LIST_ACTIONS = (
    Action("down", "j", "Down", "Move down in a list"),
    Action("up", "k", "Up", "Move up in a list"),
)
WORKLIST_ACTIONS = (
    Action("open", "enter", "Open", "Open the patient"),
    Action("search", "slash", "Search", "Search by part of a name or record number"),
    Action("attention", "a", "Attention", "Only who needs attention"),
    Action("sort", "s", "Sort", "Sort by the next column"),
    Action("demo", "t", "Try the demo", "Try it on made-up patients, where there is no patient"),
    BACK,
)
RECORD_ACTIONS = (
    Action("details", "enter", "Details", "The entry in full"),
    BACK,
    Action("why", "w", "Why?", "Show or hide on whose authority"),
    Action("void", "v", "Void", "Void the entry under the cursor"),
    Action("end-entry", "f", "Ended", "Write down that the entry under the cursor has ended"),
    Action("what-if", "u", "What if", "Ask the forecast about another dose, or by another model"),
    Action("take-forecast", "y", "Take dose", "Adjust the dose, the forecast's best filled in"),
    Action("nothing-given", "s", "Nothing given", "Say for the forecast that a gap was one"),
    Action("tab-now", "1", "Now", "Show where the patient stands"),
    Action("tab-levels", "2", "Levels", "List the levels"),
    Action("tab-doses", "3", "Doses", "List the doses"),
    Action("tab-events", "4", "Events", "List the side-effects"),
    Action("tab-laboratory", "5", "Laboratory", "List the laboratory values"),
    Action("tab-measures", "6", "Measures", "List what was measured"),
    Action("tab-drugs", "7", "Drugs", "List the other drugs"),
    Action("tab-response", "8", "Response", "List responses and notes"),
    Action("tab-history", "9", "History", "List every change of the record"),
    Action("tab-forecast", "0", "Forecast", "Show the levels to come and the dose for the target"),
)
FORM_ACTIONS = (
    Action("store", "ctrl+s", "Store", "Do what the form is for: store, write, back up"),
    BACK,
)
READING_ACTIONS = (
    Action("read-on", "pagedown", "Read on", "Read on beside the fields"),
    Action("read-back", "pageup", "Read back", "Read back beside the fields"),
)
ANSWER_ACTIONS = (
    Action("close", "enter,q", "Close", "Close what was told"),
    Action("side-effect", "ctrl+e", "Log as side-effect", "Log the graded value as side-effect"),
)
CHANGE_DOSE = Action("change-dose", "f4", "Change the dose", "Change the dose after a level")
STEPS = Action("steps", "f3", "Why?", "Show or hide the steps and sources")
_TAKE_ADVICE = Action("take-advice", "f5", "Take advice", "Fill the advised dose in")
_STOP_TREATMENT = Action("stop-treatment", "f8", "Stop treatment", "End the dose in force")
ADJUSTING = (_TAKE_ADVICE, _STOP_TREATMENT)
PREVIEW = Action("preview", "f5", "Preview", "Show what a file would add")
NEW_MAPPING = Action("new-mapping", "f6", "New mapping", "Write a mapping to be filled in")
COUNT = Action("count-again", "f5", "Count again", "Count the clinic again")
INTO_LIST = Action("into-list", "down", "List", "Go from the field to what was found")

_OWN = {
    each.name: each
    for each in (
        *APP_ACTIONS, *CLINIC_ACTIONS, *ABOUT_PATIENT, *WORKLIST_ACTIONS, *LIST_ACTIONS,
        *RECORD_ACTIONS, *FORM_ACTIONS, *READING_ACTIONS, *ANSWER_ACTIONS, *ADJUSTING,
        CHANGE_DOSE, STEPS, PREVIEW, NEW_MAPPING, COUNT, INTO_LIST,
    )
}  # fmt: skip


def bindings_of(actions: Iterable[Action]) -> list[Binding]:
    """Return the keys of actions; a screen opens one by its name with `action_open`."""
    return [
        Binding(each.key, f"open('{each.name}')", each.title, tooltip=each.tells, id=each.name)
        for each in actions
    ]


def bound(  # noqa: PLR0913 - what a key is made of
    name: str,
    action: str,
    title: str | None = None,
    *,
    tells: str = "",
    show: bool = True,
    priority: bool = False,
) -> Binding:
    """Return the key of the action that the tables call `name`; `action` is what does it here.

    `title` is for where the usual one would not say what happens.
    """
    known = _OWN[name]
    described = known.title if title is None else title
    return Binding(
        known.key, action, described, show=show, priority=priority, tooltip=tells, id=name
    )
