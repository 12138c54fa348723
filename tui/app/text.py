"""The one way in which text of the records reaches the screen: cleaned, and never as mark-up."""

from textwrap import wrap

from rich.text import Text
from textual.content import Content

from dosing import Alert, AlertKind, clean

ALERT_SIGNS = {
    AlertKind.STOP: "■ STOP",
    AlertKind.OVERRIDE: "▲ OVERRIDE",
    AlertKind.URGENT: "▲ URGENT",
    AlertKind.CAUTION: "! caution",
    AlertKind.NOTE: "· note",
}
"""Each kind by symbol and word; its colour only repeats them."""

ALERT_STYLES = {
    AlertKind.STOP: "$text-error",
    AlertKind.OVERRIDE: "$text-error",
    AlertKind.URGENT: "$text-error",
    AlertKind.CAUTION: "$text-warning",
    AlertKind.NOTE: "$text-muted",
}


def words(text: str) -> Content:
    """Return `text` for a widget."""
    return Content(clean(text))


def cell(text: str) -> Text:
    """Return `text` for a cell or heading of a table, which takes nothing else without mark-up.

    What is longer than its column ends with an ellipsis.
    """
    return Text(clean(text), no_wrap=True, overflow="ellipsis")


def wrapped_cell(text: str, width: int) -> Text:
    """Return `text` for a cell of so many columns, in as many lines as it needs."""
    lines = wrap(clean(text), width) or [""]
    return Text("\n").join(cell(line) for line in lines)


def alert_line(alert: Alert, *, with_source: bool = False) -> Content:
    """Return an alert in one paragraph: its kind, its message and, for "why?", its source."""
    source = f" [{alert.source}]" if with_source else ""
    return Content.assemble(
        (f"{ALERT_SIGNS[alert.kind]}  ", f"bold {ALERT_STYLES[alert.kind]}"),
        words(alert.message + source),
    )
