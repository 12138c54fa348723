"""What a form shows beside its fields: what will be stored, and what it means."""

from collections.abc import Iterable, Iterator

from textual.content import Content

from dosing import Alerts
from tui.app.text import alert_line, words

HEADING = "bold $text-accent"


def paragraphs(parts: Iterable[Content]) -> Content:
    """Return texts, a line each."""
    return Content("\n").join(parts)


def section(title: str, lines: Iterable[str]) -> Iterator[Content]:
    """Yield a heading and the lines under it; nothing where there is none."""
    shown = [words(line) for line in lines]
    if shown:
        yield Content.assemble((title, HEADING))
        yield from shown
        yield Content("")


def alerts_section(alerts: Alerts) -> Iterator[Content]:
    """Yield the alerts, the strongest first, each with its source."""
    shown = alerts.distinct().strongest_first()
    if shown:
        yield Content.assemble(("To know now", HEADING))
        yield from (alert_line(alert, with_source=True) for alert in shown)
        yield Content("")
