"""The terminal app over one set of records."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from dosing import VERSION, UserError, clean
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.store.opening import Records

Opener = Callable[[], "Records"]
"""Opens the records; called in a worker, once the first screen is painted."""


@dataclass
class RecordsOpened(Message):
    """The records are open; told to the screen that is shown."""

    records: "Records"


@dataclass
class RecordsFailed(Message):
    """The records cannot be opened: why, and what to do."""

    problem: str


class SirolimusApp(App[None]):
    """The app. Screens find the records at `app.records` and the moment by `app.now()`."""

    TITLE = "Sirolimus"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", priority=True),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(self, open_records: Opener, now: Callable[[], Moment]) -> None:
        """Show the records that `open_records` opens; `now` gives the present moment."""
        super().__init__()
        self._open_records = open_records
        self._records: Records | None = None
        self.now = now

    @property
    def records(self) -> "Records":
        """The open records; no screen that needs them is shown before they are."""
        if self._records is None:
            raise UserError("The records are not open yet.")
        return self._records

    def on_ready(self) -> None:
        """Open the records once the first screen is painted."""
        self.run_worker(self._open, thread=True, exit_on_error=False)

    def _open(self) -> None:
        try:
            records = self._open_records()
        except UserError as error:
            self.call_from_thread(self.screen.post_message, RecordsFailed(str(error)))
            return
        self._records = records
        self.call_from_thread(self.screen.post_message, RecordsOpened(records))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the app's commands, without the one that writes the screen to a file."""
        for command in super().get_system_commands(screen):
            if command.title != "Screenshot":
                yield command

    def tell(self, message: str, *, is_problem: bool = False) -> None:
        """Show a message that is never taken for mark-up."""
        self.notify(clean(message), markup=False, severity="error" if is_problem else "information")

    def _fatal_error(self) -> None:
        """Leave after a fault, with where it was and without the values it was working on."""
        self.panic(Text(fault_report(self._exception)))

    def _handle_exception(self, error: Exception) -> None:
        """Never let an error render itself: it may hold a patient's data."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._fatal_error()


def fault_report(fault: BaseException | None) -> str:
    """Return where the program failed, without a patient's data."""
    frames = traceback.extract_tb(fault.__traceback__) if fault else []
    lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    heading = (
        "sirolimus: the program failed. What was stored before is safe. Please report these "
        f"lines, which hold no patient's data ({type(fault).__name__}, version {VERSION}):"
    )
    return "\n".join([heading, *lines])
