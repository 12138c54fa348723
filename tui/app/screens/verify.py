"""The screen: every entry checked against the audit trail."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from dosing.quantities.formatting import count_of
from reports.presentation.verification import whole_words
from tui.app.actions import bound
from tui.app.screens.form_screen import Done
from tui.app.screens.maintenance import MaintenanceScreen
from tui.app.text import words
from tui.app.widgets.field import Field
from tui.cli.verify import read_head

if TYPE_CHECKING:
    from monitoring.store.verify import Verification

_SHOWN_FINDINGS = 200


@dataclass
class Verified(Message):
    """What the walk through the records found."""

    found: "Verification"


class Verify(MaintenanceScreen):
    """Walks through the records, and says whether they are whole."""

    HEADING = "Verify the records"
    ABOUT = (
        "Every entry is read again and held against the audit trail. A head that was written down "
        "earlier, as a backup or a printed summary shows it, also finds changes that were cut off."
    )
    DOING = "Verifying"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "verify", "Verify"),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Begin without a head."""
        super().__init__(
            Field(
                "Known head", read_head, required=False, example="not needed; 64 signs", id="head"
            )
        )

    def action_verify(self) -> None:
        """Walk through the records."""
        self._field.show_problem()
        self._found.update("")
        if self._field.problem:
            self.tell_problem("The head cannot be read: see beside it.")
        else:
            self.work_on(partial(self._verify, self._field.value))

    def _verify(self, head: str | None) -> Done:
        from monitoring.store.verify import verify  # noqa: PLC0415 - the database is heavy

        engine = self.session.records.store.engine
        self.post_message(Verified(verify(engine, self.tell_progress, known_head=head)))
        return Done("Verified.")

    @on(Verified)
    def _show(self, message: Verified) -> None:
        found = message.found
        if found.is_whole:
            told = words(f"✓ {whole_words(found)}")
            self._found.update(told.stylize("$text-success"))
            return
        count = len(found.findings)
        wrong = count_of(count, "thing is", "things are")
        lines = [words(f"■ {wrong} wrong. Keep these records as they are, and restore a backup.")]
        lines += [words(f"{each.where}: {each.what}") for each in found.findings[:_SHOWN_FINDINGS]]
        if count > _SHOWN_FINDINGS:
            lines.append(words(f"and {count - _SHOWN_FINDINGS} more: `sirolimus verify` lists all"))
        self._found.update(Content("\n").join(lines).stylize("$text-error"))

    def after_done(self, message: Done) -> None:  # noqa: ARG002 - what was found is shown by itself
        """Leave what was found on the screen."""
        self._progress.clear_away()
