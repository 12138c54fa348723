"""What can be done, once: its key, its title, what it does and the screen it opens.

The footer, the overview of keys, the command palette and the settings all read these two tables.
A screen is imported when it is first opened.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec

from textual.binding import Binding
from textual.screen import Screen

from monitoring.summary import PatientSummary

About = ParamSpec("About")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Generic[About]):
    """One thing that can be done; `name` is what the settings call its key."""

    name: str
    key: str
    title: str
    tells: str
    screen: Callable[About, Screen[Any]]


def bindings_of(actions: Iterable[Action[Any]]) -> list[Binding]:
    """Return the keys of actions; a screen opens one by its name with `action_open`."""
    return [
        Binding(each.key, f"open('{each.name}')", each.title, id=each.name, tooltip=each.tells)
        for each in actions
    ]


def _new_patient() -> Screen[Any]:
    from tui.app.new_patient.screen import NewPatientScreen  # noqa: PLC0415 - when it is opened

    return NewPatientScreen()


def _level(summary: PatientSummary) -> Screen[Any]:
    from tui.app.entry.level import LevelForm  # noqa: PLC0415 - when it is opened

    return LevelForm(summary)


def _side_effect(summary: PatientSummary) -> Screen[Any]:
    from tui.app.entry.side_effect import SideEffectForm  # noqa: PLC0415 - when it is opened

    return SideEffectForm(summary)


def _laboratory(summary: PatientSummary) -> Screen[Any]:
    from tui.app.entry.laboratory import LaboratoryForm  # noqa: PLC0415 - when it is opened

    return LaboratoryForm(summary)


CLINIC_ACTIONS: tuple[Action[[]], ...] = (
    Action(
        name="new-patient",
        key="n",
        title="New patient",
        tells="Write a new patient down",
        screen=_new_patient,
    ),
)
"""What concerns no patient in particular; on the worklist."""

PATIENT_ACTIONS: tuple[Action[[PatientSummary]], ...] = (
    Action(
        name="level", key="l", title="Level", tells="Log a trough level", screen=_level
    ),
    Action(
        name="event", key="e", title="Event", tells="Log a side-effect", screen=_side_effect
    ),
    Action(
        name="laboratory", key="b", title="Lab", tells="Log a laboratory value",
        screen=_laboratory,
    ),
)  # fmt: skip
"""What concerns one patient; on the patient's screen."""
