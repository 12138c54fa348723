"""The import of an export of this program into empty records, after a preview."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from dosing.quantities.formatting import count_of
from tui.app.actions import bound, key_for
from tui.app.messages import EntryStored
from tui.app.screens.form_screen import Done
from tui.app.screens.maintenance import MaintenanceScreen
from tui.app.screens.print_out import read_path
from tui.app.text import words
from tui.app.widgets.field import Field

if TYPE_CHECKING:
    from monitoring.exchange.export import Preview

_SHOWN_PATIENTS = 200


@dataclass
class ExportPreviewed(Message):
    """The preview of an export: what its folder would add."""

    folder: Path
    preview: "Preview"


@dataclass
class ExportRestored(Done):
    """The export was imported."""


class RestoreExport(MaintenanceScreen):
    """A form that imports an export: all of it, or nothing."""

    HEADING = "Import records"
    ABOUT = (
        "Imports an export of this program, with all its patients and every change, into empty "
        "records. The export is verified as a whole: all of it is written, or nothing."
    )
    DOING = "Reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("preview", "preview"),
        bound("back", "back"),
        bound("store", "restore", "Import"),
    ]

    def __init__(self) -> None:
        """Begin without a folder."""
        super().__init__(Field("Folder", read_path, example="the export's folder", id="folder"))
        self._preview: Preview | None = None

    @property
    def has_unsaved_input(self) -> bool:
        """True while a preview waits to be imported."""
        return self._preview is not None

    @on(Field.Changed)
    def _forget(self) -> None:
        """Drop the preview: it is for the earlier folder."""
        self._preview = None
        self._result.update("")
        self.tell_problem("")

    def action_preview(self) -> None:
        """Read the folder and show what it would add; nothing is written."""
        self._forget()
        folder = self.required("Enter the folder of an export.")
        if folder is not None:
            self.work_on(partial(self._look, folder))

    def _look(self, folder: Path) -> Done:
        from monitoring.exchange.export import preview_export  # noqa: PLC0415 - the database

        preview = preview_export(self.session.records.store.engine, folder)
        self.post_message(ExportPreviewed(folder, preview))
        return Done("Nothing is written yet.")

    @on(ExportPreviewed)
    def _show(self, message: ExportPreviewed) -> None:
        from reports.presentation.imports import (  # noqa: PLC0415 - the database is heavy
            preview_lines,
        )

        if message.folder != self._field.value:
            return
        self._preview = message.preview
        lines = preview_lines(message.preview, most_patients=_SHOWN_PATIENTS)
        shown = [*lines, "", f"Nothing is written yet. {key_for(self, 'store')} imports it."]
        self._result.update(Content("\n").join(map(words, shown)))

    def action_restore(self) -> None:
        """Import what the preview shows."""
        preview = self._preview
        if preview is None:
            self.tell_problem("Preview the export first.")
            return
        folder = self.required("Enter the folder of an export.")
        self.work_on(partial(self._import, folder, preview.verification.head))

    def _import(self, folder: Path, head: str) -> Done:
        from monitoring.exchange.export import restore_export  # noqa: PLC0415 - the database

        records = self.session.records
        restored = restore_export(records.store.engine, folder, head)
        records.accept_head()
        return ExportRestored(
            f"Imported and verified {count_of(restored.changes, 'change')}. Head {restored.head}."
        )

    def after_done(self, message: Done) -> None:
        """Show the result of an import; a preview is shown by itself."""
        if isinstance(message, ExportRestored):
            self._preview = None
            super().after_done(message)
            self.app.post_message(EntryStored(""))
