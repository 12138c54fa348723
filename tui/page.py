"""What the pages of the terminal share: readable at 80 columns, without colour."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from dosing import Alert, AlertKind, Dose, Step
from dosing.writing import how_often, how_to_measure, measured_dose, percent, plain

# Between a number and its unit stands this private sign while rich breaks the lines: rich would
# break at a no-break space too.
_KEEP = "\ue000"
_BEFORE_UNIT = re.compile(r"(?<=[0-9]) (?=[^\W\d]|%)|(?<=×) (?=[0-9])")

_WIDEST = 100
_ALERT_SIGNS = {
    AlertKind.STOP: ("■ STOP", "bold red"),
    AlertKind.OVERRIDE: ("▲ OVERRIDE", "bold red"),
    AlertKind.URGENT: ("▲ URGENT", "bold red"),
    AlertKind.CAUTION: ("! CAUTION", "bold yellow"),
    AlertKind.NOTE: ("· note", "bold"),
}


def print_page(parts: Iterable[RenderableType]) -> None:
    """Print the parts to standard output, one below the other."""
    console = Console(markup=False, highlight=False, emoji=False)
    console.width = min(console.width, _WIDEST)
    with console.capture() as captured:
        console.print(Page(parts))
    lines = captured.get().splitlines()
    print("\n".join(line.rstrip() for line in lines))  # rich fills every line with spaces


class Page:
    """Parts one below the other, in which a number and its unit stay on one line."""

    def __init__(self, parts: Iterable[RenderableType]) -> None:
        """Take the parts; a text in them must not be mark-up but `Text`."""
        self._parts = Group(*parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Yield the lines, broken to the width."""
        for segment in console.render(self._parts, options):
            yield Segment(segment.text.replace(_KEEP, " "), segment.style, segment.control)


def section(title: str, body: RenderableType) -> Iterator[RenderableType]:
    """Yield an empty line, a title and what stands under it."""
    yield ""
    yield Text(title, style="bold")
    yield body


def pairs(rows: Iterable[tuple[str, str]]) -> RenderableType:
    """Return rows of a label and a text that wraps beside it."""
    table = grid()
    for label, text in rows:
        table.add_row(Text(label), wrapping(text))
    return Padding(table, (0, 0, 0, 2))


def wrapping(text: str) -> Text:
    """Return a text that is never broken between a number and its unit."""
    return Text(_BEFORE_UNIT.sub(_KEEP, text))


def grid() -> Table:
    """Return an empty table of two columns: a narrow one, and one that wraps."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def alert_rows(alerts: Iterable[Alert]) -> RenderableType:
    """Return alerts, each with its sign, its word and its source."""
    table = grid()
    for alert in alerts:
        sign, style = _ALERT_SIGNS[alert.kind]
        table.add_row(Text(sign, style=style), wrapping(f"{alert.message} [{alert.source}]"))
    return Padding(table, (0, 0, 0, 2))


def step_rows(steps: Iterable[Step]) -> RenderableType:
    """Return the steps of a calculation, numbered, each with its source."""
    table = grid()
    for number, step in enumerate(steps, start=1):
        table.add_row(Text(f"{number}."), wrapping(f"{step.title} [{step.source}]\n{step.working}"))
    return Padding(table, (0, 0, 0, 2))


def dose_rows(dose: Dose) -> Iterator[tuple[str, str]]:
    """Yield what to give, how often, how to measure it, and what it comes to."""
    measured = dose.measured
    yield "Give", f"{measured_dose(measured)} by mouth"
    yield "How often", how_often(dose.times_a_day, dose.every_hours)
    yield "Measure", how_to_measure(measured)
    yield "Per dose", _amount(measured.mg, "per dose", dose.mg_per_m2_per_dose, "mg/m²/dose")
    yield "Per day", _amount(dose.daily_mg, "per day", dose.mg_per_m2_per_day, "mg/m²/day")
    yield (
        "Rounding",
        f"{percent(dose.rounding_percent)} from {plain(dose.exact_mg, 4)} mg per dose [proposed]",
    )


def _amount(mg: Decimal, per: str, by_area: Decimal | None, unit: str) -> str:
    given = f"{plain(mg)} mg {per}"
    return given if by_area is None else f"{given} = {plain(by_area, 4)} {unit}"


def closing(version: str, more: str = "") -> Text:
    """Return the last lines: what the program is, and its version."""
    return Text(
        "Decision support, not a certified medical device: a professional decides.\n"
        f"sirolimus-assistant {version}{more}"
    )
