"""The form of work on all records: a field, the work with its progress, the result."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.progress import Progress, Progressed


class MaintenanceScreen(FormScreen):
    """A form with one field that works on all records."""

    CSS_PATH = "maintenance.tcss"
    HEADING: ClassVar[str]
    ABOUT: ClassVar[str]
    DOING: ClassVar[str]
    """The text before the progress bar."""

    def __init__(self, field: Field[Any]) -> None:
        """Take the field."""
        super().__init__()
        self._field = field
        self._progress = Progress(id="progress")
        self._result = Static(id="result")

    def compose(self) -> ComposeResult:
        """Lay the result below the field."""
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words(self.HEADING), classes="-heading")
            yield Static(words(self.ABOUT), id="about")
            yield self._field
            yield Static(id="problem")
            yield from (self._progress, self._result)
        yield KeyBar()

    @property
    def has_unsaved_input(self) -> bool:
        """False: the name of a file or folder is quickly typed again."""
        return False

    def required(self, missing: str) -> Any:
        """Return the value; None where it is missing or wrong, after showing that."""
        self._field.show_problem()
        self._result.update("")
        value = self._field.value
        if value is None:
            self.tell_problem(missing)
        return value

    def post_progress(self, done: int, everything: int) -> None:
        """Post the progress of the work."""
        self.post_message(Progressed(done, everything))

    @on(Progressed)
    def _follow(self, message: Progressed) -> None:
        self._progress.show_part(self.DOING, message.done, message.everything)

    def after_done(self, message: Done) -> None:
        """Show the result."""
        self._progress.clear_away()
        self._result.update(words(f"✓ {message.text}"))
