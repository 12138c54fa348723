"""A forecast in words, for the space beside its chart: alerts, doses, the patient, levels.

The worker that calculates the forecast imports it: its own imports are heavy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from textual.content import Content

from dosing import Alerts
from monitoring.recommendation.forecast import FittedForecast, PatientForecast
from monitoring.times import Moment, short
from reports.presentation.alerts import Style
from reports.presentation.forecast import (
    BAND_WORDS,
    basis,
    interval,
    level_row,
    outcome_words,
    outcomes_worth_showing,
    patient_rows,
    recommended_rows,
    trough_rows,
)
from tui.app.text import COLOURS, HEADING, alert_line, hidden_notes, words

_AS_IF = "Calculated as if no dose was given in the gaps of the dose record. Nothing is stored."
_COURSE_WORDS = "The course runs between peaks and troughs. The target is for the troughs."


def forecast_text(
    found: PatientForecast, now: Moment, *, nothing_given_in_gaps: bool, with_sources: bool
) -> Content:
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
    if found.answer:
        lines += _answer(found, found.answer, now)
    if with_sources:
        lines += _section("Sources", found.sources.items())
    lines += [Content(""), _muted(f"As of {short(now)}. Nothing is stored.")]
    lines.append(_muted("Decision support: a professional decides."))
    return Content("\n").join(lines)


def _headline(answer: FittedForecast) -> Iterator[Content]:
    """Yield the basis and the next trough with its place: the chart in words."""
    based = words(f"Based on {basis(answer)}.")
    yield based.stylize("bold $text-warning" if answer.is_population_only else "bold")
    if answer.troughs:
        following = answer.troughs[0]
        at, trough = following.at, following.forecast
        yield words(
            f"Next trough, {short(at)}: "
            f"{interval(trough.low_ng_ml, trough.high_ng_ml, trough.ng_ml)}, "
            f"{_side(trough.ng_ml, answer)} the target of {answer.target}."
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


def _answer(found: PatientForecast, answer: FittedForecast, now: Moment) -> Iterator[Content]:
    if answer.requested:
        requested = ((str(each.regimen), outcome_words(each)) for each in answer.requested)
        yield from _section("What if", requested)
    yield from _section("Doses", _dose_rows(found, replace(answer, requested=()), now))
    yield _muted(f"{BAND_WORDS} {_COURSE_WORDS}")
    yield from _section("This patient", patient_rows(found, answer))
    if answer.levels:
        yield from _section("Levels so far", map(level_row, answer.levels))
    if answer.troughs:
        yield from _section("Expected troughs on the current dose", trough_rows(answer))


def _dose_rows(
    found: PatientForecast, answer: FittedForecast, now: Moment
) -> Iterator[tuple[str, str]]:
    yield from recommended_rows(found, answer, now)
    recommendation = answer.recommendation
    for outcome in outcomes_worth_showing(recommendation):
        is_current = recommendation is not None and outcome == recommendation.current
        is_now = is_current and bool(answer.troughs)
        yield f"{outcome.regimen}{', now' if is_now else ''}", outcome_words(outcome)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[Content]:
    yield Content("")
    yield words(title).stylize(HEADING)
    for label, text in rows:
        yield words(label).stylize("bold") + Content("  ") + words(text)


def _muted(text: str) -> Content:
    return words(text).stylize("$text-muted")
