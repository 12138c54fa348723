"""A forecast in words beside its chart: what to know, the doses, the patient, the levels.

It is imported by the worker that works the forecast out: what it needs is heavy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from textual.content import Content

from dosing import Alerts
from dosing.quantities.formatting import short_time
from monitoring.recommendation.forecast import FittedForecast, PatientForecast
from monitoring.times import Moment
from reports.presentation.alerts import Style
from reports.presentation.forecast import (
    BAND_WORDS,
    basis,
    best_rows,
    dose_label,
    interval,
    level_row,
    outcome_words,
    outcomes_worth_showing,
    patient_rows,
    trough_rows,
)
from tui.app.screens.forecast_worker import ForecastOptions
from tui.app.text import COLOURS, alert_line, notes_left_out, words

_HEADING = "bold $text-accent"
_AS_IF = (
    "Worked out as if nothing was given in the gaps of the dose record. Nothing of that is stored."
)
_COURSE_WORDS = "The course runs between peaks and troughs; the target is one for its troughs."


def told(
    found: PatientForecast, asked: ForecastOptions, now: Moment, *, with_sources: bool
) -> Content:
    """Return the forecast in words; `with_sources` tells of each alert on whose authority."""
    lines: list[Content] = []
    if asked.nothing_given_in_gaps:
        told_so = words(f"!  {_AS_IF}").stylize(COLOURS[Style.WARNING])
        lines += [told_so, Content("")]
    if found.answer is None:
        lines.append(words(f"No forecast by {found.model.name}.").stylize("bold"))
    else:
        lines += [*_headline(found.answer), Content("")]
    lines += _alerts(found.alerts, with_sources=with_sources)
    if found.answer:
        lines += _answer(found, found.answer)
    if with_sources:
        lines += _section("Sources", found.sources.items())
    lines += [Content(""), _muted(f"As of {short_time(now.local)}. Nothing here is stored.")]
    lines.append(_muted("Decision support: a professional decides."))
    return Content("\n").join(lines)


def _headline(answer: FittedForecast) -> Iterator[Content]:
    """Yield the next trough and where it lies: the chart in a line of words."""
    rests = words(f"Rests on {basis(answer)}.")
    yield rests.stylize("bold $text-warning" if answer.is_population_only else "bold")
    if answer.troughs:
        following = answer.troughs[0]
        at, trough = following.at, following.forecast
        yield words(
            f"Next trough, {short_time(at.local)}: "
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
    yield words("To know").stylize(_HEADING) + Content.styled(
        "   w hides the sources" if with_sources else "   w why?", "$text-muted"
    )
    yield from (alert_line(each, with_source=with_sources) for each in shown)
    left_out = None if with_sources else notes_left_out(alerts, beside=bool(strong))
    if left_out:
        yield left_out


def _answer(found: PatientForecast, answer: FittedForecast) -> Iterator[Content]:
    if answer.requested:
        requested = ((dose_label(each), outcome_words(each)) for each in answer.requested)
        yield from _section("What if", requested)
    yield from _section("Doses", _dose_rows(found, replace(answer, requested=())))
    yield _muted(f"{BAND_WORDS} {_COURSE_WORDS}")
    yield from _section("This patient", patient_rows(found, answer))
    if answer.levels:
        yield from _section("Levels so far", map(level_row, answer.levels))
    if answer.troughs:
        yield from _section("Troughs to come, on the dose in force", trough_rows(answer))


def _dose_rows(found: PatientForecast, answer: FittedForecast) -> Iterator[tuple[str, str]]:
    yield from best_rows(found, answer)
    recommendation = answer.recommendation
    for outcome in outcomes_worth_showing(recommendation):
        is_now = recommendation is not None and outcome == recommendation.current
        yield f"{dose_label(outcome)}{', now' if is_now else ''}", outcome_words(outcome)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[Content]:
    yield Content("")
    yield words(title).stylize(_HEADING)
    for label, text in rows:
        yield words(label).stylize("bold") + Content("  ") + words(text)


def _muted(text: str) -> Content:
    return words(text).stylize("$text-muted")
