"""The screen: a verified copy of the records in a new file."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.app.actions import bound
from tui.app.form_screen import Done, FormScreen
from tui.app.print_out.print_out import read_path
from tui.app.text import words
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.progress import Progress, Progressed

_ABOUT = (
    "A copy of all records as they are now, in a new file, which is verified before it counts. "
    "Keep it somewhere else than this computer; write the head down beside it."
)


class BackUp(FormScreen):
    """Copies the records."""

    CSS_PATH = "upkeep.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "back_up", "Back up"),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a file: where it is kept is for a person to say."""
        super().__init__()
        self._file = Field("File", read_path, example="/media/stick/records.sqlite", id="file")
        self._progress = Progress(id="progress")
        self._found = Static(id="found")

    def compose(self) -> ComposeResult:
        """Lay out the field and what was done."""
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Back up the records"), classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield self._file
            yield Static(id="problem")
            yield from (self._progress, self._found)
        yield KeyBar()

    @property
    def has_unsaved_input(self) -> bool:
        """Nothing that is typed here is lost: only the name of a file."""
        return False

    def action_back_up(self) -> None:
        """Copy the records."""
        self._file.show_problem()
        file = self._file.value
        self._found.update("")
        if file is None:
            self.tell_problem("A file is needed: a new one.")
        else:
            self.work_on(partial(self._back_up, file))

    def _back_up(self, file: Path) -> Done:
        from monitoring.store.backup import back_up  # noqa: PLC0415 - the database is heavy

        def tell(done: int, everything: int) -> None:
            self.post_message(Progressed(done, everything))

        made = back_up(self.sirolimus.records.store.engine, file, tell)
        return Done(f"Backed up {made.changes} changes to {file}; verified. Head {made.head}.")

    @on(Progressed)
    def _follow(self, message: Progressed) -> None:
        self._progress.tell("Verifying the copy", message.done, message.everything)

    def after_done(self, message: Done) -> None:
        """Show where it is and the head, which is to be written down."""
        self._progress.clear_away()
        self._found.update(words(f"✓ {message.told}"))
