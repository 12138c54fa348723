"""The screen: a verified copy of the records in a new file."""

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
        "A copy of all records as they are now, in a new file, which is verified before it counts. "
        "Keep it somewhere else than this computer; write the head down beside it."
    )
    DOING = "Verifying the copy"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "back_up", "Back up"),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a file: where it is kept is for a person to say."""
        super().__init__(Field("File", read_path, example="/media/stick/records.sqlite", id="file"))

    def action_back_up(self) -> None:
        """Copy the records."""
        file = self.asked("A file is needed: a new one.")
        if file is not None:
            self.work_on(partial(self._back_up, file))

    def _back_up(self, file: Path) -> Done:
        from monitoring.store.backup import back_up  # noqa: PLC0415 - the database is heavy

        made = back_up(self.session.records.store.engine, file, self.tell_progress)
        return Done(
            f"Backed up {count_of(made.changes, 'change')} to {file}; verified. Head {made.head}."
        )
