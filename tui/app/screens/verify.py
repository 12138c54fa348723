"""The verification: every entry checked against the audit trail."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from dosing.quantities.formatting import count_of
from reports.presentation.verification import (
    read_head,
    remark_lines,
    remedy_lines,
    whole_words,
)
from tui.app.actions import bound
from tui.app.screens.form_screen import Done
from tui.app.screens.maintenance import MaintenanceScreen
from tui.app.text import words
from tui.app.widgets.field import Field

if TYPE_CHECKING:
    from monitoring.store.verify import Verification

_SHOWN_FINDINGS = 200


@dataclass
class Verified(Message):
    """The result of the verification."""

    found: "Verification"
    remedy: tuple[str, ...]
    """What can be done where something is wrong, a line each."""


class Verify(MaintenanceScreen):
    """A form that checks whether the records are whole."""

    HEADING = "Verify the records"
    ABOUT = (
        "Reads every entry again and compares it with the audit trail. A known head, from a backup "
        "or a printed summary, also reveals changes that were cut off."
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
                "Known head",
                read_head,
                required=False,
                example="optional, 64 characters",
                id="head",
            )
        )

    def action_verify(self) -> None:
        """Verify the records."""
        self._field.show_problem()
        self._result.update("")
        if self._field.problem:
            self.tell_problem("The head is not valid. See the field.")
        else:
            self.work_on(partial(self._verify, self._field.value))

    def _verify(self, head: str | None) -> Done:
        from monitoring.store.recovery.nearby_backups import nearby_backups  # noqa: PLC0415 - the database is heavy

        records = self.session.records
        found = records.verify(self.post_progress, known_head=head)
        remedy = (
            () if found.is_whole else remedy_lines(records.place, nearby_backups(records.place))
        )
        self.post_message(Verified(found, tuple(remedy)))
        return Done("Verified.")

    @on(Verified)
    def _show(self, message: Verified) -> None:
        found = message.found
        if found.is_whole:
            text = words(f"✓ {whole_words(found)}").stylize("$text-success")
            remarks = [words(each) for each in remark_lines(found)[:_SHOWN_FINDINGS]]
            self._result.update(Content("\n").join([text, *remarks]))
            return
        count = len(found.findings)
        problems = count_of(count, "problem")
        lines = [words(f"■ {problems} found."), *map(words, message.remedy)]
        lines += [words(f"{each.where}: {each.what}") for each in found.findings[:_SHOWN_FINDINGS]]
        if count > _SHOWN_FINDINGS:
            lines.append(words(f"and {count - _SHOWN_FINDINGS} more: `sirolimus verify` lists all"))
        self._result.update(Content("\n").join(lines).stylize("$text-error"))

    def after_done(self, message: Done) -> None:  # noqa: ARG002 - the result is shown by itself
        """Keep the result on the screen."""
        self._progress.clear_away()
