"""The screen of the cohort: counts of the clinic and Nadal 2016, time to response and in range."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Static, TabbedContent, TabPane
from textual.worker import get_current_worker

from dosing import UserError
from monitoring.response import SurvivalCurve
from tui.app.actions import bound
from tui.app.session import session_of
from tui.app.text import cell, words, wrapped_cell
from tui.app.widgets.curve_drawing import draw
from tui.app.widgets.key_bar import KeyBar
from tui.app.widgets.progress import Progress, Progressed

if TYPE_CHECKING:
    from monitoring.cohort import Cohort, CohortTable
    from monitoring.record.entries import Record

_SHOWN_EVERY_PATIENTS = 50
_HEADINGS = (("clinic", 9), ("%", 7), ("interval", 13), ("Nadal", 7), ("%", 7))
_PADDING = 2
_NARROWEST_NAME = 21  # the longest word of the table
_CURVE_HEIGHT = 11
_WIDEST_CURVE = 100


@dataclass
class Counted(Message):
    """The clinic's figures."""

    cohort: "Cohort"


@dataclass
class NotCounted(Message):
    """The records cannot be read: the reason."""

    problem: str


class CohortScreen(Screen[None]):
    """The clinic's figures, counted in a thread, and those of Nadal 2016."""

    CSS_PATH = "cohort.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("count-again", "count"),
        bound("share-cohort", "share"),
        bound("pool-shares", "pool"),
        bound("back", "leave"),
        bound("down", "scroll_table(1)", "", show=False),
        bound("up", "scroll_table(-1)", "", show=False),
    ]

    def __init__(self) -> None:
        """Begin empty; the counting begins once it is shown."""
        super().__init__()
        self._cohort: Cohort | None = None
        self._about = Static(id="about")
        self._progress = Progress(id="progress")
        self._table: DataTable[Text] = DataTable(cursor_type="row", id="tables")
        self._response = Static(id="response")
        self._levels = Static(id="levels")
        self._evidence = Static(id="evidence")

    def compose(self) -> ComposeResult:
        """Lay out four pages."""
        yield Static(words("Clinic and Nadal 2016"), id="title", classes="-heading")
        yield from (self._about, self._progress)
        with TabbedContent():
            with TabPane("Counts"):
                yield self._table
            with TabPane("Time to response"), VerticalScroll():
                yield self._response
            with TabPane("Time in range"), VerticalScroll():
                yield self._levels
            with TabPane("Evidence"), VerticalScroll():
                yield self._evidence
        yield KeyBar()

    def on_mount(self) -> None:
        """Count."""
        self.action_count()

    # --- counting

    def action_count(self) -> None:
        """Count the clinic again."""
        self.run_worker(self._count, thread=True, exclusive=True)

    def _count(self) -> None:
        from monitoring.cohort import cohort  # noqa: PLC0415 - levels are assessed by pandas
        from monitoring.evaluation.track_record import (  # noqa: PLC0415 - as below
            keep_track_record,
        )

        session = session_of(self)
        store = session.records.store
        try:
            everyone = len(store.patients())
            found = cohort(self._counted_out(store.records(), everyone), session.now())
        except UserError as error:
            self.post_message(NotCounted(str(error)))
            return
        if not get_current_worker().is_cancelled:
            keep_track_record(store, found.forecasts.answered_by, session.now())
            self.post_message(Counted(found))

    def _counted_out(self, records: "Iterator[Record]", everyone: int) -> "Iterator[Record]":
        """Yield the records and post the progress; stop once the screen was left."""
        worker = get_current_worker()
        for number, record in enumerate(records, start=1):
            if worker.is_cancelled:
                return
            if number % _SHOWN_EVERY_PATIENTS == 0 or number == everyone:
                self.post_message(Progressed(number, everyone))
            yield record

    @on(Progressed)
    def _follow(self, message: Progressed) -> None:
        self._progress.show_part("Patients", message.done, message.everything)

    @on(NotCounted)
    def _failed(self, message: NotCounted) -> None:
        self._progress.clear_away()
        self._about.update(words(message.problem).stylize("$text-error"))

    @on(Counted)
    def _counted(self, message: Counted) -> None:
        self._cohort = message.cohort
        self._progress.clear_away()
        self._show()

    # --- showing

    def on_resize(self, _event: Resize) -> None:
        """Use the room."""
        self._show()

    def _show(self) -> None:
        from reports.presentation.cohort import about_cohort, levels_words  # noqa: PLC0415 - heavy

        cohort = self._cohort
        if cohort is None:
            return
        self._about.update(Content("\n").join([words(line) for line in about_cohort(cohort)]))
        self._fill_table(cohort)
        width = min(self.size.width - 8, _WIDEST_CURVE)
        self._response.update(Content("\n").join(_response_lines(cohort, width)))
        self._levels.update(words(levels_words(cohort.levels)))
        self._evidence.update(Content("\n").join(_evidence_lines()))

    def _fill_table(self, cohort: "Cohort") -> None:
        taken = sum(width + _PADDING for _name, width in _HEADINGS) + _PADDING + 4
        name_width = max(self.size.width - taken, _NARROWEST_NAME)
        row = self._table.cursor_row
        self._table.clear(columns=True)
        self._table.add_column(cell(""), width=name_width)
        for heading, width in _HEADINGS:
            self._table.add_column(cell(heading), width=width)
        for table in cohort.tables:
            for name, style, cells in _table_rows(table):
                named = wrapped_cell(name, name_width)
                named.stylize(style)
                height = len(named.plain.splitlines()) or 1
                self._table.add_row(named, *map(cell, cells), height=height)
        self._table.move_cursor(row=row)

    # --- keys

    def action_leave(self) -> None:
        """Leave the screen and stop counting."""
        self.workers.cancel_node(self)
        self.dismiss()

    def action_share(self) -> None:
        """Open the form of a share."""
        from tui.app.screens.share_cohort import ShareCohort  # noqa: PLC0415 - used here only

        self.app.push_screen(ShareCohort())

    def action_pool(self) -> None:
        """Open the pool of several clinics."""
        from tui.app.screens.pool_shares import PoolShares  # noqa: PLC0415 - used here only

        self.app.push_screen(PoolShares())

    def action_scroll_table(self, rows: int) -> None:
        """Move the cursor of the counts."""
        self._table.move_cursor(row=self._table.cursor_row + rows)


def _table_rows(table: "CohortTable") -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the name of each row, its style, and the other cells."""
    from reports.presentation.cohort import row_words  # noqa: PLC0415 - heavy

    nothing = ("",) * len(_HEADINGS)
    yield table.title, "bold", nothing
    yield f"of {table.whom}: {table.of}", "dim", nothing
    for row in table.rows:
        name, *cells = row_words(row)
        yield f"{'· ' if name.startswith(' ') else ''}{name.strip()}", "", tuple(cells)
    if table.note:
        yield table.note, "dim", nothing
    yield "", "", nothing


def _response_lines(cohort: "Cohort", width: int) -> Iterator[Content]:
    from reports.presentation.cohort import (  # noqa: PLC0415 - heavy
        log_rank_words,
        review_response,
    )

    yield words("Time to response, from the first dose").stylize("bold")
    yield words("Share without response (Kaplan-Meier). ░ is its 95 % interval.")
    last_day = max(
        (step.day for times in cohort.response_times for step in times.curve.steps), default=0
    )
    for times in cohort.response_times:
        yield Content("")
        yield words(_curve_words(times.group, times.curve)).stylize("bold")
        for line in draw(times.curve, width, _CURVE_HEIGHT, max(last_day, 1)):
            yield Content(line)
    median, interval = review_response()
    yield Content("")
    yield words(f"Nadal 2016: median {median}, interval {interval}.")
    yield words(log_rank_words(cohort))


def _evidence_lines() -> Iterator[Content]:
    from reports.presentation.cohort import (  # noqa: PLC0415 - heavy
        LATER_EVIDENCE_NOTE,
        later_evidence,
        review_remarks,
    )

    yield words("More of Nadal 2016").stylize("bold")
    yield from map(words, review_remarks())
    yield Content("")
    yield words("Later evidence").stylize("bold")
    yield words(LATER_EVIDENCE_NOTE)
    for name, facts in later_evidence():
        yield Content("")
        yield words(name).stylize("bold")
        yield words(facts)


def _curve_words(group: str, curve: SurvivalCurve) -> str:
    from reports.presentation.cohort import days_words, interval_words  # noqa: PLC0415 - heavy

    if not curve.patients:
        return f"{group}: no response assessed since the first dose"
    median = days_words(curve.median_days)
    return (
        f"{group}: {curve.responded} of {curve.patients} responded, median {median}, interval "
        f"{interval_words(curve)}"
    )
