"""The read-back of a form: what will be stored, with its alerts, and how many are out of sight."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from dosing import Alert, AlertKind, Alerts
from dosing.quantities.formatting import count_of
from tui.app.actions import key_for
from tui.app.text import HEADING, alert_line, paragraphs, show_text, words

Part = Content | Alert
"""A line of the read-back; an alert is counted while it is out of sight."""


class AlertsBelow(Widget):
    """The number of alerts out of sight, with the key that scrolls to them."""

    DEFAULT_CSS = """
    AlertsBelow {
        dock: bottom; height: 1; width: 100%; background: $surface; color: $text-warning;
        text-style: bold; display: none;
    }
    """
    count: reactive[int] = reactive(0)

    def watch_count(self, count: int) -> None:
        """Show the line while there is something to count."""
        self.display = bool(count)

    def render(self) -> Content:
        """Return the number, and the key."""
        key = key_for(self.screen, "read-on")
        return words(f"▼ {count_of(self.count, 'alert')} below{f', {key}' if key else ''}")


class ReadBackView(VerticalScroll):
    """The text of what will be stored. It scrolls; alerts that are out of sight are counted."""

    can_focus: ClassVar[bool] = False  # type: ignore[misc]  # Textual sets it on the class, too
    DEFAULT_CSS = """
    ReadBackView > Static { height: auto; }
    """

    def __init__(self, *, with_sources: bool = False, id: str = "read-back") -> None:  # noqa: A002 - Textual's name
        """Begin empty; `with_sources` adds its source to each alert."""
        super().__init__(id=id)
        self._with_sources = with_sources
        self._parts: tuple[Part, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay the count below the text."""
        yield Static()
        yield AlertsBelow()

    def show(self, parts: Iterable[Part]) -> None:
        """Show lines and alerts, in their order, from the beginning."""
        self._parts = tuple(parts)
        self.set_class(not self._parts, "-empty")
        show_text(self.query_one(Static), paragraphs(map(self._line, self._parts)))
        self.scroll_home(animate=False)
        self.call_after_refresh(self.count_below)

    def _line(self, part: Part) -> Content:
        return alert_line(part, with_source=self._with_sources) if isinstance(part, Alert) else part

    def on_resize(self) -> None:
        """Count anew."""
        self.call_after_refresh(self.count_below)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Count anew while it scrolls."""
        super().watch_scroll_y(old_value, new_value)
        self.count_below()

    def count_below(self) -> None:
        """Count the alerts of which a line is below what is seen."""
        text = self.query_one(Static)
        below, width = self.query_one(AlertsBelow), text.size.width
        height = self.scrollable_content_region.height
        is_at_end = self.scroll_offset.y >= self.max_scroll_y
        has_all = not width or text.size.height <= height or is_at_end
        seen = int(self.scroll_offset.y) + height - 1  # the line that counts takes one
        below.count = 0 if has_all else sum(end > seen for end in self._ends(width))

    def _ends(self, width: int) -> Iterator[int]:
        """Yield the line after each alert, in a text of so many columns."""
        heights = (max(1, len(self._line(each).wrap(width))) for each in self._parts)
        for part, end in zip(self._parts, accumulate(heights), strict=True):
            if isinstance(part, Alert):
                yield end


def alert_parts(alerts: Alerts, title: str = "Alerts") -> Iterator[Part]:
    """Yield a heading and alerts, the strongest first; nothing without any."""
    if alerts:
        yield Content.assemble((title, HEADING))
        yield from alerts.strongest_first()
        yield Content("")


def pressing_first(alerts: Alerts, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield stops, overrides and urgent findings, then the lines, then all other alerts."""
    shown = alerts.distinct()
    first = Alerts(each for each in shown if each.kind >= AlertKind.URGENT)
    yield from alert_parts(first)
    yield from parts
    rest = Alerts(each for each in shown if each.kind < AlertKind.URGENT)
    yield from alert_parts(rest, "More alerts" if first else "Alerts")
