"""The forecast on its tab: calculated when it is shown, and again once the record changed."""

from dataclasses import replace
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widgets import Static
from textual.worker import get_current_worker

from monitoring.evaluation.track_record import track_record
from monitoring.summary import PatientSummary
from tui.app.session import session_of
from tui.app.text import words
from tui.app.widgets.forecast_chart import ForecastChart
from tui.app.widgets.forecast_worker import ForecastOptions, ForecastReady, work_out
from tui.app.widgets.level_chart import LevelChart

_WORKING = "Calculating…"


class ForecastView(Container):
    """A chart of the predicted course beside its text.

    It always shows the forecast of the present record: once that changes, nothing is shown until
    the forecast is calculated again.
    """

    def __init__(self, summary: PatientSummary, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Forecast the patient of a summary, once the tab is shown."""
        super().__init__(id=id)
        self._summary = summary
        self._options = ForecastOptions()
        self._turn = 0
        self._is_working = False
        self._shows_sources = False
        self.forecast: ForecastReady | None = None
        """The forecast that is shown; None while it is calculated."""

    def compose(self) -> ComposeResult:
        """Lay the chart beside the text."""
        yield ForecastChart(id="course")
        with VerticalScroll(id="forecast-text"):
            yield Static(words(_WORKING))

    @property
    def options(self) -> ForecastOptions:
        """The options of the forecast; setting them calculates it again."""
        return self._options

    @options.setter
    def options(self, options: ForecastOptions) -> None:
        self._options = options
        self._forget()
        self.calculate()

    def follow(self, summary: PatientSummary) -> None:
        """Follow the record. An answer about gaps was for the old one."""
        before, self._summary = self._summary, summary
        same_day = before.made.local.date() == summary.made.local.date()
        if before.record != summary.record or not same_day:
            self._options = replace(self._options, nothing_given_in_gaps=False)
            self._forget()

    def calculate(self) -> None:
        """Calculate the forecast, unless that is done or under way."""
        if self.forecast is None and not self._is_working:
            self._is_working = True
            doing = partial(self._work, self._summary, self._options, self._turn)
            self.run_worker(doing, thread=True, group="forecast", exclusive=True)

    def show_sources(self, *, shown: bool) -> None:
        """Show or hide the source of each alert."""
        self._shows_sources = shown
        self._show()

    def _forget(self) -> None:
        self._turn += 1
        self.forecast, self._is_working = None, False
        self._show()

    def _work(self, summary: PatientSummary, options: ForecastOptions, turn: int) -> None:
        known = track_record(session_of(self.screen).records.store)
        forecast = work_out(summary, options, turn, known)
        if not get_current_worker().is_cancelled:
            self.post_message(forecast)

    @on(ForecastReady)
    def _show_forecast(self, message: ForecastReady) -> None:
        message.stop()
        if message.turn == self._turn:
            self.forecast, self._is_working = message, False
            self._show()

    def _show(self) -> None:
        forecast = self.forecast
        chart = self.query_one(ForecastChart)
        chart.predicted = forecast.predicted if forecast else None
        chart.display = chart.predicted is not None
        is_usual = self._options == ForecastOptions()
        course = chart.predicted.course if chart.predicted and is_usual else None
        for levels in self.screen.query(LevelChart):
            levels.predicted = course
        self._show_text()
        self.screen.refresh_bindings()

    def on_resize(self) -> None:
        """Use the room: the table of doses follows the width."""
        self.call_after_refresh(self._show_text)

    def _show_text(self) -> None:
        text, forecast = words(_WORKING), self.forecast
        if forecast:
            found = forecast.text_with_sources if self._shows_sources else forecast.text
            text = found.at(self.query_one("#forecast-text").scrollable_content_region.width)
        self.query_one("#forecast-text Static", Static).update(text)
