"""The screen: everything as JSON and CSV in a new folder."""

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


class Export(MaintenanceScreen):
    """Writes everything into a folder."""

    HEADING = "Export everything"
    ABOUT = (
        "Every patient and every change, as JSON and CSV files that can be read without this "
        "program, in a new folder that only you can read. Nothing in it is encrypted."
    )
    DOING = "Writing"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "export", "Export"),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a folder: where it is kept is for a person to say."""
        super().__init__(Field("Folder", read_path, example="a new folder", id="folder"))

    def action_export(self) -> None:
        """Write everything."""
        folder = self.asked("A folder is needed: a new one.")
        if folder is not None:
            self.work_on(partial(self._export, folder))

    def _export(self, folder: Path) -> Done:
        from monitoring.exchange.export import export  # noqa: PLC0415 - the database is heavy

        engine = self.session.records.store.engine
        changes = export(engine, folder, self.tell_progress)
        return Done(f"Exported {count_of(changes, 'change')} to {folder}.")
