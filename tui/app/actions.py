"""Actions: the key, title and description of each, and the screen it opens.

The key bar, the overview of keys, the command palette and the settings read these tables, to which
`tui.app.all_actions` adds the entry kinds: that table is heavy, and the first screen does without
it. A screen is imported when it is first opened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from textual.binding import Binding
from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Action:
    """One action; the settings give it another key by its `name`.

    `opens` is the module and the class of the screen that it opens, if any; a screen about a
    patient takes the patient's summary.
    """

    name: str
    key: str
    title: str
    description: str
    opens: str = ""
    kind: str = ""
    """The kind of entry whose form it opens."""

    def screen(self, *about: object) -> Screen[Any]:
        """Return the screen, about a patient's summary or about no patient."""
        module, _, name = self.opens.partition(":")
        opened = getattr(import_module(f"tui.app.{module}"), name)
        made: Screen[Any] = opened(self.kind, *about) if self.kind else opened(*about)
        made.opened_by = self.name  # type: ignore[attr-defined]  # a form keeps it over a lock
        return made


ABOUT_PATIENT = (
    Action("dose", "d", "Dose", "Calculate a starting dose and prescribe it",
           "screens.dose_calculator:DoseCalculator"),
    Action("print", "p", "Print", "Write the summary or the dose card as PDF",
           "screens.print_out:PrintOut"),
    Action("taper", "h", "Taper", "Plan the steps that stop the treatment",
           "screens.taper:Taper"),
    Action("end-dose", "x", "End dose", "End the current dose", "screens.end_dose:EndOfDose"),
    Action("restart", "R", "Restart", "Give the doses on hold again", "screens.restart:Restart"),
    Action("settle", "S", "Settle check", "Settle a due check, with the reason",
           "screens.settle_check:SettleCheck"),
    Action("second-check", "D", "Second check", "Confirm the figures of a dose, as another person",
           "screens.second_check:SecondCheck"),
    Action("visit", "V", "Visit", "Record a whole visit on one page",
           "screens.visit_form:VisitForm"),
    Action("treated-before", "A", "On sirolimus",
           "Record a treatment that began elsewhere, with its doses and levels",
           "screens.treated_before:TreatedBefore"),
    Action("undo", "U", "Undo", "Undo your own last entry, within 5 minutes",
           "screens.undo_entry:UndoEntry"),
    Action("remove-patient", "X", "Remove", "Export the patient, then erase the record",
           "screens.remove_patient:RemovePatient"),
)  # fmt: skip
"""Actions about one patient, other than recording an entry; see `tui.app.all_actions`."""

CLINIC_ACTIONS = (
    Action("new-patient", "n", "New patient", "Add a patient",
           "screens.new_patient:NewPatientForm"),
    Action("calculator", "d", "Dose", "Quick dose (no patient)",
           "screens.dose_calculator:DoseCalculator"),
    Action("cohort", "c", "Cohort", "Clinic and Nadal 2016",
           "screens.cohort:CohortScreen"),
    Action("import", "i", "Import results", "Import lab results, after a preview",
           "screens.import_results:ImportResults"),
    Action("backup", "ctrl+b", "Back up", "Copy the records to a file", "screens.backup:BackUp"),
    Action("verify", "ctrl+y", "Verify", "Check every entry against the audit trail",
           "screens.verify:Verify"),
    Action("take-over", "o", "Import records", "Import an export into empty records",
           "screens.restore_export:RestoreExport"),
    Action("export", "x", "Export", "Write all records as JSON and CSV", "screens.export:Export"),
    Action("settings", "ctrl+o", "Settings", "Change theme, idle minutes and the documents' folder",
           "screens.settings:SettingsScreen"),
)  # fmt: skip
"""Actions about the clinic; on the worklist."""


_COHORT = next(each for each in CLINIC_ACTIONS if each.name == "cohort")
PATIENT_TOO = (_COHORT,)
"""Actions about the clinic that the patient's screen has too."""

APP_ACTIONS = (
    Action("help", "f1", "Help", "Help for this part of the screen"),
    Action("keys", "question_mark", "All keys", "All keys"),
    Action("lock", "ctrl+l", "Lock", "Lock the app; on plain records blank the screen"),
    Action("quit", "ctrl+q", "Quit", "Quit the program"),
)
"""Actions that work everywhere."""

BACK = Action("back", "escape", "Back", "Go back")

LIST_ACTIONS = (
    Action("down", "j", "Down", "Move down in a list"),
    Action("up", "k", "Up", "Move up in a list"),
)
WORKLIST_ACTIONS = (
    Action("open", "enter", "Open", "Open the patient"),
    Action("search", "slash", "Search", "Search by part of a name or record number"),
    Action("sort", "s", "Sort", "Sort by the next column"),
    Action("reverse", "r", "Reverse", "Sort the other way round"),
    Action("all-patients", "1", "All", "Show all patients"),
    Action("urgent-patients", "2", "Urgent", "Only patients who cannot wait"),
    Action("due-patients", "3", "Due", "Only patients with a check due or overdue"),
    Action("held-patients", "4", "On hold", "Only patients on hold"),
    Action("patients-above", "5", "Above", "Only patients whose last level is above the target"),
    Action("patients-below", "6", "Below", "Only patients whose last level is below the target"),
    Action("my-patients", "7", "Mine", "Only patients with an entry of yours"),
    Action(
        "encrypt",
        "ctrl+e",
        "Encrypt",
        "Encrypt the records under a passphrase",
        "screens.encrypt:EncryptScreen",
    ),
    Action("demo", "t", "Try the demo", "Try it on synthetic patients, in empty records"),
    BACK,
)
RECORD_ACTIONS = (
    Action("details", "enter", "Details", "Show the entry in full"),
    BACK,
    Action("why", "w", "Why?", "Show sources"),
    Action("void", "v", "Void", "Void the selected entry"),
    Action("end-entry", "f", "Ended", "Record the end of the selected entry"),
    Action("cause", "q", "Cause", "Record the cause of the selected level"),
    Action("what-if", "u", "What if", "Forecast another dose, or use another model"),
    Action(
        "take-forecast", "y", "Take dose", "Adjust the dose, with the recommended dose filled in"
    ),
    Action("next-patient", "greater_than_sign", "Next", "Show the next patient of the worklist"),
    Action(
        "previous-patient",
        "less_than_sign",
        "Previous",
        "Show the previous patient of the worklist",
    ),
    Action("copy", "C", "Copy", "Copy the selected line, or the summary in words"),
    Action("nothing-given", "s", "Nothing given", "Confirm a gap in the doses, for the forecast"),
    Action("tab-now", "1", "Now", "Show the overview"),
    Action("tab-levels", "2", "Levels", "List the levels"),
    Action("tab-doses", "3", "Doses", "List the doses"),
    Action("tab-events", "4", "Events", "List the adverse events"),
    Action("tab-laboratory", "5", "Laboratory", "List the laboratory values"),
    Action("tab-measures", "6", "Measures", "List weights and heights"),
    Action("tab-drugs", "7", "Drugs", "List the other drugs"),
    Action("tab-response", "8", "Response", "List responses and notes"),
    Action("tab-history", "9", "History", "List every change of the record"),
    Action("tab-forecast", "0", "Forecast", "Show expected levels and the dose for the target"),
)
FORM_ACTIONS = (
    Action("store", "ctrl+s", "Store", "Complete the form: store, write or back up"),
    BACK,
)
READING_ACTIONS = (
    Action("read-on", "pagedown", "Scroll down", "Scroll down beside the fields"),
    Action("read-back", "pageup", "Scroll up", "Scroll up beside the fields"),
)
ANSWER_ACTIONS = (
    Action("close", "enter,q", "Close", "Close the answer"),
    Action(
        "side-effect", "ctrl+e", "Record as event", "Record the graded value as an adverse event"
    ),
)
CHANGE_DOSE = Action("change-dose", "f4", "Change the dose", "Change the dose after a level")
STEPS = Action("steps", "f3", "Why?", "Show the steps and sources")
_TAKE_ADVICE = Action("take-advice", "f5", "Take advice", "Fill in the advised dose")
_STOP_TREATMENT = Action("stop-treatment", "f8", "Stop treatment", "End the current dose")
ADJUSTING = (_TAKE_ADVICE, _STOP_TREATMENT)
PREVIEW = Action("preview", "f5", "Preview", "Show what the file would add")
NEW_MAPPING = Action("new-mapping", "f6", "Columns", "Guess the columns of the file, to check them")
COUNT = Action("count-again", "f5", "Count again", "Count the clinic again")
SHARE = Action("share-cohort", "f6", "Share", "Write the clinic's figures for a pool of clinics",
               "screens.share_cohort:ShareCohort")  # fmt: skip
POOL = Action("pool-shares", "f7", "Pool", "Show the figures of several clinics together",
              "screens.pool_shares:PoolShares")  # fmt: skip
WAITING = Action("waiting-results", "f7", "Waiting", "List the results that wait for their patient",
                 "screens.waiting_results:WaitingResults")  # fmt: skip
DROP = Action("drop-waiting", "f8", "Remove", "Remove the selected result from the list")
OPEN_FILE = Action("open-file", "f6", "Open", "Open the written file, where there is a desktop")
COPY_PATH = Action("copy-path", "f7", "Copy path", "Copy the path of the written file")
INTO_LIST = Action("into-list", "down", "List", "Go from the field to the list below")

_OWN = {
    each.name: each
    for each in (
        *APP_ACTIONS, *CLINIC_ACTIONS, *ABOUT_PATIENT, *WORKLIST_ACTIONS, *LIST_ACTIONS,
        *RECORD_ACTIONS, *FORM_ACTIONS, *READING_ACTIONS, *ANSWER_ACTIONS, *ADJUSTING,
        CHANGE_DOSE, STEPS, PREVIEW, NEW_MAPPING, COUNT, SHARE, POOL, WAITING, DROP, INTO_LIST,
        OPEN_FILE, COPY_PATH,
    )
}  # fmt: skip


def bindings_of(actions: Iterable[Action]) -> list[Binding]:
    """Return the keys of actions; a screen opens one by its name with `action_open`."""
    return [
        Binding(
            each.key, f"open('{each.name}')", each.title, tooltip=each.description, id=each.name
        )
        for each in actions
    ]


def bound(
    name: str,
    action: str,
    title: str | None = None,
    *,
    show: bool = True,
    priority: bool = False,
) -> Binding:
    """Return the binding of the action that the tables call `name`; `action` does it here.

    `title` replaces the usual one where that would not say what happens.
    """
    known = _OWN[name]
    shown, tip = (known.title, known.description) if title is None else (title, "")
    return Binding(known.key, action, shown, show=show, priority=priority, tooltip=tip, id=name)


def key_for(screen: Screen[Any], name: str) -> str:
    """Return the key that an action has on a screen now, as it is shown; empty without one."""
    bindings = (each.binding for each in screen.active_bindings.values())
    found = (screen.app.get_key_display(each) for each in bindings if each.id == name)
    return next(found, "")
