"""The settings as a screen: theme, idle minutes and folder; keys and clinic's choices are shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from dosing import UserError
from monitoring.clinic_choices import settings_file
from tui.app.actions import bound, key_for
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.screens.print_out import read_path
from tui.app.settings import Settings
from tui.app.settings_writing import change_settings
from tui.app.text import section, words
from tui.app.themes import THEMES
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar


@dataclass
class SettingsStored(Done):
    """The settings were written, and apply from now on."""

    settings: Settings | None = None


class SettingsScreen(FormScreen):
    """A form of the settings; what is changed is written into the settings file."""

    DEFAULT_CSS = """
    SettingsScreen {
        & #body { height: 1fr; padding: 1 2; }
        & #about { height: auto; margin-top: 1; }
    }
    """
    HELP = (
        "The settings of this program on this computer. What you change here is written into the "
        "settings file; its other lines and comments stay. Keys and the clinic's choices are "
        "changed in the file itself, and are read when the program starts."
    )
    BINDINGS: ClassVar[list[BindingType]] = [bound("store", "keep"), bound("back", "back")]

    def __init__(self) -> None:
        """Take the settings once the screen is shown."""
        super().__init__()
        self._themes = Choice("Theme", [(each, each) for each in THEMES], value="dark", id="theme")
        self._minutes = Field(
            "Idle minutes", read_minutes, example="10, or 0 for never", id="idle-minutes"
        )
        self._folder = Field(
            "Documents", _read_folder, example="the usual folder", required=False, id="documents"
        )

    def compose(self) -> ComposeResult:
        """Lay what cannot be changed here below the fields."""
        settings = self.session.settings
        if settings.theme not in THEMES:  # another of Textual's, by its name
            names = [*THEMES, settings.theme]
            self._themes = Choice("Theme", [(each, each) for each in names], "dark", id="theme")
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Settings"), classes="-heading")
            yield from (self._themes, self._minutes, self._folder)
            yield Static(id="problem")
            yield Static(id="about")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the present settings."""
        settings = self.session.settings
        self._themes.value = settings.theme
        self._minutes.text = str(settings.idle_minutes)
        self._folder.text = settings.documents
        about = Content("\n").join([*self._about(settings)])
        self.query_one("#about", Static).update(about)

    def _about(self, settings: Settings) -> Iterator[Content]:
        yield words(f"Documents are written to {self.session.documents}.")
        yield Content("")
        yield from section("Clinic's choices", settings.clinic.in_words)
        yield from section("Clinic's limits", [self.session.records.store.limits().words])
        changed = [f"{name}  {key}" for name, key in settings.keys.items()]
        key = key_for(self, "keys")
        yield from section(
            "Other keys than usual", changed or [f"None. All keys are shown by {key}."]
        )
        yield from section("Settings file", [str(settings_file())])

    @property
    def has_unsaved_input(self) -> bool:
        """True where a value differs from the present settings."""
        settings = self.session.settings
        shown = (self._themes.value, self._minutes.text.strip(), self._folder.text.strip())
        return shown != (settings.theme, str(settings.idle_minutes), settings.documents)

    def action_keep(self) -> None:
        """Write what was changed, and use it at once."""
        for field in (self._minutes, self._folder):
            field.show_problem()
        minutes = self._minutes.value
        if minutes is None or self._folder.problem:
            self.tell_problem("Correct the settings first.")
            return
        settings = self.session.settings
        values: dict[str, str | int] = {
            "theme": self._themes.value,
            "idle_minutes": minutes,
            "documents": self._folder.text.strip(),
        }
        changes = {name: each for name, each in values.items() if getattr(settings, name) != each}
        if changes:
            self.work_on(partial(_write, changes))
        else:
            self.dismiss(result=False)

    def after_done(self, message: Done) -> None:
        """Use the settings, and leave the screen."""
        if isinstance(message, SettingsStored) and message.settings is not None:
            self.session.use_settings(message.settings)
        super().after_done(message)


def _write(changes: dict[str, str | int]) -> SettingsStored:
    file = settings_file()
    return SettingsStored(f"The settings are in {file}.", settings=change_settings(file, changes))


def read_minutes(text: str) -> int:
    """Return the minutes without a key after which the app locks. Raises `UserError`."""
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit()):
        raise UserError("Enter whole minutes, as in 10, or 0 for never.")
    return Settings(idle_minutes=int(typed[:5])).idle_minutes


def _read_folder(text: str) -> str:
    return str(read_path(text))
