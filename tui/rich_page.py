"""Parts of a page that the command line and the app share: readable at 80 columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from dosing import Alert, Formula, FormulaArea, Step
from dosing.knowledge.clinic_limits import ClinicLimits
from reports.presentation.alerts import LOOKS, Style, alert_text
from reports.presentation.doses import formula_rows

# This private sign is between a number and its unit while rich breaks the lines: rich would break
# at a no-break space too.
_KEEP = "\ue000"
_BEFORE_UNIT = re.compile(r"(?<=[0-9]) (?=[^\W\d]|%)|(?<=×) (?=[0-9])")

_COLOURS = {Style.DANGER: "bold red", Style.WARNING: "bold yellow", Style.QUIET: "bold"}


class Page:
    """Parts one below the other, in which a number and its unit stay on one line."""

    def __init__(self, parts: Iterable[RenderableType]) -> None:
        """Take the parts; a text in them must not be mark-up but `Text`."""
        self.parts = tuple(parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Yield the lines, broken to the width."""
        for segment in console.render(Group(*self.parts), options):
            yield Segment(unkept(segment.text), segment.style, segment.control)


class FigureTable:
    """Figures in rows and columns, aligned at their ends; without colour, lines or boxes.

    A name that begins with spaces belongs to the row above that does not. A column without a
    heading adds to the one on its left. `spoken` are the headings where a figure is read out alone
    with them, not below them; the first of them is said before each name.
    """

    def __init__(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        spoken: Sequence[str] | None = None,
        justify: Sequence[JustifyMethod] | None = None,
    ) -> None:
        """Take the headings, and as many cells a row; `justify` of the columns after the first.

        Without a heading at all there is no line of headings.
        """
        self.headings = tuple(headings)
        self.rows = tuple(map(tuple, rows))
        self.spoken = self.headings if spoken is None else tuple(spoken)
        usual: Sequence[JustifyMethod] = ["right"] * (len(self.headings) - 1)
        self._justify = usual if justify is None else justify

    def __rich__(self) -> Table:
        """Return the table that rich draws."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(overflow="fold")
        for each in self._justify:
            grid.add_column(justify=each, no_wrap=each == "right")
        if any(self.headings):
            grid.add_row(*map(Text, self.headings))
        for row in self.rows:
            grid.add_row(*map(Text, row))
        return grid


def section(title: str, body: RenderableType) -> Iterator[RenderableType]:
    """Yield an empty line, a title and its body."""
    yield ""
    yield Text(title, style="bold")
    yield body


def pairs(rows: Iterable[tuple[str, str]]) -> RenderableType:
    """Return rows of a label and a text that wraps."""
    table = grid()
    for label, text in rows:
        table.add_row(Text(label), wrapping(text))
    return Padding(table, (0, 0, 0, 2))


def wrapping(text: str) -> Text:
    """Return a text that is never broken between a number and its unit."""
    return Text(_BEFORE_UNIT.sub(_KEEP, text))


def unkept(text: str) -> str:
    """Return a text of which the lines are broken, or need not be."""
    return text.replace(_KEEP, " ")


def grid(*, right: bool = False) -> Table:
    """Return an empty table of two columns: a narrow one, and one that wraps.

    With `right` the narrow one holds numbers, aligned at their ends.
    """
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right" if right else "left", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def alert_rows(alerts: Iterable[Alert]) -> RenderableType:
    """Return alerts, each with its sign, its word and its source."""
    table = grid()
    for alert in alerts:
        look = LOOKS[alert.kind]
        table.add_row(Text(str(look), style=_COLOURS[look.style]), wrapping(alert_text(alert)))
    return Padding(table, (0, 0, 0, 2))


def step_rows(steps: Iterable[Step]) -> RenderableType:
    """Return the steps of a calculation, numbered, each with its source."""
    table = grid()
    for number, step in enumerate(steps, start=1):
        table.add_row(Text(f"{number}."), wrapping(f"{step.title} [{step.source}]\n{step.working}"))
    return Padding(table, (0, 0, 0, 2))


def closing(version: str, more: str = "", limits: ClinicLimits | None = None) -> Text:
    """Return the last lines: the kind of program, its version, and the limits of an answer."""
    named = f"\n{limits.words}" if limits else ""
    return Text(
        "Decision support, not a certified medical device: a professional decides.\n"
        f"sirolimus-assistant {version}{more}{named}"
    )


def formula_table(
    areas: Iterable[FormulaArea], chosen: Formula, chosen_m2: Decimal
) -> RenderableType:
    """Return the area by every formula, and how far each is from the chosen one."""
    table = FigureTable(
        ("", "", "", ""),
        formula_rows(areas, chosen, chosen_m2),
        spoken=("", "area in m²", "from the chosen one", "remark"),
        justify=("right", "right", "left"),
    )
    return Padding(table, (0, 0, 0, 2))
