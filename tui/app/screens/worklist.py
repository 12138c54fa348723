"""The worklist: every patient, and who needs attention."""

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from dosing import UserError
from dosing.quantities.formatting import count_of, short_date
from monitoring.worklist_index.row import WorklistRow
from tui.app.actions import CLINIC_ACTIONS, bindings_of, bound, key_for
from tui.app.session import Session, session_of
from tui.app.text import visible, words, words_of_lines, wrapped_cell
from tui.app.widgets.filter_bar import FilterBar
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.line_input import LineInput
from tui.app.widgets.worklist_columns import USUAL_ORDER, count_in_words, details_of, needs_of
from tui.app.widgets.worklist_table import WorklistTable
from tui.app.worklist_filling import NotFilled, RowsReady, WorklistRequest, fill
from tui.app.worklist_filters import ALL, FILTERS, counts_of, filter_named, kept_by

if TYPE_CHECKING:
    from monitoring.worklist_index.first_rows import FirstRows

_TYPING_ENDS_AFTER_S = 0.15

_WELCOME = (
    "Welcome. These records have no patients yet.",
    "",
    "This program proposes starting doses of sirolimus and keeps the record of each treatment.",
    "Each patient has a line here: the dose, the last level and its target, and what is due.",
    "Every figure shows its formula and its source on request. A professional decides.",
    "A wrong entry is voided with a reason and stays visible.",
    "This program is not a certified medical device.",
)


class WorklistScreen(Screen[None]):
    """The first screen: every patient, or those that a filter and a search keep."""

    HELP = (
        "One line a patient, who needs you first: urgent, then overdue, then due, then the others. "
        "The reason is below a patient who is urgent, on a tall screen below each, and always at "
        "the foot. Choose a filter by its key or with the mouse; each shows its count. Search by "
        "part of the name or record number.\n\n"
        "Last level: ▲ above, ▼ below, ● within the target; ◇ below the range of the assay; ○ not "
        "evaluable. Levels: the last eight, each against its target: ▁ below, ▃ ▄ ▅ within, by "
        "thirds, ▇ above, █ above by half and more, · not assessed. Click a heading to sort by "
        "it, and again for the other way round."
    )
    AUTO_FOCUS = ""  # on return it would be the search, hidden or not, which takes every key
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(CLINIC_ACTIONS[:1]),
        bound("search", "search"),
        *(bound(each.action, f"filter('{each.action}')", show=False) for each in FILTERS),
        *bindings_of(CLINIC_ACTIONS[1:]),
        bound("sort", "sort_next"),
        bound("reverse", "reverse"),
        bound("demo", "demo"),
        bound("encrypt", "encrypt", show=False),
        bound("back", "back"),
    ]

    def __init__(self) -> None:
        """Show nothing until the records are open."""
        super().__init__()
        self._search_text = ""
        self._filter = ALL
        self._rows: tuple[WorklistRow, ...] = ()
        self._everyone: tuple[WorklistRow, ...] | None = None
        """The rows of the whole clinic, whatever is searched; None until all are known."""
        self._total = self._unreadable = 0
        self._last_change = -1
        self.is_filled = False
        """True once there are rows, or it is known that there are none."""
        self.is_complete = False
        """True once every patient of the search has a row."""
        self._typing: Timer | None = None
        self._is_searching = False
        """True from a change of the search until its patients are listed."""
        self._sign = ""
        self._chosen_early: WorklistRow | None = None
        """The first row that was chosen before the records were open: it opens with them."""
        self._ends_search = False
        """True while a patient is open who was found by a search: it ends with the visit."""

    def compose(self) -> ComposeResult:
        """Lay the search and the filters above the list, the chosen patient and the count below."""
        yield Static(id="title")
        yield LineInput(placeholder="name or record number", id="search")
        yield FilterBar(id="filters")
        yield WorklistTable(id="patients")
        yield Static(id="welcome")
        yield Static(id="chosen")
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

    @property
    def awaits_screen(self) -> bool:
        """True while the next key is for patients who are not listed yet, or for one who opens."""
        if self._chosen_early is not None:
            return True
        is_typing = isinstance(self.focused, Input)
        return self._is_searching and not is_typing and self._last_change >= 0

    # --- filling

    def show_records(self, sign: str = "") -> None:
        """Show the records, which are open now, with a sign in the title where they need one."""
        self._sign = sign
        self._show_title()
        self._fill()

    def show_first_rows(self, first: "FirstRows") -> None:
        """Show the first rows while the records are being opened: rows to look at, no more."""
        self._rows, self._total = first.rows, first.total
        self._show_rows()
        self.is_filled = bool(first.rows)

    def show_problem(self, problem: str) -> None:
        """Show why the records cannot be shown."""
        self._chosen_early, self._is_searching = None, False
        self.query_one("#shown", Static).update(words_of_lines(problem).stylize("$text-error"))

    def clear(self) -> None:
        """Show and keep nothing of a patient, until `show_records`."""
        self._search_text, self._filter, self._last_change = "", ALL, -1
        self._rows, self._total, self._chosen_early = (), 0, None
        self._everyone, self._ends_search = None, False
        self.is_filled = self.is_complete = False
        self.query_one(Input).value = ""
        self._table.list_rows((), self._today)
        self.query_one(FilterBar).show_counts({}, ALL)
        self.query_one("#shown", Static).update("")

    def look_again(self) -> None:
        """Fill the list again where anybody stored something since."""
        if self._last_change >= 0:
            self.run_worker(self._look, thread=True, group="look", exclusive=True)

    def new_day(self) -> None:
        """Show the day that has begun, and the ages and what is due then."""
        self._show_title()
        if self._last_change >= 0:
            self._fill()

    def _look(self) -> None:
        try:
            last_change = self.session.records.store.last_change()
        except UserError as error:
            self.post_message(NotFilled(str(error)))
            return
        if last_change != self._last_change and not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._fill)

    def on_screen_resume(self) -> None:
        """Show entries that were stored on another screen; end a search that opened a patient."""
        if self._ends_search:
            self._ends_search = False
            self._clear_search()
        self.look_again()

    def _fill(self) -> None:
        session = self.session
        store = session.records.store
        request = WorklistRequest(
            search=self._search_text, now=session.now(), clinic=session.clinic
        )
        self.is_filled = self.is_complete = False

        def work() -> None:
            worker = get_current_worker()
            fill(store, request, self.post_message, lambda: worker.is_cancelled)

        self.run_worker(work, thread=True, group="fill", exclusive=True)

    @on(RowsReady)
    def _rows_ready(self, message: RowsReady) -> None:
        if message.search != self._search_text:
            return
        self._is_searching = self._is_searching and self._typing is not None
        self._total, self._unreadable = message.total, message.unreadable
        self._last_change = message.last_change
        self._rows, self.is_complete = message.rows, message.is_last
        self._everyone = message.everyone
        self._show_rows()
        self.is_filled = bool(message.rows) or message.is_last
        self._show_welcome_and_count()
        chosen, self._chosen_early = self._chosen_early, None
        if chosen is not None and self.is_current:
            self._open_row(chosen)

    @on(NotFilled)
    def _not_filled(self, message: NotFilled) -> None:
        self.show_problem(message.problem)

    # --- showing

    @property
    def _today(self) -> date:
        return self.session.now().local.date()

    @property
    def _user(self) -> str:
        """The name under which entries are stored; empty until the records are open."""
        return self.session.records.store.author if self._last_change >= 0 else ""

    def _show_rows(self) -> None:
        """Show the rows that the filter keeps, and the counts of all filters in the clinic."""
        user = self._user
        # A search must not make the urgent fewer: no count rather than one of those found.
        counted = self._everyone if self._search_text else self._rows
        counts = counts_of(counted, user) if counted and self._last_change >= 0 else {}
        self.query_one(FilterBar).show_counts(counts, self._filter)
        self._table.list_rows(kept_by(self._filter, self._rows, user), self._today)

    def on_resize(self, _event: events.Resize) -> None:
        """Use the room."""
        self._show_chosen()
        self._show_count()

    def _show_title(self) -> None:
        session = self.session
        kind = "  synthetic patients, removed at the end" if session.is_demo else ""
        self.query_one("#title", Static).update(
            Content.assemble(
                ("Sirolimus", "bold"),
                ("  worklist", "$text-muted"),
                (f"  {short_date(session.now().local)}", "$text-muted"),
                (kind, "$text-warning"),
                (f"  {self._sign}" if self._sign else "", "bold $text-error"),
            )
        )

    def _show_welcome_and_count(self) -> None:
        self._show_welcome()
        self._show_count()

    def _show_welcome(self) -> None:
        is_empty = self._last_change >= 0 and not (self._total or self._search_text)
        welcome = self.query_one("#welcome", Static)
        welcome.display, self._table.display = is_empty, not is_empty
        for each in (self.query_one(Input), self.query_one(FilterBar)):
            each.display = not is_empty
        self._show_chosen()
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

    def _show_chosen(self) -> None:
        """Show the reason and the facts of the patient under the cursor."""
        row, foot = self._table.chosen, self.query_one("#chosen", Static)
        foot.display = row is not None
        if row is not None:
            needs = needs_of(row)
            reason = f"{needs.text}: {row.reason}" if row.reason else needs.text
            facts = " · ".join(details_of(row, self._today))
            width = self.size.width - 2
            lines = [wrapped_cell(each, width, 1).plain for each in (reason, facts)]
            foot.update(words(lines[0]).stylize("bold") + "\n" + words(lines[1]))

    @on(WorklistTable.CursorMoved)
    def _other_chosen(self, message: WorklistTable.CursorMoved) -> None:
        message.stop()
        self._show_chosen()

    def _show_count(self) -> None:
        table, listed = self._table, len(self._rows)
        is_searched = bool(self._search_text)
        self.query_one(Input).set_class(is_searched, "-on")
        if self._last_change < 0:
            return
        if is_searched:
            text = self._search_in_words()
        elif self._filter is not ALL:
            text = f"{count_in_words(table.row_count, listed)}, {self._filter.in_words}"
        else:
            text = count_of(self._total, "patient")
        if table.sorted_by is not USUAL_ORDER or table.is_reversed:
            way = ", reversed" if table.is_reversed else ""
            text += f"; sorted by {table.sorted_by.heading.lower()}{way}"
        if self._unreadable:
            patients = count_of(self._unreadable, "patient")
            text += f"; {patients} cannot be read: run sirolimus verify"
        if not self.is_complete and self._total:
            text += f"; {listed:,} read …"
        style = "bold $text-warning" if is_searched else ""
        self.query_one("#shown", Static).update(words(text).stylize(style))

    def _search_in_words(self) -> str:
        """Return what is searched, how many of the clinic are listed, and the key that ends it."""
        listed = self._table.row_count
        if not self._total:
            counted = "no patient found"
        elif self._everyone is None:
            counted = count_of(listed, "patient")
        else:
            counted = count_in_words(listed, len(self._everyone))
        filtered = f", {self._filter.in_words}" if self._filter is not ALL else ""
        key = key_for(self, "back")
        return f'search "{self._search_text}": {counted}{filtered}; {key} ends the search'

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
        self._table.move_cursor(place)
        return order[place]

    @on(WorklistTable.RowChosen)
    def _open_patient(self, message: WorklistTable.RowChosen) -> None:
        message.stop()
        if self._last_change < 0:
            self._chosen_early = message.row
        else:
            self._open_row(message.row)

    def _open_row(self, row: WorklistRow) -> None:
        from tui.app.screens.opening_patient import (  # noqa: PLC0415 - when one is opened
            OpeningPatient,
        )

        self._ends_search = bool(self._search_text)
        self.app.push_screen(OpeningPatient(row))

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
        self._is_searching = True
        self._typing = self.set_timer(_TYPING_ENDS_AFTER_S, partial(self._search, event.value))

    def _search(self, text: str) -> None:
        if self._typing is not None:
            self._typing.stop()
            self._typing = None
        self._is_searching = text != self._search_text
        if text != self._search_text:
            self._search_text = text
            if self._last_change >= 0:  # else once the records are open
                self._fill()

    def _clear_search(self) -> None:
        search = self.query_one(Input)
        with search.prevent(Input.Changed):
            search.value = ""
        self._search("")

    @on(Input.Submitted)
    def _search_ended(self, event: Input.Submitted) -> None:
        event.stop()
        self._search(event.value)
        self._table.focus()

    def on_key(self, event: events.Key) -> None:
        """Go from the search to the list with the arrow."""
        if event.key == "down" and self.focused is self.query_one(Input):
            event.stop()
            self._table.focus()

    def action_filter(self, action: str) -> None:
        """Show the patients of a filter; chosen again it shows all."""
        chosen = filter_named(action)
        self._filter = ALL if chosen is self._filter else chosen
        self._show_rows()
        self._show_count()
        self.refresh_bindings()

    def action_back(self) -> None:
        """Leave the search and clear it, then show all again."""
        search = self.query_one(Input)
        if self.focused is search or search.value:
            self._table.focus()
            self._clear_search()
        elif self._filter is not ALL:
            self.action_filter(ALL.action)

    def action_sort_next(self) -> None:
        """Sort by the next column; after the last one by need again."""
        self._table.sort_by_next()
        self._show_count()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._table.sort_by(self._table.sorted_by, is_reversed=not self._table.is_reversed)
        self._show_count()

    @on(WorklistTable.HeadingChosen)
    def _heading_clicked(self, message: WorklistTable.HeadingChosen) -> None:
        message.stop()
        self._table.sort_by_heading(message.column)
        self._show_count()

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
        is_first_run = is_empty and not self._search_text
        if action == "demo":
            return is_first_run
        if action == "encrypt":
            return self._can_be_encrypted()
        if action in {"sort_next", "reverse", "search", "filter"}:
            return not is_first_run
        if action == "open":
            return self._last_change >= 0
        if action == "back":
            is_narrowed = bool(self._search_text) or self._filter is not ALL
            return is_narrowed or isinstance(self.focused, Input)
        return super().check_action(action, parameters)
