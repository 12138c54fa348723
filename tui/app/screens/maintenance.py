"""What is done to all records has one form: a field, the work with its progress, the result."""

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
    """Asks for one thing and works on all records."""

    CSS_PATH = "maintenance.tcss"
    HEADING: ClassVar[str]
    ABOUT: ClassVar[str]
    DOING: ClassVar[str]
    """What stands before the bar."""

    def __init__(self, field: Field[Any]) -> None:
        """Take the field that is asked."""
        super().__init__()
        self._field = field
        self._progress = Progress(id="progress")
        self._found = Static(id="found")

    def compose(self) -> ComposeResult:
        """Lay what was done below the field."""
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words(self.HEADING), classes="-heading")
            yield Static(words(self.ABOUT), id="about")
            yield self._field
            yield Static(id="problem")
            yield from (self._progress, self._found)
        yield KeyBar()

    @property
    def has_unsaved_input(self) -> bool:
        """Nothing that is typed here is lost: it stands elsewhere, as the name of a file does."""
        return False

    def asked(self, missing: str) -> Any:
        """Return what was typed; None where it is missing or wrong, which is told."""
        self._field.show_problem()
        self._found.update("")
        value = self._field.value
        if value is None:
            self.tell_problem(missing)
        return value

    def tell_progress(self, done: int, everything: int) -> None:
        """Tell from the work how far it is."""
        self.post_message(Progressed(done, everything))

    @on(Progressed)
    def _follow(self, message: Progressed) -> None:
        self._progress.tell(self.DOING, message.done, message.everything)

    def after_done(self, message: Done) -> None:
        """Show what came of it."""
        self._progress.clear_away()
        self._found.update(words(f"✓ {message.told}"))
