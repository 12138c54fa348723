"""The worklist: every patient, and who needs attention."""

from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import DataTable, Input, Static
from textual.worker import get_current_worker

from dosing import UserError
from dosing.quantities.formatting import count_of, short_date
from tui.app.actions import CLINIC_ACTIONS, bindings_of, bound, key_for
from tui.app.session import Session, session_of
from tui.app.text import visible, words, words_of_lines
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.line_input import LineInput
from tui.app.widgets.worklist_table import WorklistTable
from tui.app.worklist_filling import (
    LIMIT,
    NotFilled,
    PatientsFound,
    SummariesReady,
    Wanted,
    WorklistRequest,
    fill,
)

_TYPING_ENDS_AFTER_S = 0.15

_WELCOME = (
    "Welcome. These records have no patients yet.",
    "",
    "This program proposes starting doses of sirolimus and keeps the record of each treatment.",
    "Each patient has a line here: the dose, the last level and its target, and what is due.",
    "Every figure shows its formula and its source on request. A professional decides.",
    "Nothing is ever erased: a wrong entry is voided with a reason and stays visible.",
    "This program is not a certified medical device.",
)


class WorklistScreen(Screen[None]):
    """The first screen: every patient, or those that a search finds, with a summary of each."""

    HELP = (
        "One line a patient. Search by part of the name or record number, or show only patients "
        "who need attention: a check overdue, the last level outside the target, or something "
        "urgent.\n\n"
        "Last level: ▲ above, ▼ below, ● within the target; ◇ below the range of the assay; ○ not "
        "evaluable. Click a heading to sort by it."
    )
    AUTO_FOCUS = ""  # on return it would be the search, hidden or not, which takes every key
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(CLINIC_ACTIONS[:1]),
        bound("search", "search"),
        bound("attention", "attention"),
        *bindings_of(CLINIC_ACTIONS[1:]),
        bound("sort", "sort_next"),
        bound("demo", "demo"),
        bound("encrypt", "encrypt", show=False),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Show nothing until the records are open."""
        super().__init__()
        self._wanted = Wanted()
        self._total = self._looked_at = self._unreadable = 0
        self._last_change = -1
        self.is_filled = False
        """True once the patients in sight are filled in; where they are sorted, all of them."""
        self.is_complete = False
        """True once every patient of the list is filled in."""
        self._known: set[int] = set()
        """The patients whose summary is from this filling."""
        self._typing: Timer | None = None
        self._sign = ""

    def compose(self) -> ComposeResult:
        """Lay the search above the list, and the count below it."""
        yield Static(id="title")
        yield LineInput(placeholder="name or record number", id="search")
        yield WorklistTable(id="patients")
        yield Static(id="welcome")
        yield Static(words("Opening the records …"), id="shown")
        yield KeyBar()

    def on_mount(self) -> None:
        """Put the focus on the list, where the keys work."""
        self._table.focus()
        self._show_title()

    @property
    def session(self) -> Session:
        """The session, which has the records and the clock."""
        return session_of(self)

    @property
    def _table(self) -> WorklistTable:
        return self.query_one(WorklistTable)

    # --- filling

    def show_records(self, sign: str = "") -> None:
        """Show the records, which are open now, with a sign in the title where they need one."""
        self._sign = sign
        self._show_title()
        self._fill()

    def show_problem(self, problem: str) -> None:
        """Show why the records cannot be shown."""
        self.query_one("#shown", Static).update(words_of_lines(problem).stylize("$text-error"))

    def clear(self) -> None:
        """Show and keep nothing of a patient, until `show_records`."""
        self._wanted, self._last_change, self._known = Wanted(), -1, set()
        self._total = self._looked_at = 0
        self.is_filled = self.is_complete = False
        self.query_one(Input).value = ""
        self._table.list_patients((), keep_summaries=False)
        self.query_one("#shown", Static).update("")

    def look_again(self) -> None:
        """Fill the list again where anybody stored something since."""
        if self._last_change >= 0:
            self.run_worker(self._look, thread=True, group="look", exclusive=True)

    def _look(self) -> None:
        try:
            last_change = self.session.records.store.last_change()
        except UserError as error:
            self.post_message(NotFilled(str(error)))
            return
        if last_change != self._last_change and not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._fill)

    def on_screen_resume(self) -> None:
        """Show entries that were stored on another screen."""
        self.look_again()

    def _fill(self) -> None:
        store, now = self.session.records.store, self.session.now()
        table = self._table
        request = WorklistRequest(
            wanted=self._wanted,
            now=now,
            rows=table.rows_in_sight,
            in_sight=table.in_sight,
            clinic=self.session.clinic,
        )
        self.is_filled = self.is_complete = False

        def work() -> None:
            worker = get_current_worker()
            fill(store, request, self.post_message, lambda: worker.is_cancelled)

        self.run_worker(work, thread=True, group="fill", exclusive=True)

    @on(PatientsFound)
    def _found(self, message: PatientsFound) -> None:
        if message.wanted != self._wanted:
            return
        self._total = message.total
        self._unreadable = message.unreadable
        self._last_change = message.last_change
        self._looked_at = 0
        self._known = set()
        self._table.list_patients(message.patients, keep_summaries=not message.wanted.attention)
        self._show_welcome_and_count()

    @on(SummariesReady)
    def _summarised(self, message: SummariesReady) -> None:
        if message.wanted != self._wanted:
            return
        self._looked_at = message.looked_at
        self.is_complete = message.is_last
        self._known |= {each.record.number for each in message.summaries}
        if self._wanted.attention:
            self._table.add_patients(message.summaries)
        else:
            self._table.fill_in(message.summaries)
        if message.is_last and self._table.sorted_by:
            self._table.show_rows()
        self.is_filled = self.is_complete or self._is_known_in_sight()
        self._show_count()

    @on(NotFilled)
    def _not_filled(self, message: NotFilled) -> None:
        self.show_problem(message.problem)

    # --- showing

    def on_resize(self, _event: events.Resize) -> None:
        """Show the columns that there is room for."""
        self._table.show_rows()
        self._show_welcome_and_count()

    def _show_title(self) -> None:
        session = self.session
        kind = "  synthetic patients, removed at the end" if session.is_demo else ""
        only = "  ! needs attention" if self._wanted.attention else ""
        self.query_one("#title", Static).update(
            Content.assemble(
                ("Sirolimus", "bold"),
                ("  worklist", "$text-muted"),
                (f"  {short_date(session.now().local)}", "$text-muted"),
                (kind, "$text-warning"),
                (f"  {self._sign}" if self._sign else "", "bold $text-error"),
                (only, "bold $text-accent"),
            )
        )

    def _show_welcome_and_count(self) -> None:
        self._show_welcome()
        self._show_count()

    def _show_welcome(self) -> None:
        is_empty = self._last_change >= 0 and not (
            self._total or self._wanted.search or self._wanted.attention
        )
        welcome = self.query_one("#welcome", Static)
        welcome.display, self._table.display = is_empty, not is_empty
        self.query_one(Input).display = not is_empty
        if is_empty:
            keys = Content.assemble(
                "\n\n",
                (key_for(self, "new-patient"), "bold $text-accent"),
                "  add the first patient\n",
                (key_for(self, "demo"), "bold $text-accent"),
                "  try it on seventeen synthetic patients, which are removed at the end",
                *self._offer_to_encrypt(),
            )  # fmt: skip
            welcome.update(Content("\n").join(map(words, _WELCOME)) + keys)
            self.focus()
        elif self.focused is None:
            self._table.focus()  # the first patient was just added
        self.refresh_bindings()

    def _offer_to_encrypt(self) -> list[Content | str | tuple[str, str]]:
        """Return the line about the encryption of plain records."""
        if not self._can_be_encrypted():
            return []
        return [
            "\n\n",
            (key_for(self, "encrypt"), "bold $text-accent"),
            "  encrypt the records: they are not encrypted. Encrypt the disk, too.",
        ]

    def _can_be_encrypted(self) -> bool:
        session = self.session
        if self._last_change < 0 or session.is_demo:
            return False
        from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - is imported by now

        records = session.records
        return records.place.file is not None and not is_encrypted(records.store.engine)

    def _show_count(self) -> None:
        shown, total = len(self._table.patients), self._total
        patients = count_of(total, "patient")
        if self._last_change < 0:
            return
        if self._wanted.attention:
            text = f"{shown:,} need attention, {self._looked_at:,} of {patients} checked"
            if shown >= LIMIT:
                text += ", search to narrow"
        elif shown + self._unreadable < total:
            text = f"showing {shown:,} of {total:,}, search to narrow"
        else:
            text = patients if total or not self._wanted.search else "no patient found"
        column = self._table.sorted_by
        if column and shown < total:
            text += f"; those shown are sorted by {column.heading.lower()}"
        if self._unreadable:
            patients = count_of(self._unreadable, "patient")
            text += f"; {patients} cannot be read: run sirolimus verify"
        if not self.is_complete and total:
            text += " …"
        self.query_one("#shown", Static).update(words(text))

    def _is_known_in_sight(self) -> bool:
        if self._wanted.attention or self._table.sorted_by:
            return False
        return self._table.in_sight <= self._known

    # --- acting

    def action_open(self, name: str) -> None:
        """Open the screen of an action about the clinic."""
        action = next(each for each in CLINIC_ACTIONS if each.name == name)
        self.app.push_screen(action.screen())

    def neighbour(self, patient: int, step: int) -> int | None:
        """Return the patient so many lines below another, and go there; None beyond the ends."""
        order = self._table.patients_in_order
        place = order.index(patient) + step if patient in order else -1
        if not 0 <= place < len(order):
            return None
        self._table.move_cursor(row=place, animate=False)
        return order[place]

    def action_open_patient(self) -> None:
        """Open the patient under the cursor."""
        summary = self._table.chosen
        if summary is not None:
            from tui.app.screens.patient import PatientScreen  # noqa: PLC0415 - when it is opened

            self.app.push_screen(PatientScreen(summary))

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.action_open_patient()

    def action_search(self) -> None:
        """Go to the search."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if seen := visible(event.value):
            event.input.value = seen
            return
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_ENDS_AFTER_S, partial(self._search, event.value))

    def _search(self, text: str) -> None:
        self._want(Wanted(text, self._wanted.attention))

    @on(Input.Submitted)
    def _search_ended(self, event: Input.Submitted) -> None:
        event.stop()
        self._table.focus()

    def on_key(self, event: events.Key) -> None:
        """Go from the search to the list with the arrow."""
        if event.key == "down" and self.focused is self.query_one(Input):
            event.stop()
            self._table.focus()

    def action_attention(self) -> None:
        """Show only patients who need attention, or all again."""
        self._want(Wanted(self._wanted.search, not self._wanted.attention))

    def _want(self, wanted: Wanted) -> None:
        if wanted != self._wanted and self._last_change >= 0:
            self._wanted = wanted
            self._show_title()
            self._fill()

    def action_back(self) -> None:
        """Leave the search, then clear it, then show all again."""
        search = self.query_one(Input)
        if self.focused is search:
            self._table.focus()
        elif search.value:
            search.value = ""
        elif self._wanted.attention:
            self.action_attention()

    def action_sort_next(self) -> None:
        """Sort by the next column; after the last by name again, as found."""
        self._table.sort_by_next()
        self._show_welcome_and_count()

    @on(DataTable.HeaderSelected)
    def _heading_clicked(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        self._table.sort_by_heading(event.column_key.value)
        self._show_welcome_and_count()

    def action_encrypt(self) -> None:
        """Encrypt plain records."""
        from tui.app.screens.encrypt import EncryptScreen  # noqa: PLC0415 - when it is opened

        self.app.push_screen(EncryptScreen())

    def action_demo(self) -> None:
        """Open the synthetic clinic."""
        self.query_one("#shown", Static).update(words("Preparing the synthetic patients …"))
        self.session.open_demo()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the demo only in empty records, and the search and order only in others."""
        is_empty = self._last_change >= 0 and not self._total
        is_first_run = is_empty and not self._wanted.search and not self._wanted.attention
        if action == "demo":
            return is_first_run
        if action == "encrypt":
            return self._can_be_encrypted()
        if action in {"sort_next", "search", "attention"}:
            return not is_first_run
        if action == "open":
            return self._last_change >= 0
        if action == "back":
            return bool(self._wanted.search or self._wanted.attention) or isinstance(
                self.focused, Input
            )
        return super().check_action(action, parameters)
