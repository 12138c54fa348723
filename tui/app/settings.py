"""The user's settings: one TOML file, every value checked on reading.

theme = "dark"          # dark, light, high-contrast, or the name of one of Textual's themes
idle_minutes = 10       # blank the screen after so long without a key; 0 never
documents = "~/sirolimus"   # the folder of print-outs
plain = true            # the pages of the commands for a screen reader; the app has no use for it

[keys]                  # another key for an action, by its name in the overview of keys
new-patient = "ctrl+n"

The section [clinic] of the same file, which the commands read too, is in `monitoring`:
`clinic_choices`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dosing import UserError
from dosing.quantities.text import quoted
from monitoring.clinic_choices import (
    SECTION,
    USUAL_CHOICES,
    ClinicChoices,
    choices_in,
    read_settings_file,
)
from tui.app.documents import documents_folder
from tui.app.keys import WrongKeyError, check_keys
from tui.app.themes import THEMES

_LONGEST_IDLE_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The user's choices. Raises `UserError` for an impossible value."""

    theme: str = "dark"
    idle_minutes: int = 10
    plain: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    documents: str = ""
    """The folder of print-outs; empty for the usual one."""
    clinic: ClinicChoices = USUAL_CHOICES

    def __post_init__(self) -> None:
        """Check the type and range of each value."""
        if not isinstance(self.theme, str):
            raise UserError('The theme is a word. Write theme = "light".')
        minutes = self.idle_minutes
        if type(minutes) is not int or not 0 <= minutes <= _LONGEST_IDLE_MINUTES:
            raise UserError(
                f"idle_minutes is a whole number from 0 (never) to {_LONGEST_IDLE_MINUTES}."
            )
        if not isinstance(self.documents, str):
            raise UserError('documents is a folder. Write documents = "~/sirolimus".')
        documents_folder(self.documents)
        if not isinstance(self.plain, bool):
            raise UserError("plain is true or false. Write plain = true.")
        if not isinstance(self.keys, Mapping) or not all(
            isinstance(key, str) and key for key in self.keys.values()
        ):
            raise UserError('[keys] gives actions their keys. Write new-patient = "ctrl+n".')
        check_keys(self.keys)

    @property
    def textual_theme(self) -> str:
        """The theme by Textual's name."""
        return THEMES.get(self.theme, self.theme)


def read_settings(file: Path) -> Settings:
    """Return the settings of a file, or the usual ones without a file.

    Raises `UserError` for a file that is not TOML, and for an unknown setting.
    """
    read = read_settings_file(file)
    found: dict[str, Any] = dict(read.values)
    known = [each.name for each in fields(Settings)]
    for name in found:
        if name not in known:
            raise UserError(
                f"{quoted(name)} in {file} is not a setting. The settings are {', '.join(known)}."
            )
    found[SECTION] = choices_in(read, file)
    try:
        return Settings(**found)
    except WrongKeyError as error:
        raise UserError(f"{error} The file is {file}{_line_of(error.name, read.text)}.") from None
    except UserError as error:
        raise UserError(f"{error} The file is {file}.") from None


def _line_of(name: str, text: str) -> str:
    r"""Return the line of a file that gives a name a value; nothing where that is not clear.

    >>> _line_of("levl", '[keys]\nlevl = "f2"')
    ', line 2'
    """
    gives = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
    found = [number for number, line in enumerate(text.splitlines(), 1) if gives.match(line)]
    return f", line {found[0]}" if len(found) == 1 else ""
