"""The laboratory flowsheet of a patient: tests by dates, with the names of the tests fixed."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from monitoring.laboratory import flowsheet_of
from monitoring.laboratory.flowsheet import TREND_PERCENT, FlowsheetCell, FlowsheetRow
from monitoring.summary import PatientSummary
from tui.app.text import cell, words
from tui.app.widgets.list_table import ListTable

_LONGEST_NAME = 24
_DATE = 13  # the columns of a date
_CAPTION = (
    f"▲ high, ▼ low. G: CTCAE grade. ↑ ↓ {TREND_PERCENT} % or more from the value before, → less. "
    "Arrow keys: other dates."
)
_BESIDE_ROWS = 4  # the headings, the scroll bar, and two lines of the caption


class LaboratorySheet(Vertical):
    """The newest date is the first column; the arrow keys scroll to older ones.

    It is filled when it is shown, and again once the summary is another.
    """

    DEFAULT_CSS = """
    LaboratorySheet {
        display: none; max-height: 50%;
        layout: grid; grid-size: 1 2; grid-rows: 1fr auto;
        & ListTable { height: 1fr; }
        & Static { height: auto; padding: 0 1; color: $text-muted; }
    }
    """
    HEADINGS: ClassVar[tuple[str, ...]] = ("Test", "Normal")

    def __init__(self, summary: PatientSummary, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show nothing before it is asked for."""
        super().__init__(id=id)
        self._summary = summary
        self._filled_with: PatientSummary | None = None

    def compose(self) -> ComposeResult:
        """Lay the table above the meanings of its signs."""
        yield ListTable(gap=1)
        yield Static(words(_CAPTION))

    def show(self, summary: PatientSummary, *, is_shown: bool) -> None:
        """Show or hide the values of a summary; without a value it stays hidden."""
        self._summary = summary
        if is_shown and self._filled_with is not summary:
            self._fill()
        self.display = is_shown and bool(self.query_one(ListTable).row_count)

    def scroll_dates(self, step: int) -> None:
        """Scroll to older dates, or with a negative step to newer ones; the names stay."""
        self.query_one(ListTable).scroll_relative(x=step * _DATE, animate=False)

    def _fill(self) -> None:
        self._filled_with = self._summary
        table, found = self.query_one(ListTable), flowsheet_of(self._summary.laboratory)
        table.clear(columns=True)
        for heading in (*self.HEADINGS, *(each.heading for each in found.columns)):
            table.add_column(cell(heading))
        table.fixed_columns = 1
        lines = _BESIDE_ROWS
        for row in found.rows:
            cells = [_cell(each) for each in row.cells]
            height = max((each.plain.count("\n") + 1 for each in cells), default=1)
            table.add_row(_name(row), cell(row.limits), *cells, height=height)
            lines += height
        self.styles.height = lines

    @on(DataTable.RowSelected)
    @on(DataTable.RowHighlighted)
    def _keep(self, event: DataTable.RowSelected | DataTable.RowHighlighted) -> None:
        """Keep the choice of a row from the list of entries below."""
        event.stop()


def _name(row: FlowsheetRow) -> Text:
    name = cell(" ".join(filter(None, (row.test, row.unit))))
    name.truncate(_LONGEST_NAME, overflow="ellipsis")
    return name


def _cell(found: FlowsheetCell | None) -> Text:
    """Return a value with its arrow; one out of range has a second line with sign and word."""
    if found is None:
        return cell("")
    value = cell(found.value_with_trend)
    if not found.is_out_of_range:
        return value
    grade = f" G{found.grade}" if found.grade else ""
    both = Text("\n", no_wrap=True).join([value, cell(f"{found.mark}{grade}")])
    both.stylize("bold")
    return both
