"""The screen: every entry checked against the audit trail."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.app.actions import bound
from tui.app.form_screen import Done, FormScreen
from tui.app.text import words
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.progress import Progress, Progressed
from tui.verify_command import read_head

if TYPE_CHECKING:
    from monitoring.store.verify import Verification

_SHOWN_FINDINGS = 200
_ABOUT = (
    "Every entry is read again and held against the audit trail. A head that was written down "
    "earlier, as a backup or a printed summary shows it, also finds changes that were cut off."
)


@dataclass
class Verified(Message):
    """What the walk through the records found."""

    found: "Verification"


class Verify(FormScreen):
    """Walks through the records, and says whether they are whole."""

    CSS_PATH = "upkeep.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "verify", "Verify"),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a head."""
        super().__init__()
        self._head = Field(
            "Known head", read_head, required=False, example="not needed; 64 signs", id="head"
        )
        self._progress = Progress(id="progress")
        self._found = Static(id="found")

    def compose(self) -> ComposeResult:
        """Lay out the field and what was found."""
        with VerticalScroll(id="body", can_focus=False):
            yield Static(words("Verify the records"), classes="-heading")
            yield Static(words(_ABOUT), id="about")
            yield self._head
            yield Static(id="problem")
            yield from (self._progress, self._found)
        yield KeyBar()

    @property
    def has_unsaved_input(self) -> bool:
        """Nothing that is typed here is lost: only a head that stands elsewhere."""
        return False

    def action_verify(self) -> None:
        """Walk through the records."""
        self._head.show_problem()
        self._found.update("")
        if self._head.problem:
            self.tell_problem("The head cannot be read: see beside it.")
        else:
            self.work_on(partial(self._verify, self._head.value))

    def _verify(self, head: str | None) -> Done:
        from monitoring.store.verify import verify  # noqa: PLC0415 - the database is heavy

        def tell(done: int, everything: int) -> None:
            self.post_message(Progressed(done, everything))

        found = verify(self.sirolimus.records.store.engine, tell, known_head=head)
        self.post_message(Verified(found))
        return Done("Verified.")

    @on(Progressed)
    def _follow(self, message: Progressed) -> None:
        self._progress.tell("Verifying", message.done, message.everything)

    @on(Verified)
    def _show(self, message: Verified) -> None:
        found = message.found
        if found.is_whole:
            told = words(f"✓ All {found.changes} changes are whole. Head {found.head}.")
            self._found.update(told.stylize("$text-success"))
            return
        count = len(found.findings)
        what = "thing is" if count == 1 else "things are"
        lines = [
            words(f"■ {count} {what} wrong. Keep these records as they are, and restore a backup.")
        ]
        lines += [words(f"{each.where}: {each.what}") for each in found.findings[:_SHOWN_FINDINGS]]
        if count > _SHOWN_FINDINGS:
            lines.append(words(f"and {count - _SHOWN_FINDINGS} more: `sirolimus verify` lists all"))
        self._found.update(Content("\n").join(lines).stylize("$text-error"))

    def after_done(self, message: Done) -> None:  # noqa: ARG002 - what was found is shown by itself
        """Leave what was found on the screen."""
        self._progress.clear_away()
