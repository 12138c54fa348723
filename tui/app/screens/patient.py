"""The screen of a patient: overview, every entry, forecast and audit trail."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Static, Tab, Tabs
from textual.worker import get_current_worker

from dosing import UserError
from monitoring.state import StateKind
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from tui.app.actions import PATIENT_TOO, bindings_of, bound, key_for
from tui.app.all_actions import ACTIONS, PATIENT_ACTIONS
from tui.app.clipboard import COPY_FROM_ENCRYPTED, line_to_copy, summary_to_copy
from tui.app.concurrent_changes import ChangedByOthers, changes_by_others
from tui.app.entry_lists import LISTS, RecordList, RecordRow, rows_of
from tui.app.screens.end_entry import EndOfEntry
from tui.app.screens.entry_details import DetailsScreen
from tui.app.screens.level_cause import CauseOfLevel
from tui.app.screens.restart import EndOfHold
from tui.app.screens.void_entry import VoidScreen
from tui.app.screens.what_if import WhatIf
from tui.app.session import Session, session_of
from tui.app.text import cell, lines_of, words, wrapped_cell
from tui.app.widgets.banner import PatientBanner, banner_of, state_warns
from tui.app.widgets.forecast_view import ForecastView
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.laboratory_sheet import LaboratorySheet
from tui.app.widgets.level_chart import LevelChart
from tui.app.widgets.list_table import ListTable, widths_within
from tui.app.widgets.overview import overview_of
from tui.app.widgets.question import ConfirmScreen

_NOW, _FORECAST, _LABORATORY = "now", "forecast", "laboratory"
_TABS = (
    (_NOW, "Now"),
    *((each.name, each.tab) for each in LISTS),
    (_FORECAST, "Forecast"),
)
"""The tabs and their titles, in the order of their keys."""
_SHORT = {"Measures": "Meas", "Response": "Resp", "History": "Hist"}  # where there is little room
_NARROW = 72
_TALL = 34
_BESIDE_COLUMNS = 2  # the scroll bar
_FRESH = timedelta(minutes=1)  # for so long a summary is not made again
_MOST_LINES = 4  # of an entry in a list; its details show all


@dataclass
class RecordRead(Message):
    """The record was read."""

    summary: PatientSummary


@dataclass
class NeighbourRead(Message):
    """Another patient of the worklist was read, to be shown instead."""

    summary: PatientSummary


@dataclass
class RecordNotRead(Message):
    """The record cannot be read: the reason."""

    problem: str


class Entries(ListTable):
    """The list of one kind of entry."""

    BINDINGS: ClassVar[list[BindingType]] = [bound("details", "select_cursor", show=False)]

    def action_cursor_right(self) -> None:
        """Scroll the flowsheet above to older dates; without it, the list."""
        sheet = self.screen.query_one(LaboratorySheet)
        if sheet.display:
            sheet.scroll_dates(1)
        else:
            super().action_cursor_right()

    def action_cursor_left(self) -> None:
        """Scroll the flowsheet above to newer dates; without it, the list."""
        sheet = self.screen.query_one(LaboratorySheet)
        if sheet.display:
            sheet.scroll_dates(-1)
        else:
            super().action_cursor_left()


class PatientScreen(Screen[None]):
    """One patient. It shows the summary; the record is read again on every return."""

    CSS_PATH = "patient.tcss"
    HELP = (
        "One patient. Now shows the levels over time with the target shaded, the dose, the alerts "
        "and what is due, with holds and drugs as bars below the levels. The other tabs list every "
        "entry, newest first; Lab begins with the values by tests and dates. A wrong entry is "
        "voided with a reason and stays visible. Forecast shows the expected levels by a published "
        "model fitted to the patient's own levels, and the target attainment of each dose. Click a "
        "tab, or press its key."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(PATIENT_ACTIONS[:1]),
        bound("back", "app.pop_screen"),
        bound("what-if", "what_if"),
        bound("take-forecast", "take_forecast"),
        bound("nothing-given", "nothing_given"),
        *bindings_of(PATIENT_ACTIONS[1:]),
        bound("why", "why"),
        bound("end-entry", "end_entry"),
        bound("cause", "cause"),
        bound("void", "void"),
        bound("next-patient", "beside(1)"),
        bound("previous-patient", "beside(-1)"),
        bound("copy", "copy"),
        *bindings_of(PATIENT_TOO),
        *(bound(f"tab-{name}", f"tab('{name}')", title, show=False) for name, title in _TABS),
    ]

    def __init__(self, summary: PatientSummary, tab: str = _NOW) -> None:
        """Show a patient by an earlier summary; the record is read again at once."""
        super().__init__()
        self._first_tab = tab
        self.summary = summary
        self.is_read = False
        """True once the record was read for this screen."""
        self._shows_sources = False
        self._is_reading = False
        self._is_just_stored = False
        self._is_leaving = False
        """True while another patient is read, whose screen takes the place of this one."""
        self._opens_next: str | None = None
        self._is_on_hold = summary.state.kind is StateKind.ON_HOLD
        self._rows: list[RecordRow] = []
        self._shows_list = False
        self._drawn: tuple[PatientSummary, str, int] | None = None

    def compose(self) -> ComposeResult:
        """Lay the banner above the overview, and the lists below."""
        yield PatientBanner(self.summary, with_state=False)  # the next line begins with it
        yield Static(self._stands, id="stands")
        yield Tabs(*(Tab(title, id=name) for name, title in _TABS), active=self._first_tab)
        with Horizontal(id="now"):
            yield LevelChart(self.summary, id="chart")
            with VerticalScroll(id="overview"):
                yield Static()
        yield ForecastView(self.summary, id="forecast-view")
        yield LaboratorySheet(self.summary, id="flowsheet")
        yield Entries(id="entries", gap=1)
        yield Static(id="empty")
        yield KeyBar()

    @property
    def session(self) -> Session:
        """The session, which has the records and the clock."""
        return session_of(self)

    # --- reading

    @property
    def is_busy(self) -> bool:
        """True while the record is being read."""
        return self._is_reading

    def record_changed(self, message: ChangedByOthers) -> None:
        """Show a record that somebody else changed."""
        self.post_message(RecordRead(message.summary))

    def show_summary(self, summary: PatientSummary) -> None:
        """Show a new summary of this patient, after an entry; ignore one of another."""
        if summary.record.number == self.summary.record.number:
            self._is_just_stored = True
            self._record_read(RecordRead(summary))

    def on_screen_resume(self) -> None:
        """Read the record again: another screen or person may have stored something.

        The record with an entry that was just stored here is the newest one: the store has
        compared it.
        """
        is_newest = self._is_just_stored and self._is_fresh(self.session.now())
        self._is_just_stored = False
        if not is_newest:
            self.read_again()

    def _is_fresh(self, now: Moment) -> bool:
        made = self.summary.made
        is_same_day = now.local.date() == made.local.date()
        return is_same_day and timedelta(0) <= now.utc - made.utc < _FRESH

    def new_day(self) -> None:
        """Show the ages, and what is due, of the day that has begun."""
        self.read_again()

    @property
    def awaits_screen(self) -> bool:
        """True while an action or another patient is on the way: the keys after it are for that."""
        return self._opens_next is not None or self._is_leaving

    def read_again(self) -> None:
        """Read the record in a worker and show it; then open the action that waits, if any.

        Nothing is read while another patient is on the way: the keys typed since are for that one.
        """
        if self._is_leaving:
            return
        self._is_reading = True
        self.run_worker(self._read, thread=True, group="read", exclusive=True)

    def _read(self) -> None:
        known, now, store = self.summary, self.session.now(), self.session.records.store
        record = known.record
        try:
            is_changed = bool(changes_by_others(store, record))
            if is_changed or not self._is_fresh(now):
                record = store.read(record.number) if is_changed else record
                known = summarise(record, now, self.session.clinic)
            message: Message = RecordRead(known)
        except UserError as error:
            message = RecordNotRead(str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(RecordRead)
    def _record_read(self, message: RecordRead) -> None:
        is_same = message.summary.record == self.summary.record
        self.summary, self.is_read = message.summary, True
        self._is_reading = self._is_leaving  # it may be of before the key to another patient
        self._show(keep_rows=is_same)
        if self._opens_next is not None:
            opens, self._opens_next = self._opens_next, None
            self.action_open(opens)

    @on(RecordNotRead)
    def _record_not_read(self, message: RecordNotRead) -> None:
        """Stay here, and use none of the keys that were typed for what does not come."""
        was_leaving, was_opening = self._is_leaving, self._opens_next is not None
        self._is_reading, self._is_leaving, self._opens_next = False, False, None
        if not (was_leaving or was_opening):
            self.session.show_message(message.problem, is_problem=True)
            return
        name = self.summary.record.patient.entry.name
        still = f" This is still {name}." if was_leaving else ""
        self.session.show_message(f"{message.problem}{still}", is_problem=True)
        self.session.drop_typed_ahead("that screen cannot be shown")

    # --- showing

    def on_mount(self) -> None:
        """Show the first tab."""
        self._show(keep_rows=False)

    def on_resize(self, event: events.Resize) -> None:
        """Use the room."""
        for tab, (_, title) in zip(self.query(Tab), _TABS, strict=True):
            tab.label = words(_SHORT.get(title, title) if event.size.width < _NARROW else title)
        self._show_rows()
        self._lay_out(event.size.height)

    @on(Tabs.TabActivated)
    def _tab_chosen(self, event: Tabs.TabActivated) -> None:
        event.stop()
        self._show_rows()
        self._lay_out(self.size.height)

    @on(Tabs.TabActivated)
    def _show_flowsheet(self) -> None:
        """Show the flowsheet above the list of laboratory values."""
        is_shown = self._active == _LABORATORY
        self.query_one(LaboratorySheet).show(self.summary, is_shown=is_shown)

    def _show(self, *, keep_rows: bool) -> None:
        self._is_on_hold = self.summary.state.kind is StateKind.ON_HOLD
        self.query_one(PatientBanner).update(banner_of(self.summary, with_state=False))
        self.query_one("#stands", Static).update(self._stands)
        self.query_one(LevelChart).summary = self.summary
        self._show_overview()
        self._show_flowsheet()
        self._forecast.follow(self.summary)
        if self._active == _FORECAST:
            self._forecast.calculate()
        if not keep_rows:
            self._show_rows()

    @property
    def _stands(self) -> Content:
        """The state in a line; a hold, or a dose in question, as a warning."""
        text = self.summary.where_things_stand
        if not state_warns(self.summary):
            return words(text)
        state = self.summary.state.words
        warning = words(f"▲ {state}").stylize("bold $text-warning")
        return Content("").join([warning, words(text.removeprefix(state))])

    def _show_overview(self) -> None:
        text = overview_of(self.summary, with_sources=self._shows_sources, key=key_for(self, "why"))
        self.query_one("#overview Static", Static).update(text)

    @property
    def _active(self) -> str:
        return self.query_one(Tabs).active or _NOW

    @property
    def _forecast(self) -> ForecastView:
        return self.query_one(ForecastView)

    @property
    def _list(self) -> RecordList:
        return next((each for each in LISTS if each.name == self._active), LISTS[0])

    def _show_rows(self) -> None:
        shown, table = self._list, self.query_one(Entries)
        if self._is_drawn(shown):
            return
        under, at = self._row, table.cursor_row
        self._rows = rows_of(shown, self.summary)
        if under is not None and under.entry is not None:
            at = next((row for row, each in enumerate(self._rows) if each.is_of(under)), at)
        table.clear(columns=True)
        room = self.size.width - _BESIDE_COLUMNS - 2 * len(shown.headings)
        widths = widths_within(room, shown.headings, [row.cells for row in self._rows])
        for heading, width in zip(shown.headings, widths, strict=True):
            table.add_column(cell(heading), width=width)
        for row in self._rows:
            cells = [
                wrapped_cell(*each, _MOST_LINES) for each in zip(row.cells, widths, strict=True)
            ]
            if row.entry is not None and not row.entry.is_active:
                for each in cells:
                    each.stylize("dim strike")
            table.add_row(*cells, height=lines_of(cells))
        table.move_cursor(row=min(at, len(self._rows) - 1), animate=False)
        self.query_one("#empty", Static).update(words(self._when_empty(shown)))
        self._show_list_or_its_absence()

    def _is_drawn(self, shown: RecordList) -> bool:
        """Return whether a list needs no drawing: there is no room yet, or it is shown as it is.

        Opening a patient asks three times: for the first tab, for the size and for the summary.
        """
        before, summary = self._drawn, self.summary
        self._drawn = (summary, shown.name, self.size.width)
        is_same = before is not None and before[0] is summary and before[1:] == self._drawn[1:]
        return is_same or not self.size.width

    def _when_empty(self, shown: RecordList) -> str:
        """Return the text of an empty list, with the key that adds an entry."""
        key = key_for(self, shown.added_by)
        return f"{shown.when_empty} Press {key} to add one." if key else shown.when_empty

    def _lay_out(self, height: int) -> None:
        """Show either the overview or a list on few lines; on many, both."""
        is_now, is_tall = self._active == _NOW, height >= _TALL
        is_forecast = self._active == _FORECAST
        self._shows_list = not is_forecast and (is_tall or not is_now)
        has_room = is_tall and self._active != _LABORATORY  # two tables have its room
        self.query_one("#now").display = not is_forecast and (has_room or is_now)
        self._forecast.display = is_forecast
        self.set_class(is_forecast, "-forecast")
        self._show_list_or_its_absence()
        if is_forecast:
            self._forecast.calculate()
            self.query_one("#forecast-text").focus()
        elif self._shows_list and self._rows:
            self.query_one(Entries).focus()
        else:
            self.query_one("#overview").focus()
        self.refresh_bindings()

    def _show_list_or_its_absence(self) -> None:
        """Show the list where it has rows, else its text; the first row takes the focus."""
        table, has_rows = self.query_one(Entries), bool(self._rows)
        is_first = has_rows and not table.display
        table.display = self._shows_list and has_rows
        self.query_one("#empty").display = self._shows_list and not has_rows
        if is_first and table.display:
            table.focus()
        self.refresh_bindings()

    # --- acting

    def action_open(self, name: str) -> None:
        """Open the screen of an action, about this patient or about the clinic."""
        if self._is_reading:  # the entry just stored would be missing
            self._opens_next = name
            return
        action = ACTIONS[name]
        about = (self.summary,) if action in PATIENT_ACTIONS else ()
        self.app.push_screen(action.screen(*about))

    def action_tab(self, name: str) -> None:
        """Show a tab."""
        self.query_one(Tabs).active = name

    def action_why(self) -> None:
        """Show or hide the source of each alert and check."""
        self._shows_sources = not self._shows_sources
        self._show_overview()
        self._forecast.show_sources(shown=self._shows_sources)

    def action_beside(self, step: int) -> None:
        """Show the next or the previous patient of the worklist, on the same tab."""
        number = self.session.neighbour(self.summary.record.number, step)
        if number is None:
            which = "next" if step > 0 else "previous"
            self.session.show_message(f"The worklist has no {which} patient.")
            return
        self._is_reading = self._is_leaving = True
        self.run_worker(partial(self._read_neighbour, number), thread=True, group="read",
                        exclusive=True)  # fmt: skip

    def _read_neighbour(self, number: int) -> None:
        try:
            record = self.session.records.store.read(number)
            summary = summarise(record, self.session.now(), self.session.clinic)
            message: Message = NeighbourRead(summary)
        except UserError as error:
            message = RecordNotRead(str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(NeighbourRead)
    def _neighbour_read(self, message: NeighbourRead) -> None:
        self._is_reading = False
        if self.app.screen is self:
            self.app.switch_screen(PatientScreen(message.summary, self._active))
        else:
            self._is_leaving = False

    @work
    async def action_copy(self) -> None:
        """Copy the selected line, or without one the summary in words."""
        from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - is imported by now

        row = self._row
        text = line_to_copy(self._list, row) if row else summary_to_copy(self.summary)
        question = ConfirmScreen(COPY_FROM_ENCRYPTED, no="No", yes="Copy it plain")
        is_asked = is_encrypted(self.session.records.store.engine)
        if not is_asked or await self.app.push_screen_wait(question):
            self.session.copy_to_clipboard(text)
            number = self.summary.record.patient.entry.record_number
            self.session.show_message(f"Copied: {text if row else f'the summary of № {number}'}")

    def action_what_if(self) -> None:
        """Ask for a forecast of another dose, or by another model."""
        view = self._forecast
        if view.forecast is None:
            return
        form = WhatIf(self.summary, view.options, view.forecast.models)

        def ask(is_asked: bool | None) -> None:  # noqa: FBT001 - Textual calls it
            if is_asked:
                confirmed = view.options.nothing_given_in_gaps  # about the present record
                view.options = replace(form.options, nothing_given_in_gaps=confirmed)

        self.app.push_screen(form, ask)

    def action_take_forecast(self) -> None:
        """Adjust the dose, with the best one filled in; it is checked there as any other."""
        ready = self._forecast.forecast
        if ready is not None and ready.best is not None:
            self.app.push_screen(ACTIONS["prescribe"].screen(self.summary, ready.best))

    def action_nothing_given(self) -> None:
        """Ask to confirm that no dose was given in the gap, and forecast again."""
        view, ready = self._forecast, self._forecast.forecast
        if ready is None or not ready.gap_question:
            return

        def answered(is_so: bool | None) -> None:  # noqa: FBT001 - Textual calls it
            if is_so and view.forecast is ready:
                view.options = replace(view.options, nothing_given_in_gaps=True)

        question = ConfirmScreen(ready.gap_question, no="Not known", yes="No dose was given")
        self.app.push_screen(question, answered)

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        row = self._row
        if row is not None:
            self.app.push_screen(DetailsScreen(self.summary, row))

    def action_void(self) -> None:
        """Void the selected entry, with a reason."""
        row = self._row
        if row is not None and row.can_be_voided:
            self.app.push_screen(VoidScreen(self.summary, row))

    def action_end_entry(self) -> None:
        """Record the end of the selected entry."""
        row = self._row
        if row is None or not row.can_end or row.entry is None:
            return
        is_hold = row.is_hold
        form = EndOfHold(self.summary, row.entry) if is_hold else EndOfEntry(self.summary, row)
        self.app.push_screen(form)

    def action_cause(self) -> None:
        """Record the cause of the selected level."""
        row = self._row
        if row is not None and row.has_cause:
            self.app.push_screen(CauseOfLevel(self.summary, row))

    @on(DataTable.RowHighlighted)
    def _row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Offer what can be done with the entry."""
        event.stop()
        self.refresh_bindings()

    @property
    def _row(self) -> RecordRow | None:
        """The row under the cursor, where a list is shown."""
        table = self.query_one(Entries)
        is_there = table.display and 0 <= table.cursor_row < len(self._rows)
        return self._rows[table.cursor_row] if is_there else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to void, end, restart, settle or ask only where that is possible."""
        if not self.is_mounted:
            return super().check_action(action, parameters)
        if action == "open":
            return self._can_open(str(parameters[0]))
        if action in {"what_if", "take_forecast", "nothing_given"}:
            ready = self._forecast.forecast if self._active == _FORECAST else None
            if ready is None or action == "what_if":
                return ready is not None
            return bool(ready.best if action == "take_forecast" else ready.gap_question)
        if action in {"end_entry", "cause", "void"}:
            row = self._row
            return row is not None and self._can_change(row, action)
        return super().check_action(action, parameters)

    def _can_change(self, row: RecordRow, action: str) -> bool:
        if action == "cause":
            return row.has_cause
        if action == "end_entry":
            return self._list.has_ends or row.can_end
        return self._list.name != "history"

    def _can_open(self, name: str) -> bool:
        if name == "restart":
            return self._is_on_hold
        if name == "treated-before":
            return self.summary.current is None
        if name == "second-check":
            has_dose = self.summary.current or self.summary.state.next_dose
            return self.session.clinic.second_check and has_dose is not None
        return name != "settle" or bool(self.summary.due)
