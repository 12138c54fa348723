"""A field of a time or a day: shorthand is read by the one reader, and read back in full."""

from collections.abc import Callable
from datetime import date
from typing import Any

from monitoring.summary import PatientSummary
from monitoring.time_reader import TimeReader
from monitoring.times import Moment, field_text, in_full
from monitoring.treatment.usual_times import next_dose, next_dose_after_hold
from tui.app.widgets.field import Field

NEXT_DOSE = "the next dose of the schedule"
"""Why a first text from `next_dose_text` is assumed."""


class TimeField(Field[Any]):
    """A field of a `Moment`, or of a `date`.

    The full time is shown below it, and replaces the shorthand once the field is left. A shorthand
    keeps the meaning of the minute in which it was typed: a `today` of before midnight stays that
    day. A time that the program assumed is marked until another is typed.
    """

    def __init__(  # noqa: PLR0913 - the parts of a field
        self,
        label: str,
        reader: Callable[[], TimeReader],
        *,
        is_day: bool = False,
        may_be_ahead: bool = False,
        text: str = "",
        assumed: str = "",
        example: str = "",
        required: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Make a field; `assumed` says of its first text why it is assumed."""
        super().__init__(
            label, self._read_typed, text=text, example=example, required=required, id=id
        )
        self._reader = reader
        self._is_day, self._may_be_ahead = is_day, may_be_ahead
        self._assumed = assumed
        self._read_at: tuple[str, TimeReader] | None = None

    def _read_typed(self, text: str) -> Moment | date:
        if self._read_at is None or self._read_at[0] != text:
            self._read_at = (text, self._reader())
        reader = self._read_at[1]
        read = reader.day if self._is_day else reader.moment
        return read(text, may_be_ahead=self._may_be_ahead)

    @property
    def is_assumed(self) -> bool:
        """True while the text is the one that the program assumed."""
        return bool(self._assumed) and self.text == self._first_text != ""

    @property
    def lasting_text(self) -> str:
        """The time in full figures."""
        value = self.value
        if value is None:
            return self.text
        if isinstance(value, Moment):
            return field_text(value, self._reader().now.zone)
        return str(value)

    @property
    def hint(self) -> str:
        """The time with weekday, date and zone; of an assumed one that nobody stated it."""
        value = self.value
        if value is None:
            return ""
        return f"{in_full(value)} ({self._assumed})" if self.is_assumed else in_full(value)

    def show_problem(self, *, missing_too: bool = True) -> None:
        """Show the problem, or the time in full."""
        super().show_problem(missing_too=missing_too)
        self.set_class(self.is_assumed, "-assumed")

    def write_out(self) -> None:
        """Write the time out in full, as when the field is left."""
        self._left()

    def _left(self) -> None:
        full = self.lasting_text
        if full != self.text:
            self.text = full


def restart_text(summary: PatientSummary) -> str:
    """Return the time of the next dose after a hold for its field; empty where none is due."""
    due = next_dose_after_hold(summary.history, summary.made)
    return field_text(due, summary.made.zone) if due else ""


def next_dose_text(summary: PatientSummary) -> str:
    """Return the time of the next dose for its field; empty where no dose is given."""
    due = next_dose(summary.history, summary.made)
    return field_text(due, summary.made.zone) if due else ""
