"""The screen of an export: all records as JSON and CSV in a new folder."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType

from dosing.quantities.formatting import count_of
from tui.app.actions import bound
from tui.app.screens.form_screen import Done
from tui.app.screens.maintenance import MaintenanceScreen
from tui.app.screens.print_out import read_path
from tui.app.widgets.field import Field
from tui.app.widgets.question import ConfirmScreen


class Export(MaintenanceScreen):
    """A form that writes all records into a folder."""

    HEADING = "Export all records"
    ABOUT = (
        "Writes every patient and every change as JSON and CSV files to a new folder. Only you can "
        "read the folder. Its files need no other program and are not encrypted."
    )
    DOING = "Writing"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "export", "Export"),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a folder: its place is for a person to choose."""
        super().__init__(Field("Folder", read_path, example="a new folder", id="folder"))

    @work
    async def action_export(self) -> None:
        """Write all records; ask first where they are encrypted."""
        from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - is imported by now

        folder = self.required("Enter a new folder.")
        if folder is None:
            return
        question = ConfirmScreen(
            "The records are encrypted and an export is not. Write it nevertheless?",
            no="No",
            yes="Write it plain",
        )
        is_plain = not is_encrypted(self.session.records.store.engine)
        if is_plain or await self.app.push_screen_wait(question):
            self.work_on(partial(self._export, folder))

    def _export(self, folder: Path) -> Done:
        from monitoring.exchange.export import export  # noqa: PLC0415 - the database is heavy

        engine = self.session.records.store.engine
        changes = export(engine, folder, self.post_progress)
        return Done(f"Exported {count_of(changes, 'change')} to {folder}.")
