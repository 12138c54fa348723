"""The tab of the forecast: worked out when it is looked at, and again once the record changed."""

from dataclasses import replace
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widgets import Static
from textual.worker import get_current_worker

from monitoring.summary import PatientSummary
from tui.app.forecast_worker import ForecastOptions, ForecastReady, work_out
from tui.app.text import words
from tui.app.widgets.forecast_chart import ForecastChart

_WORKING = "Working it out…"


class ForecastView(Container):
    """A chart of the predicted course beside what is to be said of it.

    What is shown is always of the record as it is known now: as soon as that changes, nothing is
    shown until it is worked out anew.
    """

    def __init__(self, summary: PatientSummary, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Forecast the patient of a summary, once that is options for."""
        super().__init__(id=id)
        self._summary = summary
        self._options = ForecastOptions()
        self._turn = 0
        self._is_working = False
        self._shows_sources = False
        self.worked: ForecastReady | None = None
        """What is shown; None while it is not worked out."""

    def compose(self) -> ComposeResult:
        """Lay the chart beside the words."""
        yield ForecastChart(id="course")
        with VerticalScroll(id="forecast-text"):
            yield Static(words(_WORKING))

    @property
    def options(self) -> ForecastOptions:
        """What is options beside the record; setting it works it out anew."""
        return self._options

    @options.setter
    def options(self, options: ForecastOptions) -> None:
        self._options = options
        self._forget()
        self.look()

    def follow(self, summary: PatientSummary) -> None:
        """Take the record as it is now. What somebody said of its gaps held for the old one."""
        before, self._summary = self._summary, summary
        same_day = before.made.local.date() == summary.made.local.date()
        if before.record != summary.record or not same_day:
            self._options = replace(self._options, nothing_given_in_gaps=False)
            self._forget()

    def look(self) -> None:
        """Work the forecast out, unless that is done or under way."""
        if self.worked is None and not self._is_working:
            self._is_working = True
            doing = partial(self._work, self._summary, self._options, self._turn)
            self.run_worker(doing, thread=True, group="forecast", exclusive=True)

    def show_sources(self, *, shown: bool) -> None:
        """Show or hide on whose authority each alert is."""
        self._shows_sources = shown
        self._show()

    def _forget(self) -> None:
        self._turn += 1
        self.worked, self._is_working = None, False
        self._show()

    def _work(self, summary: PatientSummary, options: ForecastOptions, turn: int) -> None:
        worked = work_out(summary, options, turn)
        if not get_current_worker().is_cancelled:
            self.post_message(worked)

    @on(ForecastReady)
    def _worked_out(self, message: ForecastReady) -> None:
        message.stop()
        if message.turn == self._turn:
            self.worked, self._is_working = message, False
            self._show()

    def _show(self) -> None:
        worked = self.worked
        chart = self.query_one(ForecastChart)
        chart.predicted = worked.predicted if worked else None
        chart.display = chart.predicted is not None
        text = words(_WORKING)
        if worked:
            text = worked.text_with_sources if self._shows_sources else worked.text
        self.query_one("#forecast-text Static", Static).update(text)
        self.screen.refresh_bindings()
