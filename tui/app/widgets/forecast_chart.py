"""The predicted course of a patient's levels as a widget."""

from tui.app.widgets.cell_chart import CellChart
from tui.app.widgets.chart_drawing import ChartLayout, empty
from tui.app.widgets.forecast_chart_layout import Predicted, lay_out_forecast


class ForecastChart(CellChart):
    """A predicted course with its 90 % band, the target, and the measured levels."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show nothing before there is a prediction."""
        super().__init__(id=id)
        self._predicted: Predicted | None = None

    @property
    def predicted(self) -> Predicted | None:
        """The prediction; setting it draws the chart again."""
        return self._predicted

    @predicted.setter
    def predicted(self, predicted: Predicted | None) -> None:
        self._predicted = predicted
        self.draw_anew()

    def lay_out(self, width: int, height: int) -> ChartLayout:
        """Return the prediction."""
        if self._predicted is None:
            return empty(width, height)
        return lay_out_forecast(self._predicted, width, height)
