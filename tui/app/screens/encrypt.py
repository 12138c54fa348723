"""The screen that encrypts the records: a passphrase, typed twice, then the recovery code."""

import getpass
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from dosing import UserError
from dosing.quantities.formatting import count_of
from tui.app.actions import bound
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar

_ABOUT = (
    "These records are not encrypted: anybody who has the file can read it. Encrypt the disk in "
    "any case. Here the records are encrypted under a passphrase, to be given at each start. "
    "Without the passphrase and the recovery code nobody can read them any more."
)


@dataclass
class RecordsEncrypted(Done):
    """The records are encrypted; the code opens them when the passphrase is lost."""

    code: str = ""


class EncryptScreen(FormScreen):
    """A form that encrypts the records in place."""

    CSS_PATH = "maintenance.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "encrypt", "Encrypt", priority=True),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a passphrase."""
        super().__init__()
        self._first = Field("Passphrase", str, is_secret=True, id="passphrase")
        self._again = Field("Once more", str, is_secret=True, id="again")

    def compose(self) -> ComposeResult:
        """Lay the result below the fields."""
        with VerticalScroll(id="body", can_focus=False):
            yield Static("Encrypt the records", classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield from (self._first, self._again)
            yield Static(id="problem")
            yield Static(id="result")
        yield KeyBar()

    @property
    def has_unsaved_input(self) -> bool:
        """False: a passphrase is not kept."""
        return False

    def action_encrypt(self) -> None:
        """Encrypt the records if the passphrase is long enough and was typed twice."""
        from monitoring.store.encryption.key_file import checked  # noqa: PLC0415 - used here only

        try:
            passphrase = checked(self._first.text)
        except UserError as error:
            self.tell_problem(str(error))
            return
        if self._again.text != self._first.text:
            self.tell_problem("The two passphrases differ. Nothing was changed.")
            return
        self.work_on(partial(self._encrypt, passphrase))

    def _encrypt(self, passphrase: str) -> Done:
        from monitoring.store.encryption.in_place import encrypt  # noqa: PLC0415 - used here only
        from monitoring.store.encryption.key_file import KeyFile  # noqa: PLC0415 - as above

        key_file, key, code = KeyFile.new(getpass.getuser(), passphrase)
        done = encrypt(self.session.records.place, key_file, key)
        return RecordsEncrypted(
            f"Encrypted {count_of(done.changes, 'change')}; verified. Head {done.head}.", code=code
        )

    def after_done(self, message: Done) -> None:
        """Show the recovery code until the screen is left."""
        self._first.text = self._again.text = ""
        code = message.code if isinstance(message, RecordsEncrypted) else ""
        lines = [
            words(f"✓ {message.text}").stylize("bold $text-success"),
            words(f"Recovery code:  {code}").stylize("bold"),
            words(
                "Copy it onto paper now, and keep it locked away: it is not shown again. Backups "
                "and exports that were made before are as they were."
            ),
        ]
        self.query_one("#result", Static).update(Content("\n\n").join(lines))
        self.session.open_again()
