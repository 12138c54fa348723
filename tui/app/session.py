"""The app as its screens see it: the records, the clock, and messages to the user.

Screens know this much and not the app itself, which knows the screens.
"""

from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from monitoring.clinic_choices import ClinicChoices
    from monitoring.store.opening import Records
    from monitoring.summary import PatientSummary
    from monitoring.time_reader import TimeReader
    from monitoring.times import Moment
    from tui.app.settings import Settings


class Session(Protocol):
    """One run of the app over one set of records."""

    is_demo: bool
    """True where the patients are synthetic."""

    @property
    def records(self) -> "Records":
        """The open records; a screen that needs them is shown once they are open."""

    @property
    def clinic(self) -> "ClinicChoices":
        """The clinic's choices."""

    @property
    def documents(self) -> "Path":
        """The folder of print-outs, which need not exist."""

    @property
    def settings(self) -> "Settings":
        """The settings."""

    def use_settings(self, settings: "Settings") -> None:
        """Use other settings from now on; keys are those of the start."""

    def now(self) -> "Moment":
        """Return the present moment."""

    def show_message(
        self, message: str, *, is_problem: bool = False, seconds: float | None = None
    ) -> None:
        """Show a message below the screen, for so long or as long as usual."""

    def show_summary(self, summary: "PatientSummary") -> None:
        """Show a patient's new summary on every screen of that patient."""

    def neighbour(self, patient: int, step: int) -> int | None:
        """Return the patient so many lines below another in the worklist; None beyond its ends."""

    def drop_typed_ahead(self, why: str) -> None:
        """Drop the keys that were typed for a screen that does not come, and say why."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text, cleaned by the caller, to the clipboard of the terminal (OSC 52)."""

    def open_again(self) -> None:
        """Open the records again, which are encrypted now."""

    def open_demo(self) -> None:
        """Open the synthetic clinic instead of the records."""


def time_reader(session: Session) -> "TimeReader":
    """Return the reader of typed times: of the present moment, by the clinic's order of dates."""
    from monitoring.time_reader import TimeReader  # noqa: PLC0415 - where times are typed

    return TimeReader(session.now(), session.clinic.date_order)


def session_of(screen: Screen[Any]) -> Session:
    """Return the session in which a screen is shown."""
    return cast("Session", screen.app)
