"""The screen of a backup: a verified copy of the records in a new file."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType

from dosing.quantities.formatting import count_of
from tui.app.actions import bound
from tui.app.screens.form_screen import Done
from tui.app.screens.maintenance import MaintenanceScreen
from tui.app.screens.print_out import read_path
from tui.app.widgets.field import Field


class BackUp(MaintenanceScreen):
    """Copies the records."""

    HEADING = "Back up the records"
    ABOUT = (
        "Copies all records to a new file and verifies the copy. Keep the file away from this "
        "computer, and note its head."
    )
    DOING = "Verifying the copy"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "back_up", "Back up"),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a file: its place is for a person to choose."""
        super().__init__(Field("File", read_path, example="/media/stick/records.sqlite", id="file"))

    def action_back_up(self) -> None:
        """Copy the records."""
        file = self.required("Enter a new file.")
        if file is not None:
            self.work_on(partial(self._back_up, file))

    def _back_up(self, file: Path) -> Done:
        from monitoring.store.backup import back_up  # noqa: PLC0415 - the database is heavy

        made = back_up(self.session.records.store.engine, file, self.post_progress)
        return Done(
            f"Backed up {count_of(made.changes, 'change')} to {file} and verified the copy. "
            f"Head {made.head}."
        )
