"""A forecast in words, for the space beside its chart: alerts, doses, the patient, levels.

The worker that calculates the forecast imports it: its own imports are heavy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from textual.content import Content

from dosing import Alerts
from monitoring.recommendation.forecast import FittedForecast, PatientForecast
from monitoring.times import Moment, short
from reports.presentation.alerts import Style
from reports.presentation.dose_table import DoseRow, dose_rows
from reports.presentation.forecast import (
    BAND_WORDS,
    basis,
    level_row,
    patient_rows,
    recommended_rows,
    trough,
    trough_rows,
)
from tui.app.text import COLOURS, HEADING, alert_line, hidden_notes, words
from tui.app.widgets.dose_table import dose_table

_AS_IF = "Calculated as if no dose was given in the gaps of the dose record. Nothing is stored."
_COURSE_WORDS = "The chart shows true troughs with their 90 %, and peaks faintly."


@dataclass(frozen=True, slots=True)
class ForecastText:
    """A forecast in words, with the table of its doses between two parts."""

    before: Content
    doses: tuple[DoseRow, ...]
    behind: Content

    def at(self, width: int) -> Content:
        """Return the whole text for so many columns."""
        return Content("\n").join([self.before, *dose_table(self.doses, width), self.behind])


def forecast_text(
    found: PatientForecast, now: Moment, *, nothing_given_in_gaps: bool, with_sources: bool
) -> ForecastText:
    """Return the forecast in words; `with_sources` adds the source of each alert."""
    lines: list[Content] = []
    if nothing_given_in_gaps:
        lines += [words(f"!  {_AS_IF}").stylize(COLOURS[Style.WARNING]), Content("")]
    if found.answer is None:
        lines.append(words(f"No forecast by {found.model.name}.").stylize("bold"))
        if found.recommendation:
            lines += [words(f"Recommendation: {found.recommendation.words}."), Content("")]
    else:
        lines += [*_headline(found.answer), Content("")]
    lines += _alerts(found.alerts, with_sources=with_sources)
    doses: tuple[DoseRow, ...] = ()
    behind: list[Content] = []
    if found.answer:
        recommended, *others = recommended_rows(found, found.answer, now)
        lines += _section("Doses", [recommended])
        doses = dose_rows(found.answer)
        behind += [_row(*each) for each in others]
        behind += _behind_the_doses(found, found.answer)
    if with_sources:
        behind += _section("Sources", found.sources.items())
    behind += [Content(""), _muted(f"As of {short(now)}. Nothing is stored.")]
    behind.append(_muted("Decision support: a professional decides."))
    return ForecastText(Content("\n").join(lines), doses, Content("\n").join(behind))


def _headline(answer: FittedForecast) -> Iterator[Content]:
    """Yield the basis and the next trough with its place: the chart in words."""
    based = words(f"Based on {basis(answer)}.")
    yield based.stylize("bold $text-warning" if answer.is_population_only else "bold")
    if answer.troughs:
        following = answer.troughs[0]
        yield words(
            f"Next trough, {short(following.at)}, {_side(following.forecast.ng_ml, answer)} the "
            f"target of {answer.target}: true {trough(following)}."
        )


def _side(ng_ml: float, answer: FittedForecast) -> str:
    level, low = Decimal(ng_ml), answer.target.low_ng_ml
    if level > answer.target.high_ng_ml:
        return "above"
    return "below" if low is not None and level < low else "within"


def _alerts(alerts: Alerts, *, with_sources: bool) -> Iterator[Content]:
    strong = alerts.pressing
    shown = alerts if with_sources else strong
    yield words("Alerts").stylize(HEADING)
    yield from (alert_line(each, with_source=with_sources) for each in shown)
    left_out = None if with_sources else hidden_notes(alerts, follows_alerts=bool(strong))
    if left_out:
        yield left_out


def _behind_the_doses(found: PatientForecast, answer: FittedForecast) -> Iterator[Content]:
    yield _muted(f"{BAND_WORDS} {_COURSE_WORDS}")
    yield from _section("This patient", patient_rows(found, answer))
    if answer.levels:
        yield from _section("Levels so far", map(level_row, answer.levels))
    if answer.troughs:
        yield from _section("Expected troughs on the current dose", trough_rows(answer))


def _section(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[Content]:
    yield Content("")
    yield words(title).stylize(HEADING)
    yield from (_row(*each) for each in rows)


def _row(label: str, text: str) -> Content:
    return words(label).stylize("bold") + Content("  ") + words(text)


def _muted(text: str) -> Content:
    return words(text).stylize("$text-muted")
