"""A note in plain words."""

from textual.app import ComposeResult

from monitoring.record.note import Note
from tui.app.entry.form import Draft, EntryForm, as_typed
from tui.app.widgets.field import Field


class NoteForm(EntryForm):
    """Write a note."""

    TITLE = "Write a note"

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield Field("Note", as_typed, id="text")
        yield self.day_field("Of", "on", text=str(self.today()))

    def draft(self) -> Draft:
        """Return the note."""
        return Draft(Note(on=self.needed("on"), text=self.needed("text")))
