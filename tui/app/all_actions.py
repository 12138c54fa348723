"""All actions, with the forms of the table of entry kinds among them."""

from monitoring.record.kinds import ENTRY_KINDS
from tui.app.actions import (
    ABOUT_PATIENT,
    ADJUSTING,
    ANSWER_ACTIONS,
    APP_ACTIONS,
    BACK,
    CHANGE_DOSE,
    CLINIC_ACTIONS,
    COPY_PATH,
    COUNT,
    DROP,
    FORM_ACTIONS,
    INTO_LIST,
    LIST_ACTIONS,
    NEW_MAPPING,
    OPEN_FILE,
    PATIENT_TOO,
    POOL,
    PREVIEW,
    READING_ACTIONS,
    RECORD_ACTIONS,
    SHARE,
    STEPS,
    WAITING,
    WORKLIST_ACTIONS,
    Action,
)

_FORM = "screens.entry_forms:form_of"
_SCREENS = {
    "prescription": "screens.prescribe:Prescribe",
    "patient": "screens.new_patient:ChangePatientForm",
}
"""The kinds with a screen of their own."""

_FIRST = (
    "level", "restart", "dose", "event", "laboratory", "measurement", "print", "prescribe",
    "visit", "treated-before", "end-dose", "drug", "missed", "response", "note",
)  # fmt: skip
"""The order on the patient's screen: the main action, on hold the restart; other kinds follow."""


def _patient_actions() -> tuple[Action, ...]:
    found = {each.name: each for each in ABOUT_PATIENT}
    for kind in ENTRY_KINDS:
        app = kind.in_app
        own = _SCREENS.get(kind.name)
        found[app.action] = Action(
            app.action, app.key, app.short, app.help, own or _FORM, "" if own else kind.name
        )
    change = found.pop("change-patient")
    return (*(found.pop(name) for name in _FIRST), *found.values(), change)


PATIENT_ACTIONS = _patient_actions()
"""Actions about one patient; on the patient's screen."""

PLACES = {
    "on the worklist": (*CLINIC_ACTIONS, *WORKLIST_ACTIONS, *LIST_ACTIONS),
    "on a patient": (*PATIENT_ACTIONS, *PATIENT_TOO, *RECORD_ACTIONS, *LIST_ACTIONS),
    "in the form of an entry": (*FORM_ACTIONS, *READING_ACTIONS, INTO_LIST),
    "after a level": (*FORM_ACTIONS, *READING_ACTIONS, CHANGE_DOSE),
    "in the dose calculator": (*FORM_ACTIONS, *READING_ACTIONS, STEPS),
    "in the adjustment of a dose": (*FORM_ACTIONS, *READING_ACTIONS, *ADJUSTING),
    "in the print-out": (*FORM_ACTIONS, OPEN_FILE, COPY_PATH),
    "in the import of records": (*FORM_ACTIONS, PREVIEW),
    "in the import of results": (*FORM_ACTIONS, PREVIEW, NEW_MAPPING, WAITING),
    "in the waiting results": (*FORM_ACTIONS, PREVIEW, DROP),
    "in the cohort": (BACK, COUNT, SHARE, POOL, *LIST_ACTIONS),
    "in a share of the cohort": (*FORM_ACTIONS, PREVIEW),
    "in a pool of clinics": (*FORM_ACTIONS, *READING_ACTIONS),
    "in an answer": (BACK, *ANSWER_ACTIONS),
}
"""The actions of each place, besides those that work everywhere."""

ACTIONS = {
    each.name: each for each in (*APP_ACTIONS, *(each for one in PLACES.values() for each in one))
}
"""Every action by its name."""
