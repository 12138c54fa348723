"""The recommendation after the last level, with its reasons and both lines of evidence."""

from collections.abc import Iterator

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from monitoring.recommendation.advice import Advice
from reports.presentation.advice import (
    advice_rows,
    advised_dose_rows,
    beyond_reasons,
    level_rows,
    now_given_rows,
    steps_are_shown,
    title_of_dose,
)
from tui.app.text import alert_line, words
from tui.rich_page import Page, closing, pairs, section, step_rows


class AdviceView(VerticalScroll):
    """An advice in full; nothing is stored."""

    DEFAULT_CSS = """
    AdviceView { padding: 0 1; }
    AdviceView Static { height: auto; }
    AdviceView #advised { text-style: bold; color: $text-success; }
    AdviceView #advised.-none { color: $text-muted; }
    """

    def __init__(self, advice: Advice, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show an advice."""
        super().__init__(id=id)
        self._advice = advice

    def compose(self) -> ComposeResult:
        """Lay the dose above its reasons."""
        yield Static(words("After the last level"), classes="-heading")
        yield Static(id="advised")
        yield Static(id="reasons")
        yield Static(id="working")

    def on_mount(self) -> None:
        """Fill it in."""
        self.show(self._advice)

    def show(self, advice: Advice) -> None:
        """Show another advice."""
        self._advice = advice
        advised = self.query_one("#advised", Static)
        advised.update(words(_headline(advice)))
        advised.set_class(advice.dose is None, "-none")
        shown = beyond_reasons(advice.alerts, advice.recommendation)
        alerts = Content("\n").join([alert_line(alert) for alert in shown])
        self.query_one("#reasons", Static).update(alerts)
        self.query_one("#working", Static).update(Page(_working(advice)))


def _headline(advice: Advice) -> str:
    if advice.awaits_override:
        return f"{advice.recommendation.words}. For a dose, enter the reason and your name."
    return f"{advice.recommendation.words}."


def _working(advice: Advice) -> Iterator[RenderableType]:
    yield pairs(row for row in advice_rows(advice) if row[0] != "Recommendation")
    if advice.adjusted and advice.adjusted.steps and steps_are_shown(advice):
        yield from section("Steps of the label's arithmetic", step_rows(advice.adjusted.steps))
    if advice.assessment:
        yield from section("Level", pairs(level_rows(advice.assessment)))
    if advice.request:
        yield from section(title_of_dose(advice), pairs(now_given_rows(advice.request)))
    if advice.dose:
        yield from section("Dose", pairs(advised_dose_rows(advice)))
    if advice.sources:
        yield from section("Sources", pairs(advice.sources.items()))
    yield ""
    yield closing(advice.version, limits=advice.limits)
