"""The chart of levels over time as a widget, and one line of text that says the same."""

from collections import Counter
from datetime import timedelta

from dosing import clean
from dosing.quantities.formatting import count_of
from monitoring.levels.wording import mark
from monitoring.record.level import written
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from reports.level_chart import dose_marks
from reports.presentation.predicted_course import PredictedCourse
from reports.presentation.times import day_of, span
from reports.presentation.treatment_bars import BarKind, TreatmentBar, treatment_bars
from tui.app.widgets.cell_chart import CellChart
from tui.app.widgets.chart_drawing import ChartLayout, active_levels
from tui.app.widgets.level_chart_layout import lay_out

_AN_INSTANT = timedelta(seconds=1)  # the end of a day belongs to that day


class LevelChart(CellChart):
    """Levels over time with the target band; `where` is the chart in words."""

    def __init__(self, summary: PatientSummary, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show the levels of a summary."""
        super().__init__(id=id)
        self._summary = summary
        self._predicted: PredictedCourse | None = None

    @property
    def summary(self) -> PatientSummary:
        """The summary; setting it draws the chart again."""
        return self._summary

    @summary.setter
    def summary(self, summary: PatientSummary) -> None:
        self._summary = summary
        self.draw_anew()

    @property
    def predicted(self) -> PredictedCourse | None:
        """The forecast behind the levels, once one is calculated; setting it draws anew."""
        return self._predicted

    @predicted.setter
    def predicted(self, predicted: PredictedCourse | None) -> None:
        if predicted != self._predicted:
            self._predicted = predicted
            self.draw_anew()

    @property
    def where(self) -> str:
        """The chart in words."""
        return chart_words(self._summary, self._predicted)

    def lay_out(self, width: int, height: int) -> ChartLayout:
        """Return the levels of the summary."""
        return lay_out(self._summary, width, height, self._predicted)


def chart_words(summary: PatientSummary, predicted: PredictedCourse | None = None) -> str:
    """Return the chart in words: levels, doses, bars, adverse events and the forecast.

    Voided and excluded levels are left out.
    """
    parts = [_levels_words(summary)]
    if summary.target is not None:
        parts.insert(0, f"Target {summary.target}")
    changes = dose_marks(summary.history.periods)
    if changes:
        moment, label = changes[-1]
        count = count_of(len(changes), "dose change")
        parts.append(f"{count}, the last on {day_of(moment)}: {label}")
    events = [each.event.entry for each in summary.events if each.event.is_active]
    if events:
        grades = [event.grade for event in events if event.grade]
        highest = f", the highest of grade {max(grades)}" if grades else ", not graded"
        parts.append(f"{count_of(len(events), 'adverse event')}{highest}")
    parts += [_bar_words(each, summary) for each in treatment_bars(summary.history, summary.made)]
    if predicted is not None and predicted.troughs:
        last = predicted.troughs[-1]
        parts.append(
            f"Forecast: trough {last.ng_ml:.1f} ng/mL on {day_of(predicted.until)}, "
            f"90 % {last.low_ng_ml:.1f}-{last.high_ng_ml:.1f} ng/mL"
        )
    return f"{'. '.join(parts)}."


def _bar_words(bar: TreatmentBar, summary: PatientSummary) -> str:
    """Return a bar in words, with its last day."""
    zone = summary.made.zone
    until = None if bar.until is None else Moment(bar.until - _AN_INSTANT, zone).local.date()
    what = {BarKind.HOLD: "Hold", BarKind.PRODUCT: "Product", BarKind.DRUG: "Drug"}[bar.kind]
    return f"{what} {clean(bar.label)} {span(Moment(bar.since, zone).local.date(), until)}"


def _levels_words(summary: PatientSummary) -> str:
    levels = active_levels(summary)
    if not levels:
        return "No levels"
    counted = Counter(mark(each).partition(" ")[2] for each in levels)
    where = ", ".join(f"{count} {word}" for word, count in counted.most_common())
    last = levels[-1]
    entry = last.level.entry
    count, day = count_of(len(levels), "level"), day_of(entry.sampled)
    return f"{count}: {where}; the last {mark(last)}, {written(entry)} on {day}"
