"""The waiting results: imported for patients who were not in the records, taken or removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import DataTable, Select, Static

from dosing import UserError
from dosing.quantities.formatting import count_of
from monitoring.record.entry import name_text
from tui.app.actions import bound
from tui.app.import_preview import first_patient, preview_rows
from tui.app.messages import EntryStored
from tui.app.screens.form_screen import Done, FormScreen
from tui.app.text import cell, words, wrapped_cell
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from monitoring.exchange.import_plan import Plan
    from monitoring.exchange.waiting import StoredWaiting

_OTHER_COLUMNS = 28  # with margins and the scroll bar
_NARROWEST = 30
_NONE = "No result waits for a patient."


@dataclass
class WaitingRead(Message):
    """The results that wait, or the reason why they cannot be read."""

    waiting: "tuple[StoredWaiting, ...]"
    problem: str = ""


@dataclass
class WaitingPlanned(Done):
    """The plan of taking the waiting results."""

    plan: "Plan | None" = None


class WaitingResults(FormScreen):
    """The list of waiting results: a preview of those whose patient is known, then the import."""

    CSS_PATH = "waiting_results.tcss"
    HELP = (
        "Results of patients who were not in the records when they were imported. Once their "
        "patient is added, preview what can be taken and import it; the others go on waiting. A "
        "result that belongs to nobody here is removed from the list with a reason."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "take", "Import"),
        bound("back", "back"),
        bound("preview", "preview"),
        bound("drop-waiting", "drop"),
    ]

    def __init__(self) -> None:
        """Begin with the list."""
        super().__init__()
        self._new_patients = Choice(
            "New patients",
            [("leave their results waiting", False), ("add them, where all is known", True)],
            value=False,
            id="new-patients",
        )
        self._counts = Static(words("…"), id="counts")
        self._table: DataTable[object] = DataTable(cursor_type="row", zebra_stripes=True, id="rows")
        self._waiting: tuple[StoredWaiting, ...] = ()
        self._plan: Plan | None = None

    def compose(self) -> ComposeResult:
        """Lay the list below the choice."""
        with Vertical(id="form"):
            yield Static(words("Waiting results"), classes="-heading")
            yield self._new_patients
            yield Static(id="problem")
            yield self._counts
        yield self._table
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the list."""
        self._table.focus()
        self._look()

    @property
    def has_unsaved_input(self) -> bool:
        """False: nothing is typed here."""
        return False

    # --- the list

    def _look(self) -> None:
        self._plan = None
        self.run_worker(self._read, thread=True, exclusive=True, group="waiting")

    def _read(self) -> None:
        from monitoring.exchange.waiting import open_waiting  # noqa: PLC0415 - the database is heavy

        try:
            found = tuple(open_waiting(self.session.records.store.engine))
            self.post_message(WaitingRead(found))
        except UserError as error:
            self.post_message(WaitingRead((), str(error)))

    @on(WaitingRead)
    def _show_waiting(self, message: WaitingRead) -> None:
        self._waiting = message.waiting
        count = count_of(len(self._waiting), "result waits", "results wait")
        self._counts.update(words(f"{count} for a patient." if self._waiting else _NONE))
        if message.problem:
            self.tell_problem(message.problem)
        self._fill()

    @on(Select.Changed)
    def _forget_preview(self) -> None:
        """Show the list again: the preview was for the other choice."""
        if self._plan is not None:
            self._look()

    def on_resize(self, _event: Resize) -> None:
        """Use the room."""
        self._fill()

    def _fill(self) -> None:
        """Show the preview, or without one the list."""
        from reports.presentation.imports import waiting_words  # noqa: PLC0415 - heavy

        width = max(self.size.width - _OTHER_COLUMNS, _NARROWEST)
        at = self._table.cursor_row
        self._table.clear(columns=True)
        for heading, columns in (("№", 6), ("", 10), ("what", width)):
            self._table.add_column(cell(heading), width=columns)
        rows: Iterable[tuple[str, str, str]] = (
            (str(each.number), "… waiting", f"{waiting_words(each)} ({each.file})")
            for each in self._waiting
        )
        if self._plan is not None:
            rows = preview_rows(self._plan)
        for number, sign, what in rows:
            text = wrapped_cell(what, width)
            self._table.add_row(
                cell(number), cell(sign), text, height=len(text.plain.splitlines()) or 1
            )
        self._table.move_cursor(row=at)

    # --- taking

    def action_preview(self) -> None:
        """Show what can be taken by now; nothing is written."""
        self.work_on(partial(self._planned, is_new=self._new_patients.value))

    def _planned(self, *, is_new: bool) -> Done:
        from monitoring.exchange.import_plan import ImportChoices  # noqa: PLC0415 - heavy
        from monitoring.exchange.importing import plan_waiting  # noqa: PLC0415 - as above

        plan = plan_waiting(
            self.session.records.store,
            self.session.now(),
            clinic=self.session.clinic,
            choices=ImportChoices(new_patients=is_new),
        )
        return WaitingPlanned("", plan=plan)

    def action_take(self) -> None:
        """Import what the preview shows; what is refused there goes on waiting."""
        if self._plan is None:
            self.tell_problem("Preview first what can be taken.")
        elif not self._plan.stores_something:
            self.tell_problem("No patient of these results is in the records. Add the patient.")
        else:
            self.work_on(partial(self._take, self._plan))

    def _take(self, plan: "Plan") -> Done:
        from monitoring.exchange.importing import import_results  # noqa: PLC0415 - heavy
        from reports.presentation.imports import written_words  # noqa: PLC0415 - as above

        kept = import_results(self.session.records, plan, lambda _done, _all: None)
        before = f" A copy of the earlier records is in {kept}." if kept else ""
        return Done(f"{written_words(plan)}{before}", first_patient(plan))

    def after_done(self, message: Done) -> None:
        """Show the preview, or the result and the list that is left."""
        if isinstance(message, WaitingPlanned):
            self._show_preview(message.plan)
            return
        if message.record_number is not None:
            self.app.post_message(EntryStored(message.record_number))
        self.session.show_message(message.text)
        self._look()

    def _show_preview(self, plan: "Plan | None") -> None:
        from reports.presentation.imports import count_rows  # noqa: PLC0415 - heavy

        self._plan = plan
        if plan is not None:
            counts = " · ".join(f"{name.strip()}: {count}" for name, count in count_rows(plan))
            self._counts.update(words(counts))
        self._fill()

    # --- removing

    def action_drop(self) -> None:
        """Remove the selected result from the list, with a reason."""
        at = self._table.cursor_row
        if self._plan is not None:
            self.tell_problem("This was the preview. Select the result in the list.")
            self._look()
        elif 0 <= at < len(self._waiting):
            self.app.push_screen(DropWaiting(self._waiting[at]), self._after_drop)

    def _after_drop(self, is_dropped: bool | None) -> None:  # noqa: FBT001 - Textual calls it
        if is_dropped:
            self._look()


class DropWaiting(FormScreen):
    """A form for the reason why a result waits for nobody. Its row stays in the records."""

    CSS_PATH = "waiting_results.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "store", "Remove"),
        bound("back", "back"),
    ]

    def __init__(self, waiting: "StoredWaiting") -> None:
        """Take the result."""
        super().__init__()
        self._result = waiting
        self._reason = Field("Reason", _read_reason, example="not our patient", id="reason")

    def compose(self) -> ComposeResult:
        """Lay the reason below the result."""
        from reports.presentation.imports import waiting_words  # noqa: PLC0415 - heavy

        title = words("Remove this result from the list").stylize("bold $text-accent")
        lines = [title, Content(""), words(waiting_words(self._result))]
        with Vertical(id="form"):
            yield Static(Content("\n").join(lines), id="entry")
            yield self._reason
            yield Static(id="problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the reason."""
        self._reason.begin()

    def action_store(self) -> None:
        """Remove the result, if the reason is valid."""
        self._reason.show_problem()
        reason = self._reason.value
        if reason is not None:
            self.work_on(partial(self._drop, reason))

    def _drop(self, reason: str) -> Done:
        from monitoring.exchange.waiting import drop_waiting  # noqa: PLC0415 - heavy

        drop_waiting(self.session.records.store, self._result.number, reason)
        return Done(f"Waiting result {self._result.number} is removed from the list.")


def _read_reason(text: str) -> str:
    return name_text(text, "The reason")
